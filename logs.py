"""What processes write about themselves: to people in a terminal, to machines elsewhere.

Nothing personal is written: numbers, PESELs and addresses of telephones are masked in all of it.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime

from flask import has_request_context, request

# A plus sign in an address is %2B: the letter before the digits is no part of a name.
PERSONAL = re.compile(
    r"(?:%2[Bb]|(?<![0-9A-Za-z])\+?)[0-9]{9,15}(?![0-9A-Za-z])|\b(?:sip|client):[^\s'\",)]+"
)


def to_stderr(level: int = logging.INFO) -> None:
    """Send all records to stderr: plain lines to a terminal, else one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Plain() if sys.stderr.isatty() else Structured())
    logging.basicConfig(level=level, handlers=[handler])
    # It tells every header of every request, twelve lines for an SMS.
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


def masked(text: str) -> str:
    """`text` with every telephone number, PESEL and caller's address made unreadable.

    >>> masked("from +48600100200 to sip:jan@example.org")
    'from ••• to •••'
    """
    return PERSONAL.sub("•••", text)


class Plain(logging.Formatter):
    """A line for a person."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class Structured(logging.Formatter):
    """A line for a machine, with the CallSid where a call is spoken of."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if call := getattr(record, "call_sid", None) or _call_sid():
            line["call_sid"] = call
        if record.exc_info:
            line["fault"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _call_sid() -> str | None:
    """The call of the request in hand. A form that nobody has read yet is left unread."""
    if not has_request_context() or "form" not in request.__dict__:
        return None
    return request.form.get("CallSid")
