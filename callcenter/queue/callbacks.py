"""Callbacks: stores callers' requests, and keeps one callback when tickets are merged.

A consultant makes a callback; after an outage the line makes it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from callcenter.actions import ActionResult, Case, action
from callcenter.announcements import outage_callbacks
from callcenter.announcements.board import board
from callcenter.outbound import dial_policy
from callcenter.outbound.dial_policy import Service
from callcenter.outbox.dispatch_signal import signal_dispatch
from callcenter.queue import legs, positions
from callcenter.tickets import notes
from models import Announcement, Call, Callback, CallStatus, Conversation, Scope, Status, Ticket


def _kept_for_later(now: datetime) -> ActionResult:
    """The result while the database is away: the request waits in the spool."""
    return ActionResult("kept", {"line_out": "yes" if _outages(now) else "no"})


@action(_kept_for_later, kept="line_out", unavailable="")
def ask_for_callback(session: Session, case: Case) -> ActionResult:
    """Action: keep the caller's place and call back; a repeated request counts once.

    While the line itself is out, the callback is due when the outage is over.
    """
    outage_id = _outage_on(session, case)
    since = None if outage_id else positions.waits_since(session, case.call)
    if not _note(session, case, outage_id, since):
        return ActionResult("unavailable")
    return ActionResult("kept", {"line_out": "yes" if outage_id else "no"})


@action(lambda _now: ActionResult("kept"), kept="", over="", unavailable="")
def ask_for_call_after_outage(session: Session, case: Case) -> ActionResult:
    """Action: call back when the outage is over; one callback for each number and outage."""
    outage_id = _outage_on(session, case)
    if not _note(session, case, outage_id):
        return ActionResult("unavailable")
    return ActionResult("kept" if outage_id else "over")


def _outage_on(session: Session, case: Case) -> int | None:
    """The id of the announcement of an outage of the line itself; None if there is none.

    A request from the spool may belong to an outage that is no longer on the board.
    """
    on_board = select(Announcement.id).where(Announcement.uid.in_(_outages(case.now)[:1]))
    return session.scalar(on_board) or outage_callbacks.outage_at(session, case.now)


def _outages(now: datetime) -> list[str]:
    return [one.uid for one in board().on_now(now) if one.scope is Scope.SWITCHBOARD]


def matter_is_open() -> ColumnElement[bool]:
    """Whether the callback's ticket, or the one it was merged into, is open."""
    matter = aliased(Ticket)
    of_it = matter.id == func.coalesce(Ticket.merged_into_id, Ticket.id)
    return select(matter.id).where(of_it, matter.status == Status.OPEN).exists()


def _note(
    session: Session,
    case: Case,
    announcement_id: int | None,
    waited_since: datetime | None = None,
) -> bool:
    """Store the request; False if the dial policy (callcenter.outbound) refuses the number.

    A request that was stored before counts once against the limits.
    """
    number, now = case.ticket.caller, case.now
    is_noted = _is_noted(session, case.ticket, announcement_id)
    if not is_noted and not dial_policy.reserve(session, Service.CALL, number, now):
        return False
    wish = {
        "ticket_id": case.ticket.id,
        "number": number,
        "language": case.call.language,
        "announcement_id": announcement_id,
        "asked_at": now,
        "waited_since": waited_since,
        "attempts": 0,
    }
    session.execute(insert(Callback).values(wish).on_conflict_do_nothing())
    signal_dispatch(session)
    return True


def _is_noted(session: Session, ticket: Ticket, announcement_id: int | None) -> bool:
    same = Callback.ticket_id == ticket.id
    if announcement_id is not None:
        of_outage = Callback.announcement_id == announcement_id
        same = or_(same, and_(of_outage, Callback.number == ticket.caller))
    noted = select(Callback.id).where(same)
    return session.scalar(noted.limit(1)) is not None


def call_once(session: Session, matter: Ticket, by_id: int, now: datetime) -> None:
    """Keep one open callback to each number, of the ticket `matter` and those merged into it.

    The kept one gets the earliest place. The others are withdrawn, with a note on their tickets. A
    callback that is under way is not withdrawn.
    """
    of_matter = or_(Ticket.id == matter.id, Ticket.merged_into_id == matter.id)
    wanted = select(Callback).join(Ticket, Callback.ticket_id == Ticket.id)
    wanted = wanted.where(of_matter, Callback.done_at.is_(None)).order_by(Callback.id)
    conversations = _conversations_of(session, session.scalars(wanted).all())
    begun = {conversation.callback_id for conversation in conversations if conversation.began_at}
    locked = wanted.with_for_update(of=Callback).execution_options(populate_existing=True)
    of_number = defaultdict[str, list[Callback]](list)
    for callback in session.scalars(locked).all():
        of_number[callback.number].append(callback)
    for asked in of_number.values():
        kept = min(asked, key=lambda one: _worth(one, matter, one.id in begun))
        withdrawn = [one for one in asked if one is not kept and one.id not in begun]
        _take_place(kept, withdrawn)
        _withdraw(session, withdrawn, by_id, now)
    for conversation in conversations:
        if (
            conversation.began_at is None
            and session.get_one(Callback, conversation.callback_id).done_at
        ):
            legs.end(session, conversation, now)


def _conversations_of(session: Session, callbacks: Sequence[Callback]) -> list[Conversation]:
    """Lock and return the conversations of these callbacks that have not ended."""
    ids = [callback.id for callback in callbacks]
    unended = select(Conversation.id).where(
        Conversation.callback_id.in_(ids), Conversation.ended_at.is_(None)
    )
    return [
        legs.lock(session, talk_id)
        for talk_id in session.scalars(unended.order_by(Conversation.id))
    ]


def _worth(callback: Callback, matter: Ticket, begun: bool) -> tuple[bool, bool, bool]:
    """Sort key: callbacks under way first, then those by a consultant, then those of `matter`."""
    return not begun, _is_by_the_line(callback), callback.ticket_id != matter.id


def _is_by_the_line(callback: Callback) -> bool:
    """Whether the line makes it after an outage; consultants make the others."""
    return callback.announcement_id is not None


def _take_place(kept: Callback, withdrawn: Iterable[Callback]) -> None:
    """Give `kept` the earliest place and the fewest attempts of all."""
    for other in withdrawn:
        if other.waited_since:
            kept.waited_since = min(kept.waited_since or other.waited_since, other.waited_since)
        if not (_is_by_the_line(kept) or _is_by_the_line(other)):
            kept.attempts = min(kept.attempts, other.attempts)


def _withdraw(session: Session, withdrawn: Iterable[Callback], by_id: int, now: datetime) -> None:
    for callback in withdrawn:
        callback.done_at = now
        notes.add_note(session, callback.ticket, by_id, "", now, {"call_back": "withdrawn"})
        signal_dispatch(session)


def note_call(session: Session, callback: Callback, sid: str, now: datetime) -> None:
    """Record that the outgoing call `sid` serves `callback`, if that is not recorded yet."""
    row = {
        "sid": sid,
        "caller": callback.number,
        "language": callback.language,
        "status": CallStatus.RINGING,
        "status_sequence": -1,
        "started_at": now,
        "opening": {},
        "callback_id": callback.id,
    }
    session.execute(insert(Call).values(row).on_conflict_do_nothing(index_elements=["sid"]))
