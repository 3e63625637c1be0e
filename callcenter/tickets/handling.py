"""The decisions that people make about tickets: finish, leave open, reopen, assign, set fields.

Each runs inside `decisions.decision`, which locks the ticket and writes the note.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import answer_due
from callcenter.outbound import text_messages
from callcenter.privacy.visible_text import visible
from callcenter.tickets import note_drafts, notes, resolutions
from callcenter.tickets.decisions import Decider, DecisionKind, NotPossibleError, Reason, decision
from callcenter.tickets.verdicts import kind_of
from models import Conversation, Leg, Outcome, Presence, Status, Ticket, Topic
from models.ticket import ABOUT_ANOTHER, Kind


def resolve(
    session: Session,
    ticket: Ticket,
    by: Decider,
    topic: Topic,
    resolution: str,
    *,
    text_wanted: bool = False,
) -> None:
    """Finish the ticket with `topic` and `resolution`, and start the period for a complaint.

    The decision is RESOLVED during the call or its wrap-up (`is_in_call`), and ANSWERED later. With
    `text_wanted` the caller gets an SMS. Raises Conflict; raises NotPossibleError for a ticket that
    is merged, internal or finished already, and for a resolution that is not of the topic.
    """
    _check(ticket, topic, resolution)
    during = is_in_call(session, ticket)
    with decision(session, ticket, DecisionKind.RESOLVED if during else DecisionKind.ANSWERED, by):
        _check_unfinished(ticket)
        _settle_topic(ticket, topic, resolution)
        _finish(ticket, by.at)
        ticket.resolved_during_call = during
        if text_wanted:
            text_messages.write_answered(session, ticket, by.at)


def leave_open(
    session: Session,
    ticket: Ticket,
    by: Decider,
    topic: Topic,
    resolution: str,
    *,
    due_at: datetime | None = None,
    assigned_to_id: int | None = None,
) -> None:
    """Leave the ticket open: somebody must act by `due_at`, and `assigned_to_id` is responsible.

    `due_at` None keeps the ticket's due date; without one, it is the tenth working day. The caller
    gets the ticket's number by SMS where possible, once. Raises like `resolve`.
    """
    _check(ticket, topic, resolution)
    with decision(session, ticket, DecisionKind.LEFT_OPEN, by):
        _check_unfinished(ticket)
        _settle_topic(ticket, topic, resolution)
        keep_open(ticket, by.at, due_at)
        ticket.assigned_to_id = assigned_to_id
        text_messages.write(session, ticket, text_messages.TICKET_NUMBER, by.at)


def out_of_time(session: Session, ticket: Ticket, agent_id: int, now: datetime) -> None:
    """Handle a wrap-up whose time is over: the draft becomes a note, and the ticket stays open.

    Only the note is written if the ticket is decided, merged or internal, or if somebody else still
    handles it. Presence is not changed here.
    """
    typed = _typed(session, ticket, agent_id)
    session.refresh(ticket, with_for_update=True)
    is_settled = ticket.in_hands_since or ticket.merged_into_id or ticket.kind is Kind.INTERNAL
    if is_settled or is_in_call(session, ticket, but_for=agent_id):
        if typed:
            notes.add_note(session, ticket, agent_id, typed, now)
    else:
        with decision(
            session, ticket, DecisionKind.OUT_OF_TIME, Decider(agent_id, now, note=typed)
        ):
            ticket.resolution = resolutions.Resolution.OUT_OF_TIME.value
            keep_open(ticket, now, None)
            text_messages.write(session, ticket, text_messages.TICKET_NUMBER, now)
    note_drafts.drop_draft(session, ticket.id, agent_id)


def call_lost(session: Session, ticket: Ticket, agent_id: int, now: datetime) -> None:
    """Turn the person's draft into a note after a dropped call.

    The note is on the ticket, or on the one it was merged into.
    """
    typed = _typed(session, ticket, agent_id)
    notes.add_note(session, ticket.merged_into or ticket, agent_id, typed, now, {"talk": "broken"})
    note_drafts.drop_draft(session, ticket.id, agent_id)


def _typed(session: Session, ticket: Ticket, agent_id: int) -> str:
    draft = note_drafts.draft_of(session, ticket.id, agent_id)
    return visible(draft.form.get("text", "")) if draft else ""


def reopen(
    session: Session, ticket: Ticket, by: Decider, *, due_at: datetime | None = None
) -> None:
    """Reopen the ticket: somebody must act by `due_at` (None: the tenth working day from today).

    Raises Conflict; raises NotPossibleError for a ticket that is merged, open, or in its call.
    """
    with decision(session, ticket, DecisionKind.REOPENED, by):
        if ticket.outcome is None:
            raise NotPossibleError(Reason.CALL_LASTS)
        if ticket.status is Status.OPEN:
            raise NotPossibleError(Reason.IS_OPEN)
        ticket.due_at = None
        ticket.resolution = None
        keep_open(ticket, by.at, due_at or answer_due(by.at))


def assign(session: Session, ticket: Ticket, by: Decider, to_id: int | None) -> None:
    """Give the ticket to somebody, or to nobody in particular."""
    with decision(session, ticket, DecisionKind.ASSIGNED, by):
        ticket.assigned_to_id = to_id


def set_topic(session: Session, ticket: Ticket, by: Decider, topic: Topic) -> None:
    """Set the topic of an open ticket, and clear a resolution that is not of this topic.

    Raises Conflict; raises NotPossibleError for a ticket that is merged, internal, not open, or
    still in its call.
    """
    with decision(session, ticket, DecisionKind.TOPIC_SET, by):
        _check_open(ticket)
        kept = ticket.resolution if ticket.resolution in resolutions.for_topic(topic) else None
        _settle_topic(ticket, topic, kept)


def set_due(session: Session, ticket: Ticket, by: Decider, due_at: datetime) -> None:
    """Set the due date of an open ticket. Raises like `set_topic`."""
    with decision(session, ticket, DecisionKind.DUE_SET, by):
        _check_open(ticket)
        ticket.due_at = due_at


def _check_open(ticket: Ticket) -> None:
    if ticket.kind is Kind.INTERNAL:
        raise NotPossibleError(Reason.HOUSES_OWN)
    if ticket.outcome is None:
        raise NotPossibleError(Reason.CALL_LASTS)
    if ticket.status is not Status.OPEN:
        raise NotPossibleError(Reason.NOT_OPEN)


def is_in_call(session: Session, ticket: Ticket, but_for: int | None = None) -> bool:
    """Whether the ticket's call lasts, or the ticket is in a conversation or in wrap-up.

    A wrap-up by the person `but_for` does not count.
    """
    if not ticket.call.status.is_final:
        return True
    talking = (
        select(Leg.id)
        .join(Conversation, Conversation.id == Leg.talk_id)
        .where(
            Conversation.ticket_id == ticket.id, Leg.joined_at.is_not(None), Leg.ended_at.is_(None)
        )
    )
    wrapping_up = select(Presence.agent_id).where(
        Presence.ticket_id == ticket.id, Presence.agent_id.is_distinct_from(but_for)
    )
    return session.scalar(select(or_(talking.exists(), wrapping_up.exists()))) is True


def _check(ticket: Ticket, topic: Topic, resolution: str) -> None:
    if resolution not in resolutions.for_topic(topic):
        raise NotPossibleError(Reason.NO_SUCH_RESOLUTION)
    if ticket.kind is Kind.INTERNAL:
        raise NotPossibleError(Reason.HOUSES_OWN)


def _check_unfinished(ticket: Ticket) -> None:
    if ticket.in_hands_since and ticket.status is not Status.OPEN:
        raise NotPossibleError(Reason.NOT_OPEN)


def _settle_topic(ticket: Ticket, topic: Topic, resolution: str | None) -> None:
    """Set topic, resolution and kind; a ticket about another one (a complaint) keeps its kind."""
    ticket.topic, ticket.resolution = topic, resolution
    if ticket.kind not in ABOUT_ANOTHER:
        ticket.kind = kind_of(topic)


def _finish(ticket: Ticket, now: datetime) -> None:
    ticket.status, ticket.outcome = Status.RESOLVED, Outcome.RESOLVED_BY_AGENT
    ticket.resolved_at = ticket.answered_at = ticket.in_hands_since = now
    ticket.due_at = None
    # A finished ticket keeps no PESEL (callcenter/tickets/prepared_pesel.py).
    ticket.pesel = None


def keep_open(ticket: Ticket, now: datetime, due_at: datetime | None) -> None:
    """Set the fields of a ticket that stays open; no note is written here.

    `due_at` None keeps the ticket's due date; without one, it is the tenth working day.
    """
    ticket.status, ticket.outcome = Status.OPEN, Outcome.LEFT_OPEN
    ticket.resolved_at = ticket.answered_at = None
    ticket.resolved_during_call = False
    ticket.in_hands_since = now
    ticket.due_at = due_at or ticket.due_at or answer_due(ticket.opened_at)
