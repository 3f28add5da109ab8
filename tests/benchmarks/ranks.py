"""How long it takes to rank a thousand runs that answered the nine tasks, and in how much memory.

`python -m tests.benchmarks.ranks` simulates the answers, so it needs no data.
"""

import resource
import time

import numpy as np

from warehouse.statistics.exams import Exam
from warehouse.statistics.ranks import RESAMPLES, rank_runs

RUNS = 1000
SIZES = (1273, 4183, 500, 135, 265, 144, 173, 100, 272)  # of the nine tasks


def main() -> None:
    random = np.random.default_rng(0)
    questions = sum(SIZES)
    accuracies = random.uniform(0.25, 0.9, (RUNS, 1))
    right = random.uniform(size=(RUNS, questions)) < accuracies
    exam = Exam(np.arange(questions), np.repeat(np.arange(len(SIZES)), SIZES))
    begun = time.perf_counter()
    rank_runs(right, exam)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{RUNS:,} runs × {questions:,} questions × {RESAMPLES:,} resamples: {seconds:.1f} s")
    print(f"{peak:,.0f} MB at most")


if __name__ == "__main__":
    main()
