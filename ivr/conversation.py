"""Handles one request of a call: the engine decides what follows, the desk performs and logs it.

There are two paths. The fast functions (`begin_at_once`, `proceed_at_once`) write everything with
one SQL statement, or write nothing and return None. The others (`begin`, `proceed`) handle every
case in a transaction, with the call locked.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from callcenter.actions import Action, ActionResult, Case
from callcenter.announcements import outage_callbacks, switchboard
from callcenter.announcements.board import board
from callcenter.calls import call_log, steps
from callcenter.calls.steps import NewTurn
from callcenter.outbound import dial_policy
from callcenter.outbound.dial_policy import Refusal, Service
from callcenter.tickets import lifecycle
from ivr import engine, replies, speech, turns, twiml, waiting, without_database
from ivr.flows import SCRIPT
from ivr.languages import FIRST_LANGUAGE
from ivr.line import Line
from ivr.opening import OVER, first_words, place_of, words_of_ours
from ivr.ring import Ring
from ivr.script import Do, End, Talk, Transfer, Wait
from ivr.transitions import Move, Position, Received, Result
from ivr.turns import RowsNeeded, Unread
from models import Call, Turn
from models.statement import Ask

log = logging.getLogger(__name__)


def begin_at_once(ask: Ask, line: Line, ring: Ring) -> str | None:
    """The first document of a new inbound call, if one statement suffices; else None.

    Outgoing calls, known calls, and calls during an announcement need `begin`.
    """
    if ring.outgoing or board().on_now(ring.now):
        return None
    opening = first_words(FIRST_LANGUAGE, (), language_known=True)
    language = steps.open_call(ask, ring.sid, ring.caller, ring.now, opening)
    if language is None:
        return None
    at = Position(language, place_of(opening["leads_to"]), since=int(ring.now.timestamp()))
    return replies.document_of(line, at, opening["spoken"], opening["says"], ring)


def begin(session: Session, line: Line, ring: Ring) -> str:
    """The first document of a call. An inbound call is opened together with its ticket."""
    call = call_of(session, ring)
    if call is None:
        return twiml.hang_up()
    if not call.opening:
        _open(session, call, ring)
    if call.status.is_final:
        return twiml.hang_up()
    return _first_document(session, line, call, ring)


def call_of(session: Session, ring: Ring) -> Call | None:
    """The call, locked. A new inbound call is opened; an unknown outgoing call is None."""
    if ring.outgoing:
        return call_log.outgoing_call(session, ring.sid, ring.attempt, ring.now)
    return call_log.open_call(session, ring.sid, ring.caller, ring.now)


def _first_document(session: Session, line: Line, call: Call, ring: Ring) -> str:
    opening = call.opening
    at = Position(opening["language"], place_of(opening["leads_to"]), since=replies.began_at(call))
    return replies.document_with_notices(
        session, line, at, opening["spoken"], opening["says"], ring
    )


def _open(session: Session, call: Call, ring: Ring) -> None:
    on = board().on_now(ring.now)
    if call.callback_id:
        opening = words_of_ours(call.language, on)
    else:
        known = call_log.language_of(session, ring.caller, before=call)
        opening = first_words(call.language, on, known is not None)
        if opening["leads_to"] == str(SCRIPT.outage) and not _is_offered(session, ring):
            opening["says"] = {"callback": "no"}
    call_log.answered(session, call, opening)
    # A caller who hung up before this document was requested did not hear it.
    if opening["leads_to"] == str(OVER) and (call.ended_at is None or ring.now <= call.ended_at):
        outage_callbacks.note_told(session, call, ring.now)
    switchboard.heard_by(session, speech.announced(opening["spoken"]), call, ring.now)
    if opening["topic"] or call.status.is_final:
        lifecycle.settle(session, call)


def _is_offered(session: Session, ring: Ring) -> bool:
    """Whether a callback after the outage can be offered; a refusal is counted once a call."""
    if why := dial_policy.refusal(Service.CALL, ring.caller):
        if why is not Refusal.NO_NUMBER:
            dial_policy.note_refused(session, Service.CALL, why, ring.now)
        return False
    return dial_policy.has_room(session, Service.CALL, ring.caller, ring.now)


def proceed_at_once(ask: Ask, line: Line, ring: Ring, at: Position, came: Received) -> str | None:
    """The document after the answer `came`, if one statement suffices; else None."""
    if ring.outgoing or at.place.flow in SCRIPT.closed or _keeps_waiting(at):
        return None
    try:
        log_of_call = Unread(partial(steps.prompts_heard, ask, ring.sid, at.step))
        turn = turns.taken(log_of_call, at, came, ring)
    except RowsNeeded:
        return None
    if turn is None or speech.announced(turn.spoken):
        return None
    if not steps.add_turn(ask, ring.sid, turn, turn.result == Result.LANGUAGE):
        return None
    if turn.result == Result.HUNG_UP:
        return twiml.hang_up()
    return replies.document_of(line, replies.next_position(at, turn), turn.spoken, turn.says, ring)


def _keeps_waiting(at: Position) -> bool:
    """Whether a caller at `at` waits in the queue or is in a conversation."""
    return isinstance(SCRIPT.node(at.place), Transfer | Wait | Talk)


def proceed(
    session: Session, line: Line, ring: Ring, at: Position, came: Received, rows: bool = True
) -> str:
    """The document that follows the answer `came` to the document `at`.

    A repeated request gets the same words again. A request for a call that is over gets a hang-up.
    A request from a place that the call cannot have reached gets the main menu. A late answer to a
    call that is over is still logged, unless it came after the goodbye. With `rows` False, the turn
    is logged as it was answered while the database was away.
    """
    call = call_of(session, ring)
    if call is None:
        return twiml.hang_up()
    turn = call_log.turn_at(session, call, at.step)
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
        return replies.document_with_notices(session, line, at, again.spoken, again.says, ring)
    if call.status.is_final or turn.result == Result.HUNG_UP:
        return twiml.hang_up()
    return replies.reply(session, line, ring, at, turn)


def _was_bidden_goodbye(session: Session, call: Call, step: int) -> bool:
    before = call_log.turn_before(session, call, step)
    return before is not None and isinstance(SCRIPT.node(place_of(before.leads_to)), End)


def _may_stand(session: Session, call: Call, at: Position) -> bool:
    """Whether the call may be in the flow of `at`: a closed flow needs proof in the call's rows."""
    needed = SCRIPT.closed.get(at.place.flow)
    return needed is None or needed in call_log.inputs(session, call, at.step)


