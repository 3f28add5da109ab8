"""What every importer shares: which question a row answers, what is refused, what is written."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples
from evaluator.records import Model, Run, TaskPlan, read_run
from evaluator.samples import Sample
from evaluator.tables import read_predictions, read_quarantine
from evaluator.tasks import find_task
from ingest import importing, loading, runs
from ingest.errors import NothingToImport
from ingest.foreign import Answer, ForeignRun, Log, Refusal
from ingest.matching import Matched, match_log
from tests.conftest import REPOSITORY, ask
from tests.test_pages import clear_caches
from warehouse import settings

TASK = find_task("sample")
PLACE = Path("a.log")
FOUND = ("sample_id", "prediction", "response")


def twin(name: str, gold: str) -> Sample:
    return Sample(sample_id=name, question="Which?", choices=("x", "y", "z"), gold=gold)


TWINS = (twin("first", "A"), twin("second", "B"), twin("third", "B"))
SAME = TWINS[0].content_hash


def match(samples: Iterable[Sample], *rows: Answer | Refusal) -> Matched:
    return match_log(Log(TASK, PLACE, rows), tuple(samples))


def reasons(found: Matched) -> list[tuple[int, str]]:
    return found.refused.select("line", "reason").rows()


def test_the_id_goes_before_the_content() -> None:
    found = match(
        TWINS,
        Answer(line=1, sample_id="second", content_hash=SAME, prediction="A"),
        Answer(line=2, sample_id="elsewhere", content_hash=SAME, prediction="B"),
        Answer(line=3, sample_id="elsewhere", prediction="C"),
        Answer(line=4, prediction="C"),
    )
    assert found.table["sample_id"].to_list() == ["second", "first"]
    assert found.by_id == 1
    assert reasons(found) == [(3, "no such question: elsewhere"), (4, "no such question: no id")]


def test_duplicates_pair_in_the_order_in_which_they_occur() -> None:
    rows = [Answer(line=n, content_hash=SAME, gold="ABBA"[n], prediction="A") for n in range(4)]
    found = match(TWINS, *rows)
    assert found.table["sample_id"].to_list() == ["first", "second", "third"]
    assert reasons(found) == [(3, "the question was answered before: on line 2")]


def test_each_repeat_is_an_answer_of_its_own() -> None:
    rows = [Answer(line=1, content_hash=SAME, prediction="A", repeat=n) for n in (0, 1, 1)]
    found = match(TWINS[:1], *rows)
    assert found.table.select("sample_id", "repeat").rows() == [("first", 0), ("first", 1)]
    assert reasons(found) == [(1, "the question was answered before: on line 1")]


def test_an_answer_to_another_key_is_no_answer_to_ours() -> None:
    found = match(TWINS, Answer(line=1, sample_id="first", gold="B", prediction="B"))
    assert found.table.is_empty()
    assert found.refused.rows() == [
        (
            "a.log",
            1,
            "another key than ours: B, not A",
            '{"sample_id": "first", "gold": "B", "prediction": "B"}',
        )
    ]


@pytest.mark.parametrize(
    ("logprobs", "reason"),
    [
        ((-1.0, -2.0), "not one log-probability a choice: 2 for 3 choices"),
        ((), "not one log-probability a choice: 0 for 3 choices"),
        ((-1.0, float("nan"), -1.0), "(-1.0, nan, -1.0)"),
        ((-1.0, float("-inf"), -1.0), "(-1.0, -inf, -1.0)"),
        ((-1.0, 0.5, -1.0), "(-1.0, 0.5, -1.0)"),
    ],
)
def test_what_are_no_log_probabilities_is_refused(logprobs: tuple[float, ...], reason: str) -> None:
    if not reason.startswith("not one"):
        reason = f"a log-probability is positive, infinite or not a number: {reason}"
    assert reasons(match(TWINS, Answer(1, sample_id="first", logprobs=logprobs))) == [(1, reason)]


def test_the_likeliest_choice_is_the_prediction_whatever_is_said() -> None:
    rows = (
        Answer(1, sample_id="first", prediction="A", logprobs=(-3.0, -1.0, -1.0)),
        Answer(2, sample_id="second", prediction="C"),
    )
    table = match(TWINS, *rows).table
    assert table.select("prediction", "logprobs").rows() == [("B", [-3.0, -1.0, -1.0]), ("C", None)]


def test_numbers_that_no_column_can_hold_are_left_out() -> None:
    odd = Answer(1, sample_id="first", prediction="A", tokens=2**40, seconds=float("inf"))
    plain = Answer(2, sample_id="second", prediction="A", tokens=7, seconds=0.5)
    table = match(TWINS, odd, plain).table
    assert table.select("tokens", "seconds").rows() == [(None, None), (7, 0.5)]


def test_a_dry_run_counts_and_names_the_commonest_reasons() -> None:
    found = match(
        TWINS,
        Answer(1, sample_id="first", prediction="A"),
        Answer(2, content_hash=SAME, prediction="?"),
        *(Answer(n, sample_id=f"{n}", prediction="A") for n in (3, 4)),
        Answer(5, sample_id="first", prediction="A"),
        Refusal(6, "not a JSON object", "{"),
    )
    assert found.describe().splitlines() == [
        "sample from a.log: 2 to load (1 matched by id, 1 by content; 1 unreadable), 2 unmatched, "
        "2 rejected",
        "  2 × no such question",
        "  1 × the question was answered before",
        "  1 × not a JSON object",
    ]


def foreign(tmp_path: Path, *rows: Answer, suspect: str | None = None) -> ForeignRun:
    """A run whose log has these rows; the file stands for them and decides the run's id."""
    path = tmp_path / f"{len(rows)}.log"
    path.write_text(f"{rows}")
    return ForeignRun(
        model=Model(name="org/m", revision="r", type="open weights"),
        precision=None,
        protocol=parse_protocol("other-test"),
        logs=(Log(TASK, path, rows),),
        suspect=suspect,
    )


