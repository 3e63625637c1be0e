"""Which parameters each route supports, and how they are read. All others are refused.

If a parameter were ignored silently, a program would believe that it worked: a filtered list would
come unfiltered. The carrier's error for an unsupported parameter is 20001.

Source: https://www.twilio.com/docs/api/errors/20001 and the carrier's OpenAPI description; a test
tries each parameter of the description.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from flask import request

from carrier.rest.errors import invalid

UNKNOWN: Final = 20001
PAGES: Final = frozenset({"Page", "PageSize", "PageToken"})
METHODS: Final = ("POST", "GET")

View = TypeVar("View", bound=Callable[..., Any])
_honoured: dict[Callable[..., Any], frozenset[str]] = {}


def honours(*names: str) -> Callable[[View], View]:
    """Marks a route with the parameters that it reads from its address or form."""

    def mark(view: View) -> View:
        _honoured[view] = frozenset(names)
        return view

    return mark


def on_days(*names: str) -> tuple[str, ...]:
    """The three filters of each time: on a day, before it and after it."""
    return tuple(f"{name}{sign}" for name in names for sign in ("", "<", ">"))


def insist_on_known(view: Callable[..., Any]) -> None:
    """Raise RestError if the request has a parameter that `view` does not support."""
    known = _honoured.get(view, frozenset())
    strange = sorted({*request.args, *request.form} - known)
    if strange:
        raise invalid(UNKNOWN, f"Parameter not taken here: {', '.join(strange)}")


def choice(name: str, choices: Iterable[str]) -> str | None:
    """A parameter with a few values; None if it is not given. Raises RestError."""
    given = request.values.get(name) or None
    if given is not None and given not in choices:
        raise invalid(UNKNOWN, f"{name} is one of {', '.join(choices)}")
    return given


def method(name: str) -> str:
    """The HTTP method for a callback address: POST unless GET is given. Raises RestError."""
    return choice(name, METHODS) or "POST"


def truth(name: str) -> bool | None:
    """A boolean parameter; None if it is not given. Raises RestError."""
    given = request.values.get(name, "").lower()
    if given not in ("", "true", "false"):
        raise invalid(UNKNOWN, f"{name} is true or false")
    return given == "true" if given else None


def number(name: str, otherwise: int, most: int, least: int = 0) -> int:
    """A whole number from `least` to `most`. Raises RestError."""
    given = request.values.get(name, "").strip()
    if not given:
        return otherwise
    is_number = given.isascii() and given.isdigit() and len(given) < 10
    if not is_number or not least <= int(given) <= most:
        raise invalid(UNKNOWN, f"{name} is a number from {least} to {most}")
    return int(given)


def day_filter(name: str) -> Callable[[datetime | None], bool]:
    """A predicate for the filters ``Name``, ``Name<`` and ``Name>`` (a day or an ISO time).

    A missing time matches only if none of the filters is given. Raises RestError.
    """
    before, after, exact = (_time(request.args.get(f"{name}{sign}")) for sign in ("<", ">", ""))

    def fits(moment: datetime | None) -> bool:
        if moment is None:
            return not (before or after or exact)
        return (
            (before is None or moment <= before)
            and (after is None or moment >= after)
            and (exact is None or moment.date() == exact.date())
        )

    return fits


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(UNKNOWN, f"{text} is not a date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
