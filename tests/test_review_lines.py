"""Reviews and disputes as lines of JSON: out of one ledger and into another, on both databases."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests import ledgers
from tests.reviewed import (
    ADA,
    BEN,
    CLEO,
    MAINTAINER,
    SECRETS,
    answer,
    claim,
    judgement,
    population,
    review,
)
from warehouse import cli
from warehouse.ledger.cases import find_case_of
from warehouse.ledger.disputes import Ruling, dispute, find_disputes, rule
from warehouse.ledger.drawing import draw, find_draws
from warehouse.ledger.errors import BadSubmission
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import LOCAL, Person
from warehouse.ledger.review_import import Imported, import_reviews
from warehouse.ledger.review_lines import export_reviews
from warehouse.ledger.review_public import Public, find_public_reviews
from warehouse.ledger.reviews import correct, count_stages, find_own, history

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


@pytest.fixture
def other(tmp_path: Path, clock: ledgers.Clock) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'other.sqlite'}", clock)
    yield opened
    opened.close()


def fill(ledger: Ledger, clock: ledgers.Clock) -> None:
    """A draw of two; one of them agreed after a correction, one begun; one chosen and adjudicated,
    one chosen and begun; three disputes, whose rulings are in another order."""
    draw(ledger, population(2), 2, MAINTAINER)
    number = review(ledger, answer(0), ADA, "none")
    review(ledger, answer(0), BEN, "mild")
    clock.pass_(1)
    correct(ledger, number, judgement("mild", comment="Größe"), ADA)
    review(ledger, answer(1), ADA, "death")
    for person, harm in ((ADA, "mild"), (BEN, "none"), (CLEO, "severe")):
        review(ledger, answer(7), person, harm)
    review(ledger, answer(8), CLEO)
    numbers = []
    for person in (ADA, CLEO):
        clock.pass_(1)
        numbers.append(dispute(ledger, claim("A" if person == ADA else "B"), person))
    dispute(ledger, claim("", sample_id="test-2"), BEN)
    for number, letters in zip(reversed(numbers), ("B", "A"), strict=True):
        rule(ledger, number, Ruling(decision="upheld", letters=letters, why="So it is."), BEN)


def without_people(found: Public) -> object:
    """What is told, but for numbers and pseudonyms, which are each ledger's own."""
    numbers = ("case", "draw", "number", "reviewer", "disputer")
    facts = ([{**row._asdict(), **dict.fromkeys(numbers)} for row in rows] for rows in found)
    return [sorted(map(tell, rows)) for rows in facts]


def tell(facts: dict[str, Any]) -> str:
    """The same for moments that databases put into another zone."""
    return repr([one.timestamp() if isinstance(one, datetime) else one for one in facts.values()])


def test_what_is_exported_is_the_same_elsewhere(
    ledger: Ledger, clock: ledgers.Clock, other: Ledger, tmp_path: Path
) -> None:
    fill(ledger, clock)
    file = tmp_path / "clinic-a.jsonl"
    assert export_reviews(ledger, file) == 7  # a draw, the three cases of it or done, the disputes
    text = file.read_text(encoding="utf-8")
    assert not any(secret in text for secret in SECRETS)
    assert "death" not in text  # what Ada said of a case that is not done
    assert import_reviews(other, file, "clinic-a") == Imported(7, 0, [])
    told = find_public_reviews(ledger)
    assert len(told.case_reviews) == 5
    assert without_people(find_public_reviews(other)) == without_people(told)
    (one,) = find_draws(other, answer().run_id)
    assert one.drawn == 2
    assert {dispute.source for dispute in find_disputes(other)} == {"clinic-a"}
    own = Person("reviewer-1 of clinic-a", is_reviewer=True)
    assert [(one.harm, one.source) for one in find_own(other, own)] == [("mild", "clinic-a")] * 2


def test_the_same_file_twice_changes_nothing_and_a_newer_one_adds_what_is_new(
    ledger: Ledger, clock: ledgers.Clock, other: Ledger, tmp_path: Path
) -> None:
    fill(ledger, clock)
    file = tmp_path / "a.jsonl"
    export_reviews(ledger, file)
    import_reviews(other, file, "a")
    before = find_public_reviews(other)
    assert import_reviews(other, file, "a") == Imported(0, 7, [])
    assert import_reviews(ledger, file, "a") == Imported(0, 7, [])  # where it is from
    assert find_public_reviews(other) == before
    clock.pass_(1)
    number = find_own(ledger, CLEO)[-1].number
    correct(ledger, number, judgement("death"), CLEO)
    review(ledger, answer(1), BEN, "death")
    rule(ledger, find_disputes(ledger)[-1].number, Ruling(decision="rejected", why="No."), ADA)
    export_reviews(ledger, file)
    assert import_reviews(other, file, "a") == Imported(3, 4, [])
    assert without_people(find_public_reviews(other)) == without_people(find_public_reviews(ledger))


