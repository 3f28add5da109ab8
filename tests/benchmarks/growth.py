"""Whether a question costs the same however many there are: seconds and memory of whole runs.

`python -m tests.benchmarks.growth` asks a tiny model 500, 5,000 and 50,000 questions, each run in a
process of its own, and prints what a question cost and how much memory the run took.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

from evaluator import asking, models, records, runs
from evaluator.papers import Paper
from evaluator.protocols import ZERO_SHOT
from evaluator.questions import load_samples
from evaluator.samples import Sample
from evaluator.tasks import find_task

SIZES = (500, 5_000, 50_000)


def make_paper(size: int) -> Paper:
    """The demonstration questions again and again, each time with another number in it."""
    task = find_task("sample")
    real = load_samples(task)
    samples = [repeat(real[number % len(real)], number) for number in range(size)]
    return Paper(task.model_copy(update={"size": size}), samples)


def repeat(sample: Sample, number: int) -> Sample:
    return sample.model_copy(
        update={"sample_id": f"{number}", "question": f"Case {number}. {sample.question}"}
    )


def ask(size: int) -> None:
    """Make a run of `size` questions and print its milliseconds a question and its peak memory."""
    model = models.describe_model("toy:llama", None)
    folder = records.runs_folder().parent / "models"
    paper = make_paper(size)
    plan = runs.plan_run(model, "float32", ZERO_SHOT, [paper])
    opened = asking.open_model(model, "float32", folder, "toy:llama", ZERO_SHOT)
    begun = time.perf_counter()
    runs.make_run(plan, [paper], lambda: opened, command="benchmark")
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{size:>7,} questions: {seconds / size * 1e3:.2f} ms each, {peak:,.0f} MB at most")


def main() -> None:
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.growth", str(size)],
                env=os.environ | {"LEADERBOARD_DATA": folder},
                stderr=subprocess.DEVNULL,
                check=True,
            )


if __name__ == "__main__":
    ask(int(sys.argv[1])) if len(sys.argv) > 1 else main()
