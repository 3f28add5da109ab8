"""Twenty reviewers write while ingest publishes and readers read: nothing is lost, judged twice, or
told before it is done; some of them are killed on the way."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from evaluator.baselines import BASELINES
from ingest import loading
from tests import ledgers
from tests.conftest import ask, load_everything, make_run
from tests.stress import clinic
from tests.stress.clinic import Clinic, Staff
from tests.stress.journals import Flag
from tests.stress.published import (
    Row,
    Shown,
    read_shown,
    require_private,
    require_stable,
    require_true,
)
from warehouse import verification
from warehouse.ledger import drawing
from warehouse.ledger.cases import Mistake
from warehouse.ledger.drawing import Population
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.review_public import find_public_reviews
from warehouse.ledger.review_tables import cases, disputes, reviews, rulings

pytestmark = pytest.mark.slow
postgres, address = ledgers.postgres, ledgers.address  # the fixtures
REVIEWERS, KILLS, CASES = 20, 40, 120
KEPT = (cases, reviews, disputes, rulings)
MAINTAINER = Person(f"boss@{clinic.DOMAIN}", is_maintainer=True)


@pytest.fixture
def place(data_folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A published warehouse with wrong answers, of which every snapshot is kept."""
    monkeypatch.setenv("LEADERBOARD_LEDGER", address)
    data_folder.mkdir()
    (data_folder / "settings.toml").write_text("keep_snapshots = 100000\n", encoding="utf-8")
    for model in BASELINES:
        make_run(model)
    load_everything()
    return Clinic(data_folder, address, Flag(data_folder / "ended"))


@pytest.fixture
def ledger(place: Clinic) -> Iterator[Ledger]:
    opened = open_ledger(place.address)
    yield opened
    opened.close()


def find_wrong() -> list[Mistake]:
    """Wrong answers of each of the published runs."""
    models = dict(ask("runs").select("run_id", "model").iter_rows())
    columns = ("task", "sample_id", "repeat", "prediction", "gold")
    found = []
    for run_id, model in models.items():
        rows = ask("run_answers", run_id=run_id).filter(correct=False).select(columns)
        for task, sample_id, repeat, prediction, gold in rows.iter_rows():
            found.append(Mistake(run_id, task, sample_id, repeat, model, prediction, gold))
    return found[:: -(-len(found) // CASES)]


def read_kept(ledger: Ledger) -> dict[str, list[Row]]:
    """Every row of what is only added to, by its number."""
    with ledger.read() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(table.c.number)).mappings()
            ]
            for table in KEPT
        }


def watch_and_kill(staff: Staff, ledger: Ledger) -> None:
    """Kill one after the other until all is done; what was there before stays as it was."""
    chance, before = random.Random(7), read_kept(ledger)
    end = time.monotonic() + clinic.PATIENCE
    while any(process.exitcode is None for process in staff.reviewers):
        assert time.monotonic() < end, "reviewers hang"
        assert all(process.exitcode is None for process in staff.others), "ingest or reader ended"
        assert all(process.exitcode in (None, 0) for process in staff.reviewers)
        now = read_kept(ledger)
        for table, rows in before.items():
            assert now[table][: len(rows)] == rows, f"{table} lost a row, or one is another"
        before = now
        if staff.kills < KILLS:
            staff.kill(chance.randrange(REVIEWERS))
        time.sleep(chance.uniform(0.05, 0.3))


def require_kept(staff: Staff, kept: dict[str, list[Row]]) -> Counter[str]:
    """What anybody was told is done is in the ledger, once; returns how often what was done."""
    acts: Counter[str] = Counter()
    found = {row["number"]: row for row in kept["reviews"]}
    ruled = Counter(row["dispute"] for row in kept["rulings"])
    raised = {row["number"]: row["by"] for row in kept["disputes"]}
    for place in range(REVIEWERS):
        who = f"{clinic.name_of(place)}@{clinic.DOMAIN}"
        for line in staff.clinic.read(clinic.name_of(place)):
            acts[line["act"]] += 1
            if line["act"] in ("judge", "correct"):
                row = found[line["number"]]
                assert (row["by"], row["case"], row["harm"]) == (who, line["case"], line["harm"])
            elif line["act"] == "dispute":
                assert raised[line["number"]] == who
            elif line["act"] == "rule":
                assert ruled[line["number"]] == 1
    first = Counter((row["case"], row["by"]) for row in kept["reviews"] if not row["supersedes"])
    assert set(first.values()) == {1}, "someone judged a case twice"
    assert first.total() - acts["judge"] in range(staff.kills + 1), "whoever was killed said less"
    assert set(ruled.values()) <= {1}
    return acts


def require_last(shown: Shown, ledger: Ledger, wrong: int) -> None:
    """The last snapshot holds just what is done, and all of it."""
    public = find_public_reviews(ledger)
    assert len(public.judged_cases) == wrong
    assert Counter((one.case, one.reviewer, one.comment) for one in public.case_reviews) == Counter(
        (row["case_number"], row["reviewer"], row["comment"]) for row in shown.said
    )
    assert [(one.case, one.harm) for one in public.judged_cases] == sorted(
        (row["case_number"], row["harm"]) for row in shown.judged
    )
    assert [(one.number, one.state) for one in public.key_disputes] == sorted(
        (row["number"], row["state"]) for row in shown.disputed
    )


def tell_figures(staff: Staff, acts: Counter[str], seconds: float, told: int) -> None:
    lines = [
        line
        for place in range(REVIEWERS)
        for line in staff.clinic.read(clinic.name_of(place))
        if line["act"] in ("take", "draft", "judge", "correct", "dispute", "rule")
    ]
    longest = max(lines, key=lambda line: line["seconds"])
    published, asked = (staff.clinic.read(who) for who in ("ingest", "reader"))
    slowest = max(asked, key=lambda line: line["seconds"])
    print(
        f"\n{staff.clinic.address.split(':')[0]}: {dict(acts)} in {seconds:.0f} s, "
        f"{acts['judge'] / seconds:.1f} reviews a second; {staff.kills} kills; the longest wait "
        f"{longest['seconds']:.2f} s ({longest['act']}); {told} snapshots, "
        f"{max(line['seconds'] for line in published):.2f} s at most; {len(asked)} queries, "
        f"{slowest['seconds']:.2f} s at most ({slowest['act']})."
    )


def test_what_twenty_reviewers_say_is_published_whole_once_and_no_sooner_than_it_is_done(
    place: Clinic, ledger: Ledger
) -> None:
    wrong = find_wrong()
    drawn = [one for one in wrong if one.run_id == wrong[0].run_id]
    drawing.draw(ledger, Population(drawn, [1.0] * len(drawn), 92), 20, MAINTAINER)
    begun = time.monotonic()
    staff = clinic.open_clinic(place, wrong, REVIEWERS)
    try:
        watch_and_kill(staff, ledger)
        seconds = time.monotonic() - begun
    finally:
        place.ended.set()
        for process in (*staff.reviewers, *staff.others):
            process.join(60)
    assert [process.exitcode for process in (*staff.reviewers, *staff.others)] == [0] * 22
    with loading.open_draft("the last"):
        pass
    kept = read_kept(ledger)
    acts = require_kept(staff, kept)
    told = [read_shown(snapshot) for snapshot in clinic.all_snapshots()]
    for shown in told:
        assert shown.breaches == []
        require_private(shown)
        require_true(shown, kept)
    require_stable(told, REVIEWERS)
    require_last(told[-1], ledger, len(wrong))
    assert list(verification.find_faults()) == []
    tell_figures(staff, acts, seconds, len(told))
    assert staff.kills > REVIEWERS
