"""From the warehouse's frames to the lines of a table."""

import csv
import io
from typing import Any

import polars as pl
import pytest

from dashboard import cases, columns, error_columns, harm_scores, places, tables
from dashboard.column_words import COLUMNS
from warehouse.text import as_csv

ENTRY: dict[str, Any] = {
    "entry": "run-1",
    "origin": "evaluated",
    "model": "acme/likely-7b",
    "revision": "abc123",
    "precision": "bfloat16",
    "lane": "loglikelihood-0shot",
    "type": "open weights",
    "parameters": 7_000_000_000,
    "tasks_complete": 9,
    "partial_tasks": [],
    "overlapping": [],
    "average": 0.5,
    "average_low": 0.488,
    "average_high": 0.512,
    "medqa_4options": 0.05,
    "medqa_4options_low": 0.04,
    "medqa_4options_high": 0.0606,
    "answered": 7045,
    "unreadable": 3,
    "always_right": 0.4,
    "agreement": 0.9,
    "tokens_per_answer": 12.5,
    "cost_per_1000": 0.5,
    "suspect": False,
    "note": None,
    "flag": None,
    "source_url": None,
    "run_id": "run-1",
    "headline": True,
    "board": "nine",
    "licence": "apache-2.0",
    "architecture": "LlamaForCausalLM",
    "weighted_average": 0.61,
    "deduplicated_average": 0.62,
}


REPEATS = pl.DataFrame(
    {name: ["x"] for name in ("order", "draw", "pick", "result", "ended")}
    | {name: [1] for name in ("confidence", "written_tokens")}
)


def entries(*changes: dict[str, Any]) -> pl.DataFrame:
    rows = [ENTRY | change for change in changes]
    types: dict[str, pl.DataType] = dict.fromkeys(
        ("partial_tasks", "overlapping"), pl.List(pl.String())
    )
    types["flag"] = pl.String()
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=types)


def ranked_rows(*changes: dict[str, Any], pins: tuple[str, ...] = ()) -> pl.DataFrame:
    """These entries as the page shows them, by average, where no rank intervals are known."""
    ranked = places.rank(entries(*changes), "average")
    return places.pin(ranked, pl.lit(value=True), [*pins])


def test_a_line_of_the_leaderboard_reads_as_a_person_writes() -> None:
    rows = harm_scores.as_cells(
        harm_scores.add_scores(ranked_rows({}), harm_scores.SCHEMA.to_frame())
    )
    lines = tables.leaderboard_rows(rows, ["medqa_4options"], [*tables.FACTS], nine=True)
    assert lines.row(0, named=True) == {
        "rank": "   1",
        "model": "acme/likely-7b",
        "tier": None,
        "average": 50.0,
        "margin": "±1.2",
        "tasks": "9 of 9",
        "mark": None,
        "medqa_4options": "  5.0 ±1.0",
        "weighted_average": 61.0,
        "deduplicated_average": 62.0,
        "best_share": None,
        "type": "open weights",
        "size": "7B",
        "precision": "bfloat16",
        "licence": "apache-2.0",
        "architecture": "LlamaForCausalLM",
        "answered": 7045,
        "unreadable": 3,
        "always_right": 40.0,
        "agreement": 90.0,
        "tokens_per_answer": 12.5,
        "cost_per_1000": 0.5,
        "harm_score": "0 of 30 judged",
        "severe_per_100": "0 of 30 judged",
        "reviewed": None,
        "source": None,
        "doubt": None,
        "flag": None,
    }


@pytest.mark.parametrize(
    ("suspect", "mark", "doubt"), [(False, "published", None), (True, "doubtful", "a note")]
)
def test_a_published_score_is_marked(suspect: bool, mark: str, doubt: str | None) -> None:
    ranked = ranked_rows({"origin": "published", "suspect": suspect, "note": "a note"})
    line = tables.leaderboard_rows(ranked, [], [], nine=True).row(0, named=True)
    assert (line["mark"], line["doubt"]) == (mark, doubt)


def test_a_flagged_model_is_ranked_and_says_why() -> None:
    doubted = {"flag": "Its card is wrong.", "suspect": True, "model": "a"}
    ranked = ranked_rows(doubted, {"flag": "Odd.", "model": "b"})
    lines = tables.leaderboard_rows(ranked, [], [], nine=True)
    assert lines.select("rank", "mark", "flag").rows() == [
        (None, "doubtful, flagged", "Its card is wrong."),
        ("   1", "flagged", "Odd."),
    ]
    labels = tables.chart_rows(ranked, "average")["label"].to_list()
    assert [label.partition(" (")[2] for label in labels] == ["doubtful)", "flagged)"]


def test_a_pinned_row_is_marked_beside_its_other_mark() -> None:
    ranked = ranked_rows({"origin": "published"}, {"model": "b"}, pins=("acme/likely-7b", "b"))
    lines = tables.leaderboard_rows(ranked, [], [], nine=True)
    assert lines["mark"].to_list() == ["pinned, published", "pinned"]


