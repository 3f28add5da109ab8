"""How fast a foreign log becomes a run folder: lines of lm-evaluation-harness a second.

`python -m tests.benchmarks.imports [logs]` writes 24 logs of 4,183 made questions, asked at 0
shots, of about 5 kB a line, and times what `python -m ingest lm-eval` does up to the run folders.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from evaluator import tasks
from evaluator.prompts import render
from evaluator.protocols import ZERO_SHOT
from evaluator.records import read_run
from evaluator.rows import Row
from evaluator.samples import Sample
from ingest import importing, lm_eval
from ingest.foreign import Wanted
from ingest.samples import keep_samples

LOGS = 24
QUESTIONS = 4183  # as many as the largest task has
VIGNETTE = "A 34-year-old woman comes to the physician with a rash and fever. " * 13
HASH = "0" * 64


def made_rows(size: int) -> list[Row]:
    return [
        {
            "id": f"test-{number:06}",
            "sent1": f"Case {number}. {VIGNETTE}",
            "sent2": "",
            **{f"ending{place}": f"Treatment {number % 97 + place}" for place in range(4)},
            "label": number % 4,
        }
        for number in range(size)
    ]


def write_log(path: Path, task: tasks.Task, rows: list[Row], model: int) -> None:
    """Write answers that are right every second time, as the harness does."""
    with path.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows):
            request = render(task, task.read(row, ""), ZERO_SHOT)
            picked = (row["label"] + number % 2) % 4
            scores = [[str(-0.5 - model - (place != picked)), "False"] for place in range(4)]
            line = {
                "doc_id": number,
                "doc": row,
                "target": str(row["label"]),
                "arguments": {
                    f"gen_args_{place}": {"arg_0": request.prompt, "arg_1": text}
                    for place, text in enumerate(request.continuations)
                },
                "resps": [[score] for score in scores],
                "filtered_resps": scores,
                "filter": "none",
                "metrics": ["acc"],
                "doc_hash": HASH,
                "prompt_hash": HASH,
                "target_hash": HASH,
                "acc": float(picked == row["label"]),
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def samples_of(task: tasks.Task, rows: list[Row]) -> Iterator[Sample]:
    return (task.read(row, "") for row in rows)


def main(logs: int) -> None:
    real = tasks.find_task("medqa_4options")
    made = real.model_copy(update={"size": QUESTIONS})
    rows = made_rows(QUESTIONS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["LEADERBOARD_DATA"] = str(folder / "data")
        for number in range(logs):
            (folder / f"{number}").mkdir()
            write_log(folder / f"{number}" / "samples_medqa_4options.jsonl", made, rows, number)
        with (
            mock.patch.dict(tasks.TASKS, {made.name: made}),
            mock.patch("ingest.samples.load_samples", lambda *_: list(samples_of(made, rows))),
        ):
            keep_samples(made, None)  # as after the first import
            begun, used = time.perf_counter(), time.process_time()
            made_runs = [
                importing.import_run(run, "benchmark", None)
                for found in lm_eval.read_folders(folder, Wanted(model="made"), None, None)
                for run in found.runs
            ]
            seconds, used = time.perf_counter() - begun, time.process_time() - used
        plan = read_run(made_runs[0]).plan
        assert len(set(made_runs)) == logs
        size = sum(path.stat().st_size for path in folder.rglob("*.jsonl"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    lines = logs * QUESTIONS
    print(
        f"{logs} logs, {lines:,} lines of {size / lines / 1e3:.1f} kB, into "
        f"{plan.protocol.slug}: {seconds:.2f} s ({used:.2f} s of processor), "
        f"{lines / seconds:,.0f} lines/s, {peak:.1f} GB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LOGS)
