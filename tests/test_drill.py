"""A busy day at a server, in which processes die, and nobody loses anything."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator import tables
from evaluator.baselines import BASELINES
from tests.benchmarks.serving import serve_dashboard
from tests.conftest import REPOSITORY, ask, load_everything, make_run
from tests.drill import CASES, HOURS, KEPT, KINDS, SHIFT, Day
from tests.drill_readers import read
from tests.drill_report import STEADY, mean_memory, read_waits, write_report
from tests.forks import fork
from tests.stress.clinic import Clinic, Staff
from tests.stress.journals import Flag
from tests.stress.published import read_shown, require_private, require_stable, require_true
from tests.stress.test_published_reviews import find_wrong, read_kept, require_kept, require_last
from tests.test_backup import everything
from warehouse import settings, snapshots, verification
from warehouse.ledger.backup import restore
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.review_public import find_public_reviews
from warehouse.ledger.states import State
from warehouse.ledger.submissions import find_all, history

pytestmark = pytest.mark.slow
ENDS = (State.FINISHED, State.FAILED, State.REJECTED)
PATIENCE = 400  # seconds after the day, in which all that is left is to be done
QUESTIONS = 92
CASES_IN_ALL = CASES * (HOURS // SHIFT)
CODES = {
    State.FAILED: ("worker-died", "missing-source"),
    State.REJECTED: ("check-died", "not-found"),
}


@pytest.fixture
def ledger(data_folder: Path) -> Iterator[Ledger]:
    """That of a server which has published the baselines already."""
    data_folder.mkdir()
    (data_folder / "settings.toml").write_text(f"keep_snapshots = {KEPT}\n", encoding="utf-8")
    opened = open_ledger()
    for model in BASELINES:
        make_run(model)
    load_everything()
    yield opened
    opened.close()


def wait_for_all(day: Day) -> None:
    """Until everything is evaluated or given up, judged, and published."""
    end = time.monotonic() + PATIENCE
    while not is_all_done(day):
        assert time.monotonic() < end, Counter(one.state for one in find_all(day.ledger))
        assert all(one.poll() is None for one in day.crowd.values()), "one ended by itself"
        day.look()
        time.sleep(0.5)


def is_all_done(day: Day) -> bool:
    if any(process.exitcode is None for process in day.staff.reviewers):
        return False
    ended = {one.number: one.state for one in find_all(day.ledger)}
    if any(state not in ENDS for state in ended.values()):
        return False
    public = find_public_reviews(day.ledger)
    told = dict(ask("submissions").select("number", "state").iter_rows())
    return told == ended and (
        ask("judged_cases").height,
        ask("all_reviews").height,
    ) == (len(public.judged_cases), len(public.case_reviews))


def require_ended(day: Day) -> None:
    """Each submission ended once, in an end that it may have."""
    found = find_all(day.ledger)
    assert len(found) == day.submitted.total() == 4 * sum(count for _, count in KINDS.values())
    for one in found:
        steps = [event.state for event in history(day.ledger, one.number)]
        assert [step for step in steps if step in ENDS] == [one.state]
        assert one.state == State.FINISHED or one.code in CODES[one.state], one
        if one.model == "./nowhere":
            assert one.state == State.REJECTED
        elif one.protocol != "loglikelihood-0shot":
            assert one.state == State.FAILED


def require_predictions(day: Day) -> None:
    """Each answer of each run is published once, as it is in its folder."""
    runs = list(ask("runs")["run_id"])
    finished = [one.run_id for one in find_all(day.ledger, (State.FINISHED,))]
    assert len(set(runs)) == len(runs)
    assert len(set(finished)) == len(finished)
    assert {*finished} <= {*runs}
    for run_id in runs:
        folder = settings.runs_folder() / run_id
        written = tables.read_predictions(folder, "sample").select("sample_id", "prediction")
        published = ask("run_answers", run_id=run_id).select("sample_id", "prediction")
        assert published["sample_id"].n_unique() == published.height == QUESTIONS
        assert published.sort("sample_id").equals(written.sort("sample_id")), run_id
        assert not (folder / "shards").exists(), "what was put together is kept twice"


def require_reviews(day: Day) -> None:
    kept = read_kept(day.ledger)
    acts = require_kept(day.staff, kept)
    assert acts["judge"] >= 2 * len(day.wrong)
    last = read_shown(snapshots.current_snapshot(settings.snapshots_folder()))
    assert last.breaches == []
    require_private(last)
    require_true(last, kept)
    require_stable([last], len(day.staff.reviewers))
    require_last(last, day.ledger, len(day.wrong))
    assert list(verification.find_faults()) == []


def require_bounds(day: Day) -> None:
    """Memory is flat, and the disk holds no more than it is to keep."""
    # one is published before the oldest is removed
    assert max(look.snapshots for look in day.looks) <= KEPT + 2
    assert max(look.drafts for look in day.looks) <= 1
    warehouse = settings.snapshots_folder()
    assert len(snapshots.list_snapshots(warehouse)) <= KEPT + 1
    left = {path.name for path in warehouse.iterdir() if path.suffix != ".duckdb"}
    assert left <= {"current", ".lock", ".watch"}
    for role in STEADY:
        first, _, last = mean_memory(day, role, 3)
        assert last < 1.2 * first + 20e6, f"{role}: {first / 1e6:.0f}, then {last / 1e6:.0f} MB"


def require_backups(day: Day, folder: Path) -> list[int]:
    """Each backup is whole, holds what was so when it was taken, and the last brings all back."""
    rows, now = [], {one.number: one for one in find_all(day.ledger)}
    steps = {number: history(day.ledger, number) for number in now}
    day.back_up()
    for file, process in day.backups:
        assert process.wait(60) == 0
        other = open_ledger(f"sqlite:///{folder / file.name}.sqlite")
        rows.append(restore(other, file))
        for one in find_all(other):
            told = history(other, one.number)
            assert told == steps[one.number][: len(told)]
        last = everything(other) if file == day.backups[-1][0] else None
        other.close()
    assert last == everything(day.ledger)
    return rows


def require_rebuilt(day: Day, folder: Path) -> None:
    """The run folders and the last backup, brought elsewhere, make the same leaderboard."""
    before = [ask(query) for query in ("leaderboard_rows", "judged_cases", "all_reviews")]
    folder.mkdir()
    for name in ("runs", "samples", "reported"):
        (folder / name).symlink_to(day.data / name)
    script = [sys.executable, "-m"]
    elsewhere = os.environ | {"LEADERBOARD_DATA": str(folder)}
    for command in (["warehouse", "restore", str(day.backups[-1][0])], ["ingest", "rebuild"]):
        subprocess.run([*script, *command], cwd=REPOSITORY, env=elsewhere, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(folder))
        after = [ask(query) for query in ("leaderboard_rows", "judged_cases", "all_reviews")]
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))


def test_a_busy_day_loses_nothing(ledger: Ledger, data_folder: Path, tmp_path: Path) -> None:
    seed = int(os.environ.get("LEADERBOARD_DRILL_SEED", "1"))
    ended = Flag(data_folder / "ended")
    place = Clinic(data_folder, f"sqlite:///{settings.ledger_file()}", ended)
    with serve_dashboard(data_folder) as server:
        readers = fork(read, place, server.address, seed)
        day = Day(
            data_folder,
            ledger,
            Staff(place, [], [], []),
            server.group,
            seed,
            find_wrong()[:CASES_IN_ALL],
        )
        try:
            day.live()
            wait_for_all(day)
        finally:
            seconds = time.monotonic() - day.begun
            ended.set()
            day.stop()
            readers.join(60)
        assert readers.exitcode == 0, "a page failed"
    rows = require_backups(day, tmp_path)
    report = write_report(day, seconds, rows)
    Path(os.environ.get("LEADERBOARD_DRILL_REPORT", tmp_path / "drill.md")).write_text(report)
    print(f"\n{report}")
    require_ended(day)
    require_predictions(day)
    require_reviews(day)
    require_bounds(day)
    require_rebuilt(day, tmp_path / "elsewhere")
    assert len(read_waits(data_folder)) > 100
    assert all(day.kills[role] > 2 for role in ("worker-1", "checker", "watcher"))
