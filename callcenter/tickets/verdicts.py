"""Decides a ticket's topic, kind and outcome from the turns of its call.

The functions are pure, so a verdict can be computed again after a late turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from models import (
    Kind,
    Outcome,
    Status,
    Topic,
)

# All other topics have the kind INFORMATION.
_KIND_OF = {
    Topic.LOGIN_LOCKED: Kind.SERVICE_REQUEST,
    Topic.EMAIL_CHANGE_BASIC_FORGOTTEN: Kind.SERVICE_REQUEST,
    Topic.EMAIL_CHANGE_BOTH_FORGOTTEN: Kind.SERVICE_REQUEST,
    Topic.PESEL_EXISTS: Kind.SERVICE_REQUEST,
    Topic.ERROR_REPORT: Kind.INCIDENT,
    Topic.OUTAGE: Kind.OUTAGE,
}


_STATUS_OF = {
    Outcome.RESOLVED_BY_LINE: Status.RESOLVED,
    Outcome.RESOLVED_BY_AGENT: Status.RESOLVED,
    Outcome.LEFT_OPEN: Status.OPEN,
}


def kind_of(topic: Topic | None) -> Kind:
    """The kind of a ticket with this topic, unless a turn or a person sets another."""
    return _KIND_OF.get(topic, Kind.INFORMATION) if topic else Kind.UNKNOWN


@dataclass(frozen=True)
class Verdict:
    """What the turns of a call decide about its ticket; `outcome` holds if the call ends now."""

    topic: Topic | None
    kind: Kind
    outcome: Outcome
    left_at: str | None

    @property
    def status(self) -> Status:
        """The ticket's status after the call, if no callback is due."""
        return _STATUS_OF.get(self.outcome, Status.CLOSED)


class Told(Protocol):
    """The fields of a turn that the verdict is made of (see models.Turn)."""

    @property
    def node(self) -> str: ...
    @property
    def leads_to(self) -> str: ...
    @property
    def topic(self) -> str | None: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def credit(self) -> str | None: ...


class Logged(Told, Protocol):
    """The fields of Told, and the language and the variables of the turn."""

    @property
    def language(self) -> str: ...
    @property
    def says(self) -> Mapping[str, Any]: ...


def judge(opening: Mapping[str, Any], turns: Sequence[Told], message_left: bool) -> Verdict:
    """The verdict on `turns`, which are in the order of their steps.

    A turn with a `credit` earns that outcome. A later turn that moves to another node loses it,
    except LEFT_OPEN, which is never lost. A kind that a turn set holds until another topic is
    entered; once LEFT_OPEN is earned, a new topic no longer resets it. A call with a supervisor's
    correct PIN is always internal.
    """
    left_at = turns[-1].leads_to if turns else opening.get("leads_to")
    if any(turn.credit == Outcome.INTERNAL for turn in turns):
        return Verdict(None, Kind.INTERNAL, Outcome.INTERNAL, left_at)
    topic = Topic(opening["topic"]) if opening.get("topic") else None
    earned = Outcome(opening["credit"]) if opening.get("credit") else None
    kind, open_wish = None, False
    for turn in turns:
        if turn.topic:
            topic, kind = Topic(turn.topic), kind if open_wish else None
        kind = Kind(turn.kind) if turn.kind else kind
        open_wish = open_wish or turn.credit == Outcome.LEFT_OPEN
        if turn.credit:
            earned = Outcome(turn.credit)
        elif turn.leads_to != turn.node:
            earned = None
    outcome = Outcome.LEFT_OPEN if open_wish or message_left else earned or Outcome.ABANDONED
    if kind is None or outcome is not Outcome.LEFT_OPEN:
        kind = kind_of(topic)
    return Verdict(topic, kind, outcome, left_at)


def after_call_back(before: Verdict, back: Verdict, waited: bool) -> Verdict:
    """The verdict after a callback; `back` is the verdict on the callback's own turns.

    The verdict `before` stays if either call is internal, or if the caller only heard our
    announcement. If the caller `waited` in the callback and was not served, the ticket is left
    open, because the line had made the call.
    """
    outcome = back.outcome
    if Outcome.INTERNAL in (before.outcome, outcome):
        return before
    if outcome is Outcome.ABANDONED and waited:
        outcome = Outcome.LEFT_OPEN
    if outcome in (Outcome.ABANDONED, Outcome.INFORMED_OF_OUTAGE):
        return before
    if before.outcome is Outcome.LEFT_OPEN:
        outcome = Outcome.LEFT_OPEN
    of = back if back.topic else before
    return Verdict(of.topic, of.kind, outcome, back.left_at)
