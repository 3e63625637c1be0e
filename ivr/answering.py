"""What an answer means to the node that waited for it: one function for each kind of node."""

from dataclasses import replace

from ivr.languages import LANGUAGE_KEYS, other_language
from ivr.script import (
    Ask,
    Can,
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
from ivr.transitions import GIVEN_BACK, MAX_STEPS, Move, Position, Received, Result
from models import Outcome

MAX_TRIES = 3
SHORTEST_MESSAGE_S = 1
_BRIDGED = frozenset({"bridged", "redirected-from-bridged"})


def answered(script: Script, at: Position, came: Received, can: frozenset[Can], node: Node) -> Move:
    """The move that the answer `came` causes for a caller at `at`, where `node` stands.

    Raises TypeError for a node that waits for no answer.
    """
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
            return to(Result.PARTED, script.resolve(node.parted, at.place.flow), at)
    raise TypeError(f"{at.place} waits for no answer")


def _menu(script: Script, at: Position, came: Received, can: frozenset[Can], node: Menu) -> Move:
    key = came.digits
    if node.languages and key in LANGUAGE_KEYS:
        place = script.resolve(node.languages, at.place.flow)
        return Move(Result.LANGUAGE, place, other_language(at.language, key))
    if target := _pressed(node, key, can):
        credit = node.earns if key in node.hidden else None
        return to(Result.PRESSED, script.resolve(target, at.place.flow), at, credit)
    if node.silence and not key:
        return to(Result.SILENCE, script.resolve(node.silence, at.place.flow), at)
    if not key:
        return unusable(script, at, Result.SILENCE, "notice-silence")
    return unusable(script, at, Result.WRONG_KEY, wrong_key(node, key))


def _pressed(node: Menu | Wait, key: str, can: frozenset[Can]) -> Target | None:
    if key in node.only_if and node.only_if[key] not in can:
        return None
    hidden = node.hidden if isinstance(node, Menu) else {}
    return node.press.get(key) or hidden.get(key)


def to(result: Result, place: Place, at: Position, credit: Outcome | None = None) -> Move:
    """A move to `place` in the language of `at`; it resets the count of unusable answers."""
    return Move(result, place, at.language, credit=credit)


def wrong_key(node: Menu | Wait, key: str) -> str:
    """The prompt for a key that leads nowhere, or that only other callers are offered."""
    return node.only_if[key].refusal if key in node.only_if else "notice-wrong-key"


def unusable(script: Script, at: Position, result: Result, notice: str) -> Move:
    """Ask again; after three unusable answers in a row, lead on."""
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
        return unusable(script, at, Result.SILENCE, "notice-silence")
    if len(digits) < node.digits and digits.isdecimal():
        few = unusable(script, at, Result.TOO_FEW_DIGITS, "notice-too-few-digits")
        return replace(few, says={"counted": len(digits), "digits": node.digits})
    if len(digits) != node.digits or not node.check(digits):
        return unusable(script, at, Result.REFUSED, node.wrong)
    move = to(Result.TYPED, script.resolve(node.then, at.place.flow), at)
    if node.secret:
        return replace(move, secret=digits)
    return replace(move, says={node.into: digits})


def _say(script: Script, at: Position, came: Received, can: frozenset[Can], node: Say) -> Move:
    place = script.resolve(node.then, at.place.flow)
    if not came.digits:
        return replace(to(Result.HEARD, place, at, node.earns), tries=at.tries)
    question = script.node(place)
    if isinstance(question, Menu):
        # A caller who knows the question may answer it during the guidance.
        return _menu(script, replace(at, place=place), came, can, question)
    return to(Result.SKIPPED, place, at)


def _record(script: Script, at: Position, came: Received, node: Record) -> Move:
    credit = earned(node, came)
    if came.hung_up:
        return to(Result.HUNG_UP, at.place, at, credit)
    if credit:
        move = to(Result.RECORDED, script.resolve(node.then, at.place.flow), at, credit)
        return replace(move, says={"recording": came.recording} if came.recording else {})
    return unusable(script, at, Result.NOTHING_RECORDED, "notice-nothing-recorded")


def earned(node: Node, came: Received) -> Outcome | None:
    """The outcome that a recording earns, if `node` takes one and it is long enough."""
    if isinstance(node, Record) and (came.recorded_s or 0) >= SHORTEST_MESSAGE_S:
        return node.earns
    return None


def _transfer(script: Script, at: Position, came: Received, node: Transfer) -> Move:
    if came.queue_result == GIVEN_BACK and at.step < MAX_STEPS:
        return to(Result.GIVEN_BACK, at.place, at)
    if came.queue_result == "redirected" and node.taken:
        talking = script.resolve(node.taken, at.place.flow)
        return to(Result.TAKEN, talking, at, Outcome.LEFT_OPEN)
    if came.queue_result in _BRIDGED:
        parted = script.resolve(node.bridged, at.place.flow)
        return to(Result.BRIDGED, parted, at, Outcome.LEFT_OPEN)
    if came.queue_result == "hangup":
        return to(Result.HUNG_UP, at.place, at)
    return to(Result.QUEUE_FAILED, script.resolve(node.failed, at.place.flow), at)


def _wait(script: Script, at: Position, came: Received, can: frozenset[Can], node: Wait) -> Move:
    """A move to the waiting node itself means that the caller waits on; it is no turn."""
    if target := _pressed(node, came.digits, can):
        return to(Result.PRESSED, script.resolve(target, at.place.flow), at)
    if came.queued_s >= node.longest_s:
        return to(Result.OVERDUE, script.resolve(node.overdue, at.place.flow), at)
    return to(Result.REPEAT, at.place, at)
