"""Workers for tests of what happens on Ray: one of them ends, or hangs, at a known place.

Ray brings the class that is named; its processes import it from here.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from evaluator import cluster_worker
from evaluator.asking import Answer, BatchPlan
from evaluator.cluster_worker import Asked, Brought, Told, Worker

cluster_worker.LOT = 4  # so that there is a midway


class Fragile(Worker):
    """Does after its first answers what a file in the folder of the models tells one of them."""

    def load(self, asked: Asked, host: str) -> Told:
        self.folder = asked.folder
        self.meet("die as it loads")
        return super().load(asked, host)

    def ask(
        self, brought: Brought, places: Sequence[int], plan: BatchPlan
    ) -> Iterator[list[Answer]]:
        self.meet("die as it asks")
        for lot in super().ask(brought, places, plan):
            yield lot
            self.meet("die")
            if self.take("hang"):
                (self.folder / "hangs").write_text(str(os.getppid()))
                Event().wait()

    def meet(self, word: str) -> None:
        if self.take(word):
            os.kill(os.getpid(), signal.SIGKILL)

    def take(self, word: str) -> bool:
        """Whether it is one's own to do: there is a file for each time."""
        for path in sorted(self.folder.glob(f"{word}.*")):
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            return True
        return False


def order(folder: Path, word: str, times: int = 1) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(times):
        (folder / f"{word}.{number}").touch()
