"""What all may read of the ledger is in the next snapshot, and nothing else of it is."""

from datetime import datetime
from pathlib import Path
from threading import Event

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from evaluator.work import Worker
from ingest import handover, loading
from ingest import runs as ingest_runs
from tests import ledgers
from tests.conftest import ask, make_run
from tests.test_upkeep import MAINTAINER
from tests.test_work import wait_in_queue
from warehouse import copying, db, verification
from warehouse.errors import NoSnapshot
from warehouse.ledger import outcomes, queue, upkeep
from warehouse.ledger.errors import LedgerOutOfReach
from warehouse.ledger.marks import mark
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.submissions import Asked, Why, submit

ledger = ledgers.own_ledger  # a fixture
LANE = "loglikelihood-0shot"
MODELS = ("baseline:majority", "baseline:longest-choice", "baseline:random")
SECRETS = {"submitter": "dr.who@clinic.example", "contact": "+31 6 0000", "note": "Please hurry."}
HOST, LOG = "gpu-box-7.clinic.example:412", "Traceback in /home/who"


def publish(*, rebuild: bool = False) -> None:
    """Load every run folder, as `python -m ingest runs` does."""
    with loading.open_draft("test", rebuild=rebuild) as draft:
        ingest_runs.load_runs(draft, ingest_runs.find_folders([]), None)


def submit_secretly(ledger: Ledger, model: str, by: str = SECRETS["submitter"]) -> int:
    private = {name: SECRETS[name] for name in ("contact", "note")}
    return submit(
        ledger, Asked(model=model, precision="float32", protocol=LANE, **private), Person(by)
    )


def run_secretly(ledger: Ledger, model: str) -> int:
    """A submission in the hands of `HOST`."""
    number = submit_secretly(ledger, model)
    assert queue.claim_check(ledger, HOST)
    outcomes.accept(ledger, number, HOST, "c" * 40)
    assert queue.claim(ledger, HOST)
    return number


def read_file() -> tuple[bytes, str]:
    """The snapshot in use as a file: its bytes, and every value in it, for texts are packed."""
    opened = db.open_warehouse()
    path = copying.native_file(opened)
    with opened.cursor() as cursor:
        rows = [cursor.table(name).fetchall() for name in opened.ask("tables")["table_name"]]
    opened.close()
    return path.read_bytes(), str(rows)


def test_a_submission_is_in_the_snapshot_as_it_stood(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, MODELS[0], "seed-0")
    Worker(ledger, "w", Event()).work(once=True)
    publish()
    assert ask("submissions").select("state", "snapshot").rows() == [("ingesting", None)]
    handover.settle()
    with loading.open_draft("test"):
        pass
    (row,) = ask("submissions").rows(named=True)
    run_id = ask("runs")["run_id"][0]
    times = {name: row.pop(name) for name in ("submitted_at", "since")}
    assert times["submitted_at"] < times["since"] < datetime.max
    assert row == {
        "number": number, "model": MODELS[0], "revision": "seed-0", "precision": "float32",
        "lane": LANE, "tasks": "sample", "weights": "original", "base": None,
        "state": "finished", "code": "published", "message": None, "snapshot": 1,
        "run_id": run_id, "submitter": "submitter-1",
    }  # fmt: skip
    assert list(verification.find_faults()) == []


def test_nothing_private_is_anywhere_in_the_snapshot(ledger: Ledger) -> None:
    number = run_secretly(ledger, "acme/failed")
    outcomes.fail(ledger, number, HOST, Why("crashed", f"It broke on {HOST}."), LOG)
    number = run_secretly(ledger, "acme/tried")
    queue.try_again(ledger, number, HOST, Why("timed-out", f"{HOST} was slow."))
    run_secretly(ledger, "acme/held")
    mark(ledger, "acme/failed", "hidden", Person("boss@clinic.example", is_maintainer=True), "Bad.")
    publish()
    content, values = read_file()
    assert "acme/failed" in values, "else nothing would be found"
    assert "submitter-1" in values
    for secret in (*SECRETS.values(), HOST, LOG, "boss@clinic.example", "clinic.example"):
        assert secret not in values
        assert secret.encode() not in content


def test_reasons_of_checkers_and_people_are_told_and_those_of_runs_are_not(ledger: Ledger) -> None:
    first = submit_secretly(ledger, "acme/rejected")
    assert queue.claim_check(ledger, HOST)
    problems = [{"code": "gated", "says": "It is gated.", "fix": "Open it."}]
    outcomes.reject(ledger, first, HOST, problems)
    second = submit_secretly(ledger, "acme/cancelled")
    upkeep.cancel(ledger, second, MAINTAINER, "Twice the same.")
    third = run_secretly(ledger, "acme/failed")
    outcomes.fail(ledger, third, HOST, Why("out-of-memory", "cuda:0 of /dev is full."))
    publish()
    assert ask("submissions").select("number", "state", "code", "message").rows() == [
        (third, "failed", "out-of-memory", None),
        (second, "cancelled", "cancelled", "Twice the same."),
        (first, "rejected", "gated", "It is gated."),
    ]


