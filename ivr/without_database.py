"""The conversation while the database is away: the same script without rows.

Positions and words need no rows, so guidance goes on. Actions are unavailable. A consultant cannot
be found without rows, so the caller is connected to the fallback number or leaves a message.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from callcenter.actions import Action, ActionResult
from callcenter.announcements.board import board
from ivr import documents, engine, speech, twiml
from ivr.flows import SCRIPT
from ivr.languages import FIRST_LANGUAGE
from ivr.line import Line
from ivr.opening import first_words, place_of, words_of_ours
from ivr.ring import Ring
from ivr.script import Do, Transfer, Wait
from ivr.speech import Speech
from ivr.transitions import Move, Position, Received, Result
from models import Scope

Perform = Callable[[Action, Move], ActionResult]

UNAVAILABLE = ActionResult("unavailable")


def begin(line: Line, ring: Ring) -> str:
    """The first document. During an outage it is in every language: the caller's is not known."""
    opening = first_words(FIRST_LANGUAGE, board().on_now(ring.now), language_known=False)
    return _first_document(line, ring, opening)


def begin_ours(line: Line, ring: Ring, language: str) -> str:
    """The first document of our call to somebody who speaks `language`."""
    return _first_document(line, ring, words_of_ours(language, board().on_now(ring.now)))


def _first_document(line: Line, ring: Ring, opening: Mapping[str, Any]) -> str:
    place = place_of(opening["leads_to"])
    at = Position(opening["language"], place, since=int(ring.now.timestamp()))
    return _document(line, ring, at, opening["spoken"], {})


def proceed(line: Line, ring: Ring, at: Position, came: Received, kept: bool = True) -> str:
    """The document that follows the answer `came` to the document `at`.

    If the spool could not keep the answer (`kept`), nothing is promised about it.
    """
    abilities, moment = speech.abilities(ring.caller), int(ring.now.timestamp())
    answer = engine.answer(SCRIPT, at, came, abilities, moment)
    move = without_rows(line, at, answer, ring.now, kept)
    if move.result is Result.HUNG_UP:
        return twiml.hang_up()
    if isinstance(SCRIPT.node(at.place), Wait):
        return twiml.leave() if move.place != at.place else _go_on_waiting(line, at)
    there = Position(move.language, move.place, engine.next_step(SCRIPT, at), move.tries, at.since)
    spoken = [*move.spoken, *speech.prompts(SCRIPT.node(move.place), board().on_now(ring.now))]
    return _document(line, ring, there, spoken, dict(move.says))


def without_rows(
    line: Line,
    at: Position,
    move: Move,
    now: datetime,
    kept: bool = True,
    perform: Perform | None = None,
) -> Move:
    """The move when neither actions nor the queue are available at `now`.

    When the database is back, `perform` performs the actions that were promised.
    """
    while isinstance(node := SCRIPT.node(move.place), Do):
        promise = node.action.meanwhile if kept else None
        if promise and perform:
            perform(node.action, move)
        move = engine.done(SCRIPT, at, move, promise(now) if promise else UNAVAILABLE)
    node = SCRIPT.node(move.place)
    if isinstance(node, Transfer) and not line.fallback_number:
        return replace(move, place=SCRIPT.resolve(node.failed, move.place.flow))
    return move


def _go_on_waiting(line: Line, at: Position) -> str:
    """The waiting loop goes on without telling the place in the queue."""
    return twiml.hold(line, at.language, "consultant-connecting")


def _document(
    line: Line, ring: Ring, at: Position, spoken: list[str], says: dict[str, object]
) -> str:
    """The document `at`, without prompts that need rows."""
    on = board().on_now(ring.now)
    service_out = speech.is_out(on, Scope.SERVICE)
    variables = {**speech.flags(ring.caller), "service_out": service_out, **says}
    known = [p for p in spoken if speech.variables(at.language, [p]) <= variables.keys()]
    notices = {notice.uid: notice for notice in on}
    said = Speech(tuple(known), variables, notices)
    if isinstance(SCRIPT.node(at.place), Transfer):
        return twiml.dial_fallback(line, at, said)
    return documents.document(SCRIPT, line, at, said)


def in_trouble(line: Line, at: Position, away: bool) -> str:
    """An apology and the consultant, without any rows, for unforeseen faults.

    If the database is `away` too, the fallback number replaces the consultant.
    """
    if SCRIPT.has(at.place) and isinstance(SCRIPT.node(at.place), Wait):
        return twiml.hold(line, at.language, "notice-trouble")
    move = Move(Result.LOST, SCRIPT.consultant, at.language)
    while isinstance(SCRIPT.node(move.place), Do):
        move = engine.done(SCRIPT, at, move, UNAVAILABLE)
    place = without_rows(line, at, move, datetime.now(UTC)).place if away else move.place
    there = replace(at, place=place, step=at.step + 1, tries=0)
    said = Speech(("notice-trouble",), {})
    if away and isinstance(SCRIPT.node(place), Transfer):
        return twiml.dial_fallback(line, there, said)
    return documents.document(SCRIPT, line, there, said)


def last_resort(line: Line) -> str:
    """The document when even the apology failed: the fallback number, or a hang-up."""
    return twiml.dial(line.fallback_number) if line.fallback_number else twiml.hang_up()