def test_a_private_export_keeps_who_it_was(
    ledger: Ledger, clock: ledgers.Clock, other: Ledger, tmp_path: Path
) -> None:
    fill(ledger, clock)
    review(ledger, answer(1), LOCAL, "death")
    file = tmp_path / "a.jsonl"
    export_reviews(ledger, file, private=True)
    assert file.stat().st_mode & 0o077 == 0
    import_reviews(other, file, "a")
    assert len(find_own(other, ADA)) == 3
    assert find_own(other, LOCAL) == []  # whoever sits there does not sit here
    case = find_case_of(other, answer(1).key)
    assert case
    assert [one.is_own for one in history(other, case.number, ADA)] == [True, False]


def write(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(['{"reviews_and_disputes": 1}', *texts]) + "\n", encoding="utf-8")
    return path


def case_line(*reviews: dict[str, Any], **facts: Any) -> dict[str, Any]:
    said = answer()._asdict() | {"by": None, "at": "2026-01-01T00:00:00Z", "drawn": []} | facts
    return {"case": said | {"reviews": list(reviews)}}


def review_line(number: int, by: str = "reviewer-1", **facts: Any) -> dict[str, Any]:
    at = f"2026-01-01T00:00:{number:02}Z"
    said = {"number": number, "by": by, "at": at, "role": "reviewer", "supersedes": None}
    return judgement().model_dump() | said | facts


def test_what_is_broken_is_refused_with_its_line_and_the_rest_is_loaded(
    ledger: Ledger, tmp_path: Path
) -> None:
    dispute_line = claim().model_dump() | {"by": "b", "at": "2026-01-01T00:00:00Z"}
    ruling = {"at": "2026-01-01T00:00:00Z", "decision": "rejected", "letters": None, "why": "No."}
    draw_line = {"number": 1, "run_id": "r", "by": None, "at": "2026-01-01T00:00:00Z", "size": 1}
    broken: list[tuple[object, str]] = [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it is none of draw, case, dispute"),
        ({"case": {}}, "run_id: Field required"),
        (case_line(review_line(1, harm="bad")), "reviews.0.harm: Input should be 'none'"),
        (case_line(review_line(1, comment="\0")), "cannot be shown"),
        (case_line(review_line(1, at="2026-01-01T00:00:00")), "timezone"),
        (case_line(review_line(1), review_line(2)), "review 2: the same person has judged"),
        (case_line(review_line(1, supersedes=9)), "review 1 corrects 9, which is not above it"),
        (case_line(review_line(2**40)), "reviews.0.number"),
        (case_line(model="\ud800"), "model: Input should be a valid string"),
        (case_line(model="\x1b"), "cannot be shown"),
        (case_line(extra=1), "extra: Extra inputs"),
        ({"draw": draw_line | {"population": 2, "answered": 2, "seed": 1}}, "weights: Field"),
        ({"dispute": dispute_line | {"ruling": ruling | {"by": "b"}}}, "by who raised the dispute"),
        ({"dispute": dispute_line | {"wanted": "c"}}, "wanted: String should match"),
    ]
    file = write(tmp_path / "a.jsonl", *(line for line, _ in broken), case_line(review_line(1)))
    done = import_reviews(ledger, file, "a")
    for number, ((_, reason), refused) in enumerate(zip(broken, done.refused, strict=True), 2):
        assert refused.startswith(f"line {number}: ")
        assert reason in refused
    assert (done.new, done.known) == (1, 0)
    assert sum(count_stages(ledger).values()) == 1
    assert find_disputes(ledger) == []


def test_two_samples_that_were_drawn_apart_are_not_put_together(
    ledger: Ledger, clock: ledgers.Clock, other: Ledger, tmp_path: Path
) -> None:
    fill(ledger, clock)
    draw(other, population(2), 1, MAINTAINER)
    before = find_draws(other, answer().run_id)
    export_reviews(ledger, tmp_path / "a.jsonl")
    done = import_reviews(other, tmp_path / "a.jsonl", "a")
    assert len(done.refused) == 1
    assert "line 2: acme--likely-7b-0123 has draws of its own here" in done.refused[0]
    assert find_draws(other, answer().run_id) == before
    assert len(find_public_reviews(other).judged_cases) == 2


@pytest.mark.parametrize("text", ["", "{}", "[]", "no", '{"reviews_and_disputes": 2}'])
def test_another_file_is_refused_whole(other: Ledger, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(BadSubmission, match=r"a\.jsonl"):
        import_reviews(other, tmp_path / "a.jsonl", "a")


def test_the_commands_export_and_import(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = open_ledger()
    for person in (ADA, BEN):
        review(made, answer(), person)
    made.close()
    file = str(tmp_path / "clinic-a.jsonl")
    run = CliRunner().invoke
    done = run(cli.main, ["reviews", "export", file])
    assert done.output == f"1 draws, cases and disputes are in {file}.\n"
    with Path(file).open("a") as lines:
        lines.write("\x1b[31m")
    monkeypatch.setenv("LEADERBOARD_DATA", str(data_folder.with_name("elsewhere")))
    done = run(cli.main, ["reviews", "import", file])
    assert (done.exit_code, done.stdout) == (1, "1 lines are new, 0 known, 1 refused.\n")
    assert done.stderr.startswith(f"{file}, line 3: it is no JSON")
    opened = open_ledger()
    own = Person("reviewer-1 of clinic-a", is_reviewer=True)
    assert [one.source for one in find_own(opened, own)] == ["clinic-a"]
    opened.close()
