"""The phone script as a tree that anybody can read: what is said, each key, and where it leads."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

import words
from callcenter.console.flows import flow_labels
from callcenter.console.people.people import pages_for
from callcenter.console.sign_in.access import chosen_language
from ivr.flows import SCRIPT
from ivr.proof.wording import EXAMPLES
from ivr.script import (
    ANNOUNCEMENTS,
    PLAYED,
    Again,
    Ask,
    Can,
    Do,
    Flow,
    Lead,
    Menu,
    Node,
    Record,
    Say,
    Talk,
    Target,
    Transfer,
    Wait,
)
from models import Role

pages = pages_for(Role.AGENT, "flows")


@dataclass(frozen=True)
class Way:
    """One way on: its key (or None), its words, and the place that follows or a link to it."""

    key: str | None
    label: str
    link: str
    title: str
    then: "Stop | None"


@dataclass(frozen=True)
class Stop:
    """A node as it is shown: its place, what is said there, and the ways on."""

    place: str
    name: str
    sentences: list[str]
    topic: str | None
    outcome: str | None
    ways: list[Way] = field(default_factory=list)


@pages.get("")
def index() -> ResponseReturnValue:
    language = request.args.get("language")
    if language not in words.LANGUAGES:
        language = chosen_language()
    trees = {flow.name: tree(flow, language) for flow in SCRIPT.flows.values()}
    return render_template(
        "flows/flows.html", trees=trees, names=flow_labels.FLOWS, language=language
    )


def tree(flow: Flow, language: str) -> Stop:
    """The nodes of `flow` from its entry; each stands once, under the nearest that leads to it."""
    return _stop(flow, flow.entry, language, _nearest(flow))


def _nearest(flow: Flow) -> dict[str, str]:
    """For each node but the entry, the node under which it stands."""
    above, ahead = {flow.entry: ""}, deque([flow.entry])
    while ahead:
        name = ahead.popleft()
        for _key, _label, target in _ways(flow.nodes[name]):
            if target in flow.nodes and target not in above:
                above[target] = name
                ahead.append(target)
    return above


def _stop(flow: Flow, name: str, language: str, above: dict[str, str]) -> Stop:
    node = flow.nodes[name]
    stop = Stop(
        place=f"{flow.name}.{name}",
        name=name,
        sentences=[text for prompt in node.prompts if (text := _sentence(language, prompt))],
        topic=node.topic,
        outcome=getattr(node, "outcome", None),
    )
    for key, label, target in _ways(node):
        fresh = above.get(target) == name
        above = {**above, target: ""} if fresh else above
        then = _stop(flow, target, language, above) if fresh else None
        stop.ways.append(Way(key, label, _link(flow, target), _title(flow, target), then))
    return stop


def _ways(node: Node) -> Iterator[tuple[str | None, str, Target]]:
    """Each way on from `node`: key, words, target."""
    match node:
        case Menu():
            yield from _ways_of_menu(node)
        case Ask():
            typed = ngettext("%(num)d digit typed", "%(num)d digits typed", node.digits)
            yield None, typed, node.then
            yield None, _("three unusable answers in a row"), node.otherwise
        case Say() | Lead():
            yield None, _("then"), node.then
        case Do():
            for outcome, way in node.ways.items():
                target = way.node if isinstance(way, Again) else way
                yield None, str(flow_labels.WAYS.get(outcome, outcome)), target
        case Record():
            yield None, _("a message was recorded"), node.then
            yield None, _("nothing was recorded, three times"), node.otherwise
        case Transfer():
            yield None, _("while nobody is free"), node.wait
            if node.taken:
                yield None, _("taken by a consultant"), node.taken
            yield None, _("after the talk"), node.bridged
            yield None, _("the queue does not work"), node.failed
        case Talk():
            yield None, _("the talk is over"), node.parted
        case Wait():
            for key, target in node.press.items():
                yield key, _condition(node, key), target
            nobody = _("nobody came for %(minutes)d min", minutes=node.longest_s // 60)
            yield None, nobody, node.overdue


def _ways_of_menu(node: Menu) -> Iterator[tuple[str | None, str, Target]]:
    for key, target in (*node.press.items(), *node.hidden.items()):
        yield key, _condition(node, key), target
    if node.languages:
        yield "8", _("English, or Polish again"), node.languages
        yield "7", _("Ukrainian, or Polish again"), node.languages
    if node.silence:
        yield None, _("silence"), node.silence
    if node.again:
        yield None, _("an unusable answer"), node.again
    yield None, _("three unusable answers in a row"), node.otherwise


def _condition(node: Menu | Wait, key: str) -> str:
    if key in node.only_if:
        return str(flow_labels.CONDITIONS[node.only_if[key]])
    return _("not spoken") if isinstance(node, Menu) and key in node.hidden else ""


def _link(flow: Flow, target: Target) -> str:
    return (
        f"{flow.name}.{target}"
        if target in flow.nodes
        else f"{target}.{SCRIPT.flows[target].entry}"
    )


def _title(flow: Flow, target: Target) -> str:
    return target if target in flow.nodes else str(flow_labels.FLOWS.get(target, target))


def _sentence(language: str, prompt: str) -> Any:
    """The words with examples filled in; the prompt's name where an example is missing."""
    if prompt == ANNOUNCEMENTS:
        return _("(the announcements that are on)")
    if prompt == PLAYED:
        return _("(what was found is played)")
    try:
        return words.say(language, prompt, **{**EXAMPLES, **{can.value: True for can in Can}})
    except words.WordsError:
        return f"({prompt})"
