"""As many rows and columns as the leaderboard has, for the bare apps; no library is needed."""

COLUMNS = 20


def made_rows(count: int) -> dict[str, list[str | float]]:
    """From each column's name to its values: a rank, a name, and scores with their margins."""
    rows: dict[str, list[str | float]] = {
        "rank": [number + 1.0 for number in range(count)],
        "model": [f"lab-{number % 97}/model-{number:05}" for number in range(count)],
    }
    for column in range(COLUMNS - len(rows)):
        rows[f"score {column}"] = [
            f"{(number * 7 + column * 13) % 1000 / 10:.1f} ±2.7" for number in range(count)
        ]
    return rows
