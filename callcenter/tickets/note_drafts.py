"""Drafts of notes, saved while they are typed, so that nothing typed is lost.

A person has at most one draft for each ticket. It is encrypted, because its author has not decided
yet what others may read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.privacy import encryption
from models import NoteDraft, Ticket


@dataclass(frozen=True)
class Draft:
    """The typed fields; `version` is the version of the ticket when the typing began."""

    form: Mapping[str, str]
    version: int
    saved_at: datetime


def save_draft(
    session: Session,
    ticket: Ticket,
    agent_id: int,
    form: Mapping[str, str],
    version: int,
    now: datetime,
) -> None:
    """Save `form` as this person's draft for the ticket, in place of an earlier draft."""
    row = {
        "ticket_id": ticket.id,
        "agent_id": agent_id,
        "sealed": encryption.seal(json.dumps(dict(form)).encode()),
        "version": version,
        "saved_at": now,
    }
    kept = {name: row[name] for name in ("sealed", "version", "saved_at")}
    typed = insert(NoteDraft).values(row)
    session.execute(
        typed.on_conflict_do_update(index_elements=["ticket_id", "agent_id"], set_=kept)
    )


def draft_of(session: Session, ticket_id: int, agent_id: int) -> Draft | None:
    """This person's draft for the ticket; None if there is none."""
    kept = select(NoteDraft.sealed, NoteDraft.version, NoteDraft.saved_at).where(
        NoteDraft.ticket_id == ticket_id, NoteDraft.agent_id == agent_id
    )
    row = session.execute(kept).one_or_none()
    return (
        Draft(json.loads(encryption.unseal(row.sealed)), row.version, row.saved_at) if row else None
    )


def drop_draft(session: Session, ticket_id: int, agent_id: int) -> None:
    """Delete the draft, after its text was saved as a note or discarded."""
    session.execute(
        delete(NoteDraft).where(NoteDraft.ticket_id == ticket_id, NoteDraft.agent_id == agent_id)
    )
