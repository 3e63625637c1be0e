"""The conversation as a pure function: where the caller is and what came in -> what follows.

No database, no clock, no web: whoever drives it (ivr.conversation, ivr.proof, a test) performs the
deeds and keeps the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from callcenter.deeds import Done
from ivr.script import (
    Again,
    Ask,
    Can,
    Do,
    End,
    Lead,
    Menu,
    Node,
    Place,
    Record,
    Say,
    Script,
    Talk,
    Target,
    Transfer,
    Wait,
)
from models import Kind, Outcome, Topic

MAX_TRIES = 3
MAX_STEPS = 60
MAX_MENU_S = 15 * 60
SHORTEST_MESSAGE_S = 1
BULLETS = "•••"
LANGUAGE_KEYS = {"8": "en", "7": "uk"}
FIRST_LANGUAGE = "pl"
# Our own word beside the carrier's: whoever accepted the caller was gone before the caller came.
GIVEN_BACK = "given-back"
_BRIDGED = frozenset({"bridged", "redirected-from-bridged"})


class Result(StrEnum):
    """What an answer was."""

    PRESSED = "pressed"
    TYPED = "typed"
    HEARD = "heard"
    SKIPPED = "skipped"
    RECORDED = "recorded"
    CONSULTANT = "consultant"
    MAIN_MENU = "main_menu"
    REPEAT = "repeat"
    LANGUAGE = "language"
    SILENCE = "silence"
    WRONG_KEY = "wrong_key"
    TOO_FEW_DIGITS = "too_few_digits"
    REFUSED = "refused"
    NOTHING_RECORDED = "nothing_recorded"
    BRIDGED = "bridged"
    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    PARTED = "parted"
    QUEUE_FAILED = "queue_failed"
    LEFT_QUEUE = "left_queue"
    OVERDUE = "overdue"
    HUNG_UP = "hung_up"
    LOST = "lost"


@dataclass(frozen=True)
class Position:
    """What an address says: the place, the language, the number of the document in the call, the
    unusable answers in a row, and when the call began (seconds since the epoch; 0: not known)."""

    language: str
    place: Place
    step: int = 1
    tries: int = 0
    since: int = 0


@dataclass(frozen=True)
class Received:
    """What came in: keys (none is silence), a recording and its seconds, how a queue was left."""

    digits: str = ""
    recording: str = ""
    recorded_s: int | None = None
    hung_up: bool = False
    queue_result: str | None = None
    queued_s: int = 0


@dataclass(frozen=True)
class Move:
    """What an answer was and where it leads; `spoken` is said before the prompts of that place."""

    result: Result
    place: Place
    language: str
    tries: int = 0
    spoken: tuple[str, ...] = ()
    says: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = None
    topic: Topic | None = None
    kind: Kind | None = None
    credit: Outcome | None = None


def answer(
    script: Script,
    at: Position,
    came: Received,
    can: frozenset[Can] = frozenset(),
    now: int = 0,
) -> Move:
    """Where `came` leads a caller who stands `at`; `now` in seconds since the epoch.

    The move ends at a node with a document, or at a Do: perform it and go on with `done`.
    """
    node = script.node(at.place)
    move = _everywhere(script, at, came, node) or _answered(script, at, came, can, node)
    return _not_too_long(script, at, now, _arrive(script, move))


def done(script: Script, at: Position, move: Move, deed: Done, now: int = 0) -> Move:
    """Where `move` goes on once the Do at its place has been performed."""
    node = script.node(move.place)
    if not isinstance(node, Do):
        raise TypeError(f"{move.place} is no deed")
    way, flow = node.ways[deed.outcome], move.place.flow
    move = replace(move, says={**move.says, **deed.says})
    if isinstance(way, Again):
        asked = replace(at, place=script.resolve(way.node, flow))
        again = _unusable(script, asked, Result.REFUSED, way.notice)
        move = replace(
            again, says=move.says, topic=move.topic, spoken=(*move.spoken, *again.spoken)
        )
    else:
        move = replace(move, place=script.resolve(way, flow))
    return _not_too_long(script, at, now, _arrive(script, move))


def _everywhere(script: Script, at: Position, came: Received, node: Node) -> Move | None:
    """The keys that work everywhere, when one comes alone."""
    if isinstance(node, Menu) and node.bulletin and came.digits != "*":
        return None
    if came.digits == "9":
        return _to(Result.MAIN_MENU, script.main, at, _recorded(node, came))
    if isinstance(node, Wait):
        return None
    if came.digits == "0":
        return _to(Result.CONSULTANT, script.consultant, at, _recorded(node, came))
    if came.digits == "*":
        return _to(Result.REPEAT, at.place, at, _recorded(node, came))
    return None


def _to(result: Result, place: Place, at: Position, credit: Outcome | None = None) -> Move:
    return Move(result, place, at.language, credit=credit)


def _recorded(node: Node, came: Received) -> Outcome | None:
    if isinstance(node, Record) and (came.recorded_s or 0) >= SHORTEST_MESSAGE_S:
        return node.earns
    return None


def _answered(
    script: Script, at: Position, came: Received, can: frozenset[Can], node: Node
) -> Move:
    match node:
        case Menu():
            return _menu(script, at, came, can, node)
        case Ask():
            return _ask(script, at, came, node)
        case Say():
            return _say(script, at, came, can, node)
        case Record():
            return _record(script, at, came, node)
        case Transfer():
            return _transfer(script, at, came, node)
        case Wait():
            return _wait(script, at, came, can, node)
        case Talk():
            return _to(Result.PARTED, script.resolve(node.parted, at.place.flow), at)
    raise TypeError(f"{at.place} waits for no answer")


def _menu(script: Script, at: Position, came: Received, can: frozenset[Can], node: Menu) -> Move:
    key = came.digits
    if node.languages and key in LANGUAGE_KEYS:
        place = script.resolve(node.languages, at.place.flow)
        return Move(Result.LANGUAGE, place, _other_language(at.language, key))
    if target := _pressed(node, key, can):
        credit = node.earns if key in node.hidden else None
        return _to(Result.PRESSED, script.resolve(target, at.place.flow), at, credit)
    if node.silence and not key:
        return _to(Result.SILENCE, script.resolve(node.silence, at.place.flow), at)
    return _no_answer(script, at, key)


def _other_language(language: str, key: str) -> str:
    wanted = LANGUAGE_KEYS[key]
    return FIRST_LANGUAGE if wanted == language else wanted


def _pressed(node: Menu | Wait, key: str, can: frozenset[Can]) -> Target | None:
    if key in node.only_if and node.only_if[key] not in can:
        return None
    hidden = node.hidden if isinstance(node, Menu) else {}
    return node.press.get(key) or hidden.get(key)


def _no_answer(script: Script, at: Position, key: str) -> Move:
    if key:
        return _unusable(script, at, Result.WRONG_KEY, "notice-wrong-key")
    return _unusable(script, at, Result.SILENCE, "notice-silence")


def _unusable(script: Script, at: Position, result: Result, notice: str) -> Move:
    """Ask once more, or, after three unusable answers in a row, lead on."""
    node, tries = script.node(at.place), at.tries + 1
    if tries < MAX_TRIES:
        again = getattr(node, "again", None) or at.place.node
        place = script.resolve(again, at.place.flow)
        return Move(result, place, at.language, tries, (notice,))
    onward = getattr(node, "otherwise", None)
    place = script.resolve(onward, at.place.flow) if onward else script.consultant
    told = ("notice-unclear-to-consultant",) if place == script.consultant else ()
    return Move(result, place, at.language, spoken=told)


def _ask(script: Script, at: Position, came: Received, node: Ask) -> Move:
    digits = came.digits
    if not digits:
        return _unusable(script, at, Result.SILENCE, "notice-silence")
    if len(digits) < node.digits and digits.isdecimal():
        few = _unusable(script, at, Result.TOO_FEW_DIGITS, "notice-too-few-digits")
        return replace(few, says={"counted": len(digits), "digits": node.digits})
    if len(digits) != node.digits or not node.check(digits):
        return _unusable(script, at, Result.REFUSED, node.wrong)
    move = _to(Result.TYPED, script.resolve(node.then, at.place.flow), at)
    if node.secret:
        return replace(move, secret=digits)
    return replace(move, says={node.into: digits})


def _say(script: Script, at: Position, came: Received, can: frozenset[Can], node: Say) -> Move:
    place = script.resolve(node.then, at.place.flow)
    if not came.digits:
        return replace(_to(Result.HEARD, place, at, node.earns), tries=at.tries)
    question = script.node(place)
    if isinstance(question, Menu):
        # Whoever knows the question need not hear the guidance out: the key is its answer.
        return _menu(script, replace(at, place=place), came, can, question)
    return _to(Result.SKIPPED, place, at)


def _record(script: Script, at: Position, came: Received, node: Record) -> Move:
    credit = _recorded(node, came)
    if came.hung_up:
        return _to(Result.HUNG_UP, at.place, at, credit)
    if credit:
        move = _to(Result.RECORDED, script.resolve(node.then, at.place.flow), at, credit)
        return replace(move, says={"recording": came.recording} if came.recording else {})
    return _unusable(script, at, Result.NOTHING_RECORDED, "notice-nothing-recorded")


def _transfer(script: Script, at: Position, came: Received, node: Transfer) -> Move:
    if came.queue_result == GIVEN_BACK and at.step < MAX_STEPS:
        return _to(Result.GIVEN_BACK, at.place, at)
    if came.queue_result == "redirected" and node.taken:
        talking = script.resolve(node.taken, at.place.flow)
        return _to(Result.TAKEN, talking, at, Outcome.LEFT_OPEN)
    if came.queue_result in _BRIDGED:
        parted = script.resolve(node.bridged, at.place.flow)
        return _to(Result.BRIDGED, parted, at, Outcome.LEFT_OPEN)
    if came.queue_result == "hangup":
        return _to(Result.HUNG_UP, at.place, at)
    return _to(Result.QUEUE_FAILED, script.resolve(node.failed, at.place.flow), at)


def _wait(script: Script, at: Position, came: Received, can: frozenset[Can], node: Wait) -> Move:
    """A move to the waiting place itself is no turn: the caller goes on waiting."""
    if target := _pressed(node, came.digits, can):
        return _to(Result.PRESSED, script.resolve(target, at.place.flow), at)
    if came.queued_s >= node.longest_s:
        return _to(Result.OVERDUE, script.resolve(node.overdue, at.place.flow), at)
    return _to(Result.REPEAT, at.place, at)


def _arrive(script: Script, move: Move) -> Move:
    """Enter the place of `move`, and go through nodes that only lead on."""
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
    """A caller whom the menus do not help is led out of them before the next question.

    Hearing the same again and again counts as one too.
    """
    too_many = at.step >= MAX_STEPS
    too_long = at.since > 0 and now - at.since > MAX_MENU_S
    node, again = script.node(move.place), move.place == at.place
    asks = isinstance(node, Menu | Ask) or (again and isinstance(node, Say | Record))
    if not (too_many or too_long) or not asks or move.result is Result.HUNG_UP:
        return move
    onward = script.consultant
    if isinstance(node, Menu) and move.place.flow == onward.flow:
        # The caller is being led out already: what is asked on the way is asked once.
        if not again:
            return move
        onward = script.resolve(node.otherwise, move.place.flow)
    return replace(move, place=onward, spoken=("notice-long-call-to-consultant",), tries=0)


def is_answerable(node: Node) -> bool:
    """Whether a caller can stand at `node`: it has a document that waits for an answer."""
    return isinstance(node, Menu | Ask | Say | Record | Transfer | Wait | Talk)


def next_step(script: Script, at: Position) -> int:
    """The number of the document after `at`; a transfer's waiting loop has one in between."""
    return at.step + (2 if isinstance(script.node(at.place), Transfer) else 1)
