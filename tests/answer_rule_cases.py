"""Statements that break the rules on answers that are given in words, or several times."""

from typing import Any

RUN = "baseline-random"
ONE = (
    "(select number from runs where run_id = 'baseline-random'), "
    "(select number from samples where sample_id = 'sample-001')"
)
EVEN = "[-1.4, -1.4, -1.4, -1.4]"
Broken = tuple[str, str, tuple[Any, ...]]
"""A rule, the statement that breaks it, and the row that the rule finds."""


def answer(**change: str) -> str:
    facts = {"repeat": "0", "written": "3", "cost": "0.1", "finish": "'end'"}
    facts |= {"before": EVEN, "after": "null"} | change
    return (
        "insert into answers values ({one}, {repeat}, 9, {written}, 0.5, {cost}, {finish}, "
        "false, {before}, {after})"
    ).format(one=ONE, **facts)


BROKEN: list[Broken] = [
    ("answer_is_unique", f"{answer()}; {answer()}", ("*", "*", 0, 2)),
    ("answer_is_of_a_prediction", answer(repeat="1"), ("*", "*", 1)),
    *(
        ("answer_is_in_its_range", answer(**{name: value}), ("*", "*", 0, "*", "*", "*"))
        for name, value in (
            ("written", "-1"),
            ("cost", "-0.01"),
            ("cost", "'nan'::double"),
            ("finish", "'bored'"),
        )
    ),
    *(
        (
            "rationale_logprobs_are_log_probabilities",
            answer(**{name: value}),
            (RUN, "sample", "sample-001", "*", 4),
        )
        for name, value in (
            ("before", "[0.1, -2, -3, -4]"),
            ("before", "[-1, -2, -3]"),
            ("after", "[-1, -2, -3, '-inf'::float]"),
            ("after", "['nan'::float, -2, -3, -4]"),
            ("after", "[-1, -2, -3, null]"),
        )
    ),
]
