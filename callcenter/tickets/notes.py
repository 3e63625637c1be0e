"""Notes on tickets. They are never changed: a correction is a new note. A PESEL is masked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.privacy import pesel
from callcenter.privacy.visible_text import visible
from models import Agent, Ticket, TicketNote


def add_note(
    session: Session,
    ticket: Ticket,
    author_id: int | None,
    text: str,
    now: datetime,
    change: Mapping[str, Any] | None = None,
) -> TicketNote:
    """Add a note with its author, its time, and the `change` that it explains.

    `author_id` None is a note of the line itself. The length of `text` is not checked here.
    """
    kept = pesel.masked(visible(text))
    note = TicketNote(
        ticket_id=ticket.id, at=now, author_id=author_id, text=kept, change=dict(change or {})
    )
    session.add(note)
    ticket.changed_at = now
    session.flush()
    return note


def notes_of(session: Session, ticket: Ticket) -> list[tuple[TicketNote, str | None]]:
    """The notes of a ticket in the order they were written, each with its author's name."""
    query = (
        select(TicketNote, Agent.name)
        .outerjoin(Agent, Agent.id == TicketNote.author_id)
        .where(TicketNote.ticket_id == ticket.id)
        .order_by(TicketNote.id)
    )
    return [(note, name) for note, name in session.execute(query)]