def test_a_submitter_keeps_a_pseudonym_whoever_else_comes(ledger: Ledger) -> None:
    for by in ("z@a.org", "a@a.org", "z@a.org"):
        submit_secretly(ledger, "m", by)
    publish()
    before = ask("submissions").select("number", "submitter").rows()
    assert before == [(3, "submitter-1"), (2, "submitter-2"), (1, "submitter-1")]
    for by in ("b@a.org", "a@a.org"):
        submit_secretly(ledger, "m", by)
    publish(rebuild=True)
    after = ask("submissions").select("number", "submitter").rows()
    assert after == [(5, "submitter-2"), (4, "submitter-4"), *before]


def test_without_a_ledger_the_tables_are_empty_and_none_is_made(data_folder: Path) -> None:
    make_run(MODELS[0])
    publish()
    assert ask("submissions").is_empty()
    assert ask("model_marks").is_empty()
    assert not (data_folder / "ledger.sqlite").exists()


def test_the_same_ledger_twice_publishes_nothing(ledger: Ledger) -> None:
    submit_secretly(ledger, "m")
    mark(ledger, "m", "flagged", MAINTAINER, "Its card is wrong.")
    for _ in range(2):
        publish()
    assert ask("snapshots").height == 1


def test_a_ledger_out_of_reach_publishes_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(ledger, MODELS[0], "hidden", MAINTAINER, "Bad.")
    make_run(MODELS[0])
    monkeypatch.setenv("LEADERBOARD_LEDGER", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(LedgerOutOfReach):
        publish()
    with pytest.raises(NoSnapshot):
        ask("runs")


def test_a_cleared_mark_is_gone_and_another_ledger_brings_its_own(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_secretly(ledger, "m")
    mark(ledger, "m", "hidden", MAINTAINER, "Bad.")
    mark(ledger, "n", "flagged", MAINTAINER, "Odd.")
    publish()
    assert ask("model_marks").drop("since").rows() == [
        ("m", "hidden", "Bad."),
        ("n", "flagged", "Odd."),
    ]
    mark(ledger, "m", "flagged", MAINTAINER, "Not so bad.")
    mark(ledger, "n", "cleared", MAINTAINER, "It was not.")
    publish()
    assert ask("model_marks").drop("since").rows() == [("m", "flagged", "Not so bad.")]
    monkeypatch.setenv("LEADERBOARD_LEDGER", f"sqlite:///{tmp_path / 'other.sqlite'}")
    open_ledger().close()
    publish()
    assert ask("model_marks").is_empty()
    assert ask("submissions").is_empty()


def ranks() -> dict[str, tuple[int, int]]:
    """From each ranked model to its rank, and of how many."""
    rows = ask("rank_intervals", lane=LANE, task="sample")
    return {row["model"]: (row["rank"], rows.height) for row in rows.iter_rows(named=True)}


def test_a_hidden_model_leaves_the_ranks_without_a_gap_and_its_answers_stay(ledger: Ledger) -> None:
    for model in MODELS:
        make_run(model)
    publish()
    whole, stats = ranks(), ask("difficulties", lane=LANE, task="sample")
    best = min(whole, key=lambda model: (whole[model], model))
    predictions = ask("runs")["answered"].sum()
    mark(ledger, best, "hidden", MAINTAINER, "Trained on the test questions.")
    publish()
    assert sorted(rank for rank, _ in ranks().values()) == [1, 2]
    assert best not in ranks()
    assert set(ask("leaderboard_rows")["model"]) == set(MODELS) - {best}
    assert set(ask("difficulties", lane=LANE, task="sample")["runs"]) == {2} != set(stats["runs"])
    runs = ask("runs")
    assert runs.filter("hidden")["model"].to_list() == [best]
    assert runs["answered"].sum() == predictions
    assert runs["current"].all()
    assert list(verification.find_faults()) == []
    publish(rebuild=True)
    assert best not in ranks()
    mark(ledger, best, "cleared", MAINTAINER, "It was another model.")
    publish()
    assert ranks() == whole
    assert ask("difficulties", lane=LANE, task="sample").equals(stats)


def test_where_all_are_hidden_nothing_is_left_of_the_field(ledger: Ledger) -> None:
    make_run(MODELS[0])
    publish()
    mark(ledger, MODELS[0], "hidden", MAINTAINER, "Bad.")
    publish()
    assert ranks() == {}
    assert ask("leaderboard_rows").is_empty()
    assert ask("difficulties", lane=LANE, task="sample").is_empty()
    assert list(verification.find_faults()) == []
    run_id = ask("runs")["run_id"][0]
    assert ask("model_scores", run_id=run_id)["n"].to_list() == [92]
    sample = {"task": "sample", "sample_id": "sample-001"}
    assert ask("picks", run_id="none", **sample).is_empty()
    assert ask("picks", run_id=run_id, **sample)["model"].to_list() == [MODELS[0]]


def test_published_scores_of_a_hidden_model_are_hidden_too(ledger: Ledger, demo: Path) -> None:  # noqa: ARG001
    before = ask("leaderboard_rows")
    model = before.filter(origin="published")["model"][0]
    mark(ledger, model, "hidden", MAINTAINER, "Bad.")
    mark(ledger, MODELS[0], "flagged", MAINTAINER, "Odd.")
    publish()
    rows = ask("leaderboard_rows")
    assert_frame_equal(rows, before.filter(pl.col("model") != model))  # who is flagged stays
    assert list(verification.find_faults()) == []
