"""The carrier's requests about a call as data, performed at once or later from the spool.

Performing one twice, late or out of order leaves the same rows.
"""

from dataclasses import dataclass, replace
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from callcenter.calls import call_log, endings
from callcenter.calls.call_log import StatusEvent
from callcenter.recordings import store
from callcenter.recordings.store import RecordingEvent
from callcenter.tickets import lifecycle
from ivr import conversation, without_database
from ivr.engine import is_answerable
from ivr.flows import SCRIPT
from ivr.line import Line
from ivr.ring import Ring
from ivr.transitions import Position, Received
from models.statement import Ask


@dataclass(frozen=True)
class Answered:
    """A request for a document: the first of the call, or the one after the answer to `at`."""

    ring: Ring
    at: Position | None = None
    came: Received = Received()  # noqa: RUF009 - it is frozen
    kind: Literal["answered"] = "answered"

    def at_once(self, ask: Ask, line: Line) -> str | None:
        """Log the answer and return the document, if one statement suffices; else None."""
        if self.at is None:
            return conversation.begin_at_once(ask, line, self.ring)
        if _is_nowhere(self.at):
            return None
        return conversation.proceed_at_once(ask, line, self.ring, self.at, self.came)

    def perform(self, session: Session, line: Line, rows: bool = True) -> str:
        """Log the answer and return the document.

        With `rows` False, log it as `unlogged` answered it before.
        """
        if self.at is None or self._enters_ours(self.at):
            return conversation.begin(session, line, self.ring)
        if _is_nowhere(self.at):
            return conversation.start_over(session, line, self.ring, self.at.language)
        return conversation.proceed(session, line, self.ring, self.at, self.came, rows)

    def unlogged(self, line: Line, kept: bool = True) -> str:
        """The document while the database is away; `kept`: whether the spool has the answer."""
        if self.at is None:
            return without_database.begin(line, self.ring)
        if self._enters_ours(self.at):
            return without_database.begin_ours(line, self.ring, self.at.language)
        at = self.at
        if _is_nowhere(at):
            at = replace(at, place=SCRIPT.main, step=max(at.step, 1))
        return without_database.proceed(line, self.ring, at, self.came, kept)

    def _enters_ours(self, at: Position) -> bool:
        return self.ring.outgoing and at.step < 1 and at.place in SCRIPT.also_entered


def _is_nowhere(at: Position) -> bool:
    return at.step < 1 or not SCRIPT.has(at.place) or not is_answerable(SCRIPT.node(at.place))


@dataclass(frozen=True)
class StatusCame:
    """The carrier's status of a call."""

    ring: Ring
    event: StatusEvent
    kind: Literal["status"] = "status"

    def at_once(self, ask: Ask, line: Line) -> str | None:
        if self.ring.outgoing:
            return None
        return "" if endings.end_call(ask, self.ring.sid, self.event) else None

    def perform(self, session: Session, line: Line, rows: bool = True) -> str:
        if call := conversation.call_of(session, replace(self.ring, now=self.event.began_at)):
            call_log.apply_status(session, call, self.event)
        return ""

    def unlogged(self, line: Line, kept: bool = True) -> str:
        return ""


@dataclass(frozen=True)
class RecordingCame:
    """The carrier's status of a recording."""

    ring: Ring
    event: RecordingEvent
    kind: Literal["recording"] = "recording"

    def at_once(self, ask: Ask, line: Line) -> str | None:
        return None

    def perform(self, session: Session, line: Line, rows: bool = True) -> str:
        if call := conversation.call_of(session, self.ring):
            store.apply_event(session, call, self.event)
            if call.status.is_final:
                lifecycle.settle(session, call)
        return ""

    def unlogged(self, line: Line, kept: bool = True) -> str:
        return ""


Asked = Answered | StatusCame | RecordingCame
_records: TypeAdapter[Asked] = TypeAdapter(Asked)


def to_record(asked: Asked) -> bytes:
    return _records.dump_json(asked)


def from_record(record: bytes) -> Asked:
    """Parse what `to_record` wrote. Raises pydantic.ValidationError for anything else."""
    return _records.validate_json(record)
