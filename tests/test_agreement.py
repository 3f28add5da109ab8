"""Which runs make the same mistakes: by hand."""

import numpy as np
import pytest
from scipy import stats

from warehouse.sheets import read_letters
from warehouse.statistics.agreement import find_chance, match_mistakes, order_alike

KEY = read_letters("AAAAAA")


def test_only_wrong_picks_of_both_count() -> None:
    """Right, unreadable and unanswered questions are no mistake to share."""
    sheets = np.stack([read_letters("BBCA- "), read_letters("BCCBB-"), read_letters("AAAAAA")])
    found = match_mistakes(sheets, KEY)
    assert found.both_wrong.tolist() == [[3, 3, 0], [3, 5, 0], [0, 0, 0]]
    assert found.same_pick.tolist() == [[3, 2, 0], [2, 5, 0], [0, 0, 0]]
    assert found.shares[0].tolist()[:2] == [1, 2 / 3]
    assert np.isnan(found.shares[:, 2]).all()


def test_runs_that_agree_stand_together() -> None:
    shares = np.full((5, 5), 0.3)
    for alike in ((0, 3), (1, 4)):
        shares[np.ix_(alike, alike)] = 0.9
    places = order_alike(shares).tolist()
    assert sorted(places) == [0, 1, 2, 3, 4]
    assert abs(places.index(0) - places.index(3)) == abs(places.index(1) - places.index(4)) == 1


def test_runs_without_a_shared_mistake_still_have_a_place() -> None:
    assert order_alike(np.full((2, 2), np.nan)).tolist() == [0, 1]
    assert sorted(order_alike(np.full((4, 4), np.nan)).tolist()) == [0, 1, 2, 3]


def test_chance_is_that_of_a_binomial_test_for_each_pair_looked_at() -> None:
    expected = stats.binomtest(60, 100, 0.4, alternative="greater").pvalue
    assert find_chance(60, 100, 0.4, 15) == pytest.approx(15 * expected)
    assert find_chance(41, 100, 0.4, 15) == find_chance(0, 100, 0.4, 15) == 1
