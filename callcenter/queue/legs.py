"""The life of a talk and of the legs in it: asked in, accepted or not, over.

Nothing here speaks to the carrier: what it must do is asked for as jobs (callcenter.jobs.ringing),
which look at the rows again. Whoever changes a talk locks it first; rows are locked in one order
everywhere: ticket, call, talk, leg, presence. The caller's own leg is in
callcenter.queue.caller_leg.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.outbox.dispatch_signal import signal_dispatch
from callcenter.outbox.outbox import Task, enqueue
from callcenter.queue import positions, presence
from callcenter.tickets.decisions import decided_since
from models import Away, Callback, Consent, Ended, Left, Leg, Purpose, Talk, Turn, Waiting

RINGS_S = 20
# Who only listens does not keep a talk alive, and has nothing to wrap up.
LISTENING = frozenset({Purpose.LISTEN, Purpose.WHISPER})
_WRAPS_UP = frozenset({Purpose.TAKE, Purpose.HANDOVER})


def lock(session: Session, talk_id: int) -> Talk:
    """The talk, nobody else's until the transaction ends, and its legs as they are now."""
    wanted = select(Talk).where(Talk.id == talk_id).with_for_update(of=Talk)
    talk = session.scalars(wanted.execution_options(populate_existing=True)).one()
    session.expire(talk, ["legs"])
    return talk


def locked(session: Session, leg_id: int) -> Leg | None:
    """The leg, with its talk locked; None where there is none."""
    talk_id = session.scalar(select(Leg.talk_id).where(Leg.id == leg_id))
    if talk_id is None:
        return None
    talk = lock(session, talk_id)
    leg = session.get_one(Leg, leg_id, populate_existing=True)
    leg.talk = talk
    return leg


def room_of(waiting: Waiting, sid: str) -> str:
    """The conference's name: the caller's own document knows it without a look at the rows."""
    return f"{sid}-{waiting.step}"


def live(talk: Talk) -> list[Leg]:
    """Those who are in it, or asked into it."""
    return [leg for leg in talk.legs if leg.ended_at is None]


def in_it(talk: Talk) -> list[Leg]:
    """Those of the desk who talk, the first first."""
    return [leg for leg in live(talk) if leg.joined_at and leg.purpose not in LISTENING]


def invite(
    session: Session,
    talk: Talk,
    purpose: Purpose,
    now: datetime,
    *,
    agent_id: int | None = None,
    number: str | None = None,
    asked_by_id: int | None = None,
) -> Leg:
    """Have somebody's device rung. The rows refuse a second leg of a person, or a second offer."""
    leg = Leg(
        talk=talk,
        agent_id=agent_id,
        number=number,
        purpose=purpose,
        asked_by_id=asked_by_id,
        asked_at=now,
    )
    session.add(leg)
    session.flush()
    enqueue(session, Task.RING_LEG, leg.id, now)
    if number:
        record(session, talk, now)
    return leg


def accepted(session: Session, leg: Leg, sid: str, now: datetime) -> bool:
    """The one who was asked is in the talk from now on; False where that is over already."""
    talk = leg.talk
    if leg.call_sid is None:
        leg.call_sid = sid
    if leg.ended_at or talk.ended_at or leg.call_sid != sid:
        return False
    if leg.joined_at:
        return True
    leg.answered_at = leg.answered_at or now
    leg.joined_at = now
    if leg.agent_id:
        presence.on_call(session, leg.agent_id, now)
    if leg.purpose is Purpose.TAKE:
        _begin(session, talk, now)
    if leg.purpose is Purpose.HANDOVER and leg.asked_by_id:
        _take_over(session, talk, leg.asked_by_id, now)
    session.flush()
    return True


def _begin(session: Session, talk: Talk, now: datetime) -> None:
    talk.began_at = talk.began_at or now
    if talk.waiting_id and talk.call:
        positions.leave(session, talk.call, Left.BRIDGED, now)
        enqueue(session, Task.JOIN_CALLER, talk.id, now)
    elif talk.callback_id:
        callback = session.get_one(Callback, talk.callback_id, with_for_update=True)
        callback.attempts += 1
        callback.next_try_at = None
        enqueue(session, Task.CALL_CLIENT, talk.id, now)


def _take_over(session: Session, talk: Talk, from_id: int, now: datetime) -> None:
    """Whoever handed the caller over without a word leaves, and the caller is heard again."""
    for other in in_it(talk):
        if other.agent_id == from_id:
            release(session, other, Ended.LEFT, now)
    hold(session, talk, False, now)


def hold(session: Session, talk: Talk, on: bool, now: datetime) -> None:
    """Music for the caller, or back to the talk."""
    if talk.is_held is not on:
        talk.is_held = on
        enqueue(session, Task.HOLD_CALLER, talk.id, now)
        record(session, talk, now)


