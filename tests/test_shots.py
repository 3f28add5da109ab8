"""Are worked examples the right ones, and put before the question to the byte?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator.errors import BadSample, MissingColumns, MissingSource
from evaluator.papers import Paper
from evaluator.prompts import Message, render
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples, load_shots
from evaluator.samples import Sample
from evaluator.tasks import NINE, Task, find_task

Row = dict[str, Any]
FOLDER = Path(__file__).parent / "cases"
CASES = json.loads((FOLDER / "shots.json").read_text(encoding="utf-8"))
ROWS: dict[str, Row] = {
    case["task"]: case["row"]
    for case in json.loads((FOLDER / "rows.json").read_text(encoding="utf-8"))
}
MEDMCQA = find_task("medmcqa")


@pytest.mark.parametrize("case", CASES, ids=[f"{case['task']}: {case['why']}" for case in CASES])
def test_examples_are_put_before_the_question_to_the_byte(case: Row) -> None:
    protocol = parse_protocol(case["protocol"], case.get("system_prompt"))
    shots = [Sample.model_validate(shot) for shot in case["shots"]]
    sample = Sample.model_validate(case["sample"])
    request = render(find_task(case["task"]), sample, protocol, shots)
    assert request.prompt.encode() == case["prompt"].encode()
    assert request.messages == tuple(Message(**message) for message in case["messages"])
    assert list(request.continuations) == case["continuations"]


def test_a_paper_asks_each_question_after_the_same_examples(hub: Path) -> None:
    task = find_task("mmlu_anatomy")
    protocol = parse_protocol("loglikelihood-5shot")
    paper = Paper(task, load_samples(task, hub), load_shots(task, 5, hub))
    prompts = [paper.render(sample, protocol).prompt for sample in paper.samples]
    first = prompts[0]
    common = first[: first.index(paper.samples[0].question)]
    assert common.count("\nAnswer: ") == common.count("\n\n") - 1 == 5
    assert common.count("The following are multiple choice questions") == 1
    assert all(prompt.startswith(common) for prompt in prompts)
    assert all(prompt.count("\nAnswer:") == 6 for prompt in prompts)


def read_dev(task: Task, hub: Path) -> list[tuple[str, ...]]:
    """Questions, choices and keys of a task's dev file, as another reader has them."""
    path = hub / task.dataset / (task.shots_file or "")
    if path.suffix == ".json":
        rows = pl.read_ndjson(path).to_dicts()
        return [
            (row["sent1"], *(row[f"ending{n}"] for n in range(4)), "ABCD"[row["label"]])
            for row in rows
        ]
    rows = pl.read_parquet(path).to_dicts()
    return [(row["question"], *row["choices"], "ABCD"[row["answer"]]) for row in rows]


@pytest.mark.parametrize("name", [name for name in NINE if name[:5] in ("mmlu_", "medqa")])
def test_examples_are_the_first_of_the_dev_set_in_order(name: str, hub: Path) -> None:
    task = find_task(name)
    expected = read_dev(task, hub)[:5]
    shots = load_shots(task, 5, hub)
    assert [(shot.question, *shot.choices, shot.gold) for shot in shots] == expected
    assert load_shots(task, 2, hub) == shots[:2]
    assert not {shot.content_hash for shot in shots} & {
        sample.content_hash for sample in load_samples(task, hub)
    }


def test_examples_of_pubmedqa_are_labelled_and_not_of_the_test(test_data: Path) -> None:
    task = find_task("pubmedqa")
    official = json.loads((test_data / "pubmedqa_test_ground_truth.json").read_bytes())
    rows = pl.read_parquet(test_data / "hub" / task.dataset / task.file).to_dicts()
    others = [row for row in rows if str(row["pubid"]) not in official]
    shots = load_shots(task, 500, test_data / "hub")
    answers = {shot.sample_id: shot.choices["ABC".index(shot.gold)] for shot in shots}
    assert list(answers.items()) == [(str(row["pubid"]), row["final_decision"]) for row in others]
    assert load_shots(task, 5, test_data / "hub") == shots[:5]


@pytest.mark.parametrize("name", [*NINE, "sample"])
def test_no_examples_need_no_file(name: str, tmp_path: Path) -> None:
    assert load_shots(find_task(name), 0, tmp_path) == []


def test_the_demonstration_has_no_examples() -> None:
    with pytest.raises(MissingSource) as refused:
        load_shots(find_task("sample"), 1)
    assert str(refused.value) == "sample has no worked examples. Ask it by loglikelihood-0shot."


@pytest.mark.parametrize(
    ("name", "asked", "there"), [("mmlu_anatomy", 6, 5), ("pubmedqa", 501, 500)]
)
def test_more_examples_than_there_are_is_refused(
    name: str, asked: int, there: int, hub: Path
) -> None:
    task = find_task(name)
    path = hub / task.dataset / (task.shots_file or "")
    with pytest.raises(MissingSource) as refused:
        load_shots(task, asked, hub)
    assert str(refused.value) == f"{path} has {there} examples of {name}, not {asked}."


def train_file(mirror: Path, rows: list[Row]) -> Path:
    path = mirror / "openlifescienceai" / "medmcqa" / "data" / "train-00000-of-00001.parquet"
    path.parent.mkdir(parents=True)
    pl.DataFrame(rows).write_parquet(path)
    return path


def test_examples_of_medmcqa_need_a_file_that_a_mirror_may_lack(tmp_path: Path) -> None:
    path = tmp_path / "openlifescienceai" / "medmcqa" / "data" / "train-00000-of-00001.parquet"
    with pytest.raises(MissingSource) as refused:
        load_shots(MEDMCQA, 3, tmp_path)
    assert str(refused.value) == (
        f"{path} is missing. A mirror has the Hub's layout, <mirror>/<dataset>/<file>; leave "
        "--data out to read from the Hub."
    )


def test_examples_of_medmcqa_are_the_first_training_rows(tmp_path: Path) -> None:
    row = ROWS["medmcqa"]
    rows = [row | {"id": f"train-{n}", "question": f"Number {n}?", "cop": n} for n in range(4)]
    train_file(tmp_path, rows)
    shots = load_shots(MEDMCQA, 3, tmp_path)
    choices = tuple(row[f"op{letter}"] for letter in "abcd")
    assert [(shot.sample_id, shot.question, shot.choices, shot.gold) for shot in shots] == [
        (f"train-{n}", f"Number {n}?", choices, "ABC"[n]) for n in range(3)
    ]


def drop_key(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "cop"}


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda row: row | {"cop": -1}, BadSample, "question 2 of medmcqa: the gold choice is"),
        (lambda row: row | {"question": " "}, BadSample, "question 2 of medmcqa: the question is"),
        (drop_key, MissingColumns, "has no column cop, which medmcqa reads"),
    ],
    ids=["no key", "no question", "no column"],
)
def test_a_broken_example_is_refused(
    change: Callable[[Row], Row], error: type[Exception], said: str, tmp_path: Path
) -> None:
    row = ROWS["medmcqa"]
    rows = [row, change(row)] if error is BadSample else [change(row)] * 2
    train_file(tmp_path, rows)
    with pytest.raises(error, match=said):
        load_shots(MEDMCQA, 2, tmp_path)
    if error is BadSample:  # only the examples that are shown are read
        assert load_shots(MEDMCQA, 1, tmp_path)[0].question == row["question"]
