"""The query parameters by which one page opens another."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from dashboard import flags, judged

NINE, SAMPLE = "nine", "sample"
"""Boards of the leaderboard; every other is called as its task is."""
NINE_VIEW, DEMONSTRATION_VIEW = "Nine medical tasks", "Demonstration questions"
"""The leaderboard's first two views; each other task has one that is called as the task is."""
FILTERS = ("task", "subject", "safety", "flag", "harm", "search", "by", "runs")
"""What makes a list of wrong answers; runs only where it is not of the one that is read."""
ALL_RUNS = "all"
"""In the place of runs: every run that counts."""
BESIDE = "beside"
"""A second run, whose answer is read beside the first one's."""
REPEAT = "repeat"
"""Which of the run's several answers to the question is read, from 0; left out for the first."""
MOST_DIGITS = 6  # of a repeat
SORTS = {
    "Order of the task": "",
    "Surest first": "confidence",
    "Gravest flag first": "flags",
    "Gravest harm first": "harm",
}
"""From what the list of wrong answers calls an order to what the warehouse calls it."""
FLAG_NAMES = {slug: flag.name for slug, flag in flags.FLAGS.items()}
HARM_NAMES = {"unreviewed": "not yet reviewed", "reviewed": "reviewed", **judged.HARMS}
Address = Mapping[str, str | list[str]]


def case(
    task: str, sample_id: str, run_id: str, filters: Mapping[str, str], repeat: int = 0
) -> dict[str, str]:
    """The address of a case; `filters` are those of the list that it is opened from.

    A run that is read beside is among them, so that it stays from case to case. The others travel
    packed in one value: Streamlit drops a parameter that a widget of the page left behind is bound
    to.
    """
    address = {"question": f"{task}/{sample_id}"}
    if run_id:
        address["run"] = run_id
    if run_id and repeat:
        address[REPEAT] = str(repeat)
    if filters.get(BESIDE):
        address[BESIDE] = filters[BESIDE]
    if packed := urlencode({name: filters[name] for name in FILTERS if filters.get(name)}):
        address["list"] = packed
    return address


def read_case(parameters: Mapping[str, str]) -> tuple[str, str, str, dict[str, str], int]:
    """Return (task, sample id, run id, filters, repeat) of a case's address.

    What is missing is empty, and a repeat that is no number 0.
    """
    task, _, sample_id = parameters.get("question", "").partition("/")
    packed = dict(parse_qsl(parameters.get("list", "")))
    filters = {name: packed[name] for name in FILTERS if name in packed}
    if beside := parameters.get(BESIDE):
        filters[BESIDE] = beside
    return task, sample_id, parameters.get("run", ""), filters, read_repeat(parameters)


def read_repeat(parameters: Mapping[str, str]) -> int:
    """Which answer of the run is read."""
    text = parameters.get(REPEAT, "")
    return int(text) if re.fullmatch(rf"[0-9]{{1,{MOST_DIGITS}}}", text) else 0


def list_runs(run_ids: Sequence[str]) -> str:
    """The value of runs for a list of these; none are all that count."""
    return ",".join(run_ids) or ALL_RUNS


def read_runs(run_id: str, filters: Mapping[str, str]) -> tuple[str, ...]:
    """Whose wrong answers a list is of, when that of `run_id` is read; none are all that count."""
    runs = filters.get("runs") or run_id
    return () if runs in ("", ALL_RUNS) else tuple(runs.split(","))


def errors(run_id: str, filters: Mapping[str, str], titles: Mapping[str, str]) -> Address:
    """The address of wrong answers, filtered: of a run, or of those that `filters` name.

    Without either they are of all runs that count. `titles` gives each task's title: the list's
    widgets write what they show into the address, not names.
    """
    shown = {name: filters.get(name, "") for name in ("subject", "safety", "search")}
    shown["task"] = titles.get(filters.get("task", ""), "")
    shown["flag"] = FLAG_NAMES.get(filters.get("flag", ""), "")
    shown["harm"] = HARM_NAMES.get(filters.get("harm", ""), "")
    shown["sort"] = {by: label for label, by in SORTS.items() if by}.get(filters.get("by", ""), "")
    run_ids = list(read_runs(run_id, filters))
    runs = {"run": run_ids if len(run_ids) > 1 else run_ids[0]} if run_ids else {}
    return runs | {name: value for name, value in shown.items() if value}


def at_risk(context: str = "pregnancy and lactation") -> Address:
    """The address of all models' mistakes in a safety context, those first that could harm."""
    return errors("", {"safety": context, "by": "flags"}, {})


def safety(context: str = "", lane: str = "", view: str = "") -> dict[str, str]:
    """The address of all models in a safety context, lane and view, each empty for the usual."""
    named = {"view": view, "safety_context": context, "lane": lane}
    return {name: value for name, value in named.items() if value}


def compare(run_ids: Sequence[str]) -> dict[str, list[str]]:
    """The address of runs side by side; the others are compared with the first."""
    return {"runs": list(run_ids)}


def model(name: str, run_id: str = "") -> dict[str, str]:
    """The address of a model's page, of one run where that is named."""
    return {"model": name} | ({"run": run_id} if run_id else {})


def leaderboard(model: str, lane: str, view: str = "") -> dict[str, str]:
    """The address of a lane in a view of the leaderboard with one model pinned on top."""
    return ({"view": view} if view else {}) | {"lane": lane, "pin": model}


def read_model(parameters: Mapping[str, str]) -> tuple[str, str]:
    """Return (model, run id) of a model page's address; what is missing is empty."""
    return parameters.get("model", ""), parameters.get("run", "")
