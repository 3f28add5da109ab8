"""Where a reviewer chooses what to judge, and has wrong answers drawn."""

import polars as pl
import streamlit as st

from dashboard import (
    case_data,
    cases,
    data,
    judging,
    judging_data,
    ledger_data,
    people,
    review_view,
    tables,
)
from dashboard import judging_words as words
from dashboard import review_form as form
from dashboard.flags import FLAGS
from dashboard.judging import CHOSEN, DRAWN, Queue
from warehouse.ledger.drawing import find_draws
from warehouse.ledger.people import Person

KIND, SAFETY, FLAG, OF = "queue kind", "queue safety", "queue flag", "queue models"
NEW = "queue of what is new"
RUN, SIZE = "run to draw of", "how many to draw"
MOST_DRAWN = 1000
ANY = "Any"


def show_choice(person: Person) -> None:
    """The two queues with what each is good for, and the button that opens the first case."""
    form.tell()
    queue = judging.read_queue(st.query_params)
    if person.is_reviewer:
        kind = st.segmented_control(
            "Which answers", (DRAWN, CHOSEN), default=queue.kind, required=True, key=KIND
        )
        st.caption(words.DRAWN if kind == DRAWN else words.CHOSEN)
        if kind == CHOSEN:
            choose_filters(queue)
        st.button("Begin", type="primary", icon=":material/play_arrow:", on_click=begin)
    show_drawing()


def choose_filters(queue: Queue) -> None:
    """Safety context, flag, models and what is new; the address has codes for the models."""
    left, right = st.columns(2)
    contexts = [ANY, *find_contexts()]
    offered = [ANY, *FLAGS]
    place = contexts.index(queue.safety) if queue.safety in contexts else 0
    left.selectbox("Safety context", contexts, index=place, key=SAFETY)
    right.selectbox(
        "Flag",
        offered,
        index=offered.index(queue.flag) if queue.flag else 0,
        format_func=lambda flag: FLAGS[flag].name if flag in FLAGS else ANY,
        key=FLAG,
    )
    models = judging_data.models()
    chosen = [model for model in models if judging.code_of(model) in queue.of]
    st.multiselect(
        "Models", models, default=chosen, key=OF, placeholder="All", help=words.MOST_CHOSEN
    )
    if len(st.session_state[OF]) == 1:
        st.caption(words.MOST_CHOSEN)
    st.toggle(words.NEW, queue.new, key=NEW, help=words.NEW_HELP)


def find_contexts() -> list[str]:
    """The safety contexts in which something was answered wrongly."""
    counts = data.ask("error_counts", run_ids=(), models=(), lanes=())
    return tables.slice_values(counts.filter(pl.col("task").is_not_null()), "safety")


def begin() -> None:
    """Write the queue into the address, and open its first case."""
    said = st.session_state
    queue = Queue()
    if said[KIND] == CHOSEN:
        safety, flag = ("" if said[name] == ANY else said[name] for name in (SAFETY, FLAG))
        codes = tuple(judging.code_of(model) for model in said[OF])
        queue = Queue(CHOSEN, safety, flag, codes if len(codes) > 1 else (), said[NEW])
    said.pop(review_view.PASSED, None)
    st.query_params.from_dict(judging.write_queue(queue))
    review_view.go_on()


def show_drawing() -> None:
    """The form by which more cases of a run are drawn."""
    with st.expander("Draw cases at random", icon=":material/casino:"):
        st.caption(words.DRAWING)
        runs = data.runs().filter(
            "current", ~pl.col("hidden"), ~pl.col("type").is_in(judging.NO_MODELS)
        )
        if runs.is_empty():
            st.info("No run of a model is in the warehouse yet. Submit one, or import its answers.")
            return
        labels = dict(zip(runs["run_id"], cases.run_labels(runs), strict=True))
        with st.form("draw", border=False, enter_to_submit=False):
            st.selectbox("Model", list(labels), format_func=labels.__getitem__, key=RUN)
            st.number_input("How many wrong answers", 1, MOST_DRAWN, 50, key=SIZE)
            st.form_submit_button("Draw", on_click=draw)


def draw() -> None:
    run_id, size = st.session_state[RUN], st.session_state[SIZE]
    judging_data.forget()

    def act() -> str:
        number = judging_data.draw(run_id, size, people.who_is_here())
        wrong = case_data.count_errors(run_id, {})
        drawn = find_draws(ledger_data.ledger(), run_id)[-1].drawn
        return f"By draw {number}, {drawn:,} of {wrong:,} wrong answers are cases now."

    form.attempt(act)
