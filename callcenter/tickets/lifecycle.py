"""Tickets: opened with the call, judged from its turns, kept open when somebody must still act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.actions import ActionResult, Case, action
from callcenter.calendar.deadlines import answer_due, complaint_due, spoken_day
from callcenter.outbound import text_messages
from callcenter.privacy import encryption
from callcenter.tickets.ticket_numbers import new_number
from models import (
    Call,
    Callback,
    Kind,
    Outcome,
    Recording,
    RecordingStatus,
    Status,
    Ticket,
    Topic,
    Turn,
    Waiting,
)
from models.ticket import ABOUT_ANOTHER

SHORTEST_MESSAGE_S = 1

_KIND_OF = {
    Topic.LOGIN_LOCKED: Kind.SERVICE_REQUEST,
    Topic.BASIC_PASSWORD_FORGOTTEN: Kind.INFORMATION,
    Topic.BOTH_PASSWORDS_FORGOTTEN: Kind.INFORMATION,
    Topic.EMAIL_CHANGE_BASIC_FORGOTTEN: Kind.SERVICE_REQUEST,
    Topic.EMAIL_CHANGE_BOTH_FORGOTTEN: Kind.SERVICE_REQUEST,
    Topic.PESEL_EXISTS: Kind.SERVICE_REQUEST,
    Topic.ERROR_REPORT: Kind.INCIDENT,
    Topic.EXISTING_TICKET: Kind.INFORMATION,
    Topic.ABOUT: Kind.INFORMATION,
    Topic.OUTAGE: Kind.OUTAGE,
}
_STATUS_OF = {
    Outcome.RESOLVED_BY_LINE: Status.RESOLVED,
    Outcome.RESOLVED_BY_AGENT: Status.RESOLVED,
    Outcome.LEFT_OPEN: Status.OPEN,
}


def kind_of(topic: Topic | None) -> Kind:
    """What a matter of this topic is, unless a step or a person said otherwise."""
    return _KIND_OF[topic] if topic else Kind.UNKNOWN


def open_ticket(session: Session, call: Call) -> Ticket:
    """The ticket of a new call, with a number that no other ticket has."""
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
    """The ticket of the call; an outgoing one belongs to the ticket that asked for it."""
    if call.callback_id:
        return session.get_one(Callback, call.callback_id).ticket
    return session.scalars(select(Ticket).where(Ticket.call_id == call.id)).one()


@dataclass(frozen=True)
class Verdict:
    """What the turns of a call say about its ticket. `outcome` is what it is once the call ends."""

    topic: Topic | None
    kind: Kind
    outcome: Outcome
    left_at: str | None

    @property
    def status(self) -> Status:
        """What the ticket is after the call, unless a call of ours is still due."""
        return _STATUS_OF.get(self.outcome, Status.CLOSED)


class Told(Protocol):
    """What a turn says about its ticket (see models.Turn)."""

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
    """The same, with the words of the turn."""

    @property
    def language(self) -> str: ...
    @property
    def says(self) -> Mapping[str, Any]: ...


def judge(opening: Mapping[str, Any], turns: Sequence[Told], message_left: bool) -> Verdict:
    """The verdict on turns in the order of their steps: a pure function, so late turns count too.

    An earned outcome is lost by moving on; what leaves the ticket open is never lost, and a kind
    that a step settled holds until another topic is entered, or for good once it left a message.
    A call in which a supervisor's PIN was right is the house's own, whatever else comes of it.
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
    """The verdict once we have called back: `back` is that of the second call's own turns.

    Who only heard what we had to say leaves it as it was `before`. Who `waited` for a consultant
    and was not served must be seen to: it was us who called.
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


def settle(session: Session, call: Call) -> None:
    """Let the ticket say what its calls' turns say; a ticket that a person decided stays so.

    A complaint that a person tied by hand stays tied so.
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
    """The turns of the call by their steps: plain rows, which cost a tenth of whole objects."""
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
    """Our own calls to the ticket's caller, in their order."""
    ours = select(Call).join(Callback, Callback.id == Call.callback_id)
    return session.scalars(ours.where(Callback.ticket_id == ticket.id).order_by(Call.id)).all()


def _verdict(session: Session, call: Call, turns: Sequence[Told]) -> Verdict:
    return judge(call.opening, turns, message_was_left(session, call))


def message_was_left(session: Session, call: Call) -> bool:
    """Whether a message with something in it was left in `call`, be its sound gone since.

    One whose length the carrier did not tell counts: it is better heard than lost.
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


@action(lambda _now: ActionResult("noted"), noted="")
def note_pesel(session: Session, case: Case) -> ActionResult:
    """Action: keep the PESEL that was typed for the consultant, encrypted."""
    if case.secret is None:
        return ActionResult("unavailable")
    case.ticket.pesel = encryption.seal(case.secret.encode())
    return ActionResult("noted")


@action(found="number state date", missing="")
def look_up(session: Session, case: Case) -> ActionResult:
    """Action: the state and the date of the ticket whose number was typed; nothing personal."""
    ticket = _typed(session, case)
    if ticket is None:
        return ActionResult("missing")
    state = {"number": case.said["ticket"], "state": ticket.status.value, "date": _day_told(ticket)}
    return ActionResult("found", state)


def _day_told(ticket: Ticket) -> str:
    if ticket.status is Status.OPEN:
        return spoken_day(ticket.due_at or answer_due(ticket.opened_at))
    return spoken_day(ticket.resolved_at or ticket.answered_at or ticket.opened_at)


@action(allowed="", still_open="date", too_late="date", unavailable="")
def may_object(session: Session, case: Case) -> ActionResult:
    """Action: whether the ticket can still be complained about, or explained further, today."""
    ticket = _typed(session, case)
    if ticket is None:
        return ActionResult("unavailable")
    if ticket.status is Status.OPEN:
        return ActionResult("still_open", {"date": _day_told(ticket)})
    last_moment = complaint_due(ticket.answered_at or ticket.opened_at)
    if case.now > last_moment:
        return ActionResult("too_late", {"date": spoken_day(last_moment)})
    return ActionResult("allowed")


def _typed(session: Session, case: Case) -> Ticket | None:
    """The ticket that is meant: the older one, where it was merged into that."""
    number = case.said.get("ticket")
    typed = session.scalars(select(Ticket).where(Ticket.number == number)).one_or_none()
    return (typed.merged_into or typed) if typed else None


@action(kept="number due sms")
def keep_open(session: Session, case: Case) -> ActionResult:
    """Action: the ticket stays open; its number is told, and sent by SMS where possible."""
    sms = text_messages.write(session, case.ticket, text_messages.TICKET_NUMBER, case.now)
    due: datetime = answer_due(case.ticket.opened_at)
    told = {"number": case.ticket.number, "due": spoken_day(due), "sms": "yes" if sms else "no"}
    return ActionResult("kept", told)
