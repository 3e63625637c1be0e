"""Opens a ticket with its call, and updates it from the turns until a person decides about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import answer_due
from callcenter.outbound import text_messages
from callcenter.tickets.ticket_numbers import new_number
from callcenter.tickets.verdicts import Logged, Told, Verdict, after_call_back, judge
from models import (
    Call,
    Callback,
    Kind,
    Outcome,
    Recording,
    RecordingStatus,
    Status,
    Ticket,
    Turn,
    Waiting,
)
from models.ticket import ABOUT_ANOTHER

SHORTEST_MESSAGE_S = 1


def open_ticket(session: Session, call: Call) -> Ticket:
    """Insert the ticket of a new call, with a unique number."""
    row = {
        "call_id": call.id,
        "kind": Kind.UNKNOWN,
        "status": Status.OPEN,
        "resolved_during_call": False,
        "language": call.language,
        "caller": call.caller,
        "opened_at": call.started_at,
        "changed_at": call.started_at,
    }
    ticket_id = None
    while ticket_id is None:
        numbered = insert(Ticket).values(row | {"number": new_number()})
        free = numbered.on_conflict_do_nothing(index_elements=["number"])
        ticket_id = session.scalar(free.returning(Ticket.id))
    return session.get_one(Ticket, ticket_id)


def of_call(session: Session, call: Call) -> Ticket:
    """The ticket of the call; for an outgoing call, the ticket whose callback it serves."""
    if call.callback_id:
        return session.get_one(Callback, call.callback_id).ticket
    return session.scalars(select(Ticket).where(Ticket.call_id == call.id)).one()


def settle(session: Session, call: Call) -> None:
    """Update the ticket of `call` from the turns of all its calls, inbound and outgoing.

    A ticket that a person decided about, or that is merged, is not judged again. A relation that a
    person set is kept.
    """
    ticket = of_call(session, call)
    if turns := _turns(session, call):
        call.language = turns[-1].language
    asking = session.get_one(Call, ticket.call_id)
    ticket.language = asking.language
    if ticket.in_hands_since or ticket.merged_into_id:
        return
    answering = _calls_back(session, ticket)
    its_turns = turns if asking is call else _turns(session, asking)
    verdict = _verdict(session, asking, its_turns)
    for back in answering:
        verdict = after_call_back(
            verdict, _verdict(session, back, _turns(session, back)), _waited(session, back)
        )
    ticket.topic, ticket.kind = verdict.topic, verdict.kind
    if all(one.status.is_final for one in (asking, *answering)):
        ended_at = max(one.ended_at or one.started_at for one in (asking, *answering))
        _end(session, ticket, verdict, ended_at)
    if ticket.kind in ABOUT_ANOTHER and not (ticket.version and ticket.related_to_id):
        ticket.related_to_id = _spoken_of(session, turns)
    session.flush()


def _turns(session: Session, call: Call) -> Sequence[Logged]:
    """The turns of the call in the order of their steps, as plain rows.

    Plain rows cost a tenth of ORM objects.
    """
    told = select(
        Turn.node,
        Turn.leads_to,
        Turn.language,
        Turn.says,
        Turn.topic,
        Turn.kind,
        Turn.credit,
    )
    found = session.execute(told.where(Turn.call_id == call.id).order_by(Turn.step))
    return cast("Sequence[Logged]", found.all())


def _calls_back(session: Session, ticket: Ticket) -> Sequence[Call]:
    """The outgoing calls for the ticket's callbacks, the oldest first."""
    ours = select(Call).join(Callback, Callback.id == Call.callback_id)
    return session.scalars(ours.where(Callback.ticket_id == ticket.id).order_by(Call.id)).all()


def _verdict(session: Session, call: Call, turns: Sequence[Told]) -> Verdict:
    return judge(call.opening, turns, message_was_left(session, call))


def message_was_left(session: Session, call: Call) -> bool:
    """Whether the caller left a message in `call`; a message whose sound is erased counts.

    A message of unknown length counts too, so that none is overlooked.
    """
    something = select(Recording.id).where(
        Recording.call_id == call.id,
        Recording.talk_id.is_(None),
        Recording.status.in_(
            (RecordingStatus.COMPLETED, RecordingStatus.LOST, RecordingStatus.ERASED)
        ),
        or_(Recording.duration_s.is_(None), Recording.duration_s >= SHORTEST_MESSAGE_S),
    )
    return session.scalar(something.limit(1)) is not None


def _waited(session: Session, call: Call) -> bool:
    waited = select(Waiting.id).where(Waiting.call_id == call.id)
    return session.scalar(waited.limit(1)) is not None


def _end(session: Session, ticket: Ticket, verdict: Verdict, ended_at: datetime) -> None:
    ticket.outcome, ticket.left_at = verdict.outcome, verdict.left_at
    ticket.status = verdict.status
    if verdict.outcome is Outcome.INFORMED_OF_OUTAGE and _call_is_due(session, ticket):
        ticket.status = Status.OPEN
    ticket.resolved_during_call = verdict.outcome is Outcome.RESOLVED_BY_LINE
    ticket.resolved_at = ended_at if ticket.status is Status.RESOLVED else None
    ticket.answered_at = None if ticket.status is Status.OPEN else ended_at
    ticket.due_at = answer_due(ticket.opened_at) if ticket.status is Status.OPEN else None
    if verdict.outcome is Outcome.LEFT_OPEN:
        text_messages.write(session, ticket, text_messages.TICKET_NUMBER, ended_at)


def _call_is_due(session: Session, ticket: Ticket) -> bool:
    due = select(Callback.id).where(Callback.ticket_id == ticket.id, Callback.done_at.is_(None))
    return session.scalar(due) is not None


def _spoken_of(session: Session, turns: Sequence[Logged]) -> int | None:
    numbers = [turn.says["ticket"] for turn in turns if "ticket" in turn.says]
    meant = func.coalesce(Ticket.merged_into_id, Ticket.id)
    return session.scalar(select(meant).where(Ticket.number.in_(numbers[-1:])))
