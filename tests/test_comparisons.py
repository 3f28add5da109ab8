"""From answer sheets to the differences and shared mistakes of chosen runs."""

import polars as pl
import pytest

from warehouse import comparisons

KEYS = pl.DataFrame(
    {
        "task": ["one"] * 4 + ["two"] * 2,
        "gold": list("AAAABB"),
        "cluster_id": ["one/0", "one/0", "one/2", "two/0", "two/0", "two/1"],
    }
)


def sheets_of(**picks: dict[str, str]) -> pl.DataFrame:
    rows = [(run, task, text) for run, tasks in picks.items() for task, text in tasks.items()]
    sheets = pl.DataFrame(rows, schema=["run_id", "task", "picks"], orient="row")
    return sheets.with_columns(shares=pl.lit(None, pl.List(pl.Float64)))


SHEETS = sheets_of(
    a={"one": "AABC", "two": "BB"}, b={"one": "BBA-", "two": "BA"}, c={"one": "AC  "}
)


def test_each_run_is_compared_with_the_first_where_both_answered() -> None:
    found = comparisons.compare_runs(SHEETS, KEYS, ["a", "b", "c"])
    facts = found.select("run_id", "task", "n", "only_one", "only_other", "same_cluster")
    assert facts.rows() == [
        ("b", "one", 4, 2, 1, 2),
        ("b", "two", 2, 1, 0, 0),
        ("c", "one", 2, 1, 0, 2),
    ]
    assert found["difference"].to_list() == [-0.25, -0.5, -0.5]
    assert found["p_value"].to_list() == [1, 1, 1]  # two questions of one cluster vote once
    assert found.schema == comparisons.DIFFERENCES


def test_the_first_is_the_one_that_is_named_first() -> None:
    found = comparisons.compare_runs(SHEETS, KEYS, ["c", "a"])
    assert found.select("run_id", "n", "only_one", "only_other").rows() == [("a", 2, 0, 1)]


def test_all_comparisons_are_corrected_together() -> None:
    keys = pl.DataFrame(
        {"task": ["one"] * 8, "gold": ["A"] * 8, "cluster_id": [str(n) for n in range(8)]}
    )
    sheets = sheets_of(a={"one": "A" * 8}, b={"one": "B" * 8}, c={"one": "A" * 7 + "B"})
    found = comparisons.compare_runs(sheets, keys, ["a", "b", "c"])
    assert found["p_value"].to_list() == pytest.approx([2 / 2**8, 1])
    assert found["corrected"].to_list() == pytest.approx([4 / 2**8, 1])
    assert found["detectable"].null_count() == 1


def test_runs_without_a_question_in_common_have_no_row() -> None:
    sheets = sheets_of(a={"one": "AAAA"}, b={"two": "BB"})
    found = comparisons.compare_runs(sheets, KEYS, ["a", "b"])
    assert (found.height, found.schema) == (0, comparisons.DIFFERENCES)


def test_mistakes_are_matched_in_the_order_of_the_runs() -> None:
    found = comparisons.match_runs(SHEETS, KEYS, ["b", "a", "c"])
    assert found.both_wrong.tolist() == [[3, 0, 1], [0, 2, 0], [1, 0, 1]]
    assert found.same_pick.tolist() == [[3, 0, 0], [0, 2, 0], [0, 0, 1]]


def test_the_average_is_compared_where_both_answered_all_of_it() -> None:
    whole = sheets_of(
        a={"one": "AABC", "two": "BB"}, b={"one": "BBAA", "two": "BA"}, c={"one": "AC  "}
    )
    found = comparisons.compare_runs(whole, KEYS, ["a", "b", "c"], ["one", "two"])
    assert found.select("run_id", "task").rows() == [
        ("b", "average"), ("b", "one"), ("b", "two"), ("c", "one")
    ]  # fmt: skip
    first = found.row(0, named=True)
    assert (first["n"], first["only_one"], first["only_other"]) == (6, 3, 2)
    assert first["difference"] == pytest.approx((0 - 0.5) / 2)
    assert comparisons.compare_runs(whole, KEYS, ["a", "b"], ["one", "x"]).height == 2
