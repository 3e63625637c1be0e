"""Proves the phone script: visits every state of every flow and checks the line's promises.

It is pure like the engine. `centrala flows check` prints the result.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import words
from ivr.proof.states import (
    Graph,
    State,
    explore,
    fewest_answers,
    late_loops,
    longest_way,
    silence,
    silent_loops,
)
from ivr.proof.wording import (
    action_faults,
    document_seconds,
    end_faults,
    key_faults,
    length_faults,
    menu_seconds,
    unsaid,
    ways_into_closed_flows,
    word_faults,
)
from ivr.script import Menu, Script
from ivr.transitions import MAX_MENU_S, MAX_STEPS


@dataclass
class Proof:
    """The result: faults, one sentence each; figures if there are none."""

    faults: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.faults or self.figures)


def prove(script: Script) -> Proof:
    """Visit every state of `script` and report its faults."""
    proof = Proof()
    proof.faults += [*word_faults(script), *action_faults(script), *end_faults(script)]
    if proof.faults:
        return proof
    proof.faults += [
        *key_faults(script),
        *length_faults(script),
        *unsaid(script),
        *ways_into_closed_flows(script),
    ]
    graph = explore(script, step=1)
    late = explore(script, step=MAX_STEPS)
    proof.faults += [*silent_loops(script, graph), *late_loops(script, late)]
    if not proof.faults:
        proof.figures = list(_figures(script, graph, late))
    return proof


def _figures(
    script: Script,
    graph: Graph,
    late: Graph,
) -> Iterator[str]:
    nodes = sum(1 for _ in script.places())
    answers = sum(len(ways) for ways in graph.values())
    yield (
        f"{len(script.flows)} flows, {nodes} nodes; {len(graph)} states,"
        f" {answers} answers: no fault."
    )
    entry = State("pl", script.entry, 0)
    silent = silence(script, graph, entry) or []
    yield f"A silent caller hears a consultant's queue after {_time(script, silent)}."
    keys = max(fewest_answers(script, graph, state) for state in graph)
    yield f"From every state help, a ticket or a goodbye is at most {keys} answers away."
    ways = [longest_way(script, late, state) or [] for state in late]
    slowest = max(ways, key=lambda way: _seconds(script, way))
    yield (
        f"Whoever presses on is led out of the menus after {MAX_STEPS} answers or"
        f" {MAX_MENU_S // 60} minutes, and then has help after {_time(script, slowest)}."
    )
    length, place, language = max(
        (menu_seconds(node, language), str(place), language)
        for place, node in script.places()
        if isinstance(node, Menu)
        for language in words.LANGUAGES
    )
    yield f"The longest menu is {place} in {language}: {length:.1f} s."


def _time(script: Script, passed: list[State]) -> str:
    answers = "1 answer" if len(passed) == 1 else f"{len(passed)} answers"
    return f"{answers}, {_seconds(script, passed):.0f} s"


def _seconds(script: Script, passed: list[State]) -> float:
    """How long the documents of these states last if the caller never interrupts, in seconds."""
    return sum(document_seconds(script.node(state.place), state.language) for state in passed)
