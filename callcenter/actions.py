"""Actions: functions of the desk that a caller's key asks for, with named outcomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import Call, Ticket


@dataclass(frozen=True)
class Case:
    """What an action is given: the call, its ticket, the inputs so far, and the moment.

    `secret` is what was just typed where a secret was asked for; nothing else holds it.
    """

    call: Call
    ticket: Ticket
    said: Mapping[str, Any]
    now: datetime
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ActionResult:
    """How an action went: the name of its outcome, and the variables of the words that follow."""

    outcome: str
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """A function of the desk with what it may answer: the variables that each outcome gives.

    Its function takes the session and the case, never commits, and never raises at a caller.
    `meanwhile` is what may be told at a moment while the database is away: the action itself is
    done when it is back. Without it the action is unavailable then.
    """

    does: Callable[[Session, Case], ActionResult]
    outcomes: Mapping[str, frozenset[str]]
    meanwhile: Callable[[datetime], ActionResult] | None = None

    def __call__(self, session: Session, case: Case) -> ActionResult:
        return self.does(session, case)


def action(
    meanwhile: Callable[[datetime], ActionResult] | None = None, /, **outcomes: str
) -> Callable[[Callable[[Session, Case], ActionResult]], Action]:
    """Make a function an action; each outcome is named with the variables it gives, by spaces."""
    given = {outcome: frozenset(names.split()) for outcome, names in outcomes.items()}
    return lambda function: Action(function, given, meanwhile)
