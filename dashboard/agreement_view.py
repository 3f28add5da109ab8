"""How the judging goes: cases by stage, what is drawn and judged, and whether reviewers agree."""

from collections import Counter

import polars as pl
import streamlit as st

from dashboard import clickable, judging, judging_data, ledger_data, times
from dashboard import judging_words as words
from warehouse.ledger import reviews
from warehouse.ledger.people import Person
from warehouse.ledger.stages import DONE
from warehouse.statistics import harm, raters
from warehouse.statistics.raters import Agreement

MOST_OWN = 20


def show_counts() -> None:
    """How many cases are in each stage; together they are all there are."""
    counts = Counter[str](stage for _, stage in judging_data.stages())
    number = counts.total()
    st.header("Cases", anchor=False)
    if not number:
        st.info("Nothing is drawn or chosen yet. Reviewers and maintainers draw cases here.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{number:,}** case{'' if number == 1 else 's'}", width="content")
        for stage, label in words.STAGES.items():
            if counts[stage]:
                st.markdown(f":gray-badge[{counts[stage]:,} {label}]", width="content")


def show_drawn() -> None:
    """Of each model, how many of the cases that were drawn are judged."""
    drawn = [(one.model, stage in DONE) for one, stage in judging_data.stages() if one.draw]
    if not drawn:
        return
    rows = pl.DataFrame(drawn, schema=["Model", "judged"], orient="row")
    counts = rows.group_by("Model").agg(pl.len().alias("Drawn"), pl.col("judged").sum())
    told = pl.col("judged").cast(pl.Int64)
    left = (harm.FEWEST - told).clip(lower_bound=0)
    shown = counts.sort("Model").select(
        "Model",
        "Drawn",
        told.alias("Judged"),
        pl.when(left > 0)
        .then(pl.format("{} more judged cases", left))
        .otherwise(pl.lit("it is shown"))
        .alias("Until a rate is shown"),
    )
    st.subheader("Drawn at random", anchor=False)
    st.dataframe(shown, hide_index=True, height="content", alt="Drawn and judged cases by model")


def show_own(person: Person) -> None:
    """One's own reviews, the newest first, each with the way to its case."""
    own = reviews.find_own(ledger_data.ledger(), person)
    st.header("Yours", anchor=False)
    if not own:
        st.text("You have not judged anything yet.")
        return
    st.caption(f"{len(own):,} judged. Each can be read again and corrected.")
    pages = -(-len(own) // MOST_OWN)
    page = st.pagination(pages, key="page of own reviews") if pages > 1 else 1
    for one in own[(page - 1) * MOST_OWN : page * MOST_OWN]:
        with st.container(horizontal=True, vertical_alignment="center"):
            clickable.follow(clickable.Lead({"case": str(one.case)}), f"Case {one.case}")
            when = times.ago(one.at, ledger_data.now())
            st.text(f"{judging.in_words(one.model_dump())} · {when}")


def show_agreement() -> None:
    """Krippendorff's alpha of all reviewers, and Cohen's kappa of each two of them."""
    st.header("Agreement on harm", anchor=False)
    st.caption(words.AGREEMENT)
    places = {name: place for place, name in enumerate(words.HARMS)}
    said = tuple((one.case, one.reviewer, places[one.harm]) for one in judging_data.ratings())
    if not said:
        st.text(describe("Krippendorff's alpha, all reviewers", Agreement(0, None, None, None)))
        return
    found = judging_data.agree(said, len(places))
    st.text(describe("Krippendorff's alpha, all reviewers", found.alpha))
    for (one, other), kappa in found.kappas.items():
        st.text(describe(f"Cohen's kappa, {one} and {other}", kappa))


def describe(name: str, found: Agreement) -> str:
    """`Cohen's kappa: 0.61 (0.35 to 0.82), 40 cases`, or why there is none."""
    count = f"{found.cases:,} case{'' if found.cases == 1 else 's'} judged by two"
    if found.value is None or found.low is None or found.high is None:
        if found.cases < raters.FEWEST:
            return f"{name}: too few, {count}; at least {raters.FEWEST} are needed."
        return f"{name}: all {count} got the same word, which chance would bring as well."
    return f"{name}: {found.value:.2f} (95%: {found.low:.2f} to {found.high:.2f}), {count}."
