"""Does all that works on the nine tasks work on questions that somebody added?"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dashboard import boards, judging_data
from evaluator.samples import Sample
from evaluator.tasks import add_task, find_task
from ingest import cli, loading, safety
from tests.conftest import ask, make_run
from tests.made_once import make_once
from tests.own_tasks import GUIDE, ROWS, TASK, write_example, write_task
from tests.test_pages import clear_caches, open_page, table

Evaluate = Callable[..., tuple[int, str, str]]
Ingest = Callable[..., int]
BOARD = {"board": "chest_reports", "lane": "loglikelihood-0shot"}
MAJORITY = ("--model", "baseline:majority")
VIEW = {"view": "Chest X-ray reports"}


@pytest.fixture
def ingest(monkeypatch: pytest.MonkeyPatch) -> Ingest:
    """Type `python -m ingest …` in this process; returns its exit code."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["ingest", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.run_safely()
        return int(left.value.code or 0)

    return run


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The task file of the guide's complete example."""
    return write_example(tmp_path / "example")


@pytest.fixture
def asked(example: Path, evaluate_here: Evaluate, ingest: Ingest) -> str:
    """The run of a baseline on the example, loaded beside one on the demonstration; its id."""

    def make() -> None:
        make_run("baseline:majority")
        code, *_ = evaluate_here("run", *MAJORITY, "--tasks", str(example))
        assert (code, ingest("runs")) == (0, 0)

    make_once("own-task", make)
    (run_id,) = [
        row["run_id"]
        for row in ask("leaderboard_rows").to_dicts()
        if row["board"] == "chest_reports"
    ]
    return str(run_id)


