"""Lanes: pools of threads that answer requests, one for the line and one for everything else."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Lane:
    """A pool of `threads` threads.

    At most `places` jobs run or wait at a time, so that no request waits for an answer that comes
    too late.
    """

    def __init__(self, name: str, threads: int, places: int) -> None:
        self._waiting: SimpleQueue[Job] = SimpleQueue()
        self._places = places
        self._taken = 0
        for number in range(threads):
            # Daemon threads let the server stop within seconds, whatever a page waits for.
            named = f"{name}-{number}"
            threading.Thread(target=self._work, name=named, daemon=True).start()

    def take(self) -> bool:
        """Take a place; False if none is left. Only the event loop's thread may call this."""
        if self._taken >= self._places:
            return False
        self._taken += 1
        return True

    def leave(self) -> None:
        """Give the place back, in the same thread."""
        self._taken -= 1

    def put(self, job: Job) -> None:
        """Let one of the threads run `job`."""
        self._waiting.put(job)

    def _work(self) -> None:
        while True:
            job = self._waiting.get()
            try:
                job()
            except BaseException:
                log.exception("a request was not answered")
