"""Decisions of people about tickets: locked, versioned, and written as notes.

A decision locks the ticket, raises its version and adds a note with each change. Nothing is
rewritten; a correction is another decision. A decision on an old version of the ticket raises
Conflict, which lists the changes since that version.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.tickets import notes
from models import Agent, Ticket, TicketNote


class DecisionKind(StrEnum):
    """The kind of a decision, as its note names it."""

    RESOLVED = "resolved"
    LEFT_OPEN = "left_open"
    OUT_OF_TIME = "out_of_time"
    ANSWERED = "answered"
    REOPENED = "reopened"
    ASSIGNED = "assigned"
    TOPIC_SET = "topic_set"
    DUE_SET = "due_set"
    RELATED = "related"
    MERGED = "merged"
    TOOK_IN = "took_in"
    LISTENED = "listened"
    SAW_PESEL = "saw_pesel"


# One of these decisions ends the work on a ticket after its conversation.
FINAL = (DecisionKind.RESOLVED, DecisionKind.ANSWERED, DecisionKind.LEFT_OPEN)


class Reason(StrEnum):
    """Why a decision is not possible."""

    ITSELF = "A ticket cannot be tied to itself, or merged with itself."
    CALL_LASTS = "The call still lasts: finish it first."
    IS_MERGED = "This ticket was merged into another: work on that one."
    NOT_OPEN = "This ticket is not open: reopen it first, or save the note alone."
    IS_OPEN = "This ticket is open already."
    NO_SUCH_RESOLUTION = "This resolution does not belong to the topic."
    NO_CALL_BACK = "You are calling nobody back about this ticket."
    HOUSES_OWN = "A ticket of the house's own call is nobody's matter."


class NotPossibleError(ValueError):
    """The state of the ticket does not allow the decision; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Meanwhile:
    """One change since an old version: its author's name, its time, and the `change` of its note.

    `who` is empty for a change without an author.
    """

    who: str
    at: datetime
    change: dict[str, Any]


class Conflict(Exception):  # noqa: N818 - it is no fault
    """The ticket has changed since the version that the person saw.

    `version` is the ticket's version now. `meanwhile` has all changes, the oldest first. `who` is
    the author of the last change, and `what` its DecisionKind.
    """

    def __init__(self, version: int, meanwhile: Sequence[Meanwhile]) -> None:
        self.version, self.meanwhile = version, meanwhile
        self.who = meanwhile[-1].who if meanwhile else ""
        self.what = str(meanwhile[-1].change.get("did", "")) if meanwhile else ""
        super().__init__(f"{self.who}: {self.what}")


@dataclass(frozen=True)
class Decider:
    """Who decides, when, with which `note`, and on which `version` of the ticket (None: any)."""

    agent_id: int
    at: datetime
    version: int | None = None
    note: str = ""


@contextmanager
def decision(
    session: Session, ticket: Ticket, did: DecisionKind, by: Decider
) -> Iterator[dict[str, Any]]:
    """Lock the ticket, run the body of the `with`, and write its changes as one note.

    The note's `change` has [old, new] for each changed field, and what the body adds to the yielded
    dict. Raises Conflict if `by.version` is old, and NotPossibleError if the ticket is merged.
    """
    lock(session, ticket)
    if by.version is not None and by.version != ticket.version:
        raise Conflict(ticket.version, _since(session, ticket, by.version))
    if ticket.merged_into_id:
        raise NotPossibleError(Reason.IS_MERGED)
    before, change = _state(ticket), dict[str, Any]()
    yield change
    session.flush()
    ticket.version += 1
    after = _state(ticket)
    change |= {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    change |= {"did": did.value, "version": ticket.version}
    notes.add_note(session, ticket, by.agent_id, by.note, by.at, change)


def decided_since(
    session: Session, ticket_id: int, agent_id: int | None, since: datetime | None
) -> bool:
    """Whether the person made one of the FINAL decisions about the ticket at `since` or later."""
    notes_of_it = select(TicketNote.id).where(
        TicketNote.ticket_id == ticket_id,
        TicketNote.author_id == agent_id,
        TicketNote.at >= since,
        TicketNote.change["did"].as_string().in_(FINAL),
    )
    return session.scalar(notes_of_it.limit(1)) is not None


def is_done_already(session: Session, ticket: Ticket, did: DecisionKind, by: Decider) -> bool:
    """Whether the ticket's last decision is this one, by the same person on the same version.

    It makes a form that is posted twice count as one decision.
    """
    last = select(TicketNote).where(
        TicketNote.ticket_id == ticket.id, TicketNote.change["version"].is_not(None)
    )
    note = session.scalar(last.order_by(TicketNote.id.desc()).limit(1))
    if note is None or by.version is None or note.author_id != by.agent_id:
        return False
    return (note.change.get("did"), note.change.get("version")) == (did.value, by.version + 1)


def lock(session: Session, *tickets: Ticket) -> None:
    """Lock the tickets until the transaction ends, in the given order, and reload them."""
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
    """The fields whose changes a note records, as JSON values: people by id, tickets by number."""
    return {
        "status": ticket.status.value,
        "topic": ticket.topic.value if ticket.topic else None,
        "resolution": ticket.resolution,
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
        "assigned_to": ticket.assigned_to_id,
        "related_to": ticket.related_to.number if ticket.related_to else None,
        "merged_into": ticket.merged_into.number if ticket.merged_into else None,
    }
