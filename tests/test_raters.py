"""Agreement of reviewers: published examples, by hand, and by the libraries that know it."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from warehouse.statistics.raters import (
    FEWEST,
    MISSING,
    Agreement,
    find_alpha,
    find_kappas,
    kappas,
    tabulate,
)

NAN = MISSING
KRIPPENDORFF = np.array(
    [  # his example of four observers of twelve units, numbered from 0
        [0, 1, 2, 2, 1, 0, 3, 0, 1, NAN, NAN, NAN],
        [0, 1, 2, 2, 1, 1, 3, 0, 1, 4, NAN, 2],
        [NAN, 2, 2, 2, 1, 2, 3, 1, 1, 4, 0, NAN],
        [0, 1, 2, 2, 1, 3, 3, 0, 1, 4, 0, NAN],
    ]
)


@pytest.mark.parametrize(("ordered", "published"), [(False, 0.743), (True, 0.815)])
def test_alpha_is_that_of_its_author(ordered: bool, published: float) -> None:
    """Computing Krippendorff's alpha-reliability (2011), section E."""
    found = find_alpha(KRIPPENDORFF, 5, ordered=ordered)
    assert found.cases == 11
    assert found.value == pytest.approx(published, abs=5e-4)
    assert found.value
    assert found.low
    assert found.high
    assert found.low < found.value < found.high <= 1


def test_kappa_is_the_published_one() -> None:
    """Cohen (1960), table 1: 200 subjects, three diagnoses, kappa 0.492."""
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    pairs = np.repeat(np.indices((3, 3)).reshape(2, -1), table.ravel(), axis=1)
    found = find_kappas(pairs, 3, ordered=False)[0, 1]
    assert found.cases == 200
    assert found.value == pytest.approx(0.492, abs=5e-4)
    reach = 1.96 * 0.0525  # by the standard error of Fleiss, Cohen & Everitt (1969)
    assert found.low == pytest.approx(0.492 - reach, abs=0.02)
    assert found.high == pytest.approx(0.492 + reach, abs=0.02)


@pytest.mark.parametrize("ordered", [False, True])
def test_resampled_kappas_are_those_of_the_library(ordered: bool) -> None:
    chance = np.random.default_rng(1)
    weights = "linear" if ordered else None
    for _ in range(20):
        table = chance.integers(0, 6, size=(5, 5))
        pairs = np.repeat(np.indices((5, 5)).reshape(2, -1), table.ravel(), axis=1)
        expected = cohen_kappa_score(*pairs, labels=range(5), weights=weights)
        assert kappas(table[np.newaxis], ordered)[0] == pytest.approx(expected)


def test_a_near_miss_is_less_of_a_disagreement_where_order_counts() -> None:
    first = np.arange(20) % 5
    near = np.stack([first, np.minimum(first + 1, 4)])
    far = np.stack([first, np.where(first == 4, 4, 4 - first)])
    by_order, plain = (
        [find_kappas(ratings, 5, ordered=ordered)[0, 1].value for ratings in (near, far)]
        for ordered in (True, False)
    )
    assert plain == pytest.approx([0, 0.25])  # 4 of 20, and 8
    assert by_order == pytest.approx([0.5, 0])  # 0.8 apart of 1.6 by chance, and 1.6 of 1.6


def test_pairs_share_what_both_judged() -> None:
    ratings = np.full((3, 30), MISSING)
    ratings[0, :20] = ratings[1, 5:25] = 1
    ratings[0, 7] = ratings[1, 7] = 0
    found = find_kappas(ratings, 2, ordered=False)
    assert found.keys() == {(0, 1)}  # the third judged nothing
    assert (found[0, 1].cases, found[0, 1].value) == (15, 1)


@pytest.mark.parametrize("cases", [0, FEWEST - 1])
def test_too_few_cases_give_no_number(cases: int) -> None:
    ratings = np.stack([np.arange(cases) % 2] * 2)
    nothing = Agreement(cases, None, None, None)
    assert find_alpha(ratings, 2, ordered=False) == nothing
    assert find_kappas(ratings, 2, ordered=False) == ({(0, 1): nothing} if cases else {})


def test_reviewers_who_always_say_the_same_show_no_agreement() -> None:
    ratings = np.ones((2, 40), np.int64)
    nothing = Agreement(40, None, None, None)
    assert find_alpha(ratings, 5, ordered=True) == nothing
    assert find_kappas(ratings, 5, ordered=True)[0, 1] == nothing


def test_reviews_become_a_table_of_reviewers_and_cases() -> None:
    names, ratings = tabulate([(7, "reviewer-2", 4), (3, "reviewer-1", 0), (7, "reviewer-1", 3)])
    assert names == ["reviewer-1", "reviewer-2"]
    assert ratings.tolist() == [[0, 3], [MISSING, 4]]
