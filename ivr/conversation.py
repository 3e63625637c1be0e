"""Drives one request of a call: the engine says what follows, the desk does it and logs it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import words
from callcenter import calls, queue, tickets
from callcenter.callers import can_be_called, can_receive_sms
from callcenter.deeds import Case
from ivr import engine, twiml
from ivr.engine import Move, Position, Received, Result
from ivr.flows import SCRIPT
from ivr.script import EVERYWHERE, Ask, Can, Do, Place, Transfer, Wait
from ivr.twiml import Line, Speech
from models import Call, Left, Turn

_LEFT = {
    Result.BRIDGED: Left.BRIDGED,
    Result.HUNG_UP: Left.HANGUP,
    Result.QUEUE_FAILED: Left.FAULT,
    Result.OVERDUE: Left.TIMEOUT,
    Result.MAIN_MENU: Left.MENU,
}


@dataclass(frozen=True)
class Ring:
    """Which call the carrier speaks of: its sid, the caller as parse_caller gives it, and now."""

    sid: str
    caller: str
    now: datetime


def begin(session: Session, line: Line, ring: Ring) -> str:
    """The first document of a call, which is opened with its ticket."""
    call = calls.open_call(session, ring.sid, ring.caller, ring.now)
    if call.status.is_final:
        return twiml.hang_up()
    if not call.opening:
        calls.answered(session, call, _opening(call))
    at = Position(call.opening["language"], SCRIPT.entry, since=_since(call))
    return _document(line, at, call.opening["spoken"], call.opening["says"], ring.caller)


def _opening(call: Call) -> dict[str, Any]:
    return {
        "leads_to": str(SCRIPT.entry),
        "language": call.language,
        "spoken": list(SCRIPT.node(SCRIPT.entry).prompts),
        "says": {},
    }


def _since(call: Call) -> int:
    return int(call.started_at.timestamp())


def proceed(session: Session, line: Line, ring: Ring, at: Position, came: Received) -> str:
    """The document that follows the answer `came` to the document `at`.

    A step that was answered before gives the same words again; a call that is over, a hang-up.
    """
    call = calls.open_call(session, ring.sid, ring.caller, ring.now)
    turn = calls.turn_at(session, call, at.step)
    if turn is None:
        turn = _take(session, call, at, came, ring.now)
    if turn is None:
        return _go_on_waiting(session, line, call, at, came, ring.now)
    if call.status.is_final or turn.result == Result.HUNG_UP:
        return twiml.hang_up()
    return _reply(line, ring, at, turn)


def start_over(session: Session, line: Line, ring: Ring, language: str) -> str:
    """The main menu, for a request from a place that does not exist."""
    call = calls.open_call(session, ring.sid, ring.caller, ring.now)
    if call.status.is_final:
        return twiml.hang_up()
    step = calls.last_step(session, call) + 1
    lost = Position(language, SCRIPT.main, step, since=_since(call))
    turn = _logged(lost, Received(), Move(Result.LOST, SCRIPT.main, language), call, ring.now)
    calls.record_turn(session, call, turn)
    return _reply(line, ring, lost, turn)


def _take(session: Session, call: Call, at: Position, came: Received, now: datetime) -> Turn | None:
    """The caller's turn at this step, logged; None when the caller only goes on waiting."""
    if came.queue_result == "leave" and (left := calls.turn_at(session, call, at.step + 1)):
        turn = _after_leaving(at, left, now)
    else:
        can, moment = _abilities(call.caller), int(now.timestamp())
        move = engine.answer(SCRIPT, at, came, can, moment)
        if isinstance(SCRIPT.node(at.place), Wait) and move.place == at.place:
            return None
        move = _do_deeds(session, call, at, move, now)
        turn = _logged(at, came, _with_words(session, call, at, move), call, now)
    turn.call_id = call.id
    calls.record_turn(session, call, turn)
    _queue_up(session, call, at, turn, now)
    return turn


def _abilities(caller: str) -> frozenset[Can]:
    able = {Can.SMS: can_receive_sms(caller), Can.CALLBACK: can_be_called(caller)}
    return frozenset(can for can, yes in able.items() if yes)


def _do_deeds(session: Session, call: Call, at: Position, move: Move, now: datetime) -> Move:
    """Perform each Do that the move comes to, until it ends at something a caller can hear."""
    ticket = tickets.of_call(session, call)
    if move.secret:
        tickets.keep_pesel(ticket, move.secret)
    while isinstance(node := SCRIPT.node(move.place), Do):
        if move.topic:
            ticket.topic = move.topic
        said = calls.said(session, call, at.step) | dict(move.says)
        deed = node.deed(session, Case(call, ticket, said, now))
        move = engine.done(SCRIPT, at, move, deed, int(now.timestamp()))
    return move


