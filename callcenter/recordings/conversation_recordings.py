"""Recordings of conversations with the desk: how it stands with one now, and who may hear it
afterwards.

Who listened is written on the ticket: a conversation is more private than a message left for the
desk.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.tickets import notes
from callcenter.tickets.decisions import DecisionKind
from models import (
    Agent,
    Consent,
    Conversation,
    Leg,
    Recording,
    RecordingStatus,
    Role,
    Ticket,
    TicketNote,
)

# A browser asks again and again for parts of one sound.
ONE_LISTENING = timedelta(minutes=10)


class RecordingStanding(StrEnum):
    """How it stands with the recording of a conversation that goes on."""

    SOON = "soon"
    ON = "on"
    PAUSING = "pausing"
    PAUSED = "paused"
    REFUSED = "refused"


def standing(session: Session, conversation: Conversation) -> RecordingStanding | None:
    """How it stands with the recording of `talk`; None where its caller was asked for none."""
    agreed = conversation.call.recording if conversation.call else None
    if agreed is Consent.REFUSED:
        return RecordingStanding.REFUSED
    if agreed is not Consent.AGREED:
        return None
    is_on = _state(session, conversation) == RecordingStatus.IN_PROGRESS
    if must_pause(conversation):
        return RecordingStanding.PAUSING if is_on else RecordingStanding.PAUSED
    return RecordingStanding.ON if is_on else RecordingStanding.SOON


def must_pause(conversation: Conversation) -> bool:
    """Whether nothing may be recorded now.

    Somebody of the desk wants it so, the caller is on hold, or an outside number is in the
    conversation or on the way: nobody told them of a recording.
    """
    outside = any(leg.number and leg.ended_at is None for leg in conversation.legs)
    return conversation.recording_paused or conversation.is_held or outside


def _state(session: Session, conversation: Conversation) -> str | None:
    """How the carrier keeps the recording, as far as it has told us; None while there is none."""
    return session.scalar(
        select(Recording.status).where(Recording.talk_id == conversation.id).limit(1)
    )


def of_ticket(session: Session, ticket: Ticket) -> Sequence[Recording]:
    """The recordings of all talks about the ticket, the first first."""
    of_conversations = select(Recording).join(Conversation, Conversation.id == Recording.talk_id)
    about = of_conversations.where(Conversation.ticket_id == ticket.id).order_by(Recording.id)
    return session.scalars(about).all()


def may_hear(session: Session, agent: Agent, recording: Recording) -> bool:
    """Supervisors, and whoever of the desk was in the conversation."""
    if agent.role is Role.SUPERVISOR:
        return True
    was_in_it = select(Leg.id).where(
        Leg.talk_id == recording.talk_id,
        Leg.agent_id == agent.id,
        Leg.joined_at.is_not(None),
        Leg.ended_at.is_(None) | (Leg.ended_at > recording.made_at),
    )
    return session.scalar(was_in_it.limit(1)) is not None


def heard(
    session: Session, ticket: Ticket, recording: Recording, agent_id: int, now: datetime
) -> None:
    """Write on the ticket that somebody listens, once a listening."""
    lately = select(TicketNote.id).where(
        TicketNote.ticket_id == ticket.id,
        TicketNote.author_id == agent_id,
        TicketNote.at > now - ONE_LISTENING,
        TicketNote.change["did"].astext == DecisionKind.LISTENED,
        TicketNote.change["recording"].as_integer() == recording.id,
    )
    if session.scalar(lately.limit(1)) is None:
        did = {"did": DecisionKind.LISTENED.value, "recording": recording.id}
        notes.add_note(session, ticket, agent_id, "", now, did)
