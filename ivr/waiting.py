"""The waiting loop: the rows of waiting callers, and the words of each round."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from callcenter.announcements import switchboard
from callcenter.announcements.board import board
from callcenter.calls import call_log
from callcenter.outbound import dial_policy
from callcenter.outbound.dial_policy import Service
from callcenter.queue import call_control, caller_leg, legs, positions
from ivr import speech
from ivr.answering import wrong_key
from ivr.engine import next_step
from ivr.flows import SCRIPT
from ivr.opening import place_of
from ivr.ring import Ring
from ivr.script import Place, Talk, Transfer, Wait
from ivr.transitions import GIVEN_BACK, Position, Received, Result
from models import Call, Left, Outcome, Scope, Turn

_LEFT = {
    Result.BRIDGED: Left.BRIDGED,
    Result.TAKEN: Left.BRIDGED,
    Result.HUNG_UP: Left.HANGUP,
    Result.QUEUE_FAILED: Left.FAULT,
    Result.OVERDUE: Left.TIMEOUT,
    Result.MAIN_MENU: Left.MENU,
}


def keep_rows(
    session: Session,
    call: Call,
    at: Position,
    turn: Turn,
    now: datetime,
    waited_s: int | None = None,
) -> None:
    """Update the rows of waiting callers to where `turn` led the caller from `at`."""
    if turn.result == Result.GIVEN_BACK:
        caller_leg.wait_in(session, call, next_step(SCRIPT, at))
        return
    before, after = SCRIPT.node(at.place), SCRIPT.node(place_of(turn.leads_to))
    if isinstance(before, Transfer | Wait):
        if turn.result != Result.TAKEN:
            caller_leg.caller_left(session, call, now)
        elif conversation := caller_leg.now_talking(session, call):
            legs.record(session, conversation, now)
        positions.leave(session, call, _how_left(turn), now, waited_s)
    if isinstance(after, Transfer) and turn.result != Result.HUNG_UP:
        waited_since = positions.waits_since(session, call) if isinstance(before, Talk) else None
        positions.join(session, call, turn.step + 1, after.queue, waited_since or now)


def _how_left(turn: Turn) -> Left:
    chosen = Left.CALLBACK if turn.credit == Outcome.LEFT_OPEN else Left.MESSAGE
    return _LEFT.get(Result(turn.result), chosen)


def as_taken(session: Session, call: Call, at: Position, came: Received) -> Received:
    """The answer of a transfer, corrected if the desk took the caller meanwhile.

    The conversation follows however the carrier released the caller. If the consultant has left
    again, the caller goes back to the queue.
    """
    out = came.queue_result in (None, "leave", "redirected")
    if not out or not isinstance(SCRIPT.node(at.place), Transfer):
        return came
    if caller_leg.is_given_back(session, call):
        return replace(came, queue_result=GIVEN_BACK)
    return (
        replace(came, queue_result="redirected") if call_control.has_begun(session, call) else came
    )


@dataclass(frozen=True)
class Round:
    """The words of one waiting round, with their variables."""

    spoken: list[str]
    says: dict[str, Any]


def next_round(
    session: Session, call: Call, at: Position, came: Received, ring: Ring
) -> Round | None:
    """The next waiting round; None if the call waits no more.

    It tells announcements not yet heard, the caller's place, and the keys.
    """
    if not call_log.turn_at(session, call, at.step - 1):
        # The carrier plays the loop to this caller, so the caller waits, whatever failed before.
        positions.join(session, call, at.step - 1, _queue_of(at.place), ring.now)
    standing = positions.position_of(session, call, ring.now)
    if call.status.is_final or standing is None:
        return None
    on = board().on_now(ring.now)
    heard = switchboard.already_heard(session, call) if on else set()
    news = [notice for notice in on if notice.uid not in heard]
    switchboard.heard_by(session, [notice.uid for notice in news], call, ring.now)
    says: dict[str, Any] = {
        "place": standing.place,
        "minutes": "unknown" if standing.minutes is None else standing.minutes,
    }
    if not dial_policy.has_room(session, Service.CALL, ring.caller, ring.now):
        says["callback"] = "no"
    elif speech.is_out(on, Scope.SWITCHBOARD) == "yes":
        says["callback"] = "outage"
    node = SCRIPT.node(at.place)
    assert isinstance(node, Wait)  # noqa: S101 - nothing else is heard in rounds
    notice = [wrong_key(node, came.digits)] if came.digits.strip("0*") else []
    return Round(notice + speech.prompts(node, news), says)


def _queue_of(waiting: Place) -> str:
    """The queue of the transfer whose callers hear the loop `waiting`."""
    return next(
        node.queue
        for place, node in SCRIPT.places()
        if isinstance(node, Transfer) and SCRIPT.resolve(node.wait, place.flow) == waiting
    )
