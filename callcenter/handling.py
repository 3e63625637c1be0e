"""What people decide of a ticket: finish it, leave it open, answer it later, reopen it, give it to
somebody, tie it to another, merge two.

Each decision locks the ticket, raises its version and is written as a note that says what changed,
from what to what; nothing is rewritten, a correction is a decision of its own. Who decides upon a
version that is no longer the ticket's gets a Conflict that names what happened meanwhile.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from callcenter import drafts_of_notes, messages, notes, resolutions
from callcenter.deadlines import answer_due
from callcenter.tickets import kind_of
from models import (
    Agent,
    Leg,
    Outcome,
    Presence,
    Status,
    Talk,
    Ticket,
    TicketNote,
    Topic,
)
from models.ticket import ABOUT_ANOTHER, Kind


class Did(StrEnum):
    """What somebody did, as its note names it."""

    RESOLVED = "resolved"
    LEFT_OPEN = "left_open"
    OUT_OF_TIME = "out_of_time"
    ANSWERED = "answered"
    REOPENED = "reopened"
    ASSIGNED = "assigned"
    RELATED = "related"
    MERGED = "merged"
    TOOK_IN = "took_in"
    LISTENED = "listened"


class Reason(StrEnum):
    """Why something cannot be done with a ticket."""

    ITSELF = "A ticket cannot be tied to itself, or merged with itself."
    CALL_LASTS = "The call still lasts: finish it first."
    IS_MERGED = "This ticket was merged into another: work on that one."
    NOT_OPEN = "This ticket is not open: reopen it first."
    IS_OPEN = "This ticket is open already."
    NO_SUCH_RESOLUTION = "This resolution does not belong to the topic."
    HOUSES_OWN = "A ticket of the house's own call is nobody's matter."


class NotPossibleError(ValueError):
    """The decision cannot be made as things are; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Meanwhile:
    """One thing that somebody else did: whose name, when, and the change as its note has it."""

    who: str
    at: datetime
    change: dict[str, Any]


class Conflict(Exception):  # noqa: N818 - it is no fault
    """The ticket is no longer what it was when the decision was taken.

    `who` did `what` (a Did) last; `meanwhile` has all of it, the oldest first.
    """

    def __init__(self, version: int, meanwhile: Sequence[Meanwhile]) -> None:
        self.version, self.meanwhile = version, meanwhile
        self.who = meanwhile[-1].who if meanwhile else ""
        self.what = str(meanwhile[-1].change.get("did", "")) if meanwhile else ""
        super().__init__(f"{self.who}: {self.what}")


def resolve(
    session: Session,
    ticket: Ticket,
    agent_id: int,
    topic: Topic,
    resolution: str,
    now: datetime,
    *,
    version: int | None = None,
    text_wanted: bool = False,
    note: str = "",
) -> None:
    """Finish the ticket. Within its call or the wrap-up that is during the call, later an answer.

    Raises Conflict, and NotPossibleError for a ticket that is merged or finished already.
    """
    _check(ticket, topic, resolution)
    during = is_in_call(session, ticket)
    did = Did.RESOLVED if during else Did.ANSWERED
    with _decision(session, ticket, agent_id, did, now, version, note):
        if ticket.in_hands_since and ticket.status is not Status.OPEN:
            raise NotPossibleError(Reason.NOT_OPEN)
        _settle_topic(ticket, topic, resolution)
        _finish(ticket, now)
        ticket.resolved_during_call = during
        if text_wanted:
            messages.write_answered(session, ticket, now)


def answer(
    session: Session,
    ticket: Ticket,
    agent_id: int,
    topic: Topic,
    resolution: str,
    now: datetime,
    *,
    version: int | None = None,
    text_wanted: bool = False,
    note: str = "",
) -> None:
    """Answer a ticket that stayed open: the days for a complaint begin, and the SMS if wanted."""
    resolve(
        session,
        ticket,
        agent_id,
        topic,
        resolution,
        now,
        version=version,
        text_wanted=text_wanted,
        note=note,
    )


