"""The parts of the case page, each a piece of the screen. All text is shown as text."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard import (
    addresses,
    boards,
    case_data,
    cases,
    clickable,
    columns,
    data,
    flags,
    given_view,
    judged,
    marked_text,
    reading,
    wording,
)

Row = Mapping[str, Any]
READING_HEIGHT = 320  # pixels
LONG_CONTEXT = 900  # characters
RIGHT = ":green-badge[:material/check: right]"
WRONG = ":red-badge[:material/close: wrong]"
KEY = ":green-badge[:material/key: key]"
PICKED = ":red-badge[:material/close: the model's pick]"


def show_steps(question: Row, own: Row | None, filters: Mapping[str, str]) -> None:
    """Back to the list, and the cases before and after: in the list, else in the task."""
    run_id = own["run_id"] if own else ""
    before, after, place_in_list = case_data.neighbours(question, own, filters)
    with st.container(horizontal=True, vertical_alignment="center"):
        if run_id or filters.get("runs"):
            st.page_link(
                "app_pages/errors.py",
                label="Back to the list",
                icon=":material/arrow_upward:",
                query_params=addresses.errors(run_id, filters, data.task_titles()),
            )
        st.space("stretch")
        if place_in_list:
            st.caption(place_in_list, width="content")
        for label, icon, place, key in (
            ("Previous", ":material/arrow_back:", before, "k"),
            ("Next", ":material/arrow_forward:", after, "j"),
        ):
            st.button(
                label,
                icon=icon,
                disabled=place is None,
                shortcut=key,
                on_click=st.query_params.from_dict,
                args=(open_place(place, filters),),
            )


def open_place(place: case_data.Place | None, filters: Mapping[str, str]) -> dict[str, str]:
    task, sample_id, run_id, repeat = place or ("", "", "", 0)
    return addresses.case(task, sample_id, run_id, filters, repeat)


def show_heading(case: case_data.Case) -> None:
    """What kind of question this is, and how one model did on it."""
    question, own = case.question, case.own
    st.title(cases.case_title(question), anchor=False)
    if facts := cases.case_facts(question):
        st.text(facts)
    show_safety(question)
    if not question["headline"]:
        st.caption(boards.describe(question["task"], data.tasks()))
    if own:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(RIGHT if own["correct"] else WRONG, width="content")
            st.text(cases.verdict(question, own))
        given_view.say_repeats(case)
        run_id = own["run_id"]
        with st.container(horizontal=True, gap="small"):
            st.page_link(
                "app_pages/model.py",
                label="This model",
                icon=":material/person_search:",
                query_params=addresses.model(own["model"], run_id),
            )
            st.page_link(
                "app_pages/compare.py",
                label="Compare it with others",
                icon=":material/compare_arrows:",
                query_params=addresses.compare([run_id]),
            )


def show_safety(question: Row) -> None:
    """Each safety context with the words behind it; they are the source's, so shown as text."""
    words = cases.safety_words(question)
    if not words:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for tag, found in words.items():
            with st.container(
                horizontal=True, vertical_alignment="center", gap="xsmall", width="content"
            ):
                st.markdown(f":orange-badge[{tag}]", width="content")
                if found:
                    st.text(found, width="content")
    st.caption(wording.SAFETY_WORDS if any(words.values()) else wording.SAFETY_BY_HAND)


def show_question(question: Row, words: Iterable[str] = ()) -> None:
    """The question as it was put; only its look helps: values are firm, `words` are marked."""
    if question["context"]:
        long = len(question["context"]) > LONG_CONTEXT
        height: int | Literal["content"] = READING_HEIGHT if long else "content"
        with st.container(border=True, height=height, key="context"):
            show_text(question["context"], words)
    show_text(question["question"].strip(), words)


def show_text(text: str, words: Iterable[str] = ()) -> None:
    spans = [*reading.find_values(text), *reading.find_words(text, words)]
    st.html(marked_text.as_html(text, spans))