def _with_words(session: Session, call: Call, at: Position, move: Move) -> Move:
    """`move` with all variables that its words take, so that they can be said again."""
    needed = _variables(move.language, _prompts(move)) - set(move.says) - set(Can)
    if not needed:
        return move
    said = calls.said(session, call, at.step)
    return replace(move, says={**{name: said[name] for name in needed}, **move.says})


def _prompts(move: Move) -> tuple[str, ...]:
    return move.spoken + SCRIPT.node(move.place).prompts


def _variables(language: str, prompts: tuple[str, ...]) -> set[str]:
    return {name for prompt in prompts for name in words.variables(language, prompt)}


def _logged(at: Position, came: Received, move: Move, call: Call, now: datetime) -> Turn:
    return Turn(
        call_id=call.id,
        step=at.step,
        at=now,
        node=str(at.place),
        input=_shown(at, came),
        result=move.result,
        leads_to=str(move.place),
        language=move.language,
        tries=move.tries,
        spoken=list(_prompts(move)),
        says=dict(move.says),
        topic=move.topic,
        kind=move.kind,
        credit=move.credit,
    )


def _shown(at: Position, came: Received) -> str:
    """What came in, for the log. A mistyped secret is nearly one: its digits are not shown either."""
    node = SCRIPT.node(at.place)
    is_secret = isinstance(node, Ask) and node.secret and came.digits not in ("", *EVERYWHERE)
    return engine.BULLETS if is_secret else came.digits or came.queue_result or ""


def _after_leaving(at: Position, left: Turn, now: datetime) -> Turn:
    """The queue lets the caller go where the key in the waiting loop led."""
    return Turn(
        step=at.step,
        at=now,
        node=str(at.place),
        input="leave",
        result=Result.LEFT_QUEUE,
        leads_to=left.leads_to,
        language=left.language,
        tries=left.tries,
        spoken=left.spoken,
        says=left.says,
    )


def _queue_up(session: Session, call: Call, at: Position, turn: Turn, now: datetime) -> None:
    """Keep the rows of who waits in step with where the caller stands."""
    before, after = SCRIPT.node(at.place), SCRIPT.node(_place(turn))
    if isinstance(before, Transfer | Wait):
        queue.leave(session, call, _how_left(turn), now)
    if isinstance(after, Transfer):
        queue.join(session, call, turn.step + 1, after.queue, now)


def _how_left(turn: Turn) -> Left:
    if turn.credit == "left_open":
        return _LEFT.get(Result(turn.result), Left.CALLBACK)
    return _LEFT.get(Result(turn.result), Left.MESSAGE)


def _place(turn: Turn) -> Place:
    flow, _, node = turn.leads_to.partition("/")
    return Place(flow, node)


def _go_on_waiting(
    session: Session, line: Line, call: Call, at: Position, came: Received, now: datetime
) -> str:
    """The waiting loop's next round: the place now, and what may be pressed."""
    standing = queue.standing(session, call, now)
    if call.status.is_final or standing is None:
        return twiml.leave()
    says = {
        "place": standing.place,
        "minutes": "unknown" if standing.minutes is None else standing.minutes,
    }
    wrong = came.digits and came.digits not in "0*"
    notice = ["notice-wrong-key"] if wrong else []
    prompts = notice + list(SCRIPT.node(at.place).prompts)
    return _document(line, at, prompts, says, call.caller)


def _reply(line: Line, ring: Ring, at: Position, turn: Turn) -> str:
    if isinstance(SCRIPT.node(at.place), Wait):
        return twiml.leave()
    there = Position(
        turn.language, _place(turn), engine.next_step(SCRIPT, at), turn.tries, at.since
    )
    return _document(line, there, turn.spoken, turn.says, ring.caller)


def _document(
    line: Line, at: Position, prompts: list[str], says: Mapping[str, Any], caller: str
) -> str:
    able = _abilities(caller)
    flags = {can.value: "yes" if can in able else "no" for can in Can}
    return twiml.document(SCRIPT, line, at, Speech(tuple(prompts), flags | dict(says)))


def in_trouble(line: Line, at: Position) -> str:
    """An apology and the consultant, said without any row: for faults that nobody foresaw."""
    there = replace(at, place=SCRIPT.consultant, step=at.step + 1, tries=0)
    return twiml.document(SCRIPT, line, there, Speech(("notice-trouble",), {}))
