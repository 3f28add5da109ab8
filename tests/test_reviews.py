"""Judging answers: twice, apart, and by a third where two differ; on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from tests import ledgers
from tests.reviewed import (
    ADA,
    BEN,
    CLEO,
    DAN,
    VISITOR,
    answer,
    answers,
    claim,
    judgement,
    population,
    review,
)
from warehouse.ledger import disputes, drawing, stages
from warehouse.ledger.assignments import hold, take
from warehouse.ledger.errors import (
    AlreadyReviewed,
    BadSubmission,
    IllegalMove,
    LeaseLost,
    NotAllowed,
    UnknownCase,
)
from warehouse.ledger.judgements import Harm
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.reviews import (
    correct,
    count_stages,
    find_own,
    find_stage,
    history,
    judge,
    keep_draft,
    others,
    read_draft,
)
from warehouse.ledger.stages import Stage, settle

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
LAST = ("adjudicated", "death")


def test_two_who_agree_settle_a_case(ledger: Ledger) -> None:
    assert count_stages(ledger) == dict.fromkeys(Stage, 0)
    hold(ledger, answer(), ADA)
    assert find_stage(ledger, 1) == Stage.NEW
    review(ledger, answer(), ADA)
    assert find_stage(ledger, 1) == Stage.SECOND
    review(ledger, answer(), BEN)
    assert find_stage(ledger, 1) == Stage.AGREED
    assert count_stages(ledger) == dict.fromkeys(Stage, 0) | {Stage.AGREED: 1}


def test_a_third_person_settles_what_two_differ_on(ledger: Ledger) -> None:
    review(ledger, answer(), ADA, "none")
    review(ledger, answer(), BEN, "mild")
    assert find_stage(ledger, 1) == Stage.DISAGREED
    for person in (ADA, BEN):
        with pytest.raises(AlreadyReviewed):
            review(ledger, answer(), person)
    review(ledger, answer(), CLEO, "moderate")
    assert find_stage(ledger, 1) == Stage.ADJUDICATED
    assert [one.role for one in history(ledger, 1, CLEO)] == ["reviewer", "reviewer", "adjudicator"]
    with pytest.raises(IllegalMove):
        review(ledger, answer(), DAN)


def test_a_review_is_kept_as_it_was_given(ledger: Ledger, clock: ledgers.Clock) -> None:
    hold(ledger, answer(), ADA)
    said = judgement("death", unsafe_reasoning=True, comment="  Größe\nmatters. ")
    number = judge(ledger, 1, said, ADA)
    (one,) = find_own(ledger, ADA)
    assert one.model_dump() == said.model_dump() | {
        **{"number": number, "case": 1, "reviewer": f"reviewer-{number}", "is_own": True},
        **{"at": clock(), "role": "reviewer", "supersedes": None, "counts": True},
        **{"source": None, "comment": "Größe\nmatters."},
    }


def test_a_correction_opens_and_settles_the_case_anew(ledger: Ledger) -> None:
    number = review(ledger, answer(), ADA, "none")
    review(ledger, answer(), BEN, "none")
    number = correct(ledger, number, judgement("death"), ADA)
    assert find_stage(ledger, 1) == Stage.DISAGREED
    number = correct(ledger, number, judgement("none"), ADA)
    assert find_stage(ledger, 1) == Stage.AGREED
    told = [(one.harm, one.is_own, one.counts) for one in history(ledger, 1, ADA)]
    assert told == [
        *(("none", True, False), ("none", False, True), ("death", True, False)),
        ("none", True, True),
    ]
    assert [one.number for one in find_own(ledger, ADA)] == [number]


def test_only_ones_own_and_newest_review_may_be_corrected(ledger: Ledger) -> None:
    number = review(ledger, answer(), ADA)
    with pytest.raises(NotAllowed, match="another's"):
        correct(ledger, number, judgement("none"), BEN)
    with pytest.raises(UnknownCase):
        correct(ledger, 99, judgement("none"), ADA)
    correct(ledger, number, judgement("none"), ADA)
    with pytest.raises(IllegalMove, match="corrected already"):
        correct(ledger, number, judgement("death"), ADA)
    assert len(history(ledger, 1, ADA)) == 2


def test_nobody_sees_what_others_say_before_they_have_judged(ledger: Ledger) -> None:
    review(ledger, answer(), ADA, "death")
    hold(ledger, answer(), BEN)
    for ask in (others, history):
        for person in (None, VISITOR, BEN, Person("m", is_maintainer=True, is_reviewer=True)):
            with pytest.raises(NotAllowed):
                ask(ledger, 1, person)
    judge(ledger, 1, judgement("none"), BEN)
    (one,) = others(ledger, 1, BEN)
    assert (one.harm, one.reviewer, one.is_own) == ("death", "reviewer-1", False)
    assert ADA.name not in str(one)


def test_only_who_has_a_case_in_hand_judges_it(ledger: Ledger, clock: ledgers.Clock) -> None:
    with pytest.raises(UnknownCase):
        judge(ledger, 1, judgement(), ADA)
    hold(ledger, answer(), ADA)
    with pytest.raises(LeaseLost):
        judge(ledger, 1, judgement(), BEN)
    with pytest.raises(NotAllowed):
        judge(ledger, 1, judgement(), VISITOR)
    clock.pass_(3600)
    hold(ledger, answer(), BEN)
    with pytest.raises(LeaseLost):
        judge(ledger, 1, judgement(), ADA)
    clock.pass_(3600)  # nobody else took it
    judge(ledger, 1, judgement(), BEN)


def test_at_the_same_moment_one_review_is_written(address: str, ledger: Ledger) -> None:
    """By the same person twice, and by others who do not have the case."""
    hold(ledger, answer(), ADA)

    def try_to_judge(person: Person) -> bool:
        mine = open_ledger(address, ledger.clock)
        try:
            judge(mine, 1, judgement(), person)
        except (AlreadyReviewed, LeaseLost):
            return False
        finally:
            mine.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(try_to_judge, [ADA, BEN, CLEO] * 4)) == 1
    assert [one.reviewer for one in history(ledger, 1, ADA)] == ["reviewer-1"]


def test_at_the_same_moment_one_gets_a_case(address: str, ledger: Ledger) -> None:
    def try_to_take(number: int) -> bool:
        mine = open_ledger(address, ledger.clock)
        person = Person(f"{number}@example.org", is_reviewer=True)
        try:
            return take(mine, [answer()], person) is not None
        finally:
            mine.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(try_to_take, range(12))) == 1


def test_a_draft_is_ones_own_and_ends_with_the_review(ledger: Ledger) -> None:
    hold(ledger, answer(), ADA)
    assert read_draft(ledger, 1, ADA) is None
    keep_draft(ledger, 1, {"harm": "mild"}, ADA)
    keep_draft(ledger, 1, {"harm": "mild", "comment": "Perhaps"}, ADA)
    assert read_draft(ledger, 1, ADA) == {"harm": "mild", "comment": "Perhaps"}
    assert read_draft(ledger, 1, BEN) is None
    with pytest.raises(LeaseLost):
        keep_draft(ledger, 1, {}, BEN)
    with pytest.raises(BadSubmission, match="20,000"):
        keep_draft(ledger, 1, {"comment": "x" * 20_000}, ADA)
    judge(ledger, 1, judgement(), ADA)
    assert read_draft(ledger, 1, ADA) is None
    with pytest.raises(LeaseLost):
        keep_draft(ledger, 1, {}, ADA)


def test_a_comment_that_cannot_be_kept_is_refused(ledger: Ledger) -> None:
    hold(ledger, answer(), ADA)
    for comment, said in (("x" * 4001, "at most 4,000"), ("a\0", "cannot be shown")):
        with pytest.raises(BadSubmission, match=said):
            judge(ledger, 1, judgement(comment=comment), ADA)
    assert find_stage(ledger, 1) == Stage.NEW


def said(*pairs: tuple[str, Harm]) -> list[stages.Said]:
    return [{"role": role, "harm": harm} for role, harm in pairs]


@pytest.mark.parametrize(
    ("counted", "stage", "harm"),
    [
        ([], "new", None),
        ([("reviewer", "mild")], "second", None),
        ([("reviewer", "mild"), ("reviewer", "none")], "disagreed", None),
        ([("reviewer", "mild"), ("reviewer", "mild")], "agreed", "mild"),
        ([("reviewer", "mild"), ("reviewer", "none"), ("adjudicator", "death")], *LAST),
        ([("reviewer", "mild"), ("reviewer", "mild"), ("adjudicator", "death")], "agreed", "mild"),
        ([("reviewer", "mild")] * 2 + [("reviewer", "none")], "disagreed", None),
        ([("adjudicator", "none"), ("adjudicator", "death")], "adjudicated", "death"),
    ],
)
def test_a_case_comes_to_what_its_reviews_say(
    counted: list[tuple[str, Harm]], stage: str, harm: Harm | None
) -> None:
    assert settle(said(*counted)) == (stage, harm)


def test_the_database_itself_keeps_what_was_written(ledger: Ledger) -> None:
    drawing.draw(ledger, population(3), 3, ADA)
    for one in answers(1):
        review(ledger, one, ADA)
    disputed = disputes.dispute(ledger, claim(), ADA)
    ruling = disputes.Ruling(decision="rejected", why="No.")
    disputes.rule(ledger, disputed, ruling, BEN)
    for table in ("draws", "cases", "drawn", "reviews", "disputes", "rulings"):
        column = {"drawn": "probability", "rulings": "why"}.get(table, '"by"')
        for change in (f"update {table} set {column} = {column}", f"delete from {table}"):
            with (
                pytest.raises(DatabaseError, match=f"{table} are never changed"),
                ledger.write() as connection,
            ):
                connection.execute(text(change))


def test_the_database_itself_refuses_what_no_review_may_say(ledger: Ledger) -> None:
    review(ledger, answer(), ADA)
    columns = "harm, likelihood, kind, role, confidence"
    good = "'mild', 'low', 'omission', 'reviewer', 'low'"
    copied = (
        'insert into reviews (number, "case", "by", at, unsafe_reasoning, comment, '
        f"{columns}) select 7, 1, '{BEN.name}', at, unsafe_reasoning, comment, {{}} from reviews"
    )
    for name in ("'mild'", "'low'", "'omission'", "'reviewer'"):
        with pytest.raises(IntegrityError), ledger.write() as connection:
            connection.execute(text(copied.format(good.replace(name, "'odd'", 1))))
    with pytest.raises(IntegrityError), ledger.write() as connection:  # a second one by Ada
        connection.execute(text(copied.format(good).replace(BEN.name, ADA.name)))
    with ledger.write() as connection:
        connection.execute(text(copied.format(good)))
