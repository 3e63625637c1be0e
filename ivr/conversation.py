"""Drives one request of a call: the engine says what follows, the desk does it and logs it."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

import words
from callcenter import calls, outage_calls, switchboard, tickets
from callcenter.board import board
from callcenter.deeds import Case, Deed, Done
from ivr import engine, speech, twiml, unlogged, waiting
from ivr.engine import Move, Position, Received, Result
from ivr.flows import SCRIPT
from ivr.opening import OVER, first_words, place_of, words_of_ours
from ivr.ring import Ring
from ivr.script import EVERYWHERE, PLAYED, Ask, Can, Do, End, Wait
from ivr.twiml import Line, Speech, split
from models import Call, Scope, Turn

log = logging.getLogger(__name__)


def begin(session: Session, line: Line, ring: Ring) -> str:
    """The first document of a call, which is opened with its ticket; or of a call of ours."""
    call = call_of(session, ring)
    if call is None:
        return twiml.hang_up()
    if not call.opening:
        _open(session, call, ring)
    if call.status.is_final:
        return twiml.hang_up()
    return _first_document(session, line, call, ring)


def call_of(session: Session, ring: Ring) -> Call | None:
    """The call, locked. An inbound one is opened; None for an outgoing one that is not ours."""
    if ring.outgoing:
        return calls.outgoing_call(session, ring.sid, ring.attempt, ring.now)
    return calls.open_call(session, ring.sid, ring.caller, ring.now)


def _first_document(session: Session, line: Line, call: Call, ring: Ring) -> str:
    opening = call.opening
    at = Position(opening["language"], place_of(opening["leads_to"]), since=_since(call))
    return _document(session, line, at, opening["spoken"], opening["says"], ring)


def _open(session: Session, call: Call, ring: Ring) -> None:
    on = board().on_now(ring.now)
    if call.callback_id:
        opening = words_of_ours(call.language, on)
    else:
        known = calls.language_of(session, ring.caller, before=call)
        opening = first_words(call.language, on, known is not None)
    calls.answered(session, call, opening)
    # Who hung up before these words were asked for did not hear them.
    if opening["leads_to"] == str(OVER) and (call.ended_at is None or ring.now <= call.ended_at):
        outage_calls.told(session, call, ring.now)
    switchboard.heard_by(session, speech.announced(opening["spoken"]), call, ring.now)
    if opening["topic"] or call.status.is_final:
        tickets.settle(session, call)


def _since(call: Call) -> int:
    return int(call.started_at.timestamp())


def proceed(
    session: Session, line: Line, ring: Ring, at: Position, came: Received, rows: bool = True
) -> str:
    """The document that follows the answer `came` to the document `at`.

    A step that was answered before gives the same words again; a call that is over, a hang-up; an
    answer from where the call cannot have come, the main menu. What comes late to a call that is
    over is a turn all the same, unless the goodbye had been said before it. Without `rows` the turn
    is logged as it was answered while the database was away.
    """
    call = call_of(session, ring)
    if call is None:
        return twiml.hang_up()
    turn = calls.turn_at(session, call, at.step)
    if turn is None and call.status.is_final and _was_bidden_goodbye(session, call, at.step):
        log.warning("step %s of %s is behind its goodbye: passed over", at.step, call.sid)
        return twiml.hang_up()
    if turn is None and not _may_stand(session, call, at):
        return start_over(session, line, ring, at.language)
    if turn is None:
        turn = _take(session, line, call, at, came, ring, rows)
    if turn is None:
        again = waiting.next_round(session, call, at, came, ring)
        if again is None:
            return twiml.leave()
        return _document(session, line, at, again.spoken, again.says, ring)
    if call.status.is_final or turn.result == Result.HUNG_UP:
        return twiml.hang_up()
    return _reply(session, line, ring, at, turn)


def _was_bidden_goodbye(session: Session, call: Call, step: int) -> bool:
    before = calls.turn_before(session, call, step)
    return before is not None and isinstance(SCRIPT.node(place_of(before.leads_to)), End)


def _may_stand(session: Session, call: Call, at: Position) -> bool:
    """Whether the rows, and not an address alone, let the call into the flow it speaks of."""
    needed = SCRIPT.closed.get(at.place.flow)
    return needed is None or needed in calls.said(session, call, at.step)


def start_over(session: Session, line: Line, ring: Ring, language: str) -> str:
    """The main menu, for a request from a place that does not exist."""
    call = call_of(session, ring)
    if call is None or call.status.is_final:
        return twiml.hang_up()
    turn = calls.last_turn(session, call)
    # Asked for once more, and no step taken since: the same answer.
    if turn is None or turn.result != Result.LOST:
        turn = _lose(session, call, language, turn.step + 1 if turn else 1, ring)
    lost = Position(language, SCRIPT.main, turn.step, since=_since(call))
    return _reply(session, line, ring, lost, turn)


def _lose(session: Session, call: Call, language: str, step: int, ring: Ring) -> Turn:
    move = Move(Result.LOST, SCRIPT.main, language)
    at = Position(language, SCRIPT.main, step)
    turn = _logged(at, Received(), move, _prompts(move, ring), ring)
    turn.call_id = call.id
    calls.record_turn(session, call, turn)
    return turn


def _take(
    session: Session,
    line: Line,
    call: Call,
    at: Position,
    came: Received,
    ring: Ring,
    rows: bool,
) -> Turn | None:
    """The caller's turn at this step, logged; None when the caller only goes on waiting."""
    out = came.queue_result in ("leave", "redirected")
    if out and (left := calls.turn_at(session, call, at.step + 1)):
        turn = _after_leaving(at, left, ring.now)
    else:
        moment, came = int(ring.now.timestamp()), waiting.as_taken(session, call, at, came)
        move = engine.answer(SCRIPT, at, came, speech.abilities(ring.caller), moment)
        if isinstance(SCRIPT.node(at.place), Wait) and move.place == at.place:
            return None
        if rows:
            move = _do_deeds(session, call, at, move, ring.now)
        else:
            late = partial(_perform, session, call, at, ring.now)
            move = unlogged.without_rows(line, at, move, ring.now, perform=late)
        spoken = _prompts(move, ring, _played(session, call, at, move))
        if move.place == at.place and (heard := _heard_last(session, call, at)):
            spoken = _said_again(move, spoken, heard)
        move = _with_words(session, call, at, move, spoken, ring)
        turn = _logged(at, came, move, spoken, ring)
    turn.call_id = call.id
    calls.record_turn(session, call, turn)
    if place_of(turn.leads_to).flow not in SCRIPT.closed:
        switchboard.heard_by(session, speech.announced(turn.spoken), call, ring.now)
    # A bridged call is told of when the two part: the talk is no waiting.
    waited_s = came.queued_s if turn.result == Result.BRIDGED else None
    if rows:
        waiting.keep_rows(session, call, at, turn, ring.now, waited_s)
    return turn


