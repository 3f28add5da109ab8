"""The model page's calibration, surest mistakes and receipt. Text of others is shown as text."""

import polars as pl
import streamlit as st

from dashboard import (
    addresses,
    case_data,
    cases,
    clickable,
    confidence,
    data,
    error_columns,
    model_charts,
    model_columns,
    receipts,
    run_data,
    widgets,
)
from warehouse import text
from warehouse.statistics import calibration

MISTAKES = 10
READING = 720  # pixels
FIRST_ANSWERS = (
    "This run was asked each question several times. Only its first answer to each counts here: "
    "the others are no questions more."
)
NO_CONFIDENCE = "These answers came without probabilities, so nobody knows how sure they were."


def show_calibration(run_id: str) -> None:
    """Whether the run knows when it is wrong: over all tasks, or of one."""
    answers = run_data.confidences(run_id)
    if answers.is_empty():
        st.info(NO_CONFIDENCE)
        return
    if run_data.written_answers(run_id).filter(pl.col("repeats") > 1).height:
        st.caption(FIRST_ANSWERS)
    parts = confidence.of_tasks(answers, data.tasks())
    chosen = parts[str(st.selectbox("Questions", list(parts), key="on", bind="query-params"))]
    bins, risks = confidence.reliability(chosen), confidence.risks(chosen)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Is it right as often as it is sure?", anchor=False)
        st.markdown(confidence.trust(chosen))
        st.markdown(confidence.miscalibration(chosen))
        widgets.show_figure(model_charts.reliability(bins), confidence.trust(chosen))
        st.caption("On the dashed line a model is right as often as it is sure; below, less often.")
        offer(bins, f"{run_id}-reliability.csv", "CSV of the bins")
    with right:
        st.subheader("Would it do better if it may refuse?", anchor=False)
        st.markdown(confidence.refusing(chosen))
        widgets.show_figure(
            model_charts.risk_curve(risks),
            confidence.refusing(chosen) or "Error by the share of questions answered",
        )
        st.caption(
            "A curve that falls to the left: the surer the answer, the likelier it is right."
        )
        offer(risks, f"{run_id}-risk-coverage.csv", "CSV of the curve")
    st.subheader("By task and subject", anchor=False)
    st.dataframe(
        confidence.task_rows(parts),
        column_config=model_columns.calibration(),
        hide_index=True,
        height="content",
        alt="Calibration by task and subject",
        placeholder="–",
    )
    st.caption(
        "All in per cent. Calibration error: the mean distance, over ten bins, of how sure from "
        "how often right; chance adds to it, most where answers are few, and of fewer than "
        f"{calibration.FEWEST} no interval is given. How sure: the probability of the choice among "
        "the choices."
    )


def offer(rows: pl.DataFrame, name: str, label: str) -> None:
    st.download_button(
        label,
        data=lambda: text.as_csv(rows),
        file_name=name,
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def show_mistakes(run_id: str) -> None:
    """The wrong answers that the run was surest of; a click opens one."""
    filters = {"by": "confidence"}
    errors = case_data.errors(run_id, filters, skip=0, size=MISTAKES)
    sure = errors["confidence"].count() > 0
    if errors.is_empty():
        st.info("This run has no wrong answer.", icon=":material/check_circle:")
        return
    if sure:
        st.caption(f"The {errors.height} wrong answers that it was surest of. A click opens one.")
    else:
        st.info(f"{NO_CONFIDENCE} These are its first wrong answers.")
    rows, chosen = cases.error_rows(errors), filters if sure else {}
    clickable.show_lines(
        clickable.Table(
            f"mistakes {run_id}",
            "The surest wrong answers: question, the model's pick, and the key",
        ),
        rows,
        error_columns.errors(rows),
        clickable.to_cases(errors, run_id, chosen),
    )
    st.page_link(
        "app_pages/errors.py",
        label=f"All {errors['total'][0]:,} wrong answers",
        icon=":material/rule:",
        query_params=addresses.errors(run_id, chosen, data.task_titles()),
    )


def show_receipt(run_id: str) -> None:
    """All that is needed to run it again, and what was asked to the letter."""
    receipt = run_data.receipt(run_id)
    run = receipt.row(0, named=True)
    st.subheader("The command", anchor=False)
    st.code(run["command"], language=None, wrap_lines=True)
    st.caption(receipts.seed_note(run))
    st.subheader("What was asked", anchor=False)
    rows = receipts.receipt_rows(receipt)
    st.dataframe(rows, hide_index=True, height="content", alt="Data of each task")
    offer(receipt, f"{run_id}-receipt.csv", "CSV of the receipt")
    st.subheader("What made it", anchor=False)
    facts = receipts.provenance(run)
    st.dataframe(facts, hide_index=True, height="content", width=READING, alt="Facts of the run")
    show_prompt(receipt)


def show_prompt(receipt: pl.DataFrame) -> None:
    """The exact prompt of a question that the reader chooses, where its run folder is at hand."""
    run_id = receipt["run_id"][0]
    st.subheader("An exact prompt", anchor=False)
    titles = dict(receipt.select("task_title", "task").iter_rows())
    task_box, number_box = st.columns(2)
    with task_box:
        task = titles[str(st.selectbox("Task", list(titles), key="prompt_of", bind="query-params"))]
    asked = run_data.asked(run_id, task)
    with number_box:
        number = st.number_input(
            f"Question, 1 to {len(asked):,}", 1, len(asked), key="nth", bind="query-params"
        )
    sample_id = asked[int(number) - 1]
    response = case_data.response(run_id, task, sample_id)
    if response and response["prompt"]:
        st.code(response["prompt"], language=None, wrap_lines=True)
    else:
        st.info(receipts.no_prompt(folder=response is not None))
    st.page_link(
        "app_pages/case.py",
        label="This question, and what every model picked",
        icon=":material/arrow_forward:",
        query_params=addresses.case(task, sample_id, run_id, {}),
    )
