"""Recordings of conversations with the desk: their present state, and who may listen.

Each listening is noted on the ticket, because a conversation is more private than a message left
for the desk.
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

# A browser requests parts of one sound many times.
ONE_LISTENING = timedelta(minutes=10)


class RecordingStanding(StrEnum):
    """The state of the recording of a conversation that is going on."""

    SOON = "soon"
    ON = "on"
    PAUSING = "pausing"
    PAUSED = "paused"
    REFUSED = "refused"


def standing(session: Session, conversation: Conversation) -> RecordingStanding | None:
    """The state of the conversation's recording; None if its caller was not asked for one."""
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

    The desk has paused the recording, the caller is on hold, or an outside number is invited, which
    was not told of a recording.
    """
    outside = any(leg.number and leg.ended_at is None for leg in conversation.legs)
    return conversation.recording_paused or conversation.is_held or outside


def _state(session: Session, conversation: Conversation) -> str | None:
    """The last known state of the recording at the carrier; None if there is no recording."""
    return session.scalar(
        select(Recording.status).where(Recording.talk_id == conversation.id).limit(1)
    )


def of_ticket(session: Session, ticket: Ticket) -> Sequence[Recording]:
    """The recordings of all conversations about the ticket, the first one first."""
    of_conversations = select(Recording).join(Conversation, Conversation.id == Recording.talk_id)
    about = of_conversations.where(Conversation.ticket_id == ticket.id).order_by(Recording.id)
    return session.scalars(about).all()


def may_hear(session: Session, agent: Agent, recording: Recording) -> bool:
    """Whether `agent` may listen: supervisors may, and the people who were in the conversation."""
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
    """Note on the ticket that somebody listens, once for each listening."""
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