def leave_open(
    session: Session,
    ticket: Ticket,
    agent_id: int,
    topic: Topic,
    resolution: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    assigned_to_id: int | None = None,
    version: int | None = None,
    note: str = "",
) -> None:
    """Somebody must still act, by `due_at` (None: as it is, else the tenth working day).

    The caller learns the number by SMS where possible, once. Raises as `resolve`.
    """
    _check(ticket, topic, resolution)
    with _decision(session, ticket, agent_id, Did.LEFT_OPEN, now, version, note):
        if ticket.in_hands_since and ticket.status is not Status.OPEN:
            raise NotPossibleError(Reason.NOT_OPEN)
        _settle_topic(ticket, topic, resolution)
        _keep_open(ticket, now, due_at)
        ticket.assigned_to_id = assigned_to_id
        messages.write(session, ticket, messages.TICKET_NUMBER, now)


def out_of_time(session: Session, ticket: Ticket, agent_id: int, now: datetime) -> None:
    """Wrap-up time is over: what was typed becomes a note, and an undecided ticket stays open."""
    draft = drafts_of_notes.draft_of(session, ticket.id, agent_id)
    typed = draft.form.get("text", "") if draft else ""
    session.refresh(ticket, with_for_update=True)
    if ticket.in_hands_since or ticket.merged_into_id or ticket.kind is Kind.INTERNAL:
        if typed.strip():
            notes.add_note(session, ticket, agent_id, typed, now)
    else:
        with _decision(session, ticket, agent_id, Did.OUT_OF_TIME, now, None, typed):
            ticket.resolution = resolutions.Resolution.OUT_OF_TIME.value
            _keep_open(ticket, now, None)
            messages.write(session, ticket, messages.TICKET_NUMBER, now)
    drafts_of_notes.drop_draft(session, ticket.id, agent_id)


def reopen(
    session: Session,
    ticket: Ticket,
    agent_id: int,
    now: datetime,
    *,
    due_at: datetime | None = None,
    version: int | None = None,
    note: str = "",
) -> None:
    """Somebody must act again, by `due_at` (None: the tenth working day from today)."""
    with _decision(session, ticket, agent_id, Did.REOPENED, now, version, note):
        if ticket.outcome is None:
            raise NotPossibleError(Reason.CALL_LASTS)
        if ticket.status is Status.OPEN:
            raise NotPossibleError(Reason.IS_OPEN)
        ticket.due_at = None
        ticket.resolution = None
        _keep_open(ticket, now, due_at or answer_due(now))


def assign(
    session: Session,
    ticket: Ticket,
    agent_id: int,
    to_id: int | None,
    now: datetime,
    *,
    version: int | None = None,
    note: str = "",
) -> None:
    """Give the ticket to somebody, or to nobody in particular."""
    with _decision(session, ticket, agent_id, Did.ASSIGNED, now, version, note):
        ticket.assigned_to_id = to_id


def relate(
    session: Session,
    ticket: Ticket,
    agent_id: int,
    to: Ticket | None,
    now: datetime,
    *,
    version: int | None = None,
    note: str = "",
) -> None:
    """Tie the ticket to the one it is about (where that was merged, the one that stays)."""
    to = head_of(to) if to else None
    if to and to.id == ticket.id:
        raise NotPossibleError(Reason.ITSELF)
    with _decision(session, ticket, agent_id, Did.RELATED, now, version, note):
        ticket.related_to = to


def merge(
    session: Session,
    ticket: Ticket,
    into: Ticket,
    agent_id: int,
    now: datetime,
    *,
    version: int | None = None,
    note: str = "",
) -> Ticket:
    """Make the two one matter, and return the older, which stays; `version` is of `ticket`.

    If anything of the matter is still open, the older is, by the earliest day that was promised.
    """
    one, other = head_of(ticket), head_of(into)
    if one.id == other.id:
        raise NotPossibleError(Reason.ITSELF)
    _lock(session, *sorted((one, other), key=lambda each: each.id))
    if one.outcome is None or other.outcome is None:
        raise NotPossibleError(Reason.CALL_LASTS)
    if Kind.INTERNAL in (one.kind, other.kind):
        raise NotPossibleError(Reason.HOUSES_OWN)
    older, younger = sorted((one, other), key=lambda each: (each.opened_at, each.id))
    versions = {ticket.id: version}
    was_open, due_at = younger.status is Status.OPEN, younger.due_at
    with _decision(session, younger, agent_id, Did.MERGED, now, versions.get(younger.id), note):
        younger.merged_into = older
        younger.status, younger.due_at = Status.CLOSED, None
    with _decision(
        session, older, agent_id, Did.TOOK_IN, now, versions.get(older.id), ""
    ) as change:
        change["took_in"] = younger.number
        if was_open:
            if older.status is not Status.OPEN:
                older.due_at = None
            known = [due for due in (older.due_at, due_at) if due]
            _keep_open(older, now, min(known, default=None))
    for earlier in session.scalars(select(Ticket).where(Ticket.merged_into_id == younger.id)):
        earlier.merged_into = older
    session.flush()
    return older


