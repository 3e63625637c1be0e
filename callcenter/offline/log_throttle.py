"""Logs a repeating fault once a minute instead of every time."""

import logging
import time
import traceback

AGAIN_S = 60.0


class LogThrottle:
    """Writes the same fault to `log` at most once a minute."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told_at: dict[tuple[str, str], float] = {}

    def warning(self, what: str, fault: BaseException) -> None:
        """Log `what` with the fault as its reason; a database fault gives the driver's message."""
        line = (what, _reason(fault))
        if self._is_due(line):
            self._log.warning("%s: %s", *line)

    def error(self, what: str) -> None:
        """Log `what` as an error that an operator must fix."""
        if self._is_due((what, "")):
            self._log.error("%s", what)

    def exception(self, what: str, fault: BaseException) -> None:
        """Log a programming fault with its traceback.

        Faults count as the same if type and place agree: the message may differ each time.
        """
        if self._is_due((what, _place(fault))):
            self._log.error("%s", what, exc_info=fault)

    def _is_due(self, told: tuple[str, str]) -> bool:
        now = time.monotonic()
        if now - self._told_at.get(told, -AGAIN_S) < AGAIN_S:
            return False
        self._told_at[told] = now
        return True


def _reason(fault: BaseException) -> str:
    """The first line only: the statement and its parameters follow, and may be personal."""
    told = getattr(fault, "orig", None) or fault
    return f"{type(told).__name__}: {str(told).partition(chr(10))[0]}"


def _place(fault: BaseException) -> str:
    """The exception's type and the line that raised it."""
    last = [*traceback.walk_tb(fault.__traceback__)][-1:]
    where = "".join(f"{frame.f_code.co_filename}:{line}" for frame, line in last)
    return f"{type(fault).__name__} {where}"
