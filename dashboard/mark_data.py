"""What maintainers say of models, and what was submitted: from the ledger, else the snapshot.

The ledger knows what was said a moment ago. Where there is none, or it is out of reach, the
snapshot's copy serves. Its libraries take half a second to import, so they are where they are
needed.
"""

from collections.abc import Sequence
from datetime import UTC

import polars as pl

from dashboard import data, marking, standing
from warehouse.ledger.presence import ledger_exists


def marks() -> pl.DataFrame:
    """model, kind, why and since of each model that is hidden or flagged."""
    if ledger_exists():
        from dashboard import ledger_data

        snapshot = data.current_snapshot()
        found = ledger_data.if_in_reach(lambda: ledger_data.find_marks(snapshot))
        if found is not None:
            rows = [
                (one.model, one.kind, one.why, one.at.astimezone(UTC).replace(tzinfo=None))
                for one in found.values()
            ]
            return pl.DataFrame(rows, schema=marking.MARKS, orient="row")
    return data.ask("model_marks")


def leaderboard() -> pl.DataFrame:
    """A row per current run and published entry of a model that is not hidden.

    `flag` has the reason where one is flagged.
    """
    return marking.apply(data.leaderboard(), marks())


def submissions(words: Sequence[str]) -> standing.Submitted:
    """What was submitted of models whose name holds each word."""
    source: standing.Source = "nobody"
    if ledger_exists():
        from dashboard import ledger_data

        found = ledger_data.if_in_reach(lambda: ledger_data.find_named(words))
        if found is not None:
            return standing.Submitted(found, "ledger")
        source = "snapshot"
    return standing.Submitted(standing.read_copy(data.ask("submissions"), words), source)
