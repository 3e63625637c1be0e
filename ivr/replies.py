"""Makes the reply to a caller: the document of a place, after the words said on the way there."""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

import words
from callcenter.announcements import switchboard
from callcenter.announcements.notices import Notice
from callcenter.calls.steps import NewTurn
from ivr import documents, engine, speech, twiml, without_database
from ivr.flows import SCRIPT
from ivr.line import Line
from ivr.opening import place_of
from ivr.ring import Ring
from ivr.script import Wait
from ivr.speech import Speech
from ivr.transitions import Position
from models import Call, Turn

log = logging.getLogger(__name__)


def began_at(call: Call) -> int:
    """When the call began, in seconds since the epoch, as positions hold it."""
    return int(call.started_at.timestamp())


def reply(session: Session, line: Line, ring: Ring, at: Position, turn: Turn) -> str:
    """The document that follows `turn`, the answer given at `at`."""
    if isinstance(SCRIPT.node(at.place), Wait):
        return twiml.leave()
    try:
        return document_with_notices(
            session, line, next_position(at, turn), turn.spoken, turn.says, ring
        )
    except words.WordsError:
        # This request overtook the previous answer, whose variables are not known yet. The turn
        # counts.
        log.exception("step %s of %s came too early to be answered", at.step, ring.sid)
        return without_database.in_trouble(line, at, away=False)


def next_position(at: Position, turn: Turn | NewTurn) -> Position:
    """The caller's position after `turn`."""
    step = engine.next_step(SCRIPT, at)
    return Position(turn.language, place_of(turn.leads_to), step, turn.tries, at.since)


def document_with_notices(
    session: Session,
    line: Line,
    at: Position,
    spoken: list[str],
    says: Mapping[str, Any],
    ring: Ring,
) -> str:
    """The document of `at`. Announcements that it plays are read from the board or the rows."""
    notices = switchboard.notices(session, speech.announced(spoken))
    return document_of(line, at, spoken, says, ring, notices)


def document_of(
    line: Line,
    at: Position,
    spoken: list[str],
    says: Mapping[str, Any],
    ring: Ring,
    notices: Mapping[str, Notice] | None = None,
) -> str:
    """The document of `at`, after the prompts `spoken` with their variables `says`."""
    said = Speech(tuple(spoken), {**speech.flags(ring.caller), **says}, notices or {})
    return documents.document(SCRIPT, line, at, said, ring.sid)
