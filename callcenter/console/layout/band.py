"""What every page says while a part of the line is away: calmly, and what it means for people."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Flask
from flask_babel import lazy_gettext as _l

from callcenter.monitoring import readiness

_DATABASE_AWAY = _l(
    "The database does not answer. Telephones go on: callers hear guidance, and who needs a person"
    " leaves a message or reaches the fallback number. What you type at the desk stays in this"
    " browser and is saved when the database is back."
)
_REDIS_AWAY = _l(
    "The queue of jobs does not answer. Calls go on; text messages and call-backs leave a little"
    " later. There is nothing you need to do."
)

_CARRIER_AWAY = _l(
    "The carrier does not do what we ask: no telephone of the desk rings, and text messages and"
    " call-backs wait. Callers stay in the queue: tell whoever looks after the system."
)

# In the order in which they are told.
SAID: Final[Mapping[tuple[str, str], Any]] = {
    ("database", "away"): _DATABASE_AWAY,
    ("database", "hangs"): _DATABASE_AWAY,
    ("database", "read only"): _l(
        "The database takes no changes now. Telephones go on and pages can be read; what you type"
        " at the desk stays in this browser and is saved when it takes them again."
    ),
    ("spool", "full"): _l(
        "There is no room left for what callers do while the database is away. They are helped,"
        " but it is not kept: tell whoever looks after the system."
    ),
    ("spool", "failing"): _l(
        "What callers do while the database is away cannot be kept on the disk. They are helped:"
        " tell whoever looks after the system."
    ),
    ("spool", "waiting"): _l(
        "Calls from the time when the database was away are being brought in. Their tickets appear"
        " within minutes."
    ),
    ("redis", "away"): _REDIS_AWAY,
    ("redis", "hangs"): _REDIS_AWAY,
    ("worker", "away"): _l(
        "The worker does not run: no telephone of the desk rings, and text messages and recordings"
        " wait. Callers stay in the queue; nothing is lost."
    ),
    ("scheduler", "away"): _l(
        "The scheduler does not run: who waits is offered later than usual, and nobody is called"
        " back. Nothing is lost."
    ),
    ("jobs", "late"): _l(
        "Text messages, recordings and call-backs are more than a minute late. Nothing is lost."
    ),
    **dict.fromkeys(
        (("carrier", word) for word in ("away", "failing", "refused", "stranger")), _CARRIER_AWAY
    ),
    ("disk", "nearly full"): _l(
        "The disk of the system is nearly full: tell whoever looks after the system."
    ),
}
# What follows from another part is not told beside it.
_FOLLOWS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("worker", "away"): ("database",),
    ("scheduler", "away"): ("database",),
    ("spool", "waiting"): ("database",),
    ("jobs", "late"): ("database", "redis", "worker", "scheduler", "carrier"),
}


def sentences(database_failed: bool = False) -> list[Any]:
    """What is said now. A page that the database has just failed knows more than what was seen."""
    seen = readiness.seen()
    if database_failed and seen.get("database") == "ok":
        seen["database"] = "away"
    return [SAID[each] for each in _told(seen)]


def _told(seen: Mapping[str, str]) -> list[tuple[str, str]]:
    """The parts that are away, with their states, as far as the band mentions them."""
    return [
        (part, state)
        for part, state in SAID
        if seen.get(part) == state
        and all(seen[cause] == "ok" for cause in _FOLLOWS.get((part, state), ()))
    ]


def version() -> str:
    """A version that changes whenever the band changes."""
    return ".".join(part for pair in _told(readiness.seen()) for part in pair)


def teach(app: Flask) -> None:
    """Give the band's sentences to every template of `app`."""
    app.context_processor(lambda: {"away": sentences()})
