"""Checks the prompts: they exist, name the right keys, know their variables, and are short."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import words
from ivr.languages import offered_languages
from ivr.proof.states import abilities
from ivr.script import (
    EVERYWHERE,
    PLAYED,
    PSEUDO_PROMPTS,
    Ask,
    Can,
    Do,
    End,
    Menu,
    Node,
    Place,
    Record,
    Script,
    Wait,
)
from ivr.twiml.building import patience_s
from ivr.twiml.verbs import HOLD_S
from models import Outcome

LONGEST_MENU_S = 20
# An example value for each variable: the longest that is usual.
EXAMPLES: Mapping[str, Any] = {
    "counted": 5,
    "date": "2026-12-27",
    "digits": 11,
    "due": "2026-12-27",
    "line_out": "yes",
    "minutes": 12,
    "number": "123456784",
    "on": "yes",
    "place": 12,
    "scope": "switchboard",
    "service_out": "yes",
    "state": "open",
    "text": "Trwa awaria naszej centrali. Nie wiemy jeszcze, kiedy ją usuniemy.",
    "ticket": "123456784",
    "unfit": "silent",
}
FROM_THE_QUEUE = frozenset({"place", "minutes"})
FROM_THE_ENGINE = frozenset({"counted", "digits", "service_out"})


def _prompts(node: Node) -> tuple[str, ...]:
    spoken = tuple(prompt for prompt in node.prompts if prompt not in PSEUDO_PROMPTS)
    return (*spoken, node.wrong) if isinstance(node, Ask) else spoken


def word_faults(script: Script) -> Iterator[str]:
    """Report prompts that are missing in a language, or have different variables in it."""
    for place, node in script.places():
        for prompt in _prompts(node):
            missing = [lang for lang in words.LANGUAGES if not words.has(lang, prompt)]
            yield from (f"{place}: {prompt} is not said in {lang}" for lang in missing)
            if not missing:
                asked = {frozenset(words.variables(lang, prompt)) for lang in words.LANGUAGES}
                if len(asked) > 1:
                    yield f"{place}: {prompt} takes other variables in another language"


def action_faults(script: Script) -> Iterator[str]:
    """Report outcomes of actions without a target, and targets without an outcome."""
    for place, node in script.places():
        if isinstance(node, Do):
            wanted = {*node.action.outcomes, "unavailable"}
            for outcome in sorted(wanted ^ {*node.ways}):
                fault = "leads nowhere" if outcome in wanted else "never happens"
                yield f"{place}: the outcome {outcome} {fault}"


def end_faults(script: Script) -> Iterator[str]:
    """Report ends without a ticket outcome, and scripts without an end or help."""
    for place, node in script.places():
        if isinstance(node, End | Record):
            outcome = node.outcome if isinstance(node, End) else node.earns
            if outcome not in set(Outcome):
                yield f"{place} ends a call without a ticket outcome"


def _flags(can: frozenset[Can]) -> dict[str, str]:
    return {ability.value: "yes" if ability in can else "no" for ability in Can}


@cache
def _text(language: str, prompt: str, can: frozenset[Can]) -> str:
    return words.say(language, prompt, **{**EXAMPLES, **_flags(can)})


def key_faults(script: Script) -> Iterator[str]:
    """Report nodes whose spoken keys differ from the accepted keys, by language and caller."""
    for place, node in script.places():
        for language in words.LANGUAGES:
            for can in abilities():
                text = " ".join(_text(language, prompt, can) for prompt in _prompts(node))
                spoken = [k for k in words.spoken_keys(language, text) if k not in EVERYWHERE]
                accepted = _accepted(node, can)
                if sorted(spoken) != accepted:
                    said, taken = " ".join(spoken) or "none", " ".join(accepted) or "none"
                    yield f"{place} speaks the keys {said} in {language}, but accepts {taken}"


def _accepted(node: Node, can: frozenset[Can]) -> list[str]:
    if not isinstance(node, Menu | Wait):
        return []
    return sorted(key for key in node.press if node.only_if.get(key) in {None, *can})


def length_faults(script: Script) -> Iterator[str]:
    """Report menus that are longer than callers listen."""
    for place, node in script.places():
        if isinstance(node, Menu):
            for language in words.LANGUAGES:
                length = menu_seconds(node, language)
                if length > LONGEST_MENU_S:
                    yield f"{place} takes {length:.0f} s in {language}, over {LONGEST_MENU_S} s"


def menu_seconds(node: Menu, language: str) -> float:
    """The length of the menu in seconds. Keys that work everywhere are not counted."""
    counted = [prompt for prompt in _prompts(node) if prompt not in node.closing.split()]
    return _speech_seconds(counted, language) + _offer_seconds(node, language)


def _speech_seconds(prompts: list[str] | tuple[str, ...], language: str) -> float:
    everything = frozenset(Can)
    return sum(words.seconds(_text(language, prompt, everything)) for prompt in prompts)


def _offer_seconds(node: Node, language: str) -> float:
    if not (isinstance(node, Menu) and node.languages):
        return 0
    offers = offered_languages(language)
    texts = [words.say(other, "language-offer", key=int(key)) for key, other in offers]
    return sum(words.seconds(text) for text in texts)


def unsaid(script: Script) -> Iterator[str]:
    """Report variables of a prompt that are not known on every way to it."""
    known = _known(script)
    for place, node in script.places():
        given = known.get(place, frozenset()) | FROM_THE_ENGINE | {can.value for can in Can}
        if isinstance(node, Wait):
            given |= FROM_THE_QUEUE
        if PLAYED in node.prompts and PLAYED not in given:
            yield f"{place}: what is played there is not known"
        for prompt in _prompts(node):
            if missing := words.variables("pl", prompt) - given:
                yield f"{place}: {prompt} needs {', '.join(sorted(missing))}, not known there"


def ways_into_closed_flows(script: Script) -> Iterator[str]:
    """Report ways into a closed flow that bypass the node that opens it."""
    known = _known(script)
    for place, _node in script.places():
        opens = script.closed.get(place.flow)
        if opens and opens not in known.get(place, frozenset()):
            yield f"{place} can be reached without {opens}"


def _known(script: Script) -> dict[Place, frozenset[str]]:
    """The variables that are known on every way to each place, computed as a fixed point."""
    known = {place: frozenset[str]() for place in script.entrances}
    ahead = list(known)
    while ahead:
        place = ahead.pop()
        for target, gives in _gifts(script, place):
            before = known.get(target)
            after = known[place] | gives if before is None else before & (known[place] | gives)
            if after != before:
                known[target] = after
                ahead.append(target)
    return known


def _gifts(script: Script, place: Place) -> Iterator[tuple[Place, frozenset[str]]]:
    node = script.node(place)
    if isinstance(node, Do):
        for outcome, way in node.ways.items():
            target = way if isinstance(way, str) else way.node
            yield script.resolve(target, place.flow), node.action.outcomes.get(outcome, frozenset())
        return
    for target in node.targets():
        typed = isinstance(node, Ask) and not node.secret and target == node.then
        gives = frozenset({node.into}) if isinstance(node, Ask) and typed else frozenset[str]()
        yield script.resolve(target, place.flow), gives


def document_seconds(node: Node, language: str) -> float:
    pause = HOLD_S if isinstance(node, Wait) else patience_s(node)
    listening = node.longest_s if isinstance(node, Record) else pause
    return _speech_seconds(_prompts(node), language) + _offer_seconds(node, language) + listening