def test_only_the_chosen_facts_stand_in_a_line() -> None:
    lines = tables.leaderboard_rows(ranked_rows({}), [], ["licence", "size"], nine=False)
    named = ["rank", "model", "tier", "mark", "licence", "size", "source", "doubt", "flag"]
    assert lines.columns == named


def test_a_score_without_an_interval_has_no_margin() -> None:
    absent = {"average_low": None, "average_high": None, "medqa_4options_low": None}
    lines = tables.leaderboard_rows(ranked_rows({}, absent), ["medqa_4options"], [], nine=True)
    assert lines["margin"].to_list() == ["±1.2", None]
    assert lines["medqa_4options"].to_list() == ["  5.0 ±1.0", "  5.0"]


def test_scores_sort_as_text_as_they_do_as_numbers() -> None:
    rows = entries(*({"medqa_4options": score} for score in (1.0, 0.05, 0.5)))
    texts = rows.select(tables.with_interval("medqa_4options"))["medqa_4options"].to_list()
    assert [text[:5] for text in sorted(texts)] == ["  5.0", " 50.0", "100.0"]


def test_the_lane_shown_first_has_the_most_complete_runs_of_real_models() -> None:
    baselines: list[dict[str, Any]] = [
        {"lane": "ours", "type": "baseline", "entry": str(number)} for number in range(5)
    ]
    published: list[dict[str, Any]] = [{"lane": "reported", "origin": "published"}] * 2
    rows = entries(*baselines, *published)
    assert tables.best_lane(rows) == "reported"
    assert tables.best_lane(entries(*baselines, *published, {"lane": "ours"})) == "ours"
    partial: dict[str, Any] = {"lane": "other", "tasks_complete": 8}
    assert tables.best_lane(entries(*baselines, partial)) == "ours"


@pytest.mark.parametrize(
    ("number", "text"),
    [(35_100, "35.1k"), (600_000_000, "600M"), (7_241_732_096, "7.24B"), (999, "999"), (0, "0")],
)
def test_a_size_is_short(number: int, text: str) -> None:
    assert tables.short_number(number) == text
    frame = pl.DataFrame({"parameters": [number, None]})
    assert frame.select(tables.billions(pl.col("parameters"))).to_series().to_list() == [text, None]


@pytest.mark.parametrize("number", [999_999, 999_999_999])
def test_a_size_just_below_the_next_unit_stays_a_plain_number(number: int) -> None:
    assert "e" not in tables.short_number(number)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", '=HYPERLINK("http://x","y")']
)
def test_no_cell_of_a_csv_is_run_as_a_formula(text: str) -> None:
    rows = pl.DataFrame({"model": [text, "plain", None], "score": [-0.5, 0.5, None]})
    read = list(csv.reader(io.StringIO(as_csv(rows))))
    assert read == [["model", "score"], [f"'{text}", "-0.5"], ["plain", "0.5"], ["", ""]]
    head, _ = csv.reader(io.StringIO(as_csv(pl.DataFrame({text: [1]}))))
    assert head == [f"'{text}"]


def test_control_characters_are_spelt_out_in_a_csv() -> None:
    assert as_csv(pl.DataFrame({"a": ["\t=1", "\r=1", "\x1b[31m"]})) == (
        "a\n\\x09=1\n\\x0d=1\n\\x1b[31m\n"
    )
    assert as_csv(pl.DataFrame({"\x1b[2J": [["\u202e", "\x7f"]]})) == (
        '\\x1b[2J\n"[""\\x202e"", ""\\x7f""]"\n'
    )


def test_a_formula_after_a_line_break_is_no_formula_either() -> None:
    assert as_csv(pl.DataFrame({"a": ["\n=1+1"]})) == 'a\n"\'\n=1+1"\n'


def test_labels_tell_namesakes_apart() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {},
        {"precision": None, "note": "2024-05-16"},
        {"precision": None},
    ]
    long: dict[str, Any] = {
        "precision": None,
        "note": "a note much too long to stand in a label of a chart",
    }
    labels = tables.unique_labels(entries(*changes, long))
    assert labels.to_list() == [
        "acme/likely-7b · bfloat16",
        "acme/likely-7b · bfloat16 (2)",
        "acme/likely-7b · 2024-05-16",
        "acme/likely-7b",
        "acme/likely-7b (2)",
    ]


def test_labels_are_short_enough_for_a_chart() -> None:
    labels = tables.unique_labels(entries({"model": "x" * 5000}, {"model": "x" * 5000}))
    assert max(map(len, labels)) <= 80
    assert len(set(labels)) == 2


def test_the_chart_leaves_out_who_has_no_score() -> None:
    rows = tables.chart_rows(ranked_rows({}, {"model": "b", "average": None}), "average")
    assert rows.rows() == [("acme/likely-7b · bfloat16", 0.5, 0.488, 0.512, None)]