def show_choices(case: case_data.Case) -> None:
    """Each choice with the key, the model's pick and its probability, and how many picked it."""
    current = case.picks.filter("current")
    counts = dict(current.group_by("prediction").len().iter_rows())
    for number, text in enumerate(case.question["choices"]):
        letter = chr(ord("A") + number)
        marks = mark_choice(letter, case)
        if counts.get(letter):
            marks.append(f":gray-badge[{count_picks(counts[letter], current)}]")
        with st.container(border=True, gap="xsmall"):
            show_choice(letter, text, marks)
            if not (case.own and case.own["prediction"] == letter):  # whose flags say it
                for rule in case.forbidden_to_pick(letter):
                    st.text(f"{rule['why']} Source: {rule['source']}")
            if case.own and case.own["probabilities"]:
                share = case.own["probabilities"][number]
                st.progress(share, text=f"{share:.1%}")
    if differs := judged.say_reviewed(case.question["gold"], judged.reviewed_key(case.disputes)):
        st.caption(f":material/gavel: {differs}")


def count_picks(number: int, current: pl.DataFrame) -> str:
    """Of how many runs, or of how many answers where a run has several."""
    if current["run_id"].is_unique().all():
        return f"picked by {number} of {current.height}"
    return f"picked in {number} of {current.height} answers"


def show_choice(letter: str, text: str, marks: Iterable[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"{letter}.  {text}", width="stretch")
        if badges := " ".join(marks):
            st.markdown(badges, width="content")


def show_key(question: Row, pick: str | None = None) -> None:
    """Each choice, with the key and what a model picked that stays unnamed."""
    for number, text in enumerate(question["choices"]):
        letter = chr(ord("A") + number)
        with st.container(border=True):
            marks = [KEY] * (letter == question["gold"])
            show_choice(letter, text, marks + [PICKED] * (letter == pick))


def mark_choice(letter: str, case: case_data.Case) -> list[str]:
    """Badges with an icon and words: never by color alone."""
    gold = case.question["gold"]
    marks = [KEY] * (letter == gold)
    strengths = {flags.STRENGTHS[row["strength"]] for row in case.forbidden_to_pick(letter)}
    marks += [f":orange-badge[:material/warning: {strength}]" for strength in sorted(strengths)[:1]]
    if letter in (judged.reviewed_key(case.disputes) or "").replace(gold, ""):
        marks.append(":blue-badge[:material/gavel: reviewed key]")
    for pick, whose in ((case.own, "this model's"), (case.beside, "the other model's")):
        if pick and letter == pick["prediction"]:
            color, icon = ("green", "check") if pick["correct"] else ("red", "close")
            marks.append(f":{color}-badge[:material/{icon}: {whose} pick]")
    return marks


def show_explanation(question: Row) -> None:
    if question["explanation"]:
        st.subheader("Why the key is right", anchor=False)
        show_text(question["explanation"])
    if question["reference"]:
        st.caption("Source")
        st.text(question["reference"])


def show_picks(question: Row, picks: pl.DataFrame) -> None:
    st.subheader("What each model picked", anchor=False)
    if picks.is_empty():
        st.info("No model has answered this question yet.")
        return
    current = picks.filter("current")
    st.caption(cases.picks_summary(question, current))
    task, sample_id = question["task"], question["sample_id"]

    def lead(line: int) -> clickable.Lead:
        pick = picks.row(line, named=True)
        address = addresses.case(task, sample_id, pick["run_id"], {}, pick["repeat"])
        # the list is that of the run before, and so is its repeat
        return clickable.Lead({addresses.REPEAT: "", "list": ""} | address)

    clickable.show_lines(
        # another case begins with nothing selected
        clickable.Table(f"picks {st.query_params.to_dict()}", "Each model's pick on this question"),
        cases.pick_rows(picks),
        columns.picks(confidence=picks["confidence"].count() > 0),
        lead,
    )


def show_duplicates(duplicates: pl.DataFrame) -> None:
    if duplicates.is_empty():
        return
    st.subheader("The same question elsewhere", anchor=False)
    for row in duplicates.iter_rows(named=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"{row['task_title']} · {row['sample_id']} · key {row['gold']}")
            st.button(
                "Open",
                key=f"open {row['task']} {row['sample_id']}",
                on_click=st.query_params.from_dict,
                args=(addresses.case(row["task"], row["sample_id"], "", {}),),
            )


def show_link() -> None:
    """What a reader can send to others."""
    st.subheader("Link to this case", anchor=False)
    st.code(permalink(st.query_params.to_dict()), language=None, wrap_lines=True)


def permalink(address: Mapping[str, str]) -> str:
    """The address under which this server shows a case."""
    return f"{(st.context.url or '').partition('?')[0]}?{urlencode(address)}"
