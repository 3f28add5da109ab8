"""What is typed into the search for models, and what it finds."""

from typing import Any

import pytest

from dashboard.search import PRESETS, parse_search
from tests.test_tables import entries

ROWS: tuple[dict[str, Any], ...] = (
    {"model": "meta/Llama-3-8B", "parameters": 8_030_000_000, "licence": "llama3"},
    {"model": "google/gemma-2b", "parameters": 2_500_000_000, "precision": "float16"},
    {"model": "gpt-4o", "type": "closed", "parameters": None, "licence": None, "precision": None},
    {"model": "baseline:majority", "type": "baseline", "parameters": None, "licence": None},
    {"model": "labs/tiny", "parameters": 500_000_000, "tasks_complete": 3},
)
LLAMA, GEMMA, GPT, MAJORITY, TINY = (row["model"] for row in ROWS)


def find(text: str) -> list[str]:
    return entries(*ROWS).filter(parse_search(text).keep)["model"].to_list()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" ", [LLAMA, GEMMA, GPT, MAJORITY, TINY]),
        ("LLAMA 8b", [LLAMA]),
        ("llama gemma", []),
        (".*", []),
        ("ABC123 gpt", [GPT]),
        ("baseline:majority", [MAJORITY]),
        ("type:open", [LLAMA, GEMMA, TINY]),
        ("type:closed,BASE", [GPT, MAJORITY]),
        ("-type:open", [GPT, MAJORITY]),
        ("-org:google type:open", [LLAMA, TINY]),
        ("org:google", [GEMMA]),
        ("org:unknown", [GPT, MAJORITY]),
        ("licence:llama", [LLAMA]),
        ("license:apache", [GEMMA, TINY]),
        ("licence:unknown", [GPT, MAJORITY]),
        ("architecture:llama org:meta", [LLAMA]),
        ("precision:bf16", [LLAMA, MAJORITY, TINY]),
        ("precision:float16", [GEMMA]),
        ("precision:unknown", [GPT]),
        ("complete:yes", [LLAMA, GEMMA, GPT, MAJORITY]),
        ("complete:no", [TINY]),
        ("size:<2.5", [TINY]),
        ("size:<=2.5", [GEMMA, TINY]),
        ("size:>2.5b", [LLAMA]),
        ("size:>=500m", [LLAMA, GEMMA, TINY]),
        ("size:2-9", [LLAMA, GEMMA]),
        ("size:8", [LLAMA]),
        ("-size:<10", [GPT, MAJORITY]),
        ("size:500m", [TINY]),
        ("size:unknown", [GPT, MAJORITY]),
    ],
)
def test_a_search_finds(text: str, found: list[str]) -> None:
    assert find(text) == found
    assert parse_search(text).problems == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("size:big", "“size:big” is left out: sizes are billions of weights, such as size:<10, "),
        ("size:<1-2", "“size:<1-2” is left out: sizes are billions of weights"),
        ("size:1-2-3", "“size:1-2-3” is left out: sizes are billions of weights"),
        ("size:", "“size:” is left out: sizes are billions of weights"),
        ("complete:maybe", "“complete:maybe” is left out: write complete:yes or complete:no."),
        ("type:", "“type:” is left out: it needs a value, such as type:open."),
        ("precision:,", "“precision:,” is left out: it needs a value, such as precision:bf16."),
    ],
)
def test_what_is_not_understood_is_left_out_and_told(text: str, problem: str) -> None:
    told = parse_search(f"{text} gemma").problems
    assert len(told) == 1
    assert told[0].startswith(problem)
    assert find(f"{text} gemma") == [GEMMA]


def test_a_field_that_is_nearly_one_is_asked_about() -> None:
    search = parse_search("licenc:apache")
    assert search.problems == (
        "“licenc:apache” is looked for in names. Or is licence:apache meant?",
    )
    assert find("licenc:apache") == []


def test_the_words_of_a_search_are_known() -> None:
    assert parse_search("Llama type:open 8b").words == ("llama", "8b")


def test_every_quick_filter_is_understood_and_hides_something() -> None:
    for text in PRESETS.values():
        assert parse_search(text).problems == ()
        assert 0 < len(find(text)) < len(ROWS)
    assert find(PRESETS["Open weights under 10B"]) == [LLAMA, GEMMA, TINY]
    assert find(PRESETS["No baselines"]) == [LLAMA, GEMMA, GPT, TINY]


def test_demonstration_rows_are_complete_by_their_own_questions() -> None:
    rows = entries(
        {"model": "all", "headline": False, "tasks_complete": 0},
        {"model": "some", "headline": False, "tasks_complete": 0, "partial_tasks": ["sample"]},
    )
    assert rows.filter(parse_search("complete:yes").keep)["model"].to_list() == ["all"]
