"""Reviewers, an ingest and a reader as processes at one ledger; each keeps a journal of its acts.

A line is written after the ledger has answered, so that who is killed has said too little, and
never too much.
"""

import json
import os
import random
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from ingest import loading
from tests.forks import fork
from tests.reviewed import claim, judgement
from tests.stress.journals import Desk, Flag, Journal
from warehouse import db, locating, snapshots
from warehouse.ledger import assignments, disputes, reviews
from warehouse.ledger.cases import Case, Mistake
from warehouse.ledger.errors import AlreadyReviewed, IllegalMove, LedgerOutOfReach, NotAllowed
from warehouse.ledger.judgements import HARMS
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.stages import DONE

DOMAIN, SECRET = "clinic.example.org", "half a thought"
PATIENCE = 400  # seconds in which all is to be done
QUERIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("judged_cases", {}),
    ("all_reviews", {}),
    ("all_disputes", {}),
    ("leaderboard_rows", {}),
    ("error_counts", {"run_ids": (), "models": (), "lanes": ()}),
    ("safety_board", {"lane": "loglikelihood-0shot", "board": "sample"}),
    ("key_changes", {"lane": "loglikelihood-0shot"}),
)


@dataclass(frozen=True)
class Clinic:
    """Where all of it happens."""

    data: Path
    address: str
    """Of the ledger."""
    ended: Flag

    def enter(self, who: str) -> Journal:
        """Have this process work here."""
        os.environ["LEADERBOARD_DATA"] = str(self.data)
        os.environ["LEADERBOARD_LEDGER"] = self.address
        return Journal(self.data / f"journal.{who}")

    def read(self, who: str) -> list[dict[str, Any]]:
        """What one wrote down; a line that a kill left half is none."""
        path = self.data / f"journal.{who}"
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith("}")]


def name_of(place: int) -> str:
    return f"reviewer.{place}"


def comment_of(case: int, place: int) -> str:
    """It is told of each comment whose and of which case it is, if it gets where it should not."""
    return f"said of {case} by {place}."


def review_all(clinic: Clinic, place: int, sitting: int, answers: Sequence[Mistake]) -> None:
    """Judge until everything is done; one whom the others keep waiting too long tries again."""
    journal, chance = clinic.enter(name_of(place)), random.Random(f"{place} {sitting}")
    me = Person(f"{name_of(place)}@{DOMAIN}", is_reviewer=True)
    desk = Desk(clinic.data, name_of(place))
    with closing(open_ledger(clinic.address)) as ledger:
        while not clinic.ended.is_set():
            try:
                case = take(ledger, desk, (journal, me), answers)
                if case is None and is_done(ledger, len(answers)):
                    return
                if case is None:
                    time.sleep(0.1)  # others may give one something to do
                elif chance.random() < 0.05:
                    assignments.give_back(ledger, case.number, me)
                else:
                    judge(ledger, case, place, (journal, chance, me))
            except LedgerOutOfReach:
                journal.note(act="away", seconds=0)


def take(
    ledger: Ledger, desk: Desk, who: tuple[Journal, Person], answers: Sequence[Mistake]
) -> Case | None:
    """Have a case on the desk, and half a thought on it kept."""
    journal, me = who
    with journal.timed("take"):
        case = assignments.take(ledger, answers, me)
    if case:
        desk.put(case.number)
        with journal.timed("draft"):
            reviews.keep_draft(ledger, case.number, {"comment": f"{SECRET} {me.name}"}, me)
        desk.clear(case.number)
    return case


def is_done(ledger: Ledger, cases: int) -> bool:
    counts = reviews.count_stages(ledger)
    return sum(counts[stage] for stage in DONE) == cases


def judge(
    ledger: Ledger, case: Case, place: int, who: tuple[Journal, random.Random, Person]
) -> None:
    """Judge a case with a second click; now and then correct it, dispute its key, or rule."""
    journal, chance, me = who
    harm = chance.choice(HARMS[2:4])
    said = judgement(harm, comment=comment_of(case.number, place))
    with journal.timed("judge") as facts:
        facts["number"] = reviews.judge(ledger, case.number, said, me)
        facts |= {"case": case.number, "harm": harm}
    try:
        reviews.judge(ledger, case.number, said, me)
    except AlreadyReviewed:
        pass
    else:
        raise AssertionError(f"case {case.number} was judged twice by {me.name}")
    if chance.random() < 0.1:
        with journal.timed("correct") as changed:
            again = said.model_copy(update={"harm": chance.choice(HARMS[2:4])})
            changed["number"] = reviews.correct(ledger, facts["number"], again, me)
            changed |= {"case": case.number, "harm": again.harm}
    with suppress(IllegalMove, NotAllowed):  # it is disputed or ruled already, or one's own
        if chance.random() < 0.05:
            facts = case.model_dump(include={"task", "sample_id", "gold"})
            with journal.timed("dispute") as raised:
                raised["number"] = disputes.dispute(
                    ledger, claim(case.prediction or "", **facts), me
                )
        elif chance.random() < 0.05 and (found := open_disputes(ledger)):
            with journal.timed("rule") as ruled:
                ruled["number"] = rule(ledger, chance.choice(found), me)


def open_disputes(ledger: Ledger) -> list[disputes.Dispute]:
    return [one for one in disputes.find_disputes(ledger) if one.state == "open"]


def rule(ledger: Ledger, one: disputes.Dispute, me: Person) -> int:
    if one.number % 2:
        ruling = disputes.Ruling(decision="rejected", why="It stays.")
    else:
        ruling = disputes.Ruling(decision="upheld", letters=one.wanted, why="So it is.")
    disputes.rule(ledger, one.number, ruling, me)
    return one.number


def publish_on(clinic: Clinic) -> None:
    """Publish what the ledger says, again and again."""
    journal = clinic.enter("ingest")
    while not clinic.ended.is_set():
        with journal.timed("publish"), loading.open_draft("reviews"):
            pass


def read_on(clinic: Clinic) -> None:
    """Ask what the dashboard asks of whichever snapshot is in use."""
    journal = clinic.enter("reader")
    while not clinic.ended.is_set():
        with closing(db.open_warehouse()) as warehouse:
            for query, parameters in QUERIES:
                with journal.timed(query):
                    warehouse.ask(query, **parameters)


@dataclass
class Staff:
    """All processes, and what becomes of them."""

    clinic: Clinic
    answers: Sequence[Mistake]
    reviewers: list[ForkServerProcess]
    others: list[ForkServerProcess]
    kills: int = 0

    def hire(self, place: int) -> ForkServerProcess:
        return fork(review_all, self.clinic, place, self.kills, self.answers)

    def kill(self, place: int) -> None:
        """SIGKILL, wherever it is, and start it anew; who has finished stays so."""
        process = self.reviewers[place]
        if process.exitcode is None:
            process.kill()
            process.join()
            self.kills += 1
            self.reviewers[place] = self.hire(place)


def open_clinic(clinic: Clinic, answers: Sequence[Mistake], reviewers: int) -> Staff:
    staff = Staff(clinic, answers, [], [])
    for target in (publish_on, read_on):
        staff.others.append(fork(target, clinic))
    staff.reviewers += [staff.hire(place) for place in range(reviewers)]
    return staff


def all_snapshots() -> list[snapshots.Snapshot]:
    return list(locating.file_store().all())
