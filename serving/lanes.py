"""Threads that answer requests: those of the line, and those of everything else."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Lane:
    """`threads` threads that do one job after the other.

    At most `places` jobs are in hand, waiting ones included, so that nobody waits for an answer
    that would come too late.
    """

    def __init__(self, name: str, threads: int, places: int) -> None:
        self._waiting: SimpleQueue[Job] = SimpleQueue()
        self._places = places
        self._taken = 0
        for number in range(threads):
            # A daemon: the server stops within seconds, whatever a page waits for.
            named = f"{name}-{number}"
            threading.Thread(target=self._work, name=named, daemon=True).start()

    def take(self) -> bool:
        """Take a place; False where none is left. For the thread of the event loop only."""
        if self._taken >= self._places:
            return False
        self._taken += 1
        return True

    def leave(self) -> None:
        """Give the place back, in the same thread."""
        self._taken -= 1

    def put(self, job: Job) -> None:
        """Have `job` done by one of the threads."""
        self._waiting.put(job)

    def _work(self) -> None:
        while True:
            job = self._waiting.get()
            try:
                job()
            except BaseException:
                log.exception("a request was not answered")
