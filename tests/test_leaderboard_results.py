"""Result files of a Hugging Face leaderboard: published scores, doubted where they give reason."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evaluator import hub
from evaluator.errors import DownloadFailed
from evaluator.tasks import NINE, TASKS
from ingest import cli, loading
from ingest.errors import NothingToImport
from ingest.reported import COUNTED
from tests.conftest import ask
from tests.slow_cases import slow
from warehouse.text import printable

NEW = {"acc,none": 0.5, "acc_stderr,none": 0.01, "alias": "medmcqa"}


def write(path: Path, results: dict[str, Any] | str, **content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"config": {"model_dtype": "bfloat16"}, "results": results} | content
    path.write_text(results if isinstance(results, str) else json.dumps(whole), encoding="utf-8")
    return path


def load(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli.main, ["results", str(folder), *options])


def scores() -> list[tuple[object, ...]]:
    """Model, lane, suspect, note and the scores of two tasks, a row an entry."""
    columns = ("model", "lane", "suspect", "note", "medmcqa", "mmlu_anatomy")
    return sorted(ask("leaderboard_rows").select(columns).rows())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "results"


def test_the_scores_of_the_real_leaderboard_come_out_as_published(
    folder: Path, test_data: Path
) -> None:
    with (test_data / "reported_scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sources: dict[str, list[str]] = {}  # of each model, as two files of it may score one task
    for row in rows:
        known = sources.setdefault(row["model"], [])
        known += [row["source_url"]] * (row["source_url"] not in known)
        score = {"acc,none": float(row["accuracy"])}
        stderr = {"acc_stderr,none": 0.01} if row["origin"] == COUNTED else {}
        copy = folder / f"copy{known.index(row['source_url'])}" / row["model"] / "results_1.json"
        older = json.loads(copy.read_text())["results"] if copy.exists() else {}
        write(copy, older | {row["task"]: score | stderr})
    for copy in sorted(folder.iterdir()):
        assert load(copy, "--url", f"https://example.org/{copy.name}").exit_code == 0
    found = ask("leaderboard_rows").filter(origin="published")
    published = [
        (row["model"], task, row[task])
        for row in found.to_dicts()
        for task in TASKS
        if row.get(task) is not None
    ]
    assert len(published) == 322
    assert sorted(published) == sorted(
        (row["model"], row["task"], float(row["accuracy"])) for row in rows
    )
    assert ask("quarantine").is_empty()
    assert set(found["lane"]) == {
        "reported-loglikelihood-0shot",
        "reported-paper-5shot",
        "reported-entered-by-hand",
    }
    doubted = set(found.filter("suspect")["model"])
    measured = {row["model"] for row in rows if row["origin"] == COUNTED}
    assert doubted & measured == {row["model"] for row in rows if row["suspect"] == "true"}


def test_old_and_new_keys_and_names_are_read(folder: Path) -> None:
    write(
        folder / "org" / "m-7B" / "results_2024-04-01T10-00-00.123456.json",
        {
            "hendrycksTest-anatomy": {"acc": 0.6, "acc_stderr": 0.04},
            "medmcqa": {"acc,none": 0.5, "acc_stderr,none": 0.01},
            "mmlu_abstract_algebra": NEW,
            "mmlu": NEW,
        },
        **{"n-shot": {"medmcqa": 0}},
    )
    assert load(folder).exit_code == 0
    (row,) = scores()
    assert row[:2] == ("org/m-7B", "reported-loglikelihood-0shot")
    assert row[4:] == (0.5, 0.6)


@pytest.mark.parametrize(
    ("content", "lane"),
    [
        ({"n-shot": {"medmcqa": 5}}, "reported-loglikelihood-5shot"),
        ({"config": {"num_fewshot": 3}}, "reported-loglikelihood-3shot"),
        ({"chat_template": "{{ x }}"}, "reported-loglikelihood-0shot-chat"),
        ({"config": {"num_fewshot": None}}, "reported-loglikelihood-0shot"),
        ({"config": {"num_fewshot": "5"}}, "reported-loglikelihood-unknownshot"),
        ({"config": {"num_fewshot": 10**40}}, "reported-loglikelihood-unknownshot"),
    ],
)
def test_how_a_model_was_asked_is_its_lane(
    folder: Path, content: dict[str, Any], lane: str
) -> None:
    write(folder / "org" / "m" / "results_1.json", {"medmcqa": NEW}, **content)
    load(folder)
    assert [row[1] for row in scores()] == [lane]


def test_the_newest_of_several_files_counts_for_each_task(folder: Path) -> None:
    place = folder / "org" / "m"
    anatomy = {"mmlu_anatomy": {"acc,none": 0.6, "acc_stderr,none": 0.04}}
    write(place / "results_2024-03-14_04-32-21.json", {"medmcqa": NEW} | anatomy)
    newer = {"acc,none": 0.25, "acc_stderr,none": 0.01}
    write(place / "results_2024-04-01 10:00:00.json", {"medmcqa": newer})
    assert load(folder).exit_code == 0
    (row,) = scores()
    assert row[4:] == (0.25, 0.6)
    assert "1 older file passed over" in str(row[3])


@pytest.mark.parametrize(
    ("score", "config", "doubt"),
    [
        ({"acc,none": 0.5}, {}, "no standard error: entered by hand"),
        ({"acc,none": 0.5, "acc_stderr,none": "N/A"}, {}, "no standard error: entered by hand"),
        (NEW, {"model_name": "other/m"}, "the file names the model other/m"),
        (NEW, {"model_args": "pretrained=other/m,dtype=auto"}, "the file names the model other/m"),
        (
            {"acc,none": 0.50012345, "acc_stderr,none": 0.01},
            {},
            "no number of right answers to 4,183 questions gives it",
        ),
    ],
)
def test_a_score_with_a_fault_is_doubted_and_says_why(
    folder: Path, score: dict[str, Any], config: dict[str, Any], doubt: str
) -> None:
    write(folder / "org" / "m" / "results_1.json", {"medmcqa": score}, config=config)
    assert load(folder).exit_code == 0
    ((_, _, suspect, note, accuracy, _),) = scores()
    assert (suspect, note, accuracy) == (True, f"results_1.json; {doubt}", score["acc,none"])


def test_two_scores_of_one_time_are_doubted(folder: Path) -> None:
    scored = {"acc,none": 0.6, "acc_stderr,none": 0.04}
    both = {"mmlu_anatomy": scored, "hendrycksTest-anatomy": scored | {"acc,none": 0.8}}
    write(folder / "org" / "m" / "results_1.json", both)
    load(folder)
    ((_, _, suspect, note, _, _),) = scores()
    assert (suspect, note) == (True, "results_1.json; several scores of one time")


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"model_name": "ORG/m"},
        {"model_name": "local/checkpoint", "model_args": "pretrained=org/m,dtype=auto"},
    ],
)
def test_a_file_that_names_its_own_model_is_not_doubted(
    folder: Path, config: dict[str, Any]
) -> None:
    write(folder / "org" / "m" / "results_1.json", {"medmcqa": NEW}, config=config)
    load(folder)
    assert [row[2] for row in scores()] == [False]


@pytest.mark.parametrize(
    ("accuracy", "reason"),
    [
        ("1.5", "the accuracy 1.5 is not between 0 and 1"),
        ("null", "the accuracy 'None' is no number"),
        (f'"0.{"1" * 40}e9"', f"the accuracy '0.{'1' * 38}…' is no number"),
        *slow(
            [
                ("-0.1", "the accuracy -0.1 is not between 0 and 1"),
                ("1e999", "the accuracy inf is not between 0 and 1"),
                ("[0.5]", "the accuracy '[0.5]' is no number"),
                ('"half"', "the accuracy 'half' is no number"),
                ("NaN", "the accuracy nan is not between 0 and 1"),
            ]
        ),
    ],
)
def test_what_is_no_accuracy_goes_to_quarantine(folder: Path, accuracy: str, reason: str) -> None:
    good = '"mmlu_anatomy": {"acc,none": 0.6, "acc_stderr,none": 0.04}'
    bad = f'"medmcqa": {{"acc,none": {accuracy}, "acc_stderr,none": 0.01}}'
    assert load_scored(folder, f"{good}, {bad}") == ([(None, 0.6)], [reason])


def test_a_score_that_is_no_object_goes_to_quarantine(folder: Path) -> None:
    scored = '"mmlu_anatomy": {"acc,none": 0.6, "acc_stderr,none": 0.04}, "medmcqa": 0.5'
    assert load_scored(folder, scored) == ([(None, 0.6)], ["the accuracy 'None' is no number"])


def load_scored(folder: Path, scored: str) -> tuple[list[tuple[object, ...]], list[str]]:
    """Load one file; returns the scores of medmcqa and anatomy, and the reasons of refusals."""
    write(folder / "org" / "m" / "results_1.json", f'{{"results": {{{scored}}}}}')
    assert load(folder).exit_code == 0
    return [row[4:] for row in scores()], ask("quarantine")["reason"].to_list()


def test_strays_are_passed_over_and_broken_files_named(folder: Path) -> None:
    place = folder / "org" / "m"
    write(place / "results_1.json", {"medmcqa": NEW})
    write(place / ".ipynb_checkpoints" / "results_0-checkpoint.json", {"medmcqa": {"acc": 0.9}})
    write(place / "results_2-checkpoint.json", {"medmcqa": {"acc": 0.9}})
    write(place / ".DS_Store", "\0")
    (place / "results_link.json").symlink_to(place / "results_1.json")
    write(place / "results_2.json", "{")
    write(place / "results_3.json", "[]")
    write(place / "results_4.json", '{"config": {}}')
    write(folder / "results_5.json", {"medmcqa": NEW})
    write(folder / "org" / "n" / "results_6.json", {"gsm8k": NEW, "arc": NEW})
    odd = write(folder / "org" / "a\rb" / "results_7.json", "{")
    tried = load(folder, "--dry-run")
    assert tried.exit_code == 0
    done = load(folder)
    assert done.exit_code == 0
    assert [row[4] for row in scores()] == [0.5]
    faults = {
        place / "results_2.json": "is no JSON: Expecting property name enclosed",
        place / "results_3.json": "holds a list, expected a JSON object",
        place / "results_4.json": "has no results",
        folder / "results_5.json": "expected <organisation>/<model>/results_5.json",
        folder / "org" / "n" / "results_6.json": "scores gsm8k, arc: no task here",
        odd: "is no JSON: Expecting property name enclosed",
    }
    check_named(faults, tried)
    check_named(faults, done, "6 in quarantine: python -m warehouse show quarantine")
    with loading.open_draft("again", rebuild=True):
        pass
    kept = ask("quarantine").select("source", "reason", "content").sort("content").rows()
    assert [source for source, _, _ in kept] == ["reported/results-results.csv"] * len(faults)
    for (_, reason, content), path in zip(kept, sorted(faults), strict=True):
        inside = printable(path.relative_to(folder).as_posix())
        assert (faults[path] in reason, inside in content) == (True, True)


def check_named(faults: dict[Path, str], done: Result, *more: str) -> None:
    """Each fault has a line of its own, and nothing else is told."""
    told = done.stderr.splitlines()
    for path, fault in faults.items():
        name = printable(str(path))
        assert any(line.startswith(f"Not imported: {name}: ") and fault in line for line in told)
    assert told[len(faults) :] == list(more)


def test_a_folder_of_unreadable_files_is_all_in_quarantine(folder: Path) -> None:
    write(folder / "org" / "m" / "results_1.json", "{")
    done = load(folder)
    assert (done.exit_code, done.stdout) == (0, "0 published scores (snapshot 1)\n")
    (row,) = ask("quarantine").to_dicts()
    assert "org/m/results_1.json is no JSON" in row["reason"]


def test_a_folder_without_a_result_file_says_so(folder: Path, data_folder: Path) -> None:
    write(folder / "org" / "m" / "scores.json", {"medmcqa": NEW})
    done = load(folder)
    assert isinstance(done.exception, NothingToImport)
    assert "has no file named results_<time>.json" in str(done.exception)
    assert not data_folder.exists()


def test_a_data_set_of_the_hub_is_downloaded_and_named_by_its_commit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = folder / "snapshots" / ("a" * 40)  # as huggingface_hub lays a download out
    file = commit / "org" / "m 1" / "results_1.json"
    file.parent.mkdir(parents=True)
    file.symlink_to(write(folder / "blobs" / "1", {"medmcqa": NEW}))
    monkeypatch.setattr(hub, "download_dataset", lambda *_: commit)
    assert load(Path("openlifescienceai/results")).exit_code == 0
    (row,) = ask("leaderboard_rows").to_dicts()
    base = "https://huggingface.co/datasets/openlifescienceai/results/tree"
    assert row["source_url"] == f"{base}/{'a' * 40}/org/m%201"


def test_the_same_files_again_change_nothing_and_a_dry_run_writes_nothing(
    folder: Path, data_folder: Path
) -> None:
    write(folder / "org" / "m" / "results_1.json", {"medmcqa": NEW})
    assert "org/m,medmcqa,0.5,loglikelihood 0-shot" in load(folder, "--dry-run").output
    assert not data_folder.exists()
    assert "snapshot 1" in load(folder).output
    assert "nothing new" in load(folder).output
    assert set(NINE) <= set(TASKS)


def test_a_data_set_that_cannot_be_had_is_named(data_folder: Path) -> None:
    done = load(Path("openlifescienceai/results"))
    assert isinstance(done.exception, DownloadFailed)
    assert "did not give openlifescienceai/results" in str(done.exception)
    assert not data_folder.exists()


@pytest.mark.parametrize("source", ["no/such/folder", "../no", "no such"])
def test_what_is_neither_a_folder_nor_a_data_set_is_named(source: str) -> None:
    done = load(Path(source))
    assert done.exit_code == 2
    assert f"{source} is neither a folder nor a data set of the Hub" in done.stderr


def test_half_a_surrogate_pair_does_not_stop_the_rest(folder: Path) -> None:
    write(folder / "org" / "m" / "results_1.json", {"medmcqa": NEW | {"acc,none": "\ud83d"}})
    write(folder / "org" / "n" / "results_1.json", {"medmcqa": NEW})
    assert load(folder).exit_code == 0
    assert [row[0] for row in scores()] == ["org/n"]
    assert ask("quarantine")["reason"].to_list() == ["the accuracy '?' is no number"]
