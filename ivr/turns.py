"""Turns an answer into a turn: the engine's move with its words, in the form of the log.

What only rows know is asked of a `Log`, and only if it matters: most answers need none of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from callcenter.announcements.board import board
from callcenter.calls.steps import NewTurn
from ivr import engine, speech
from ivr.flows import SCRIPT
from ivr.ring import Ring
from ivr.script import EVERYWHERE, PLAYED, Ask, Can, Do, Talk, Transfer, Wait
from ivr.speech import split
from ivr.transitions import Move, Position, Received, Result
from models import Scope

BULLETS = "•••"


class Log(Protocol):
    """The facts of a call's rows on which its next turn may depend."""

    def perform(self, at: Position, move: Move) -> Move:
        """Perform each Do on the way of `move`; return the move that remains."""

    def said(self) -> Mapping[str, Any]:
        """What was typed and found earlier in the call, by the names of the variables."""

    def heard(self) -> Sequence[str]:
        """The prompts of the last document before this answer."""


class RowsNeeded(Exception):  # noqa: N818 - it says what is so
    """The turn depends on rows that were not read."""


class Unread:
    """A log whose rows were not read; only the prompts that were `heard` last can be asked for."""

    def __init__(self, heard: Callable[[], Sequence[str] | None] = lambda: None) -> None:
        self._heard = heard

    def perform(self, at: Position, move: Move) -> Move:
        # A caller who is led to a queue needs a row in it.
        if isinstance(SCRIPT.node(move.place), Do | Transfer | Talk):
            raise RowsNeeded
        return move

    def said(self) -> Mapping[str, Any]:
        raise RowsNeeded

    def heard(self) -> Sequence[str]:
        heard = self._heard()
        if heard is None:
            raise RowsNeeded
        return heard


def taken(log: Log, at: Position, came: Received, ring: Ring) -> NewTurn | None:
    """The caller's turn for the answer `came`; None if the caller only waits on."""
    moment = int(ring.now.timestamp())
    move = engine.answer(SCRIPT, at, came, speech.abilities(ring.caller), moment)
    if isinstance(SCRIPT.node(at.place), Wait) and move.place == at.place:
        return None
    move = log.perform(at, move)
    spoken = _said_again(log, at, move, prompts(move, ring, _played(log, move)))
    return logged(at, came, _with_words(log, move, spoken, ring), spoken, ring)


def _played(log: Log, move: Move) -> str:
    """The announcement or recording that an action found and the place of `move` plays, or ""."""
    if PLAYED not in SCRIPT.node(move.place).prompts:
        return ""
    return str({**log.said(), **move.says}.get(PLAYED, ""))


def prompts(move: Move, ring: Ring, played: str = "") -> list[str]:
    """The prompts after `move`: its own, then those of its place."""
    on = board().on_now(ring.now)
    return [*move.spoken, *speech.prompts(SCRIPT.node(move.place), on, played)]


def _said_again(log: Log, at: Position, move: Move, spoken: list[str]) -> list[str]:
    """The prompts for a caller who stays at the same place.

    A * repeats everything that was heard. Words heard in every language are repeated in every
    language, because the caller's is not known.
    """
    again = move.result is Result.REPEAT
    # Only the message of an outage is spoken in every language.
    in_every_language = at.place.flow == SCRIPT.outage.flow and move.result is not Result.LANGUAGE
    if move.place != at.place or not (again or in_every_language):
        return spoken
    # Notices about the previous answer are not repeated.
    heard = [prompt for prompt in log.heard() if not split(prompt, "")[1].startswith("notice-")]
    if not heard:
        return spoken
    if again:
        return heard
    if speech.is_in_every_language(heard):
        return [*speech.in_every_language(move.spoken), *heard]
    return spoken


def _with_words(log: Log, move: Move, spoken: list[str], ring: Ring) -> Move:
    """`move` with all variables that its words take, so that they can be said again."""
    needed = speech.variables(move.language, spoken) - set(move.says) - set(Can)
    if not needed:
        return move
    said = {"service_out": speech.is_out(board().on_now(ring.now), Scope.SERVICE)}
    if needed - said.keys():
        said = {**log.said(), **said}
    known = {name: said[name] for name in needed if name in said}
    return replace(move, says={**known, **move.says})


def logged(at: Position, came: Received, move: Move, spoken: list[str], ring: Ring) -> NewTurn:
    """The row of the turn for the answer `came` at `at`."""
    hidden = _is_hidden(at, came, move)
    says = {name: said for name, said in move.says.items() if not hidden or said != came.digits}
    return NewTurn(
        step=at.step,
        at=ring.now,
        node=str(at.place),
        input=BULLETS if hidden else came.digits or came.queue_result or "",
        result=move.result.value,
        leads_to=str(move.place),
        language=move.language,
        tries=move.tries,
        spoken=spoken,
        says=says,
        topic=move.topic,
        kind=move.kind,
        credit=move.credit,
    )


def _is_hidden(at: Position, came: Received, move: Move) -> bool:
    """Whether the digits are kept out of the log.

    A mistyped secret is close to the secret. Digits that fit no question may be anything: a PESEL
    typed where nine digits are asked for leaves nine of its own. A single wrong key reveals
    nothing.
    """
    node = SCRIPT.node(at.place)
    if isinstance(node, Ask) and node.secret:
        return came.digits not in ("", *EVERYWHERE)
    return len(came.digits) > 1 and move.result is not Result.TYPED
