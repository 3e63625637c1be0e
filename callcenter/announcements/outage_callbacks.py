"""Our calls to those who asked for one when an outage is over: who is next, what became of each.

The rows are the promise. An attempt is written down and committed before the carrier is asked to
place its call (callcenter.jobs.dialling), so whoever goes on after a crash knows what to ask about.
A caller with several requests is called once; while the line is out again, nobody is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from callcenter.announcements.switchboard import notice_of
from callcenter.outbound import text_messages
from callcenter.outbox.outbox import Task, enqueue, requested_since
from callcenter.tickets import lifecycle
from models import (
    Announcement,
    Call,
    Callback,
    CallStatus,
    Reached,
    Scope,
    TextMessage,
    TicketNote,
    Window,
)
from models.call import FINAL

MOST_ATTEMPTS = 2
PAUSE = timedelta(minutes=5)
# So many attempts may wait for their calls: a queue that was away brings no volley.
MOST_AHEAD = 3
# After so long without a word the carrier is asked what became of a call.
SILENCE = timedelta(minutes=15)
ONE_AT_A_TIME = 0x6F766572  # names the lock of those who write attempts down

PENDING = (
    Callback.announcement_id.is_not(None),
    Callback.outcome.is_(None),
    Callback.done_at.is_(None),
)
UNDER_WAY = (Callback.attempts > 0, Callback.next_try_at.is_(None))


@dataclass(frozen=True)
class Attempt:
    """One call of a call-back. Addresses given to the carrier name it: it tells nobody anything."""

    callback_id: int
    number: int

    @classmethod
    def read(cls, written: str | None) -> "Attempt | None":
        """Parses `str(attempt)`; None for anything else."""
        first, dot, second = (written or "").partition(".")
        usable = dot and all(n.isascii() and n.isdigit() and len(n) < 10 for n in (first, second))
        return cls(int(first), int(second)) if usable else None

    def __str__(self) -> str:
        return f"{self.callback_id}.{self.number}"


def call_next(session: Session, calls_a_second: float, now: datetime) -> bool:
    """Write down the next attempt that is due, with the job that places its call; False: none is.

    However many processes ask, attempts follow each other at `calls_a_second` at most.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(ONE_AT_A_TIME))):
        return False
    over = _announcements_over(session, now)
    if not over or line_is_out(session, now) or not _is_paced(session, calls_a_second, now):
        return False
    callback = session.scalars(_due(over, now)).first()
    if callback is None:
        return False
    callback.attempts += 1
    callback.trying_since, callback.next_try_at, callback.call_sid = now, None, None
    enqueue(session, Task.PLACE_CALL, callback.id, now)
    return True


def _announcements_over(session: Session, now: datetime) -> list[int]:
    """The announcements that are over and still have open requests for a call."""
    asked = select(Callback.announcement_id).where(*PENDING).distinct()
    rows = session.scalars(select(Announcement).where(Announcement.id.in_(asked)))
    return [made.id for made in rows if notice_of(made).state(now) == "over"]


def line_is_out(session: Session, now: datetime) -> bool:
    """Whether an announcement that the line itself is out is on, by the rows."""
    return outage_at(session, now) is not None


def outage_at(session: Session, now: datetime) -> int | None:
    """The announcement that says that the line itself is out at `now`, by the rows."""
    on = (
        select(Announcement.id)
        .join(Window.announcement)
        .where(Announcement.scope == Scope.SWITCHBOARD)
        .where(or_(Announcement.ended_at.is_(None), Announcement.ended_at > now))
        .where(Window.starts_at <= now, or_(Window.ends_at.is_(None), Window.ends_at > now))
        .order_by(Window.starts_at.desc())
    )
    return session.scalar(on.limit(1))


def _is_paced(session: Session, calls_a_second: float, now: datetime) -> bool:
    last = session.scalar(select(func.max(Callback.trying_since)))
    # Where the clock was set back, an attempt far ahead of it holds nobody up.
    if last and abs(now - last) < timedelta(seconds=1 / calls_a_second):
        return False
    ahead = select(func.count()).where(*PENDING, *UNDER_WAY, Callback.call_sid.is_(None))
    return (session.scalar(ahead) or 0) < MOST_AHEAD


def _due(over: Sequence[int], now: datetime) -> Select[Callback]:
    other = aliased(Callback)
    same_number_under_way = select(other.id).where(
        other.number == Callback.number,
        other.outcome.is_(None),
        other.done_at.is_(None),
        other.attempts > 0,
        other.next_try_at.is_(None),
        other.announcement_id.is_not(None),
    )
    return (
        select(Callback)
        .where(*PENDING, Callback.announcement_id.in_(over))
        .where(or_(Callback.attempts == 0, Callback.next_try_at <= now))
        .where(~same_number_under_way.exists())
        .order_by(func.coalesce(Callback.next_try_at, Callback.asked_at), Callback.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Callback)
    )


def follow_up(session: Session, now: datetime) -> None:
    """Note which outages are done with; have the carrier asked about calls it fell silent on."""
    for made in session.scalars(_without_requests()):
        if notice_of(made).state(now) == "over":
            made.called_back_at = now
    for callback_id in session.scalars(_silent(now)).all():
        enqueue(session, Task.PLACE_CALL, callback_id, now)


def _without_requests() -> Select[Announcement]:
    waiting = select(Callback.id).where(Callback.announcement_id == Announcement.id, *PENDING)
    return select(Announcement).where(
        Announcement.scope == Scope.SWITCHBOARD,
        Announcement.called_back_at.is_(None),
        ~waiting.exists(),
    )


