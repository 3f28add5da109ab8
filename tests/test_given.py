"""How answers were given, in words and lines."""

import polars as pl
import pytest

from dashboard import given

ROTATED, DRAWN = "rotate-0shot", "generate-0shot-t0.7x3"


def repeats(*picks: str | None, key: str = "A", **more: object) -> pl.DataFrame:
    rows = [
        {"repeat": repeat, "prediction": pick, "correct": pick == key, "confidence": 0.5}
        | {"written_tokens": None, "seconds": None, "cost": None, "finish": None}
        | more
        for repeat, pick in enumerate(picks)
    ]
    schema = {"prediction": pl.String, "finish": pl.String, "written_tokens": pl.Int64}
    schema |= {"seconds": pl.Float64, "cost": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=schema)


@pytest.mark.parametrize(
    ("picks", "lane", "said"),
    [
        ("AAAA", ROTATED, "With each choice in each place in turn, it picked the key each time."),
        ("BBBB", ROTATED, "With each choice in each place in turn, it never picked the key."),
        (
            "AACA",
            ROTATED,
            "With each choice in each place in turn, it picked the key three times. Its picks: A "
            "three times, C once.",
        ),
        (
            ["A", None],
            DRAWN,
            "Asked twice with the same words, it picked the key once. Its picks: A once, "
            "unreadable once.",
        ),
        ("AA", "other-essays", "Asked twice, it picked the key each time."),
    ],
)
def test_it_is_said_how_often_the_key_was_picked(picks: list[str], lane: str, said: str) -> None:
    assert given.say_repeats(repeats(*picks), lane) == said


def test_orders_are_those_that_the_model_saw() -> None:
    rows = given.repeat_rows(repeats("A", "B", "C"), ROTATED, 3)
    assert [*rows["order"]] == ["A B C", "B C A", "C A B"]
    assert [*given.repeat_rows(repeats("A", None), DRAWN, 3)["pick"]] == ["A", "none"]


@pytest.mark.parametrize(
    ("before", "after", "answer", "said"),
    [
        ("A", "A", "A", ["The reasoning left its pick as it was: A."]),
        ("A", "B", "B", ["The reasoning changed its pick from A to B."]),
        (
            "B",
            "B",
            "C",
            [
                "The reasoning left its pick as it was: B.",
                "Asked for a letter right after its reasoning, it picks B; the answer that it "
                "wrote is another, C.",
            ],
        ),
    ],
)
def test_an_answer_that_is_not_that_of_its_reasoning_is_told(
    before: str, after: str, answer: str, said: list[str]
) -> None:
    pick = {"pick_before": before, "pick_after": after, "prediction": answer}
    assert given.say_reasoning(pick) == said


def test_what_answers_took_is_said_as_far_as_it_is_known() -> None:
    assert given.say_effort(repeats("A")) == ""
    one = repeats("A", written_tokens=1, seconds=0.01, cost=0.0012)
    assert given.say_effort(one) == "1 token written, less than 0.1 seconds, 0.0012 US dollars."
    two = repeats("A", "B", seconds=1.5, finish="limit")
    said = "Both answers: 3.0 seconds. All were cut off at the limit."
    assert given.say_effort(two) == said
    ended = two.with_columns(finish=pl.Series(["limit", "end"]))
    assert given.say_effort(ended).endswith(" 1 was cut off at the limit.")


@pytest.mark.parametrize(
    ("cost", "written"), [(0, "0"), (12.345, "12.35"), (0.00123, "0.0012"), (1234.5, "1,234.50")]
)
def test_small_costs_keep_two_digits(cost: float, written: str) -> None:
    assert given.dollars(cost) == written


def answered(**more: object) -> pl.DataFrame:
    row = {
        "task": "a",
        "task_title": "A",
        "questions": 30,
        "repeats": 1,
        "answers": 30,
        "accuracy": 0.5,
    }
    row |= dict.fromkeys(("always_right", "agreement", "written_tokens", "cut_off", "cost"))
    row |= {"headline": True, "asked_after": 30}
    row |= {"thought": 0.0, "rationale_changes": None, "reasons_otherwise": None, "seconds": 1.0}
    return pl.DataFrame([row, row | {"task": "b", "task_title": "B", "questions": 10} | more])


def test_what_stands_out_in_a_run_is_weighed_by_questions() -> None:
    assert given.say_answers(answered()) == []
    several = answered().with_columns(accuracy=pl.Series([0.5, 0.7]), always_right=0.2)
    assert given.say_answers(several) == [
        "55.0% of its answers are right, and 20.0% of the questions were right every time. The "
        "other right answers came and went from one time to the next."
    ]
    reasoned = answered(rationale_changes=0.5, reasons_otherwise=0.25, cut_off=0.1)
    assert given.say_answers(reasoned) == [
        "Its reasoning changed its pick in 50.0% of the answers.",
        "In 25.0% of the answers that can be read, it answered otherwise than it does when asked "
        "for a letter right after its reasoning.",
        "10.0% of the answers were cut off at the limit of tokens.",
    ]


def test_answers_that_can_be_read_are_weighed_by_their_number() -> None:
    told = answered().with_columns(
        reasons_otherwise=pl.Series([0.5, 0.1]), asked_after=pl.Series([5, 15])
    )
    (sentence,) = given.say_answers(told)
    assert sentence.startswith("In 20.0% of the answers that can be read, ")


def test_two_boards_are_never_in_one_number() -> None:
    shares = answered(headline=False).with_columns(rationale_changes=pl.Series([0.5, 0.1]))
    changed = "Its reasoning changed its pick in 50.0% of the answers."
    assert given.say_answers(shares) == [changed, "This is of the nine tasks alone."]
    beside = shares.with_columns(headline=False)
    assert given.say_answers(beside) == [changed, "This is of A alone."]


def test_a_task_has_its_shares_in_per_cent_and_no_thoughts_where_none_were_written() -> None:
    rows = given.task_rows(answered(repeats=4, thought=0.5, agreement=0.75))
    assert [*rows["repeats"]] == [None, 4]
    assert [*rows["thought"]] == [None, 50]
    assert [*rows["agreement"]] == [None, 75]
    assert rows.columns == [*given.LINE]
