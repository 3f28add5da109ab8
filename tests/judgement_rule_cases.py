"""Statements that break the rules on flags, reviews and disputed keys, with the rows then found."""

from typing import Any

RUN, RANDOM = "baseline-random", "run_id = 'baseline-random'"
FIRST = "sample_id = 'sample-001'"
NUMBER = f"(select number from samples where {FIRST})"
GOLD = f"(select gold from samples where {FIRST})"
OTHER = (
    f"(select chr((65 + (ascii(gold) - 64) % len(choices))::integer) from samples where {FIRST})"
)
"""A wrong letter of the first question."""
MARK = """
insert into contraindicated_choices values (
    {sample}, {letter}, '{rule}', '{words}', null, {context_words}, 'w', 's', '{strength}'
)
"""
PASSAGE = """
insert into prediction_flags values (
    (select number from runs where run_id = 'baseline-random'), {sample}, {repeat}, '{flag}',
    '{kind}', '{words}', {start}, {end}
)
"""
CASE = """
insert into judged_cases values (
    {number}, '{run_id}', 'sample', '{sample_id}', 0, {prediction}, '{harm}', '{settled}', {draw},
    {probability}, {population}, {answered}, {drawn}, {judged_share}
)
"""
REVIEW = """
insert into case_reviews values (
    {number}, 'baseline-random', 'sample', '{sample_id}', 0, '{reviewer}', '{role}', '{harm}',
    '{likelihood}', '{kind}', false, '{confidence}', '', '2026-01-01'
)
"""
DISPUTE = """
insert into key_disputes values (
    {number}, 'sample', '{sample_id}', {gold}, {wanted}, 'r', null, '{disputer}', '2026-01-01',
    '{state}', {letters}, {why}, {version}, {ruled_at}
)
"""
PICKS = "insert into sample_picks values ('{task}', '{sample_id}', {runs}, {picks})"
Broken = tuple[str, str, tuple[Any, ...]] | tuple[str, str, tuple[Any, ...], dict[str, list[Any]]]
"""A rule, the statement that breaks it, the row that the rule finds, and what other rules find."""


def mark(**change: str) -> str:
    facts = {"sample": NUMBER, "letter": OTHER, "words": "drug", "context_words": "['boy']"}
    return MARK.format(**facts | {"strength": "avoid", "rule": "r"} | change)


def passage(**change: Any) -> str:
    facts = {"sample": NUMBER, "repeat": 0, "flag": "contradiction", "kind": "warns"}
    return PASSAGE.format(**facts | {"words": "no", "start": 3, "end": 5} | change)


def case(**change: Any) -> str:
    facts = {"number": 1, "run_id": RUN, "sample_id": "sample-001", "prediction": "'A'"}
    facts |= {"harm": "mild", "settled": "agreed", "draw": 1, "probability": 0.5}
    facts |= {"drawn": 5, "judged_share": 0.2}
    return CASE.format(**facts | {"population": 10, "answered": 92} | change)


def review(**change: Any) -> str:
    facts = {"number": 1, "sample_id": "sample-001", "reviewer": "reviewer-1", "role": "reviewer"}
    facts |= {"harm": "mild", "likelihood": "low", "kind": "omission", "confidence": "high"}
    return REVIEW.format(**facts | change)


def dispute(**change: Any) -> str:
    facts = {"number": 1, "sample_id": "sample-001", "gold": GOLD, "wanted": "''"}
    facts |= {"disputer": "reviewer-1", "state": "open", "letters": "null", "why": "null"}
    return DISPUTE.format(**facts | {"version": "null", "ruled_at": "null"} | change)


def picks(place: int, runs: int = 3, counts: str = "[1, 1, 1, 0]", task: str = "sample") -> str:
    return PICKS.format(sample_id=key(place), runs=runs, picks=counts, task=task)


def together(
    rule: str, statements: list[str], row: tuple[Any, ...], others: dict[str, list[Any]]
) -> Broken:
    """Rows that each break a rule in a way of their own: `row` is found for every one of them."""
    return rule, ";".join(statements), row, {rule: [row] * len(statements)} | others


def key(place: int) -> str:
    return f"sample-{place:03}"