def start_over(session: Session, line: Line, ring: Ring, language: str) -> str:
    """The main menu, for a request from a place that does not exist."""
    call = call_of(session, ring)
    if call is None or call.status.is_final:
        return twiml.hang_up()
    turn = call_log.last_turn(session, call)
    # A repeated request with no step in between gets the same answer.
    if turn is None or turn.result != Result.LOST:
        turn = _lose(session, call, language, turn.step + 1 if turn else 1, ring)
    lost = Position(language, SCRIPT.main, turn.step, since=replies.began_at(call))
    return replies.reply(session, line, ring, lost, turn)


def _lose(session: Session, call: Call, language: str, step: int, ring: Ring) -> Turn:
    move = Move(Result.LOST, SCRIPT.main, language)
    at = Position(language, SCRIPT.main, step)
    turn = Turn(**vars(turns.logged(at, Received(), move, turns.prompts(move, ring), ring)))
    turn.call_id = call.id
    call_log.record_turn(session, call, turn)
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
    """Log the caller's turn at this step and return it; None if the caller only waits on."""
    out = came.queue_result in ("leave", "redirected")
    if out and (left := call_log.turn_at(session, call, at.step + 1)):
        new: NewTurn | None = _after_leaving(at, left, ring.now)
    else:
        came = waiting.as_taken(session, call, at, came)
        new = turns.taken(_Rows(session, line, call, at, ring, rows), at, came, ring)
    if new is None:
        return None
    turn = Turn(**vars(new))
    turn.call_id = call.id
    call_log.record_turn(session, call, turn)
    if place_of(turn.leads_to).flow not in SCRIPT.closed:
        switchboard.heard_by(session, speech.announced(turn.spoken), call, ring.now)
    # A bridged call is reported when it ends: only its time in the queue counts as waiting.
    waited_s = came.queued_s if turn.result == Result.BRIDGED else None
    if rows:
        waiting.keep_rows(session, call, at, turn, ring.now, waited_s)
    return turn


@dataclass(frozen=True)
class _Rows:
    """The log of a locked call. Without `rows` no action is performed (see proceed)."""

    session: Session
    line: Line
    call: Call
    at: Position
    ring: Ring
    rows: bool

    def perform(self, at: Position, move: Move) -> Move:
        now = self.ring.now
        if not self.rows:
            return without_database.without_rows(self.line, at, move, now, perform=self._do)
        while isinstance(node := SCRIPT.node(move.place), Do):
            move = engine.done(SCRIPT, at, move, self._do(node.action, move), int(now.timestamp()))
        return move

    def _do(self, action: Action, move: Move) -> ActionResult:
        ticket, said = lifecycle.of_call(self.session, self.call), {**self.said(), **move.says}
        return action(self.session, Case(self.call, ticket, said, self.ring.now, move.secret))

    def said(self) -> Mapping[str, Any]:
        return call_log.inputs(self.session, self.call, self.at.step)

    def heard(self) -> Sequence[str]:
        before = call_log.turn_before(self.session, self.call, self.at.step)
        return before.spoken if before else self.call.opening.get("spoken", [])


def _after_leaving(at: Position, left: Turn, now: datetime) -> NewTurn:
    """The turn for leaving the queue: it leads where the key in the waiting loop led."""
    return NewTurn(
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
