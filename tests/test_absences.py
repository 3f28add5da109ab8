"""Where a model is that a reader misses."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from dashboard import absences, marking, standing
from tests.test_tables import entries

NIGHT, DAY = datetime(2026, 1, 1), datetime(2026, 1, 2)
ROWS: tuple[dict[str, Any], ...] = (
    {"model": "acme/here", "entry": "1", "lane": "ours"},
    {"model": "acme/partial", "entry": "2", "lane": "ours", "tasks_complete": 3},
    {"model": "acme/filtered", "entry": "3", "lane": "ours"},
    {"model": "acme/filtered", "entry": "4", "lane": "other"},
    {"model": "acme/elsewhere", "entry": "5", "lane": "other", "tasks_complete": 2},
    {"model": "acme/elsewhere", "entry": "6", "lane": "ours", "headline": False, "board": "sample"},
    {"model": "bad/doubted", "entry": "7", "lane": "ours", "suspect": True, "note": "All A."},
    {"model": "bad/flagged", "entry": "8", "lane": "ours"},
)
QUARANTINE = pl.DataFrame(
    [
        ("import", "acme-broken.jsonl", 3, "no such question", "{}"),
        ("import", "acme-broken.jsonl", 4, "no such question", "{}"),
        ("runs", None, None, "no run.json", "ghost"),
    ],
    schema=["source", "file", "line", "reason", "content"],
    orient="row",
)
RUNS = pl.DataFrame(
    [
        ("acme/filtered", True, datetime(2026, 2, 1), False),
        ("acme/filtered", False, NIGHT, False),
        ("acme/twice", False, NIGHT, False),
        ("acme/twice", False, DAY, False),
        ("bad/hidden", True, DAY, True),
        ("bad/cleared", True, DAY, True),
    ],
    schema=["model", "current", "finished_at", "hidden"],
    orient="row",
)
MARKS = pl.DataFrame(
    [
        ("bad/hidden", "hidden", "Trained on the test questions", DAY),
        ("bad/flagged", "flagged", "Its card is wrong.", DAY),
        ("bad/published", "hidden", "Nobody made it.", DAY),
    ],
    schema=marking.MARKS,
    orient="row",
)
SUBMITTED: tuple[dict[str, Any], ...] = (
    {"number": 30, "model": "new/Asked-7B", "state": "submitted"},
    {"number": 29, "model": "new/checked", "state": "checking"},
    {
        "number": 28,
        "model": "new/refused",
        "state": "rejected",
        "problems": ["Gated.", "No."],
    },
    {"number": 27, "model": "new/waits", "position": 1204, "waiting": 2000, "begins": 5400.0},
    {"number": 26, "model": "new/first", "position": 1, "waiting": 2, "begins": 0.0},
    {"number": 25, "model": "new/alone", "position": 1, "waiting": 1},
    {"number": 24, "model": "new/copied"},
    {
        "number": 23,
        "model": "new/runs",
        "state": "running",
        "task": 3,
        "of_tasks": 9,
        "left": 130.0,
    },
    {"number": 22, "model": "new/begins", "state": "running"},
    {"number": 21, "model": "new/done", "state": "ingesting"},
    {"number": 20, "model": "new/gone", "state": "finished", "snapshot": 4},
    {
        "number": 19,
        "model": "new/broke",
        "state": "failed",
        "code": "crashed",
        "message": "It\nbroke.",
    },
    {"number": 18, "model": "new/killed", "state": "failed", "code": "worker-died"},
    {"number": 17, "model": "new/back", "state": "cancelled", "message": "Twice."},
    {"number": 16, "model": "new/again", "state": "superseded", "message": "As submission 31."},
    {"number": 15, "model": "new/refused", "state": "failed", "code": "old"},
    {"number": 14, "model": "new/refused", "state": "cancelled", "lane": "other", "message": "No."},
    {"number": 13, "model": "acme/here", "state": "finished"},
)
ASKED = {"precision": "float32", "lane": "ours", "tasks": "nine", "state": "pending", "since": DAY}


def submitted(source: standing.Source = "ledger") -> standing.Submitted:
    rows = pl.DataFrame([ASKED | row for row in SUBMITTED], schema=standing.STANDING)
    return standing.Submitted(rows, source)


def explain(name: str, source: standing.Source = "nobody") -> absences.Answer:
    rows = entries(*ROWS)
    in_lane = rows.filter(lane="ours", headline=True)
    shown = in_lane.filter(pl.col("model") != "acme/filtered")
    asked = submitted(source)
    if source == "nobody":
        asked = asked._replace(rows=asked.rows.clear())
    located = absences.locate(rows, in_lane, shown)
    known = absences.Known(located, MARKS, asked, QUARANTINE, RUNS)
    return absences.explain(absences.read_name(name), known)


def sentences(answer: absences.Answer) -> list[str]:
    return [told.says for told in answer.told]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("acme/HERE ", ["acme/here is here."]),
        ("https://huggingface.co/acme/here", ["acme/here is here."]),
        ("hf.co/acme/here/tree/main?x=1#y", ["acme/here is here."]),
        (
            "partial",
            ["acme/partial is here. It has no average: 3 of 9 tasks are complete."],
        ),
        (
            "filtered",
            [
                "acme/filtered is in this lane, and your filters hide it.",
                "1 earlier run of acme/filtered, the last of 2026-01-01, is replaced: the Model "
                "page lists it under Runs, with the reason.",
            ],
        ),
        ("doubted", ["bad/doubted is here. Its scores are doubted: All A."]),
        (
            "BAD hidden",
            [
                "bad/hidden is hidden from the leaderboard since 2026-01-02: Trained on the test "
                "questions. Its page shows its scores all the same."
            ],
        ),
        (
            "published",
            ["bad/published is hidden from the leaderboard since 2026-01-02: Nobody made it."],
        ),
        (
            "flagged",
            [
                "bad/flagged is here.",
                "bad/flagged is flagged since 2026-01-02: Its card is wrong. Its scores count all "
                "the same.",
            ],
        ),
        ("cleared", ["bad/cleared is not hidden any more, and comes with the next snapshot."]),
        (
            "elsewhere",
            [
                "acme/elsewhere was asked otherwise. It is in: other (2 of 9 tasks complete), "
                "ours (demonstration questions)."
            ],
        ),
        ("broken", ["In quarantine: acme-broken.jsonl, 2 lines: no such question"]),
        ("ghost", ["In quarantine: runs, 1 line: no run.json"]),
        (
            " type:nobody",
            [
                "Nothing of “type:nobody” is in the warehouse. To ask a model: "
                "python -m evaluator run --model NAME --tasks all"
            ],
        ),
    ],
)
def test_where_a_model_is_stands_in_a_sentence(name: str, told: list[str]) -> None:
    assert sentences(explain(name)) == told


@pytest.mark.parametrize(
    ("name", "number", "stands"),
    [
        ("asked-7b", 30, "was submitted on 2026-01-02, and waits to be checked."),
        ("checked", 29, "is being checked now."),
        (
            "new/waits",
            27,
            "is number 1,204 of 2,000 in the queue, and begins in about 90 minutes.",
        ),
        ("first", 26, "is number 1 of 2 in the queue, and begins as soon as a worker looks."),
        ("alone", 25, "is number 1 of 1 in the queue; nobody can tell yet when it begins."),
        ("copied", 24, "waits in the queue."),
        ("new/runs", 23, "is running: task 3 of 9, about 2 minutes left."),
        ("begins", 22, "is running."),
        ("new/done", 21, "is asked in full, and its answers are being published."),
        (
            "gone",
            20,
            "was finished on 2026-01-02. Its scores came with snapshot 4, and are not in the one "
            "in use.",
        ),
        ("broke", 19, "failed on 2026-01-02 (crashed): It broke."),
        ("killed", 18, "failed on 2026-01-02 (worker-died)."),
        ("back", 17, "was cancelled on 2026-01-02: Twice."),
        ("again", 16, "was superseded on 2026-01-02: As submission 31."),
    ],
)
def test_where_a_submission_is_stands_in_a_sentence_with_its_number(
    name: str, number: int, stands: str
) -> None:
    (told, *rest) = explain(name, "ledger").told
    model = next(row["model"] for row in SUBMITTED if row["number"] == number)
    if name != "broke":  # so a file in quarantine is called, too
        assert rest == []
    assert told == (f"{model} (ours, float32, the nine tasks) {stands}", number)


def test_of_submissions_that_ask_for_the_same_the_newest_is_told() -> None:
    assert explain("new/refused", "ledger").told == [
        (
            "new/refused (ours, float32, the nine tasks) was rejected on 2026-01-02: Gated. No.",
            28,
        ),
        ("new/refused (other, float32, the nine tasks) was cancelled on 2026-01-02: No.", 14),
    ]


def test_of_what_is_here_its_finished_submission_says_nothing() -> None:
    assert explain("acme/here", "ledger").told == [("acme/here is here.", None)]


def test_what_was_never_submitted_is_told_how_it_could_be() -> None:
    answer = explain("stranger", "ledger")
    assert not answer.is_known
    assert sentences(answer) == [
        "Nothing of “stranger” is in the warehouse, and nothing of that name was ever submitted. "
        "To submit it: python -m evaluator submit NAME"
    ]


def test_where_the_queue_is_silent_the_snapshot_answers_and_says_so() -> None:
    answer = explain("copied", "snapshot")
    assert answer.is_known
    assert sentences(answer) == [
        "new/copied (ours, float32, the nine tasks) waits in the queue.",
        absences.SILENT,
    ]


def test_a_part_of_a_name_finds_several_models_and_not_too_many() -> None:
    assert len(explain("acme/").told) == 5  # one has an earlier run
    many = entries(*({"model": f"acme/{number}", "entry": str(number)} for number in range(7)))
    located = absences.locate(many, many, many)
    none = submitted()._replace(rows=submitted().rows.clear())
    known = absences.Known(located, MARKS, none, QUARANTINE.clear(), RUNS.clear())
    told = absences.explain("acme", known).told
    assert len(told) == absences.MOST_MODELS + 1
    assert told[-1].says == "2 more models are called so."


def test_the_copy_in_a_snapshot_is_searched_as_the_ledger_is() -> None:
    numbered = ((3, "a/bc"), (2, "A/b"), (1, "c"))
    copied = pl.DataFrame(
        [ASKED | {"number": number, "model": model} for number, model in numbered]
    )
    assert standing.read_copy(copied, ["a/", "b"])["number"].to_list() == [3, 2]
    assert standing.read_copy(copied, ["a/b"])["number"].to_list() == [2, 3]
    assert standing.read_copy(copied.clear(), ["a"]).schema == standing.STANDING
