"""The parts of the leaderboard below and beside its table."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard import (
    addresses,
    answer_keys,
    charts,
    clickable,
    columns,
    compare_choice,
    data,
    downloads,
    given_board,
    harm_scores,
    harm_view,
    places,
    tables,
)
from warehouse import text

KEY = "leaderboard"
TABLE, CHART = "Table", "Chart with intervals"
SCORES = (
    "average",
    "margin",
    "case_mix",
    *answer_keys.COLUMNS.values(),
    "answered",
    "unreadable",
    "always_right",
    "agreement",
    *harm_scores.FACTS,
)
"""Columns beside the tasks that lead to wrong answers."""
MOST_AT_ONCE = 40
"""Rows that the table shows without a bar of its own to scroll."""


def show_head() -> None:
    """What this is, and why it matters."""
    st.title("Open Medical-LLM Leaderboard", anchor=False)
    st.markdown("How well language models answer medical questions — and every mistake they make.")
    with st.container(horizontal=True, gap="small"):
        st.page_link(
            "app_pages/featured.py",
            label="Why it matters: tetracycline for a pregnant patient",
            icon=":material/auto_stories:",
        )
        st.page_link(
            "app_pages/errors.py",
            label="Where models are wrong about pregnant patients",
            icon=":material/pregnant_woman:",
            query_params=addresses.at_risk(),
        )
        st.page_link(
            "app_pages/safety.py",
            label="Safety by kind of patient",
            icon=":material/health_and_safety:",
        )


def show_downloads(rows: pl.DataFrame, lane: str) -> None:
    """Offer the `rows` shown as files, the address of this view, and a citation."""
    name, rows = f"leaderboard-{lane}", answer_keys.add_changes(rows)
    with st.container(horizontal=True):
        offer("CSV", f"{name}.csv", "text/csv", lambda: text.as_csv(rows))
        offer("JSON", f"{name}.json", "application/json", lambda: text.as_json(rows))
        offer(
            "Parquet",
            f"{name}.parquet",
            "application/vnd.apache.parquet",
            lambda: downloads.as_parquet(rows),
        )
    address = (st.context.url or "").partition("?")[0]
    chosen = {name: st.query_params.get_all(name) for name in st.query_params}
    if chosen:
        address += f"?{urlencode(chosen, doseq=True)}"
    st.markdown("Link to this view")
    st.code(address, language=None, wrap_lines=True)
    st.markdown("Citation")
    citation = downloads.cite(data.current_snapshot(), data.published_at(), address)
    st.code(citation, language=None, wrap_lines=True)


def offer(label: str, name: str, kind: str, make: downloads.Maker) -> None:
    st.download_button(
        label,
        data=make,
        file_name=name,
        mime=kind,
        on_click="ignore",
        icon=":material/download:",
    )


def show_tiers(ranked: pl.DataFrame, score: str) -> None:
    """Say who of a lane cannot be told apart, and less loudly where nobody knows."""
    told = places.describe_tiers(ranked, score)
    if ranked["tier"].count():
        st.markdown(f"**{told}**")
    else:
        st.caption(told)


def choose_shape() -> str:
    """Let the reader choose how the rows are shown."""
    return str(
        st.segmented_control(
            "Show as",
            [TABLE, CHART],
            default=TABLE,
            required=True,
            key="show",
            bind="query-params",
            label_visibility="collapsed",
        )
    )


def show_table(ranked: pl.DataFrame, tasks: pl.DataFrame, facts: list[str], *, nine: bool) -> None:
    """The rows with the scores of `tasks` and the chosen `facts`; a click opens what is behind."""
    has_harm = not set(facts).isdisjoint(harm_scores.FACTS)
    cells = harm_scores.as_cells(ranked) if has_harm else ranked
    rows = tables.leaderboard_rows(cells, tasks["task"].to_list(), facts, nine=nine)
    links_box = st.container(horizontal=True, vertical_alignment="center")
    event = st.dataframe(
        rows.to_arrow(),  # for Polars' own, Streamlit goes by way of Pandas
        column_config=columns.leaderboard(ranked, tasks),
        hide_index=True,
        height="content" if ranked.height <= MOST_AT_ONCE else 1440,
        on_select=partial(clickable.note_line, KEY, "rank"),
        selection_mode="single-cell",
        key=KEY,
        alt="Models with their scores, best first",
        placeholder="–",
    )
    show_notes(ranked, nine=nine)
    harm_view.show_notes(ranked, facts)
    given_board.offer(ranked, facts)
    with links_box:
        follow_cell(event.selection.cells, ranked)


def show_notes(rows: pl.DataFrame, *, nine: bool) -> None:
    """Say below the table what its `rows` leave open."""
    if rows["partial_tasks"].list.len().sum():
        st.caption(r"\* Only some of the task's questions were answered.")
    if nine and not rows["average"].count():
        st.caption("No averages here: none of these models answers all nine tasks in full.")


def follow_cell(cells: Sequence[clickable.Cell], ranked: pl.DataFrame) -> None:
    """Open what the selected cell stands for; to a reader who passes by keys, offer links."""
    line = clickable.find_line(KEY, cells, ranked.height)
    if line is None:
        return
    row = ranked.row(line, named=True)
    if clickable.is_read_by_keys(KEY, line):
        offer_links(row)
    else:
        open_cell(row, cells[0][1])


def offer_links(row: Mapping[str, Any]) -> None:
    """Lead to the model of a row and to its wrong answers; the name is shown as text."""
    st.text(row["model"], width="content")
    if row["run_id"]:
        address = addresses.model(row["model"], row["run_id"])
        st.page_link("app_pages/model.py", label="Its scores", query_params=address)
        wrong = addresses.errors(row["run_id"], {}, {})
        st.page_link("app_pages/errors.py", label="Its wrong answers", query_params=wrong)


def open_cell(row: Mapping[str, Any], column: str) -> None:
    """Go to what a cell of the leaderboard stands for, or say why there is nothing behind it.

    A score leads to its wrong answers, all else to the model.
    """
    run_id, titles = row["run_id"], data.task_titles()
    if not run_id:
        st.toast("These scores were published elsewhere: there are no answers here to open.")
    elif column in titles or column in SCORES:
        filters = {"task": column if row["headline"] else row["board"]}
        if column in harm_scores.FACTS and row["judged"]:
            filters |= {"harm": "reviewed", "by": "harm"}
        wrong = addresses.errors(run_id, filters, titles)
        st.switch_page("app_pages/errors.py", query_params=wrong)
    else:
        address = addresses.model(row["model"], run_id)
        st.switch_page("app_pages/model.py", query_params=address)


def offer_to_compare(in_lane: pl.DataFrame, models: list[str]) -> None:
    """Lead to the comparison of the pinned `models`."""
    run_ids = in_lane.filter(pl.col("model").is_in(models))["run_id"].drop_nulls()
    if st.button(
        "Compare them",
        icon=":material/compare_arrows:",
        disabled=not 2 <= len(run_ids) <= compare_choice.MOST,
    ):
        st.switch_page("app_pages/compare.py", query_params=addresses.compare(run_ids.to_list()))


def show_chart(ranked: pl.DataFrame, in_lane: pl.DataFrame, score: str) -> None:
    """Draw the `score` of the first rows shown, and the best baseline of their lane."""
    st.subheader("How sure are the scores?", anchor=False)
    scored = ranked.drop_nulls(score)
    trusted = tables.chart_rows(scored.filter(~pl.col("suspect")), score)
    if trusted.height:
        st.markdown(charts.finding(trusted))
    if scored.height > charts.MOST_ROWS:
        st.caption(f"The first {charts.MOST_ROWS} of {scored.height:,} rows.")
    baseline = in_lane.filter(type="baseline")[score].max()
    st.plotly_chart(
        charts.accuracy_intervals(
            tables.chart_rows(scored.head(charts.MOST_ROWS), score),
            float(str(baseline)) if baseline is not None else None,
        ),
        config={"displayModeBar": False},
        alt="Scores with their 95% intervals, best on top; the table has the numbers",
    )
