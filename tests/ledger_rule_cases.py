"""Statements that break the rules on what is copied from the ledger, with the rows then found."""

from typing import Any

MARK = "insert into model_marks values ('{model}', '{kind}', '{why}', '2026-01-01')"
SUBMISSION = """
insert into submissions values (
    1, 'm', {revision}, 'float32', 'loglikelihood-0shot', 'nine', '{weights}', null, '{state}',
    null, null, '2026-01-01', '2026-01-02', null, {run_id}, '{submitter}'
)
"""
RUN, RANKED = "baseline-random", ("loglikelihood-0shot", "sample")
Broken = tuple[str, str, tuple[Any, ...]] | tuple[str, str, tuple[Any, ...], dict[str, list[Any]]]
"""A rule, the statement that breaks it, the row that the rule finds, and what other rules find."""


def mark(model: str = "m", kind: str = "flagged", why: str = "Odd.") -> str:
    return MARK.format(model=model, kind=kind, why=why)


def submission(**change: str) -> str:
    facts = {"revision": "'c'", "weights": "original", "state": "finished", "run_id": "'m-1'"}
    return SUBMISSION.format(**facts | {"submitter": "submitter-1"} | change)


KNOWN = "submission_is_in_a_known_state"
REASON = "model_mark_is_one_with_its_reason"
BROKEN: list[Broken] = [
    (REASON, f"{mark()};{mark()}", ("m", "flagged", "Odd.", 2)),
    (REASON, mark(kind="cleared"), ("m", "cleared", "Odd.", 1)),
    (REASON, mark(why=" "), ("m", "flagged", " ", 1)),
    ("submission_number_is_unique", f"{submission()};{submission()}", (1, 2)),
    (KNOWN, submission(state="lost"), (1, "lost", "original", "c", "m-1")),
    (KNOWN, submission(weights="half"), (1, "finished", "half", "c", "m-1")),
    (KNOWN, submission(revision="null"), (1, "finished", "original", None, "m-1")),
    (KNOWN, submission(run_id="null"), (1, "finished", "original", "c", None)),
    ("hidden_model_is_not_ranked", mark("Flan-PaLM", "hidden"), ("Flan-PaLM", "*", "*")),
    (
        "hidden_model_is_not_ranked",
        mark("baseline:random", "hidden") + f"; delete from leaderboard where run_id = '{RUN}'",
        ("baseline:random", RUN, ", ".join(RANKED)),
        {
            "complete_run_has_its_rank": [(*RANKED, RUN, 1)],
            "counted_run_counts": [(RUN, "sample", None, 3)],
        },
    ),
    ("submitter_is_a_pseudonym", submission(submitter="a@b.org"), (1, "a@b.org")),
]