def test_an_average_with_weights_is_drawn_without_an_interval() -> None:
    rows = tables.chart_rows(ranked_rows({}), "weighted_average")
    assert rows.rows() == [("acme/likely-7b · bfloat16", 0.61, None, None, None)]


def test_runs_that_share_a_name_are_told_apart() -> None:
    run: dict[str, Any] = {"model": "m", "lane": "other-x", "precision": None, "tasks": ["sample"]}
    run |= {"current": True, "hidden": False}
    runs = pl.DataFrame(
        [
            run | {"run_id": "r1"},
            run | {"run_id": "r2"},
            run | {"run_id": "r3", "current": False},
            run | {"run_id": "r4", "precision": "bfloat16", "tasks": ["sample", "medqa"]},
            run | {"run_id": "r5", "model": "n", "hidden": True},
        ],
        infer_schema_length=None,
    )
    assert cases.run_labels(runs) == [
        "m · other-x · sample · r1",
        "m · other-x · sample · r2",
        "m · other-x · sample · replaced",
        "m · other-x · bfloat16 · 2 tasks",
        "n · other-x · sample · hidden",
    ]


def test_every_column_has_its_settings() -> None:
    task = pl.DataFrame({"task": ["t"], "title": ["A task"], "short": ["T"]})
    two = pl.DataFrame(
        {
            name: ["a", "b"]
            for name in ("question", "picked", "key", "answered_by", *error_columns.OPTIONAL)
        }
    ).with_columns(flags=[["x"], []])
    shown = {
        **columns.leaderboard(
            ranked_rows({"origin": "published", "suspect": True, "flag": "Odd."}).with_columns(
                tier=1
            ),
            task,
        ),
        **error_columns.errors(two, one_run=False),
        **columns.differences(one_other=False),
        **columns.alike(),
        **columns.marked_questions(),
        **columns.repeats(REPEATS),
        **columns.reasoning(),
    }
    own = {"right", "gold", "pick", "result", "ended", "choice"}
    assert set(shown) - own == (set(COLUMNS) | {"t"}) - {"accuracy"}
    assert all(settings is not None for settings in shown.values())
    same = two.with_columns(pl.lit("x").alias(name) for name in error_columns.OPTIONAL)
    same = same.with_columns(
        draw=pl.lit(None), order=pl.lit(None), flags=pl.lit([], pl.List(pl.String))
    )
    hidden = {name for name, shown in error_columns.errors(same).items() if not shown}
    assert hidden == {"answered_by", *error_columns.OPTIONAL}


def test_the_title_of_a_task_is_shown_as_it_was_typed() -> None:
    task = pl.DataFrame({"task": ["t"], "title": [":red[Ward] **1**"], "short": ["W"]})
    found = columns.leaderboard(ranked_rows({"origin": "evaluated"}), task)["t"] or {}
    assert str(found["help"]).startswith(r"\:red\[Ward\] \*\*1\*\*. ")


@pytest.mark.parametrize(
    ("entry", "hidden"),
    [
        ({}, ["tier", "mark", "source", "doubt", "flag"]),
        ({"suspect": True}, ["tier", "source", "flag"]),
        ({"flag": "Odd."}, ["tier", "source", "doubt"]),
        ({"origin": "published"}, ["tier", "doubt", "flag"]),
        ({"average": None}, ["tier", "average", "margin", "mark", "source", "doubt", "flag"]),
    ],
)
def test_a_column_that_says_nothing_is_hidden(entry: dict[str, Any], hidden: list[str]) -> None:
    task = pl.DataFrame({"task": ["t"], "title": ["A task"], "short": ["T"]})
    settings = columns.leaderboard(ranked_rows({"origin": "evaluated"} | entry), task)
    assert [name for name, shown in settings.items() if shown is None] == hidden


def test_only_scores_that_somebody_has_are_offered() -> None:
    titles = {"MedQA": "medqa_4options"}
    averages = ("average", "weighted_average", "deduplicated_average")
    none = dict.fromkeys(averages)
    rows = entries(none, none | {"medqa_4options": None})
    mixed = titles | {"Your case mix": "case_mix"}
    assert tables.score_names(rows, titles, nine=True) == mixed
    assert tables.score_names(entries({}), titles, nine=False) == mixed
    assert [*tables.score_names(entries({}), titles, nine=True).values()] == [
        *averages,
        "average_reviewed",
        "average_undisputed",
        "medqa_4options",
        "case_mix",
    ]
    published = entries({"run_id": None})
    assert tables.score_names(published, titles, nine=False) == titles


def test_a_chart_marks_what_is_partial_or_doubtful() -> None:
    partial = {"model": "p", "partial_tasks": ["medqa_4options"]}
    ranked = ranked_rows({"model": "a"}, partial, {"model": "d", "suspect": True})
    assert tables.chart_rows(ranked, "medqa_4options")["label"].to_list() == [
        "a · bfloat16",
        "d · bfloat16 (doubtful)",
        "p · bfloat16 *",
    ]
