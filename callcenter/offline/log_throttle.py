"""Logs a fault that repeats once a minute instead of each time."""

import logging
import time
import traceback

AGAIN_S = 60.0


class LogThrottle:
    """Tells `log` the same fault once a minute."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told_at: dict[tuple[str, str], float] = {}

    def warning(self, what: str, fault: BaseException) -> None:
        """Tell that `what`, and why, in the words of the database where it is its fault."""
        line = (what, _reason(fault))
        if self._is_due(line):
            self._log.warning("%s: %s", *line)

    def error(self, what: str) -> None:
        """Tell `what` somebody must mend."""
        if self._is_due((what, "")):
            self._log.error("%s", what)

    def exception(self, what: str, fault: BaseException) -> None:
        """Tell a fault of ours with its trace; what it says may be another thing each time."""
        if self._is_due((what, _place(fault))):
            self._log.error("%s", what, exc_info=fault)

    def _is_due(self, told: tuple[str, str]) -> bool:
        now = time.monotonic()
        if now - self._told_at.get(told, -AGAIN_S) < AGAIN_S:
            return False
        self._told_at[told] = now
        return True


def _reason(fault: BaseException) -> str:
    """Without what follows the first line: a statement, and the values it was asked with."""
    told = getattr(fault, "orig", None) or fault
    return f"{type(told).__name__}: {str(told).partition(chr(10))[0]}"


def _place(fault: BaseException) -> str:
    """What it is and where it was raised."""
    last = [*traceback.walk_tb(fault.__traceback__)][-1:]
    where = "".join(f"{frame.f_code.co_filename}:{line}" for frame, line in last)
    return f"{type(fault).__name__} {where}"
