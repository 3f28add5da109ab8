"""A file of reviews that is made to break something: each bad line is refused, and told safely."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests import ledgers
from tests.reviewed import answer, claim
from tests.test_review_lines import case_line, review_line, write
from warehouse import cli
from warehouse.ledger import review_file
from warehouse.ledger.cases import find_cases
from warehouse.ledger.opening import Ledger
from warehouse.ledger.review_import import import_reviews
from warehouse.ledger.review_public import find_public_reviews

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
AT = "2026-01-01T00:00:00Z"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202e"


def draw_line(**facts: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"number": 1, "run_id": answer().run_id, "by": None, "at": AT}
    said |= {"size": 1, "population": 1, "answered": 2, "seed": 1}
    group = {"weight": 1.0, "probability": 1.0, "answers": [["t", "s", 0]]}
    return {"draw": said | {"weights": [group]} | facts}


def dispute_line(**facts: Any) -> dict[str, Any]:
    said = claim().model_dump() | {"by": "b", "at": AT, "ruling": None}
    return {"dispute": said | facts}


def ruling(by: str) -> dict[str, Any]:
    return {"by": by, "at": AT, "decision": "rejected", "letters": None, "why": "No."}


def twice(line: dict[str, Any], name: str) -> str:
    """The line with a field a second time: one reader sees one value, another the other."""
    return json.dumps(line).replace(f'"{name}": ', f'"{name}": "death", "{name}": ', 1)


TWO = [{"draw": 1, "probability": 1.0}] * 2
BROKEN: list[tuple[object, str]] = [
    ("\0", "it is no JSON"),
    ("\ufeff{}", "it is none of"),
    ('{"case": ' * 20_000, "it is no JSON"),
    (f'{{"case": {"9" * 5_000}}}', "it is no JSON"),
    ("null", "it is none of"),
    ('"case"', "it is none of"),
    ({ESCAPES: {}}, "it is none of"),
    ({"case": []}, "valid dictionary"),
    (twice(case_line(review_line(1)), "harm"), "harm stands twice in it"),
    (twice(case_line(), "case"), "case stands twice"),
    (case_line(run_id=["r"]), "run_id: Input should be a valid string"),
    (case_line(repeat=1.5), "repeat: "),
    (case_line(repeat=10**30), "repeat: "),
    (case_line(at="0001-01-01T00:00:00+23:59"), "at: "),
    (case_line(at="9999-12-31T23:59:59-23:59"), "at: "),
    (case_line(review_line(1, at=1e300)), "reviews.0.at: "),
    (case_line(by="a\0b"), "cannot be shown"),
    (case_line(review_line(1, by="a\0b")), "cannot be shown"),
    (case_line(review_line(1, comment="x" * 100_000)), "100,000 characters"),
    (case_line(review_line(1, unsafe_reasoning="<b>")), "reviews.0.unsafe_reasoning: "),
    (case_line(**{ESCAPES: 1}), "Extra inputs"),
    (case_line(**{"x" * 100_000: 1}), "xxx…"),
    (case_line(**{f"x{number}": 1 for number in range(5_000)}), "…"),
    (draw_line(weights=float("nan")), "weights: "),
    (draw_line(population=3, answered=1), "answered"),
    (draw_line(by="a\0b"), "cannot be shown"),
    (dispute_line(reason=" \n"), "needs a reason"),
    (dispute_line(reference="\x1b[31m"), "cannot be shown"),
    (dispute_line(ruling=ruling("a\0b")), "cannot be shown"),
    (dispute_line(gold="A\n"), "gold: "),
]


def test_each_bad_line_is_refused_and_the_good_ones_are_in(ledger: Ledger, tmp_path: Path) -> None:
    good = (draw_line(), case_line(drawn=TWO), dispute_line())
    file = write(tmp_path / "a.jsonl", *(line for line, _ in BROKEN), *good)
    done = import_reviews(ledger, file, "a")
    for number, ((line, reason), refused) in enumerate(zip(BROKEN, done.refused, strict=True), 2):
        assert refused.startswith(f"line {number}: "), str(line)[:200]
        assert reason in refused, str(line)[:200]
        assert len(refused) < 600
    assert (done.new, done.known) == (len(good), 0)
    assert [case.draw for case in find_cases(ledger)] == [1]
    assert len(find_public_reviews(ledger).key_disputes) == 1


def test_a_line_that_never_ends_is_skipped_and_never_held_in_memory(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_file, "LONGEST_LINE", 3_000)
    file = write(tmp_path / "a.jsonl", "x" * 10_000, case_line(review_line(1)), "x" * 3_001)
    done = import_reviews(ledger, file, "a")
    reason = "it has more than 3,000 bytes"
    assert done == (1, 0, [f"line 2: {reason}", f"line 4: {reason}"])


@pytest.mark.usefixtures("data_folder")
def test_what_is_refused_cannot_steer_the_terminal(tmp_path: Path) -> None:
    name = "\x1b[31m.jsonl"
    file = write(tmp_path / name, ESCAPES, {ESCAPES: 1}, case_line(**{ESCAPES: 1}))
    done = CliRunner().invoke(cli.main, ["reviews", "import", str(file), "--source", "a"])
    assert (done.exit_code, done.stdout) == (1, "0 lines are new, 0 known, 3 refused.\n")
    assert all(letter == "\n" or letter.isprintable() for letter in done.output)
    told = CliRunner().invoke(cli.main, ["reviews", "export", str(tmp_path / name)])
    assert all(letter == "\n" or letter.isprintable() for letter in told.output)
