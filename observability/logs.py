"""Logs: plain lines for people at a terminal, JSON for machines elsewhere.

Nothing personal is logged: numbers, PESELs and addresses of telephones are masked.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

# A plus sign in an address is %2B, so its "B" does not make the digits part of a name.
PERSONAL = re.compile(
    r"(?:%2[Bb]|(?<![0-9A-Za-z])\+?)[0-9]{9,15}(?![0-9A-Za-z])|\b(?:sip|client):[^\s'\",)]+"
)

_spoken_of: ContextVar[str | None] = ContextVar("spoken_of", default=None)


@contextmanager
def speaking_of(call_sid: str | None) -> Iterator[None]:
    """Add this CallSid to every JSON line that is logged inside the block."""
    before = _spoken_of.set(call_sid)
    try:
        yield
    finally:
        _spoken_of.reset(before)


def to_stderr(level: int = logging.INFO) -> None:
    """Send all records to stderr: plain lines to a terminal, else one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Plain() if sys.stderr.isatty() else Structured())
    logging.basicConfig(level=level, handlers=[handler])
    # It logs every header of every request: twelve lines for an SMS.
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


def masked(text: str) -> str:
    """`text` with every telephone number, PESEL and caller's address masked.

    >>> masked("from +48600100200 to sip:jan@example.org")
    'from ••• to •••'
    """
    return PERSONAL.sub("•••", text)


class Plain(logging.Formatter):
    """Formats a line for a person."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class Structured(logging.Formatter):
    """Formats a line for a machine, with the CallSid inside `speaking_of`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if call := getattr(record, "call_sid", None) or _spoken_of.get():
            line["call_sid"] = call
        if record.exc_info:
            line["fault"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
