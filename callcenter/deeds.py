"""What the conversation and the desk say to each other when a caller's key asks for a deed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import Call, Ticket


@dataclass(frozen=True)
class Case:
    """What a deed may know: the call, its ticket, what was typed and found so far, the moment.

    `secret` is what was just typed where a secret was asked for; nothing else ever holds it.
    """

    call: Call
    ticket: Ticket
    said: Mapping[str, Any]
    now: datetime
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Done:
    """How a deed went: the name of its outcome, and the variables of the words that follow."""

    outcome: str
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """A function of the desk with what it may answer: the variables that each outcome gives.

    Its function takes the session and the case, never commits, and never raises at a caller.
    `meanwhile` is what may be told at a moment while the database is away: the deed itself is done
    when it is back. Without it the deed is unavailable then.
    """

    does: Callable[[Session, Case], Done]
    outcomes: Mapping[str, frozenset[str]]
    meanwhile: Callable[[datetime], Done] | None = None

    def __call__(self, session: Session, case: Case) -> Done:
        return self.does(session, case)


def deed(
    meanwhile: Callable[[datetime], Done] | None = None, /, **outcomes: str
) -> Callable[[Callable[[Session, Case], Done]], Deed]:
    """Make a function a deed; each outcome is named with the variables it gives, by spaces."""
    given = {outcome: frozenset(names.split()) for outcome, names in outcomes.items()}
    return lambda function: Deed(function, given, meanwhile)
