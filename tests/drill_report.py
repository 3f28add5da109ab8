"""What the drill measured, as a page to read."""

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from tests.drill import HOUR, HOURS, NIGHT, Day
from warehouse.ledger.reviews import count_stages
from warehouse.ledger.submissions import count_states

STEADY = {"dashboard": 1, "worker-2": 1, "watcher": NIGHT + 1}
"""Processes that nobody kills, from the hour that they are at work on."""


def mean_memory(day: Day, role: str, parts: int) -> list[float]:
    """Mean bytes of a process in each of so many equal parts of its undisturbed life."""
    seen = [look.resident[role] for look in day.looks if STEADY[role] <= look.hour <= HOURS]
    length = len(seen) // parts
    return [mean(seen[part * length : (part + 1) * length]) for part in range(parts)]


def read_waits(data: Path) -> list[float]:
    """Seconds of every answer that a reader had."""
    lines = [
        json.loads(line)
        for path in sorted(data.glob("journal.reader.*"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return sorted(line["seconds"] for line in lines)


def quantile(values: Sequence[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)]


def write_report(day: Day, seconds: float, backups: Sequence[int]) -> str:
    """Markdown."""
    waits, states = read_waits(day.data), count_states(day.ledger)
    judged = sum(count_stages(day.ledger).values())
    lines = [
        "# A day at the server",
        "",
        f"Seed {day.seed}; {HOURS} hours of {HOUR:g} seconds, and {seconds - HOURS * HOUR:.0f} "
        "seconds until all was done.",
        "",
        "| what | figure |",
        "|---|---|",
        f"| submitted | {tell(day.submitted)} |",
        f"| submissions in the end | {tell({one: n for one, n in states.items() if n})} |",
        f"| killed | {tell(day.kills)}, reviewer {day.staff.kills} |",
        f"| cases judged | {judged} |",
        f"| backups, with their rows | {', '.join(map(str, backups))} |",
        f"| answers to readers | {len(waits)} |",
        f"| waits of readers | median {median(waits):.2f} s, 99 of 100 within "
        f"{quantile(waits, 0.99):.2f} s, at most {waits[-1]:.2f} s |",
    ]
    for role in STEADY:
        parts = ", ".join(f"{part / 1e6:.0f}" for part in mean_memory(day, role, 6))
        lines.append(f"| memory of {role}, in sixths of its day | {parts} MB |")
    return "\n".join([*lines, *tell_disk(day), ""])


def tell_disk(day: Day) -> list[str]:
    last = day.looks[-1]
    most = max(day.looks, key=lambda look: look.disk)
    return [
        f"| snapshots at once | {max(look.snapshots for look in day.looks)} at most |",
        f"| snapshots and drafts | {most.disk / 1e6:.0f} MB at most, {last.disk / 1e6:.0f} MB in "
        "the end |",
        f"| snapshots published | {newest(day.data)} |",
    ]


def newest(data: Path) -> int:
    return int((data / "warehouse" / "current").read_text())


def tell(counts: "dict[str, int]") -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
