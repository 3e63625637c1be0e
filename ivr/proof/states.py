"""The graph of the script: every state, every answer to it, and where the answer leads."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from callcenter.actions import ActionResult
from ivr import engine
from ivr.script import Ask, Can, Do, End, Node, Place, Record, Script, Talk, Transfer, Wait
from ivr.transitions import Move, Position, Received, Result

KEYS = "0123456789*#"


@dataclass(frozen=True)
class State:
    """A state of a caller: place, language, and the number of unusable answers in a row."""

    language: str
    place: Place
    tries: int


@dataclass(frozen=True)
class Way:
    """One possible answer in a state, and where it leads."""

    came: Received
    to: State


Graph = Mapping[State, list[Way]]


def explore(script: Script, step: int) -> dict[State, list[Way]]:
    """Every reachable state with every way out of it, for a caller at `step`."""
    graph: dict[State, list[Way]] = {}
    first = [script.entry, script.outage, *script.also_entered]
    first += [place for place, node in script.places() if step > 1]
    ahead = [State("pl", place, 0) for place in first if engine.is_answerable(script.node(place))]
    while ahead:
        state = ahead.pop()
        if state in graph or isinstance(script.node(state.place), End):
            continue
        graph[state] = list(_ways(script, state, step))
        ahead += [way.to for way in graph[state]]
    return graph


def _ways(script: Script, state: State, step: int) -> Iterator[Way]:
    at = Position(state.language, state.place, step, state.tries)
    for came in _stimuli(script.node(state.place)):
        for can in abilities():
            for move in _moves(script, at, engine.answer(script, at, came, can)):
                if move.result is not Result.HUNG_UP:
                    yield Way(came, State(move.language, move.place, move.tries))
    if isinstance(node := script.node(state.place), Transfer):
        waiting = script.resolve(node.wait, state.place.flow)
        yield Way(Received(), State(state.language, waiting, 0))


def abilities() -> list[frozenset[Can]]:
    """Every set of abilities that a caller's number can have."""
    return [frozenset(some) for count in range(len(Can) + 1) for some in combinations(Can, count)]


def _moves(script: Script, at: Position, move: Move) -> Iterator[Move]:
    """`move`, or each result of it by the outcomes of the actions on its way."""
    node = script.node(move.place)
    if not isinstance(node, Do):
        yield move
        return
    for outcome in node.ways:
        yield from _moves(script, at, engine.done(script, at, move, ActionResult(outcome)))


def _stimuli(node: Node) -> Iterator[Received]:
    """Every answer that `node` can get: silence, each key, and what fits only this kind of node."""
    match node:
        case Record():
            yield from (Received(recorded_s=0), Received(recorded_s=9), Received())
            yield from (Received(key, recorded_s=seconds) for key in KEYS for seconds in (0, 9))
            yield Received(recorded_s=9, hung_up=True)
        case Transfer():
            yield from (
                Received(queue_result=how) for how in ("bridged", "redirected", "hangup", "error")
            )
        case Talk():
            yield Received()
        case Ask():
            yield from (Received(digits) for digits in _typed(node))
        case Wait():
            yield from (Received(), Received(queued_s=node.longest_s))
            yield from (Received(key) for key in KEYS)
        case _:
            yield from (Received(), *(Received(key) for key in KEYS))


def _typed(node: Ask) -> list[str]:
    """Nothing, too few digits, digits that fail the check, and digits that pass it."""
    passing = _digits(node, passes=True)
    return ["", "0", "9", "*", "12", _digits(node, passes=False) or "", *filter(None, [passing])]


@cache
def _digits(node: Ask, passes: bool) -> str | None:
    """Digits of the right length whose check gives `passes`; None if none are found."""
    dice = random.Random(node.digits)  # noqa: S311 - a search, not a secret
    for _ in range(20_000):
        digits = "".join(dice.choices("0123456789", k=node.digits))
        if node.check(digits) is passes:
            return digits
    return None


def is_help(script: Script, state: State) -> bool:
    """Whether the caller has reached help: a consultant, the queue, or a goodbye."""
    return isinstance(script.node(state.place), Transfer | Talk | End)


def silent_loops(script: Script, graph: Graph) -> Iterator[str]:
    """Report states from which a silent caller never reaches help."""
    for state in graph:
        if silence(script, graph, state) is None:
            yield f"{state.place}: a silent caller goes round in circles"


def silence(script: Script, graph: Graph, state: State) -> list[State] | None:
    """The states that a silent caller passes before help; None if the way never ends."""
    passed: list[State] = []
    while not is_help(script, state):
        if state in passed:
            return None
        passed.append(state)
        state = _silent_way(script, graph[state]).to
    return passed


def _silent_way(script: Script, ways: list[Way]) -> Way:
    """The slowest way without a key: time passes, and nothing is recorded."""
    silent = [way for way in ways if not way.came.digits and not way.came.recorded_s]
    return max(silent, key=lambda way: way.came.queued_s)


def late_loops(script: Script, late: Graph) -> Iterator[str]:
    """Report states after the menus' last step from which some way never reaches help."""
    for state in late:
        if isinstance(script.node(state.place), Wait) or is_help(script, state):
            continue
        if longest_way(script, late, state) is None:
            yield f"{state.place}: whoever goes on pressing keys never reaches help"


def longest_way(
    script: Script,
    graph: Graph,
    state: State,
    passed: frozenset[State] = frozenset(),
) -> list[State] | None:
    """The longest way from `state` to help; None if a way never ends."""
    if is_help(script, state) or isinstance(script.node(state.place), Wait):
        return []
    if state in passed:
        return None
    longest: list[State] = []
    for following in {way.to for way in graph[state]}:
        onward = longest_way(script, graph, following, passed | {state})
        if onward is None:
            return None
        longest = max(longest, onward, key=len)
    return [state, *longest]


def fewest_answers(script: Script, graph: Graph, state: State) -> int:
    """The fewest answers from `state` to help."""
    reached, count = {state}, 0
    while not any(is_help(script, one) for one in reached):
        reached |= {way.to for one in reached for way in graph.get(one, [])}
        count += 1
    return count
