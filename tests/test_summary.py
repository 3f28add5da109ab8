"""Is what a person is told at the end of a run right to the last digit?"""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import binomtest

from evaluator import summary
from evaluator.files import write_table
from evaluator.papers import Paper
from evaluator.questions import load_samples
from evaluator.samples import Sample
from evaluator.tables import PREDICTIONS
from evaluator.tasks import find_task

SAMPLE = find_task("sample")
SAMPLES = load_samples(SAMPLE)
HEAD = "task                           n  accuracy  95% interval    unreadable  questions/s"


def write_answers(
    folder: Path,
    letters: list[str | None],
    *,
    seconds: float | None = 0.5,
    truncated: Callable[[int], bool | None] = lambda _: None,
) -> list[Paper]:
    """Write a run folder with one prediction a question; returns what was asked."""
    samples = SAMPLES[: len(letters)]
    rows = [
        {
            "sample_id": sample.sample_id,
            "repeat": 0,
            "prediction": letter,
            "seconds": seconds,
            "truncated": truncated(number),
        }
        for number, (sample, letter) in enumerate(zip(samples, letters, strict=True))
    ]
    write_table(folder / "sample.parquet", pl.DataFrame(rows, schema=PREDICTIONS))
    return [Paper(SAMPLE, samples)]


def wrong(sample: Sample) -> str:
    return "B" if sample.gold == "A" else "A"


@pytest.mark.parametrize("n", [1, 2, 7, 92, 500, 4183])
def test_the_interval_is_wilsons(n: int) -> None:
    for right in {0, 1, n // 3, n // 2, n - 1, n}:
        expected = binomtest(right, n).proportion_ci(0.95, method="wilson")
        assert summary.wilson(right / n, n) == pytest.approx(
            (expected.low, expected.high), abs=1e-12
        )


def test_a_summary_tells_accuracy_interval_unreadable_share_and_speed(tmp_path: Path) -> None:
    letters = [sample.gold for sample in SAMPLES[:6]] + [wrong(SAMPLES[6]), None]
    papers = write_answers(tmp_path, letters)
    interval = binomtest(6, 8).proportion_ci(0.95, method="wilson")
    assert f"{interval.low:.1%}–{interval.high:.1%}" == "40.9%–92.9%"
    assert summary.summarize(papers, tmp_path).splitlines() == [
        HEAD,
        "sample                         8     75.0%  40.9%–92.9%          12.5%          2.0",
        f"Predictions: {tmp_path}",
        "Next: python -m ingest runs",
    ]


@pytest.mark.parametrize(
    ("right", "line"),
    [
        (0, "sample                         4      0.0%  0.0%–49.0%            0.0%          2.0"),
        (4, "sample                         4    100.0%  51.0%–100.0%          0.0%          2.0"),
    ],
)
def test_the_ends_of_the_scale_stay_on_it(right: int, line: str, tmp_path: Path) -> None:
    letters: list[str | None] = [
        sample.gold if number < right else wrong(sample)
        for number, sample in enumerate(SAMPLES[:4])
    ]
    assert summary.summarize(write_answers(tmp_path, letters), tmp_path).splitlines()[1] == line


def test_no_speed_is_told_where_no_time_was_taken(tmp_path: Path) -> None:
    papers = write_answers(tmp_path, ["A"], seconds=None)
    assert summary.summarize(papers, tmp_path).splitlines()[1].endswith("0.0%            –")


def test_prompts_that_were_cut_are_counted_over_all_tasks(tmp_path: Path) -> None:
    papers = write_answers(tmp_path, ["A"] * 10, truncated=lambda number: number < 3)
    told = summary.summarize(papers, tmp_path)
    assert told.splitlines()[2] == (
        "3 prompts were longer than the model's window and cut from the left."
    )
    papers = write_answers(tmp_path, ["A"] * 10, truncated=lambda _: False)
    assert "cut from the left" not in summary.summarize(papers, tmp_path)


def test_each_task_has_a_line(tmp_path: Path) -> None:
    papers = write_answers(tmp_path, [sample.gold for sample in SAMPLES[:2]])
    again = SAMPLE.model_copy(update={"name": "mmlu_professional_medicine"})
    table = pl.read_parquet(tmp_path / "sample.parquet", glob=False)
    write_table(tmp_path / "mmlu_professional_medicine.parquet", table.head(1))
    told = summary.summarize([*papers, Paper(again, SAMPLES[:1])], tmp_path)
    assert [line.split()[:3] for line in told.splitlines()[1:3]] == [
        ["sample", "2", "100.0%"],
        ["mmlu_professional_medicine", "1", "100.0%"],
    ]


def test_a_question_that_is_asked_several_times_counts_once(tmp_path: Path) -> None:
    samples, right = SAMPLES[:4], [3, 3, 1, 0]  # of three
    rows = [
        {
            "sample_id": sample.sample_id,
            "repeat": repeat,
            "prediction": sample.gold if repeat < times else wrong(sample),
            "seconds": 0.5,
        }
        for sample, times in zip(samples, right, strict=True)
        for repeat in range(3)
    ]
    write_table(tmp_path / "sample.parquet", pl.DataFrame(rows, schema=PREDICTIONS))
    line = summary.summarize([Paper(SAMPLE, samples)], tmp_path).splitlines()[1]
    share, variance = 7 / 12, pl.Series([1.0, 1.0, 1 / 3, 0.0]).var()
    assert isinstance(variance, float)
    questions = share * (1 - share) * 4 / variance + 1
    low, high = summary.wilson(share, questions)
    assert line.split() == ["sample", "4", "58.3%", f"{low:.1%}–{high:.1%}", "0.0%", "2.0"]
    assert 4 < questions < 12
