"""The conversation as a pure function: from a position and an answer to the next move.

It uses no database, no clock and no web request. Its callers (ivr.conversation, ivr.proof, tests)
perform the actions and keep the log.
"""

from dataclasses import replace

from callcenter.actions import ActionResult
from ivr.answering import answered, earned, to, unusable
from ivr.script import (
    Again,
    Ask,
    Can,
    Do,
    End,
    Lead,
    Menu,
    Node,
    Record,
    Say,
    Script,
    Talk,
    Transfer,
    Wait,
)
from ivr.transitions import MAX_MENU_S, MAX_STEPS, Move, Position, Received, Result
from models import Outcome


def answer(
    script: Script,
    at: Position,
    came: Received,
    can: frozenset[Can] = frozenset(),
    now: int = 0,
) -> Move:
    """The move that the answer `came` causes at `at`; `now` is in seconds since the epoch.

    The move ends at a node with a document, or at a Do. For a Do, perform its action and call
    `done`.
    """
    node = script.node(at.place)
    move = _everywhere(script, at, came, node) or answered(script, at, came, can, node)
    return _not_too_long(script, at, now, _arrive(script, move))


def done(script: Script, at: Position, move: Move, action: ActionResult, now: int = 0) -> Move:
    """Continue `move` after the action of the Do at its place has been performed."""
    node = script.node(move.place)
    if not isinstance(node, Do):
        raise TypeError(f"{move.place} is no action")
    way, flow = node.ways[action.outcome], move.place.flow
    move = replace(move, says={**move.says, **action.says})
    if isinstance(way, Again):
        asked = replace(at, place=script.resolve(way.node, flow))
        again = unusable(script, asked, Result.REFUSED, way.notice)
        move = replace(
            again, says=move.says, topic=move.topic, spoken=(*move.spoken, *again.spoken)
        )
    else:
        move = replace(move, place=script.resolve(way, flow))
    return _not_too_long(script, at, now, _arrive(script, move))


def _everywhere(script: Script, at: Position, came: Received, node: Node) -> Move | None:
    """The move of a key that works everywhere, if one came alone."""
    if isinstance(node, Menu) and node.bulletin and came.digits != "*":
        return None
    if came.digits == "9":
        return to(Result.MAIN_MENU, script.main, at, earned(node, came))
    if isinstance(node, Wait):
        return None
    if came.digits == "0":
        return to(Result.CONSULTANT, script.consultant, at, earned(node, came))
    if came.digits == "*":
        return to(Result.REPEAT, at.place, at, earned(node, came))
    return None


def _arrive(script: Script, move: Move) -> Move:
    """Enter the place of `move`, and pass through nodes that only lead on."""
    node = script.node(move.place)
    move = replace(
        move,
        topic=node.topic or move.topic,
        kind=getattr(node, "kind", None) or move.kind,
        credit=_credit(node) or move.credit,
    )
    if isinstance(node, Lead):
        onward = script.resolve(node.then, move.place.flow)
        return _arrive(script, replace(move, place=onward, spoken=move.spoken + node.prompts))
    return move


def _credit(node: Node) -> Outcome | None:
    if isinstance(node, End):
        return node.outcome
    return node.earns if isinstance(node, Lead) else None


def _not_too_long(script: Script, at: Position, now: int, move: Move) -> Move:
    """Lead a caller out of the menus after too many steps or too much time.

    Hearing the same document again counts as a question too.
    """
    too_many = at.step >= MAX_STEPS
    too_long = at.since > 0 and now - at.since > MAX_MENU_S
    node, again = script.node(move.place), move.place == at.place
    asks = isinstance(node, Menu | Ask) or (again and isinstance(node, Say | Record))
    if not (too_many or too_long) or not asks or move.result is Result.HUNG_UP:
        return move
    onward = script.consultant
    if isinstance(node, Menu) and move.place.flow == onward.flow:
        # On the way out each question is asked once.
        if not again:
            return move
        onward = script.resolve(node.otherwise, move.place.flow)
    return replace(move, place=onward, spoken=("notice-long-call-to-consultant",), tries=0)


def is_answerable(node: Node) -> bool:
    """Whether a caller can stay at `node`: its document waits for an answer."""
    return isinstance(node, Menu | Ask | Say | Record | Transfer | Wait | Talk)


def next_step(script: Script, at: Position) -> int:
    """The step of the document after `at`; the waiting loop of a transfer takes one in between."""
    return at.step + (2 if isinstance(script.node(at.place), Transfer) else 1)