def record(session: Session, talk: Talk, now: datetime) -> None:
    """Have the recording begun, paused or ended as is right now, where the caller agreed to one."""
    if talk.call and talk.call.recording is Consent.AGREED:
        enqueue(session, Task.RECORD_TALK, talk.id, now)


def missed(session: Session, leg: Leg, how: Ended, now: datetime) -> None:
    """Whoever was asked does not come, and is offered nothing until they say so."""
    if leg.ended_at or leg.joined_at:
        return
    release(session, leg, how, now)
    if leg.agent_id and how is not Ended.WITHDRAWN:
        reason = Away.DECLINED if how is Ended.DECLINED else Away.UNANSWERED
        presence.missed(session, leg.agent_id, reason, now)
    _see_to_talk(session, leg.talk, now)


def over(
    session: Session, leg: Leg, how: Ended, now: datetime, *, joined: Ended = Ended.LEFT
) -> None:
    """The leg's call is over: `how` it came to nothing; if it had `joined` the talk, that way."""
    if leg.ended_at:
        return
    if leg.joined_at is None:
        missed(session, leg, how, now)
        return
    was_heard = _was_heard(session, leg.talk)
    release(session, leg, joined, now)
    if leg.agent_id and leg.talk.waiting_id and not was_heard:
        presence.missed(session, leg.agent_id, Away.DECLINED, now)
    _see_to_talk(session, leg.talk, now)


def release(session: Session, leg: Leg, how: Ended, now: datetime) -> None:
    """End the leg, here and at the carrier."""
    if leg.ended_at:
        return
    leg.ended_at, leg.how = now, how
    session.flush()
    enqueue(session, Task.LET_GO, leg.id, now)
    if leg.number:
        record(session, leg.talk, now)
    signal_dispatch(session)
    if leg.joined_at and leg.agent_id:
        if leg.talk.ended_at is None:
            _leave_to_those_asked(session, leg, now)
        ticket_id = leg.talk.ticket_id if _wraps_up(session, leg) else None
        presence.call_over(session, leg.agent_id, ticket_id, now)


def _leave_to_those_asked(session: Session, leg: Leg, now: datetime) -> None:
    """Whom the person asked in before handing over has the caller now."""
    asked = [
        other
        for other in live(leg.talk)
        if other.purpose is Purpose.CONSULT and other.asked_by_id == leg.agent_id
    ]
    for other in asked:
        other.purpose = Purpose.HANDOVER
    if any(other.joined_at for other in asked):
        hold(session, leg.talk, False, now)


def _wraps_up(session: Session, leg: Leg) -> bool:
    """Whether the person has still to decide about the ticket, whatever others decided of it."""
    if leg.purpose not in _WRAPS_UP or not _was_heard(session, leg.talk):
        return False
    return not decided_since(session, leg.talk.ticket_id, leg.agent_id, leg.joined_at)


def _was_heard(session: Session, talk: Talk) -> bool:
    """Whether there was a caller to speak with.

    One whom we called may not have answered; one who waits may not have been led here yet.
    """
    if talk.callback_id:
        return bool(talk.call and talk.call.opening)
    if talk.waiting_id is None:
        return True
    came = select(Turn.id).join(Waiting, Waiting.call_id == Turn.call_id)
    came = came.where(Waiting.id == talk.waiting_id, Turn.step == Waiting.step)
    return session.scalar(came) is not None


def _see_to_talk(session: Session, talk: Talk, now: datetime) -> None:
    """A talk that began and has nobody of the desk left, nor anybody on the way, is over."""
    if talk.began_at is None or any(leg.purpose in _WRAPS_UP for leg in live(talk)):
        return
    if remaining := [leg for leg in in_it(talk) if leg.agent_id]:
        _leave_to(session, remaining[0], now)
    elif _was_heard(session, talk) or talk.callback_id:
        end(session, talk, now)
    else:
        _give_back(session, talk, now)


def _leave_to(session: Session, leg: Leg, now: datetime) -> None:
    """Whoever came as a third and remains has the caller now, and the ticket to finish."""
    leg.purpose = Purpose.HANDOVER
    hold(session, leg.talk, False, now)
    signal_dispatch(session)


def _give_back(session: Session, talk: Talk, now: datetime) -> None:
    """Whoever accepted is gone before the caller heard anybody: the caller keeps the place."""
    talk.began_at, talk.is_held = None, False
    for leg in live(talk):
        release(session, leg, Ended.LEFT if leg.joined_at else Ended.WITHDRAWN, now)
    positions.keep_waiting(session, talk.waiting_id)
    session.flush()
    signal_dispatch(session)


def end(session: Session, talk: Talk, now: datetime) -> None:
    """Everybody out; the caller goes on with what follows a talk."""
    if talk.ended_at:
        return
    talk.ended_at, talk.is_held = now, False
    for leg in live(talk):
        release(session, leg, Ended.LEFT if leg.joined_at else Ended.WITHDRAWN, now)
    if talk.began_at:
        enqueue(session, Task.END_TALK, talk.id, now)
        record(session, talk, now)
    session.flush()
