"""What a snapshot tells of reviews, and whether it may, and is right."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import duckdb

from tests.stress import clinic
from warehouse import rules
from warehouse.ledger.stages import settle
from warehouse.snapshots import Snapshot

SAID = re.compile(r"said of (\d+) by (\d+)\.")
Row = dict[str, Any]


class Shown(NamedTuple):
    """What a snapshot tells."""

    judged: list[Row]
    said: list[Row]
    disputed: list[Row]
    values: str
    content: bytes
    breaches: list[str]


def read_shown(snapshot: Snapshot) -> Shown:
    """All that is in a snapshot; texts are packed in its file, so both are looked at."""
    with duckdb.connect(str(snapshot.path), read_only=True) as connection:
        names = connection.sql("select table_name from duckdb_tables() where not temporary")
        tables = {name: connection.table(name).pl() for (name,) in names.fetchall()}
        breaches = rules.find_breaches(connection, range(1, 100))
    return Shown(
        judged=tables["judged_cases"].to_dicts(),
        said=tables["case_reviews"].to_dicts(),
        disputed=tables["key_disputes"].to_dicts(),
        values=str([frame.rows() for frame in tables.values()]),
        content=snapshot.path.read_bytes(),
        breaches=breaches,
    )


def require_private(shown: Shown) -> None:
    """Nobody's address or draft, and no word of a case that is not done."""
    for secret in (clinic.DOMAIN, clinic.SECRET):
        assert secret not in shown.values
        assert secret.encode() not in shown.content
    told = {(int(case), int(by)) for case, by in SAID.findall(shown.values)}
    done = {row["case_number"] for row in shown.judged}
    assert {case for case, _ in told} == done == {row["case_number"] for row in shown.said}
    assert len(told) == len(shown.said), "one review of each person"


def require_true(shown: Shown, kept: dict[str, list[Row]]) -> None:
    """Each case is as its reviews made it at some moment, and that is done."""
    said = defaultdict(list)
    for row in kept["reviews"]:
        said[row["case"]].append(row)
    told = defaultdict(list)
    for row in shown.said:
        told[row["case_number"]].append((row["comment"], row["harm"], row["role"]))
    for row in shown.judged:
        own, number = said[row["case_number"]], row["case_number"]
        moments = (count(own[:length]) for length in range(2, len(own) + 1))
        possible = [
            (settle(counted).harm, str(settle(counted).stage), sorted(map(tell, counted)))
            for counted in moments
        ]
        assert (row["harm"], row["settled"], sorted(told[number])) in possible, number


def count(rows: Sequence[Row]) -> list[Row]:
    """Those that none of the others corrects."""
    corrected = {row["supersedes"] for row in rows}
    return [row for row in rows if row["number"] not in corrected]


def tell(row: Row) -> tuple[str, str, str]:
    return row["comment"], row["harm"], row["role"]


def require_stable(told: Sequence[Shown], reviewers: int) -> None:
    """Everyone has one pseudonym in all snapshots, and nobody another's."""
    pairs = {
        (SAID.fullmatch(row["comment"]).group(2), row["reviewer"])  # type: ignore[union-attr]
        for shown in told
        for row in shown.said
    }
    assert len(pairs) == len({by for by, _ in pairs}) == len({name for _, name in pairs})
    assert len(pairs) == reviewers
