"""Statements to begin with, each a file in `examples/` whose first line is its question."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "examples"


@cache
def list_examples() -> dict[str, str]:
    """From each example's question to its statement, in the order of `ORDER`."""
    texts = [(FOLDER / f"{name}.sql").read_text(encoding="utf-8") for name in ORDER]
    return {text.partition("\n")[0].removeprefix("--").strip(): text.strip() for text in texts}


ORDER = (
    "best_models",
    "best_by_size",
    "accuracy_by_subject",
    "accuracy_by_safety",
    "hardest_questions",
    "only_one_wrong",
    "doubted_keys",
    "favourite_letters",
    "overconfident_models",
    "unreadable_answers",
    "shared_questions",
    "published_and_here",
)
