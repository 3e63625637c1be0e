"""What is done over and over and fails: told now and then, not each time."""

import logging
import time

AGAIN_S = 60.0


class Seldom:
    """Tells `log` the same fault once a minute, in a line."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told_at: dict[tuple[str, str], float] = {}

    def warning(self, what: str, fault: BaseException) -> None:
        """Tell that `what`, and why, in the words of the database where it is its fault."""
        line = (what, _reason(fault))
        now = time.monotonic()
        if now - self._told_at.get(line, -AGAIN_S) >= AGAIN_S:
            self._told_at[line] = now
            self._log.warning("%s: %s", *line)


def _reason(fault: BaseException) -> str:
    """Without what follows the first line: a statement, and the values it was asked with."""
    told = getattr(fault, "orig", None) or fault
    return f"{type(told).__name__}: {str(told).partition(chr(10))[0]}"
