"""Waiting for what other threads and processes bring about."""

import time
from collections.abc import Callable


def eventually(true: Callable[[], object], seconds: float = 60) -> bool:
    """Whether it becomes true within so many seconds."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