def _do_deeds(session: Session, call: Call, at: Position, move: Move, now: datetime) -> Move:
    """Perform each Do that the move comes to, until it ends at something a caller can hear."""
    while isinstance(node := SCRIPT.node(move.place), Do):
        done = _perform(session, call, at, now, node.deed, move)
        move = engine.done(SCRIPT, at, move, done, int(now.timestamp()))
    return move


def _perform(
    session: Session, call: Call, at: Position, now: datetime, deed: Deed, move: Move
) -> Done:
    said = calls.said(session, call, at.step) | dict(move.says)
    return deed(session, Case(call, tickets.of_call(session, call), said, now, move.secret))


def _played(session: Session, call: Call, at: Position, move: Move) -> str:
    """What a deed found that is played at the place of `move`, if something is."""
    if PLAYED not in SCRIPT.node(move.place).prompts:
        return ""
    return str((calls.said(session, call, at.step) | dict(move.says)).get(PLAYED, ""))


def _prompts(move: Move, ring: Ring, played: str = "") -> list[str]:
    on = board().on_now(ring.now)
    return [*move.spoken, *speech.prompts(SCRIPT.node(move.place), on, played)]


def _said_again(move: Move, spoken: list[str], heard: list[str]) -> list[str]:
    """The words for a caller who stays: after a * all that was `heard`, and where that was in every
    language, because theirs is not known, in every language again."""
    if move.result is Result.REPEAT:
        return heard
    if speech.is_in_every_language(heard) and move.result is not Result.LANGUAGE:
        return [*speech.in_every_language(move.spoken), *heard]
    return spoken


def _heard_last(session: Session, call: Call, at: Position) -> list[str]:
    """What the caller heard at this place, but for what was said of the answer before."""
    before = calls.turn_before(session, call, at.step)
    heard = before.spoken if before else call.opening.get("spoken", [])
    return [prompt for prompt in heard if not split(prompt, "")[1].startswith("notice-")]


def _with_words(
    session: Session, call: Call, at: Position, move: Move, spoken: list[str], ring: Ring
) -> Move:
    """`move` with all variables that its words take, so that they can be said again."""
    needed = speech.variables(move.language, spoken) - set(move.says) - set(Can)
    if not needed:
        return move
    service_out = speech.is_out(board().on_now(ring.now), Scope.SERVICE)
    said = {**calls.said(session, call, at.step), "service_out": service_out}
    known = {name: said[name] for name in needed if name in said}
    return replace(move, says={**known, **move.says})


def _logged(at: Position, came: Received, move: Move, spoken: list[str], ring: Ring) -> Turn:
    return Turn(
        step=at.step,
        at=ring.now,
        node=str(at.place),
        input=_shown(at, came),
        result=move.result,
        leads_to=str(move.place),
        language=move.language,
        tries=move.tries,
        spoken=spoken,
        says=dict(move.says),
        topic=move.topic,
        kind=move.kind,
        credit=move.credit,
    )


def _shown(at: Position, came: Received) -> str:
    """What came in, for the log. A mistyped secret is nearly one: its digits are not shown."""
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


def _reply(session: Session, line: Line, ring: Ring, at: Position, turn: Turn) -> str:
    if isinstance(SCRIPT.node(at.place), Wait):
        return twiml.leave()
    there = Position(
        turn.language, place_of(turn.leads_to), engine.next_step(SCRIPT, at), turn.tries, at.since
    )
    try:
        return _document(session, line, there, turn.spoken, turn.says, ring)
    except words.WordsError:
        # It overtook the answer that its words build on: the turn counts, the words are not known.
        log.exception("step %s of %s came too early to be answered", at.step, ring.sid)
        return unlogged.in_trouble(line, at, away=False)


def _document(
    session: Session,
    line: Line,
    at: Position,
    spoken: list[str],
    says: Mapping[str, Any],
    ring: Ring,
) -> str:
    notices = switchboard.notices(session, speech.announced(spoken))
    said = Speech(tuple(spoken), {**speech.flags(ring.caller), **says}, notices)
    return twiml.document(SCRIPT, line, at, said, ring.sid)