ODD_REVIEWS: tuple[dict[str, str], ...] = (
    {"reviewer": "reviewer-1", "role": "boss"},
    {"reviewer": "reviewer-2", "harm": "awful"},
    {"reviewer": "reviewer-3", "likelihood": "sure"},
    {"reviewer": "reviewer-4", "kind": "both"},
    {"reviewer": "reviewer-5", "confidence": "none"},
    {"reviewer": "dr.who@clinic.example"},
)
ODD_CASES: tuple[dict[str, Any], ...] = (
    {"harm": "awful"},
    {"settled": "open"},
    {"draw": "null"},
    {"probability": "null"},
    {"probability": 0},
    {"probability": 1.01},
    {"population": 93},
    {"population": 0},
    {"answered": "null"},
    {"drawn": "null"},
    {"drawn": 11},
    {"judged_share": "null"},
    {"judged_share": 0},
    {"judged_share": 1.01},
)
UPHELD = {"state": "upheld", "letters": "'A'", "why": "'w'", "version": "1"}
UPHELD |= {"ruled_at": "'2026-01-02'"}
ODD_PICKS: tuple[tuple[Any, ...], ...] = (
    (2,),
    (4,),
    (3, "[1, 1, 1]"),
    (3, "[-1, 1, 1, 0]"),
    (3, "[1, 1, 1, 0]", "medmcqa"),
)
VOTING = "update counted_runs set votes = true; update models set type = 'open weights'; "
WRONG, WORDS = "contraindicated_choice_is_a_wrong_one", "judged_case_is_in_known_words"
OF_PREDICTION, OF_ANSWER = "prediction_flag_is_of_a_prediction", "judged_case_is_of_an_answer"
REVIEW_WORDS, STATE = "case_review_is_in_known_words", "key_dispute_is_in_a_known_state"
CHOICES, ADDS_UP = "key_dispute_names_choices", "sample_picks_are_counts_of_runs"
ALL = ("baseline-longest-choice", "baseline-majority", RUN)


def unscored(*versions: str) -> dict[str, list[Any]]:
    """What is found where a key is disputed and scores are not made anew."""
    missing = [
        (run, "sample", version, "*", "*", None, None) for run in ALL for version in versions
    ]
    return {"scores_follow_the_other_keys": missing}


