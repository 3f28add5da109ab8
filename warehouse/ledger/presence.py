"""Whether there is a ledger: asked without the half second of imports that opening one takes."""

import os

from warehouse import settings


def ledger_exists() -> bool:
    """Whether a ledger was made in the data folder, or `LEADERBOARD_LEDGER` names one."""
    return bool(os.environ.get("LEADERBOARD_LEDGER")) or settings.ledger_file().exists()
