"""Reviewers as processes at one ledger, and what must be so when all of them are done."""

import os
from collections import Counter
from collections.abc import Sequence

from tests.forks import FORKS, take_on
from tests.reviewed import answers, judgement
from warehouse.ledger import assignments, reviews
from warehouse.ledger.cases import find_cases
from warehouse.ledger.errors import AlreadyReviewed
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.review_public import Public, find_public_reviews
from warehouse.ledger.stages import Stage

MODELS = ("acme/one", "acme/two", "acme/three")
DIFFER = 5  # every such case the second reviewer differs on


def harm_of(place: int, role: int) -> str:
    """What the reviewer who comes so many-th says of the answer in a place."""
    return "mild" if place % DIFFER == 0 and role == 1 else "severe"


def review_all(address: str, name: str, count: int) -> int:
    """Judge until nothing is left for this reviewer, each case with a second click."""
    mine, me, judged = open_ledger(address), Person(name, is_reviewer=True), 0
    candidates = [one for model in MODELS for one in answers(count, model)]
    while case := assignments.take(mine, candidates, me):
        reviews.keep_draft(mine, case.number, {"harm": "mild"}, me)
        before = reviews.find_stage(mine, case.number)
        role = (Stage.NEW, Stage.SECOND, Stage.DISAGREED).index(before)
        said = judgement(harm_of(int(case.sample_id[-5:]), role))
        reviews.judge(mine, case.number, said, me)
        judged += 1
        try:
            reviews.judge(mine, case.number, said, me)
        except AlreadyReviewed:
            continue
        raise AssertionError("a second click was taken")
    mine.close()
    return judged


def copy_reviews(address: str, cases: int) -> int:
    """Read what ingest reads, again and again until all is done; how often."""
    mine, before, times = open_ledger(address), Public([], [], []), 0
    while len(before.judged_cases) < cases:
        now = find_public_reviews(mine)
        assert {*before.judged_cases} <= {*now.judged_cases}
        assert {*before.case_reviews} <= {*now.case_reviews}
        assert {one.case for one in now.case_reviews} == {one.case for one in now.judged_cases}
        before, times = now, times + 1
    mine.close()
    return times


def crowd(address: str, ledger: Ledger, reviewers: int, count: int) -> None:
    """So many reviewers at `count` answers of each model at once, while another process copies."""
    names = [f"{number}@clinic.example.org" for number in range(reviewers)]
    cases = count * len(MODELS)
    with FORKS.Pool(reviewers + 1, take_on, [dict(os.environ)]) as pool:
        copies = pool.apply_async(copy_reviews, (address, cases))
        judged = pool.starmap(review_all, [(address, name, count) for name in names])
        # whoever found nothing left may have gone before another gave them something to do
        judged += [review_all(address, name, count) for name in names]
        assert copies.get(120) > 0
    require_all_done(ledger, judged, count)


def require_all_done(ledger: Ledger, judged: Sequence[int], count: int) -> None:
    found, public = find_cases(ledger), find_public_reviews(ledger)
    assert len(found) == len(public.judged_cases) == count * len(MODELS)
    assert len(public.case_reviews) == sum(judged)
    said = Counter(one.case for one in public.case_reviews)
    assert len({(one.case, one.reviewer) for one in public.case_reviews}) == said.total()
    for case in public.judged_cases:
        differs = int(case.sample_id[-5:]) % DIFFER == 0
        assert said[case.case] == (3 if differs else 2)
        assert (case.settled, case.harm) == ("adjudicated" if differs else "agreed", "severe")