OPEN, RULED = unscored("undisputed"), unscored("reviewed", "undisputed")
BROKEN: list[Broken] = [
    together(
        WRONG,
        [
            mark(**change)
            for change in (
                {"letter": GOLD},
                {"letter": "'E'"},
                {"sample": "99"},
                {"strength": "maybe"},
                {"words": " ", "rule": "r2"},
                {"context_words": "[]", "rule": "r3"},
            )
        ],
        ("*",) * 6,
        {},
    ),
    ("contraindicated_choice_is_unique", f"{mark()};{mark()}", ("*", "*", "r", 2)),
    together(
        OF_PREDICTION,
        [
            passage(**change)
            for change in (
                {"sample": "99"},
                {"repeat": 1},
                {"flag": "confident"},
                {"kind": "hints"},
                {"words": " "},
                {"start": -1},
                {"start": 4, "end": 4},
            )
        ],
        ("*",) * 8,
        {},
    ),
    ("prediction_flag_is_unique", f"{passage()};{passage()}", ("*",) * 7 + (2,)),
    together(
        WORDS,
        [
            case(number=number, sample_id=key(number), **change)
            for number, change in enumerate(ODD_CASES, 1)
        ],
        ("*",) * 9,
        {},
    ),
    together(
        OF_ANSWER,
        [
            case(run_id="none"),
            case(number=2, sample_id="none"),
            case(number=3, prediction="'E'"),
        ],
        ("*", "*", "sample", "*", "*", "*"),
        {},
    ),
    (
        "judged_case_is_unique",
        f"{case()};{case(sample_id='sample-002')}",
        (1, RUN, "sample", "sample-001", 0),
        {
            "judged_case_is_unique": [
                (1, RUN, "sample", "sample-001", 0),
                (1, RUN, "sample", "sample-002", 0),
            ]
        },
    ),
    (
        "judged_case_is_unique",
        f"{case()};{case(number=2)}",
        (1, RUN, "sample", "sample-001", 0),
        {"judged_case_is_unique": [(n, RUN, "sample", "sample-001", 0) for n in (1, 2)]},
    ),
    (
        "case_review_is_of_a_judged_case",
        f"{case()};{review(sample_id='sample-002')};{review(number=2)}",
        (1, "reviewer-1", RUN, "sample", "sample-002"),
        {
            "case_review_is_of_a_judged_case": [
                (1, "reviewer-1", RUN, "sample", "sample-002"),
                (2, "reviewer-1", RUN, "sample", "sample-001"),
            ]
        },
    ),
    (
        REVIEW_WORDS,
        ";".join([case()] + [review(**change) for change in ODD_REVIEWS]),
        (1, "*", "*", "*", "*", "*", "*"),
        {REVIEW_WORDS: [(1, *("*",) * 6)] * len(ODD_REVIEWS)},
    ),
    ("case_review_is_unique", f"{case()};{review()};{review()}", (1, "reviewer-1", 2)),
    together(
        STATE,
        [
            dispute(number=number, **change)
            for number, change in enumerate(
                (
                    {"state": "closed"},
                    {"letters": "'A'"},
                    {"version": "7"},
                    {"why": "'w'"},
                    {"ruled_at": "'2026-01-01'"},
                    UPHELD | {"version": "0"},
                    UPHELD | {"version": "2", "why": "null"},
                    {"disputer": "dr.who@clinic.example"},
                ),
                1,
            )
        ],
        ("*",) * 7,
        RULED,
    ),
    together(
        CHOICES,
        [
            dispute(number=1, gold="'E'"),
            dispute(number=2, wanted="'AE'"),
            dispute(number=3, **UPHELD | {"letters": "'AE'"}),
            dispute(number=4, sample_id="none"),
        ],
        ("*", "sample", "*", "*", "*", "*", "*"),
        RULED,
    ),
    (
        "key_dispute_is_unique",
        f"{dispute()};{dispute()}",
        (1, "sample", "sample-001", None),
        OPEN | {"key_dispute_is_unique": [(1, "sample", "sample-001", None)] * 2},
    ),
    (
        "key_dispute_is_unique",
        f"{dispute(**UPHELD)};{dispute(**UPHELD, number=2)}",
        (1, "sample", "sample-001", 1),
        RULED | {"key_dispute_is_unique": [(n, "sample", "sample-001", 1) for n in (1, 2)]},
    ),
    *(
        (
            "score_is_of_known_keys",
            f"update scores set key_version = '{version}' where {RANDOM} "
            "and slice_value = 'Geriatrics'",
            (RUN, "sample", "subject", "Geriatrics", version),
        )
        for version in ("reviewed", "own")
    ),
    (
        "scores_follow_the_other_keys",
        dispute() + "; insert into scores "
        "select * replace ('undisputed' as key_version, correct + 1 as correct) "
        "from scores where slice = 'all' and key_version = 'original' "
        "and run_id <> 'baseline-random'",
        (RUN, "sample", "undisputed", 91, "*", "*", "*"),
        {
            "scores_follow_the_other_keys": [
                (run, "sample", "undisputed", 91, "*", "*", "*") for run in ALL
            ]
        },
    ),
    *(
        (
            "other_average_needs_a_disputed_key",
            f"update leaderboard set {column} = 0.5 where {RANDOM}",
            (RUN, "*", None, "*", "*"),
        )
        for column in ("average_reviewed", "average_undisputed")
    ),
    *(
        (
            "counted_run_counts",
            statement,
            ("*", "sample", "*", "*"),
        )
        for statement in (
            f"delete from counted_runs where {RANDOM}",
            f"update counted_runs set votes = not votes where {RANDOM}",
            "insert into counted_runs select * replace ('x' as run_id) "
            f"from counted_runs where {RANDOM}",
        )
    ),
    (
        ADDS_UP,
        VOTING + ";".join(picks(place, *odd) for place, odd in enumerate(ODD_PICKS, 1)),
        ("*",) * 5,
        {ADDS_UP: [("*",) * 5] * len(ODD_PICKS)},
    ),
    (
        "sample_picks_key_is_unique",
        f"{VOTING}{picks(1)};{picks(1)}",
        ("sample", "sample-001", 2),
    ),
]