def answers(count: int, letter: str | None) -> list[Answer]:
    samples = load_samples(TASK)[:count]
    return [Answer(n, sample.sample_id, prediction=letter) for n, sample in enumerate(samples, 1)]


def load(*folders: Path) -> None:
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, folders, None)


def test_trying_a_run_writes_nothing(tmp_path: Path, data_folder: Path) -> None:
    said = importing.try_run(foreign(tmp_path, *answers(3, "?"), suspect="a reason"), None)
    assert said.splitlines() == [
        "org/m (r), other-test",
        "suspect: a reason",
        "sample from 3.log: 3 to load (3 matched by id, 0 by content; 3 unreadable), 0 unmatched, "
        "0 rejected",
        "suspect: none of the 3 answers to sample could be read",
    ]
    assert not data_folder.exists()


def test_a_suspect_run_is_marked_with_its_reason(tmp_path: Path) -> None:
    made = importing.import_run(
        foreign(tmp_path, *answers(3, "?"), suspect="a reason"), "test", None
    )
    load(made)
    doubt = "a reason; none of the 3 answers to sample could be read"
    assert read_run(made).suspect == doubt
    assert ask("leaderboard_rows").select("suspect", "note", "origin").rows() == [
        (True, doubt, "imported")
    ]
    clear_caches()
    app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=60)
    app.query_params.update({"view": "Demonstration questions", "lane": "other-test"})
    shown = app.run().dataframe[0]
    clear_caches()
    row = shown.value.iloc[0]
    assert (row["mark"], row["doubt"]) == ("doubtful", doubt)
    config = json.loads(shown.proto.columns)
    assert not config["mark"].get("hidden")
    assert not config["doubt"].get("hidden")


def test_a_sound_run_goes_before_a_suspect_one_of_more_answers(tmp_path: Path) -> None:
    sound = importing.import_run(foreign(tmp_path, *answers(2, "A")), "test", None)
    load(sound, importing.import_run(foreign(tmp_path, *answers(3, "?")), "test", None))
    assert ask("leaderboard_rows")["entry"].to_list() == [sound.name]
    assert ask("scores", task="sample")["run_id"].unique().to_list() == [sound.name]


def test_files_of_no_task_are_kept_with_the_run(tmp_path: Path) -> None:
    refused = ((tmp_path / "notes.txt", "not for us"),)
    made = importing.import_run(foreign(tmp_path, *answers(1, "A")), "test", None, refused)
    assert read_quarantine(made).rows() == [("notes.txt", None, "not for us", "")]
    assert read_predictions(made, "sample").select(FOUND).rows() == [("sample-001", "A", None)]


def test_a_run_without_an_answer_to_us_is_none(tmp_path: Path) -> None:
    nothing = foreign(tmp_path, Answer(1, "x", prediction="A"))
    with pytest.raises(NothingToImport, match=r"No row of .*1.log fits a question: no such quest"):
        importing.import_run(nothing, "test", None)
    assert runs.finished(settings.runs_folder()) == []


def test_records_from_before_there_was_doubt_are_read_as_before(tmp_path: Path) -> None:
    made = importing.import_run(foreign(tmp_path, *answers(1, "A")), "test", None)
    record = json.loads((made / "run.json").read_text())
    assert (record.pop("suspect"), record["plan"]["tasks"][0].pop("reading")) == (None, None)
    assert Run.model_validate(record) == read_run(made)


def test_a_reading_is_part_of_the_identity_only_where_there_are_several() -> None:
    plan = TaskPlan(task="t", revision="r", samples_hash="s", prompts_hash=None, source="f")
    plain = {
        "task": "t",
        "revision": "r",
        "samples_hash": "s",
        "prompts_hash": None,
        "source_hash": None,
    }
    assert plan.identity == plain
    assert plan.model_copy(update={"reading": "x"}).identity == plain | {"reading": "x"}


def test_an_import_says_when_it_was_made(tmp_path: Path) -> None:
    run = read_run(importing.import_run(foreign(tmp_path, *answers(1, "A")), "typed", None))
    assert (run.origin, run.command, run.started_at) == ("imported", "typed", run.finished_at)
    assert abs((datetime.now(UTC) - run.finished_at).total_seconds()) < 60