def test_the_commands_of_the_guide_can_be_typed(
    example: Path, evaluate_here: Evaluate, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = re.findall(r"^python -m (\w+) ([^#\n]+?) *(?:#.*)?$", GUIDE, re.MULTILINE)
    monkeypatch.chdir(example.parent)
    said = []
    for program, words in commands:
        if program == "ingest":
            assert ingest(*words.split()) == 0
        else:
            code, out, _ = evaluate_here(*words.split())
            assert code == 0
            said.append(out)
    assert len(commands) == 5
    assert said[0].startswith("chest.toml is right: Chest X-ray reports, 3 questions with 2 to 5")
    assert re.match(r"Added chest_reports @ sha256:[0-9a-f]{12}: 3 questions\.\n", said[1])
    _, listed, _ = evaluate_here("tasks", "list")
    assert listed == evaluate_here("tasks")[1]
    assert listed.splitlines()[-1].split()[:4] == ["chest_reports", "3", "test", "yes"]


def test_a_check_that_fails_says_so_and_adds_nothing(
    tmp_path: Path, data_folder: Path, evaluate_here: Evaluate
) -> None:
    path = write_task(tmp_path, TASK, [*ROWS, {"q": "", "options": [1, 2], "key": "A"}])
    for command in (("tasks", "check"), ("tasks", "add"), ("run", *MAJORITY, "--tasks")):
        code, _, errors = evaluate_here(*command, str(path))
        assert code == 1
        assert errors.startswith(f"Error (bad-task): {tmp_path}/ward.jsonl, line 4: the question")
    assert not list(data_folder.glob("tasks/*/current.json"))


def test_another_language_is_told_that_the_rules_are_english(
    tmp_path: Path, evaluate_here: Evaluate
) -> None:
    path = write_task(tmp_path, f'language = "de"\n{TASK}')
    assert (
        "The rules that find safety contexts are English"
        in evaluate_here("tasks", "check", str(path))[1]
    )
    task = pl.DataFrame({"task": "ward", "dataset": "own", "language": add_task(path).language})
    assert boards.describe("ward", task).endswith("they miss most of them.")


def test_its_questions_scores_and_cases_are_in_the_warehouse(asked: str) -> None:
    (task,) = ask("tasks").filter(task="chest_reports").to_dicts()
    assert (task["size"], task["loaded"], task["headline"], task["position"]) == (
        *(3, True, False, 1000),
    )
    scores = ask("scores", task="chest_reports").filter(run_id=asked)
    assert {
        (slice_, value): n for slice_, value, n in scores[["slice", "slice_value", "n"]].rows()
    } == {
        ("all", "all"): 3,
        ("subject", "Emergency"): 2,
        ("subject", "Chest"): 1,
        ("safety", "emergency"): 1,
        ("safety", "pregnancy and lactation"): 1,
    }
    (case,) = ask("question", task="chest_reports", sample_id="2").to_dicts()
    assert (case["gold"], case["choices"], case["subject"]) == (
        *("B", ["Pneumothorax", "Effusion", "Pneumonia"], "Chest"),
    )
    picks = ask("picks", task="chest_reports", sample_id="2", run_id=asked)
    assert picks["prediction"].to_list() == ["A"]
    contexts = ask("safety_board", **BOARD)
    assert dict(contexts.select("context", "n").rows()) == {
        **{"all": 3, "emergency": 1, "pregnancy and lactation": 1}
    }
    assert ask("subject_scores", **BOARD)["subject"].to_list() == ["Chest", "Emergency"]


def test_it_has_a_board_of_its_own_and_changes_no_other(asked: str) -> None:
    rows = {row["board"]: row for row in ask("leaderboard_rows").to_dicts()}
    assert set(rows) == {"sample", "chest_reports"}
    own = rows["chest_reports"]
    assert (own["entry"], own["accuracy"], own["answered"]) == (asked, 2 / 3, 3)
    assert (own["headline"], own["average"], own["sample"]) == (False, None, None)
    assert rows["sample"]["accuracy"] == rows["sample"]["sample"] == 0.25
    ranks = ask("rank_intervals", lane="loglikelihood-0shot", task="chest_reports")
    assert ranks["rank"].to_list() == [1]


def test_its_mistakes_are_not_drawn_with_those_of_another_task(
    asked: str, evaluate_here: Evaluate, ingest: Ingest
) -> None:
    code, *_ = evaluate_here("run", *MAJORITY, "--tasks", "sample,chest_reports")
    assert (code, ingest("runs")) == (0, 0)
    clear_caches()
    (both,) = {*ask("runs")["run_id"]} - {asked, *ask("runs").filter(tasks=["sample"])["run_id"]}
    drawn_from = judging_data.find_population(both)
    assert {mistake.task for mistake in drawn_from.mistakes} == {"sample"}
    assert (len(drawn_from.mistakes), drawn_from.answered) == (69, 92)


@pytest.mark.parametrize("page", ["leaderboard", "safety", "charts"])
def test_a_page_offers_it_among_the_questions(page: str, asked: str) -> None:
    clear_caches()
    app = open_page(page).segmented_control(key="view").set_value(VIEW["view"]).run()
    assert not app.exception
    assert app.segmented_control(key="view").options == [
        *("Nine medical tasks", "Demonstration questions", "Chest X-ray reports"),
    ]
    if page != "charts":
        assert "Questions that somebody added here" in app.info[0].value
    if page == "leaderboard":
        shown = table(app)
        assert list(shown["model"]) == ["baseline:majority"]
        assert shown["chest_reports"][0].strip().startswith("66.7")
    assert asked


@pytest.mark.parametrize("page", ["errors", "model", "case", "compare", "data", "about"])
def test_a_page_shows_it_without_a_fault(page: str, asked: str) -> None:
    clear_caches()
    address = {
        "errors": {"run": asked, "task": "Chest X-ray reports"},
        "model": {"model": "baseline:majority", "run": asked},
        "case": {"question": "chest_reports/2", "run": asked},
        "compare": {"runs": asked},
    }
    app = open_page(page, **address.get(page, {}))
    assert not app.exception
    if page == "case":
        assert "Questions that somebody added here" in " ".join(c.value for c in app.caption)


def test_a_task_that_is_added_later_joins_without_a_rebuild(
    asked: str, tmp_path: Path, ingest: Ingest
) -> None:
    add_task(write_task(tmp_path / "ward"))
    assert not loading.is_outdated()
    assert ingest("samples", "--tasks", "ward") == 0
    assert ask("tasks")["task"].to_list()[-2:] == ["chest_reports", "ward"]
    assert asked in ask("runs")["run_id"]


def test_answers_to_a_revision_that_is_no_more_are_refused(
    asked: str, example: Path, ingest: Ingest, data_folder: Path
) -> None:
    data = example.parent / "chest.csv"
    data.write_text(data.read_text().replace("meniscus", "curve"))
    before = find_task("chest_reports").revision
    add_task(example)
    assert find_task("chest_reports").revision != before
    assert loading.is_outdated()
    ingest("runs")
    (refused,) = ask("quarantine").filter(source=asked)["reason"]
    assert "was asked other questions of chest_reports" in refused
    assert (data_folder / "runs" / asked / "chest_reports.parquet").exists()


def test_given_safety_contexts_join_what_the_rules_find() -> None:
    sample = Sample(
        sample_id="1",
        question="A pregnant woman has a fever. Which drug?",
        choices=("This", "That"),
        gold="A",
        safety_tags=("dosing",),
    )
    found = [(one.tag, one.words) for one in safety.find_all(sample)]
    assert found == [("dosing", "set by hand"), ("pregnancy and lactation", "pregnant")]
