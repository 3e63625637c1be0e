"""Cuts a connection whose server does not answer in time.

A PostgreSQL that hangs accepts a query and never answers, and its client waits for ever. No timeout
of the server or the socket helps. Shutting down the socket from another thread does.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

TICK_S = 0.1


@dataclass
class Watch:
    """The time limit of one connection; `cut` is true if the limit was exceeded."""

    descriptor: int
    until: float
    cut: bool = False


@dataclass
class _Watchdog:
    watches: dict[int, Watch] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    pid: int = 0

    def start(self) -> None:
        """Start the process's only thread; a fork does not inherit its parent's."""
        if self.pid != os.getpid():
            self.pid = os.getpid()
            threading.Thread(target=self._watch, name="database-watchdog", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(TICK_S)
            now = time.monotonic()
            with self.lock:
                for watch in self.watches.values():
                    if watch.until < now and not watch.cut:
                        watch.cut = True
                        _shut(watch.descriptor)


def _shut(descriptor: int) -> None:
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as other:
        other.shutdown(socket.SHUT_RDWR)


_watchdog = _Watchdog()


@contextmanager
def watched(connection: Any, limit_s: float) -> Iterator[Watch]:
    """Cut the psycopg `connection` if the block lasts longer than `limit_s` seconds."""
    watch = Watch(connection.pgconn.socket, time.monotonic() + limit_s)
    with _watchdog.lock:
        _watchdog.start()
        _watchdog.watches[id(watch)] = watch
    try:
        yield watch
    finally:
        with _watchdog.lock:
            del _watchdog.watches[id(watch)]