def _silent(now: datetime) -> Select[int]:
    up = select(Call.id).where(Call.callback_id == Callback.id, Call.status.not_in(FINAL))
    return select(Callback.id).where(
        Callback.announcement_id.is_not(None),
        Callback.trying_since < now - SILENCE,
        *UNDER_WAY,
        or_(Callback.outcome.is_(None) & Callback.done_at.is_(None), up.exists()),
        ~requested_since(Task.PLACE_CALL, Callback.id, now - SILENCE),
    )


def of_attempt(session: Session, attempt: Attempt) -> Callback | None:
    """The call-back, locked, where `attempt` is its last one and under way."""
    callback = _locked(session, Callback.id == attempt.callback_id)
    if callback is None or callback.attempts != attempt.number or callback.next_try_at:
        return None
    return callback


def of_call(session: Session, sid: str, attempt: Attempt | None, now: datetime) -> Callback | None:
    """The call-back that placed the outgoing call `sid`; None when none of ours did.

    The carrier may speak of the call before it has answered the request to place it: then the
    attempt that its addresses name is the one, and is noted as placed.
    """
    if placed_it := _locked(session, Callback.call_sid == sid):
        return placed_it
    if attempt and note_placed(session, attempt, sid, now):
        return of_attempt(session, attempt)
    return None


def _locked(session: Session, *which: ColumnElement[bool]) -> Callback | None:
    # Somebody else may have changed the row since this session read it first.
    rows = select(Callback).where(*which).with_for_update(of=Callback)
    return session.scalars(rows.execution_options(populate_existing=True)).one_or_none()


def note_placed(session: Session, attempt: Attempt, sid: str, now: datetime) -> bool:
    """Note that the call of `attempt` is `sid`; False when another one is."""
    callback = of_attempt(session, attempt)
    if callback is None:
        return False
    if callback.call_sid is None:
        callback.call_sid = sid
        _note(session, callback, "called", now)
    return callback.call_sid == sid


def note_not_placed(session: Session, attempt: Attempt, now: datetime) -> None:
    """Note that no call was placed (carrier busy, line out again). The attempt does not count."""
    if callback := of_attempt(session, attempt):
        callback.attempts -= 1
        callback.next_try_at = now


def note_refused(session: Session, attempt: Attempt, now: datetime) -> None:
    """Note that the carrier refuses this number for good."""
    if callback := of_attempt(session, attempt):
        _note(session, callback, "refused", now)
        _give_up(session, callback, now)


def note_told(session: Session, call: Call, now: datetime) -> None:
    """Note that the call was answered and the client is told that the service works."""
    callback = _locked(session, Callback.id == call.callback_id)
    if callback and callback.outcome is None:
        _conclude(session, callback, Reached.TOLD, now)


def note_ended(session: Session, call: Call, now: datetime) -> None:
    """Note the end of the call. If nobody was told, another call or an SMS follows."""
    callback = _locked(session, Callback.id == call.callback_id)
    if callback is None or callback.call_sid != call.sid or callback.outcome or callback.done_at:
        return
    if callback.next_try_at:
        return
    if call.status is CallStatus.COMPLETED and call.opening:
        # What was heard is that the line is out again: that was not the call asked for.
        _note(session, callback, "out_again", now)
        callback.attempts -= 1
        callback.next_try_at = now
        return
    _note(session, callback, call.status.value, now)
    if callback.attempts < MOST_ATTEMPTS:
        callback.next_try_at = now + PAUSE
    else:
        _give_up(session, callback, now)


def _give_up(session: Session, callback: Callback, now: datetime) -> None:
    """Send an SMS instead of a call. If the number takes none, a consultant must call."""
    sent = text_messages.write(session, callback.ticket, text_messages.LINE_WORKS, now)
    _conclude(session, callback, Reached.TEXTED if sent else Reached.UNREACHED, now)


def note_texted(session: Session, sms: TextMessage, now: datetime) -> None:
    """Note what became of that SMS. If it was refused, a consultant must call."""
    callback = _locked(session, Callback.ticket_id == sms.ticket_id)
    if callback is None or callback.done_at:
        return
    for one in (callback, *_others(session, callback, Callback.outcome == Reached.TEXTED)):
        _set(session, one, Reached.UNREACHED if sms.refused else Reached.TEXTED, now, sent=True)


def _conclude(session: Session, callback: Callback, reached: Reached, now: datetime) -> None:
    """Close this request, and all others that the number made."""
    for one in (callback, *_others(session, callback, Callback.outcome.is_(None))):
        _set(session, one, reached, now, sent=False)


def _others(
    session: Session, callback: Callback, *which: ColumnElement[bool]
) -> Iterable[Callback]:
    rows = select(Callback).where(
        Callback.number == callback.number,
        Callback.id != callback.id,
        Callback.announcement_id.is_not(None),
        Callback.asked_at <= (callback.trying_since or callback.asked_at),
        Callback.done_at.is_(None),
        *which,
    )
    return session.scalars(rows.with_for_update(of=Callback)).all()


def _set(
    session: Session, callback: Callback, reached: Reached, now: datetime, *, sent: bool
) -> None:
    callback.outcome = reached
    if reached is Reached.TEXTED and not sent:
        return
    _note(session, callback, reached.value, now)
    if reached is not Reached.UNREACHED:
        callback.done_at = now
    session.flush()
    lifecycle.settle(session, callback.ticket.call)


def _note(session: Session, callback: Callback, what: str, now: datetime) -> None:
    """Written on the ticket by the line."""
    session.add(TicketNote(ticket_id=callback.ticket_id, at=now, change={"call_back": what}))
    session.flush()