def head_of(ticket: Ticket) -> Ticket:
    """The ticket where the matter is worked on: itself, unless it was merged into another."""
    return ticket.merged_into or ticket


def is_in_call(session: Session, ticket: Ticket) -> bool:
    """Whether its call lasts, somebody talks about it, or somebody is wrapping it up."""
    if not ticket.call.status.is_final:
        return True
    talking = (
        select(Leg.id)
        .join(Talk, Talk.id == Leg.talk_id)
        .where(Talk.ticket_id == ticket.id, Leg.joined_at.is_not(None), Leg.ended_at.is_(None))
    )
    wrapping_up = select(Presence.agent_id).where(Presence.ticket_id == ticket.id)
    return session.scalar(select(or_(talking.exists(), wrapping_up.exists()))) is True


def _check(ticket: Ticket, topic: Topic, resolution: str) -> None:
    if resolution not in resolutions.for_topic(topic):
        raise NotPossibleError(Reason.NO_SUCH_RESOLUTION)
    if ticket.kind is Kind.INTERNAL:
        raise NotPossibleError(Reason.HOUSES_OWN)


@contextmanager
def _decision(
    session: Session,
    ticket: Ticket,
    agent_id: int,
    did: Did,
    now: datetime,
    version: int | None,
    note: str,
) -> Iterator[dict[str, Any]]:
    """What is done to the ticket inside becomes a note; the change can be given more to say."""
    _lock(session, ticket)
    if version is not None and version != ticket.version:
        raise Conflict(ticket.version, _since(session, ticket, version))
    if ticket.merged_into_id:
        raise NotPossibleError(Reason.IS_MERGED)
    before, change = _state(ticket), dict[str, Any]()
    yield change
    session.flush()
    ticket.version += 1
    after = _state(ticket)
    change |= {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    change |= {"did": did.value, "version": ticket.version}
    notes.add_note(session, ticket, agent_id, note, now, change)


def _lock(session: Session, *tickets: Ticket) -> None:
    for ticket in tickets:
        session.refresh(ticket, with_for_update=True)


def _since(session: Session, ticket: Ticket, version: int) -> list[Meanwhile]:
    later = (
        select(TicketNote, Agent.name)
        .outerjoin(Agent, Agent.id == TicketNote.author_id)
        .where(TicketNote.ticket_id == ticket.id)
        .where(TicketNote.change["version"].as_integer() > version)
        .order_by(TicketNote.id)
    )
    return [Meanwhile(name or "", note.at, note.change) for note, name in session.execute(later)]


def _state(ticket: Ticket) -> dict[str, Any]:
    """What a note tells the change of, as JSON keeps it: people by id, tickets by number."""
    return {
        "status": ticket.status.value,
        "topic": ticket.topic.value if ticket.topic else None,
        "resolution": ticket.resolution,
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
        "assigned_to": ticket.assigned_to_id,
        "related_to": ticket.related_to.number if ticket.related_to else None,
        "merged_into": ticket.merged_into.number if ticket.merged_into else None,
    }


def _settle_topic(ticket: Ticket, topic: Topic, resolution: str) -> None:
    """A complaint stays one whatever it is about."""
    ticket.topic, ticket.resolution = topic, resolution
    if ticket.kind not in ABOUT_ANOTHER:
        ticket.kind = kind_of(topic)


def _finish(ticket: Ticket, now: datetime) -> None:
    ticket.status, ticket.outcome = Status.RESOLVED, Outcome.RESOLVED_BY_AGENT
    ticket.resolved_at = ticket.answered_at = ticket.in_hands_since = now
    ticket.due_at = None


def _keep_open(ticket: Ticket, now: datetime, due_at: datetime | None) -> None:
    ticket.status, ticket.outcome = Status.OPEN, Outcome.LEFT_OPEN
    ticket.resolved_at = ticket.answered_at = None
    ticket.resolved_during_call = False
    ticket.in_hands_since = now
    ticket.due_at = due_at or ticket.due_at or answer_due(ticket.opened_at)
