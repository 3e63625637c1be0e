"""The language in which a phone script is written: plain frozen data that checks itself when built.

A `Flow` is one page of the script, a `Script` all of its pages. A target is the name of a node in
the same flow, or the name of another flow, which is entered at its first node. What every caller
may press everywhere (0, 9, *) is added by the engine and stands in no flow.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from functools import cached_property

from callcenter.deeds import Deed
from models import Kind, Outcome, Topic
from words.facts import FACTS

Target = str
EVERYWHERE = frozenset({"0", "9", "*"})
# Stands among the prompts of a node where the announcements that are on now are spoken.
ANNOUNCEMENTS = "announcements"
# Stands among them where something that a deed found is played: a variable of this name says what,
# "announcement:<uid>" or "sound:<name>".
PLAYED = "played"
PSEUDO_PROMPTS = frozenset({ANNOUNCEMENTS, PLAYED})


class Can(StrEnum):
    """What the caller's number allows: some keys are offered only where they can be kept."""

    SMS = "sms"
    CALLBACK = "callback"


class ScriptError(ValueError):
    """A phone script that cannot be spoken; the message names the flow, the node and the fault."""


@dataclass(frozen=True)
class Again:
    """A way that counts as an unusable answer: `node` asks once more, after saying `notice`."""

    node: Target
    notice: str


@dataclass(frozen=True)
class Node:
    """What all nodes share: `says` names the prompts, in order; entering the node sets `topic`."""

    says: str = ""
    _: KW_ONLY
    topic: Topic | None = None

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        return tuple(self.says.split())

    def targets(self) -> Iterator[Target]:
        """Every target this node can lead to by itself."""
        return iter(())


@dataclass(frozen=True)
class Menu(Node):
    """A question answered by one key.

    `otherwise` is where three unusable answers in a row lead; after the first and second `again`
    asks once more (the node itself by default). `hidden` keys are accepted and not spoken;
    `only_if` names keys that are offered only to callers whose number allows it. With `languages`,
    8 and 7 change the language and lead to that node, which is offered before the `closing` words.
    A `bulletin` has none of the keys that work everywhere but *, and `silence` leads on at once.
    """

    _: KW_ONLY
    press: Mapping[str, Target]
    otherwise: Target
    again: Target | None = None
    hidden: Mapping[str, Target] = field(default_factory=dict)
    only_if: Mapping[str, Can] = field(default_factory=dict)
    languages: Target | None = None
    closing: str = ""
    bulletin: bool = False
    silence: Target | None = None

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        return (*self.says.split(), *self.closing.split())

    def targets(self) -> Iterator[Target]:
        yield from self.press.values()
        yield from self.hidden.values()
        yield self.otherwise
        yield from (target for target in (self.again, self.languages, self.silence) if target)


@dataclass(frozen=True)
class Ask(Node):
    """A question answered by `digits` digits, kept under the name `into`.

    Digits that fail `check` are an unusable answer: the caller hears `wrong`. A `secret` is never
    stored, logged or said in clear.
    """

    _: KW_ONLY
    digits: int
    into: str
    check: Callable[[str], bool]
    wrong: str
    then: Target
    otherwise: Target
    secret: bool = False

    def targets(self) -> Iterator[Target]:
        yield from (self.then, self.otherwise)


@dataclass(frozen=True)
class Say(Node):
    """Guidance in a document of its own; heard to its end, it `earns` that outcome."""

    _: KW_ONLY
    then: Target
    earns: Outcome | None = None

    def targets(self) -> Iterator[Target]:
        yield self.then


@dataclass(frozen=True)
class Lead(Node):
    """Words that lead into the next node and are spoken in the same breath as its own.

    They can settle what `kind` of ticket this is.
    """

    _: KW_ONLY
    then: Target
    earns: Outcome | None = None
    kind: Kind | None = None

    def targets(self) -> Iterator[Target]:
        yield self.then


@dataclass(frozen=True, init=False)
class Do(Node):
    """A deed of the desk (a function of `callcenter`), and a way for each of its outcomes.

    `unavailable` is always among them: it is taken when the deed cannot be done now.
    """

    _: KW_ONLY
    deed: Deed
    ways: Mapping[str, Target | Again]

    def __init__(
        self,
        deed: Deed,
        *,
        unavailable: Target,
        topic: Topic | None = None,
        **ways: Target | Again,
    ) -> None:
        super().__init__(topic=topic)
        object.__setattr__(self, "deed", deed)
        object.__setattr__(self, "ways", {**ways, "unavailable": unavailable})

    def targets(self) -> Iterator[Target]:
        for way in self.ways.values():
            yield way.node if isinstance(way, Again) else way


@dataclass(frozen=True)
class Record(Node):
    """A message after the tone, of at most `longest_s` seconds; a kept one `earns` its outcome."""

    _: KW_ONLY
    then: Target
    otherwise: Target
    earns: Outcome = Outcome.LEFT_OPEN
    kind: Kind | None = None
    longest_s: int = FACTS.message_minutes * 60

    def targets(self) -> Iterator[Target]:
        yield from (self.then, self.otherwise)


@dataclass(frozen=True)
class Transfer(Node):
    """Into the carrier's queue, where `wait` is played until a consultant takes the call.

    `bridged` follows a conversation with a consultant, `failed` a queue that does not work.
    """

    _: KW_ONLY
    queue: str
    wait: Target
    bridged: Target
    failed: Target

    def targets(self) -> Iterator[Target]:
        yield from (self.wait, self.bridged, self.failed)


@dataclass(frozen=True)
class Wait(Node):
    """One round of the waiting loop; it starts again by itself until a key or a consultant comes.

    After `longest_s` seconds in the queue the caller is led to `overdue`.
    """

    _: KW_ONLY
    press: Mapping[str, Target]
    overdue: Target
    longest_s: int
    only_if: Mapping[str, Can] = field(default_factory=dict)

    def targets(self) -> Iterator[Target]:
        yield from self.press.values()
        yield self.overdue


@dataclass(frozen=True)
class End(Node):
    """Last words, and the outcome that the ticket of a call has when it ends here."""

    _: KW_ONLY
    outcome: Outcome


@dataclass(frozen=True)
class Place:
    """Where a caller stands: a node of a flow."""

    flow: str
    node: str

    def __str__(self) -> str:
        return f"{self.flow}/{self.node}"


class Flow:
    """One page of the phone script: its name and its nodes; the first is where callers enter."""

    def __init__(self, name: str, **nodes: Node) -> None:
        self.name, self.nodes = name, nodes
        if not nodes:
            raise ScriptError(f"flow {name} has no nodes")
        self.entry = next(iter(nodes))
        for node_name, node in nodes.items():
            _check_node(f"{name}/{node_name}", node)
        _check_all_are_reached(self)


def _check_node(where: str, node: Node) -> None:
    if not node.prompts and not isinstance(node, Do | Record | Transfer):
        raise ScriptError(f"{where} says nothing")
    if isinstance(node, Menu | Wait):
        _check_keys(where, {*node.press, *getattr(node, "hidden", ())}, node.only_if)


def _check_keys(where: str, keys: set[str], only_if: Mapping[str, Can]) -> None:
    if not keys:
        raise ScriptError(f"{where} accepts no key")
    if taken := keys & EVERYWHERE:
        raise ScriptError(f"{where} uses {', '.join(sorted(taken))}, which work everywhere")
    if unknown := {*only_if} - keys:
        raise ScriptError(f"{where} limits keys it does not have: {', '.join(sorted(unknown))}")


def _check_all_are_reached(flow: Flow) -> None:
    reached: set[str] = set()
    ahead = [flow.entry]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [target for target in flow.nodes[name].targets() if target in flow.nodes]
    if lost := [name for name in flow.nodes if name not in reached]:
        raise ScriptError(f"flow {flow.name}: no node leads to {', '.join(lost)}")


class Script:
    """All flows of the line.

    Calls start at `entry`, or at `outage` while the line is out; 9 leads to `main`, 0 to
    `consultant`. Calls that the line makes itself start at one of `also_entered`. `closed` flows,
    by name, are only for calls in which the variable there was found: an address alone opens none.
    """

    def __init__(
        self,
        *flows: Flow,
        entry: Place,
        main: Place,
        consultant: Place,
        outage: Place | None = None,
        also_entered: tuple[Place, ...] = (),
        closed: Mapping[str, str] | None = None,
    ) -> None:
        self.flows = {flow.name: flow for flow in flows}
        self.entry, self.main, self.consultant = entry, main, consultant
        self.outage = outage or entry
        self.also_entered, self.closed = also_entered, closed or {}
        if unknown := self.closed.keys() - self.flows.keys():
            raise ScriptError(f"there is no flow {', '.join(sorted(unknown))} to close")
        for place in self.entrances:
            if not self.has(place):
                raise ScriptError(f"there is no {place}")
        for flow in flows:
            self._check_targets(flow)
        self._check_flows_are_entered()

    @property
    def entrances(self) -> tuple[Place, ...]:
        """Every place where a caller can be without an answer that led there."""
        return (self.entry, self.main, self.consultant, self.outage, *self.also_entered)

    def _check_targets(self, flow: Flow) -> None:
        for name, node in flow.nodes.items():
            for target in node.targets():
                if target not in flow.nodes and target not in self.flows:
                    raise ScriptError(f"{flow.name}/{name} leads to {target}, which is nowhere")
                if target in flow.nodes and target in self.flows:
                    raise ScriptError(f"{flow.name}/{target} has the name of a flow")

    def _check_flows_are_entered(self) -> None:
        entered = {place.flow for place in self.entrances}
        for flow in self.flows.values():
            entered |= {target for node in flow.nodes.values() for target in node.targets()}
        if lost := [name for name in self.flows if name not in entered]:
            raise ScriptError(f"nothing leads to the flow {', '.join(lost)}")

    def has(self, place: Place) -> bool:
        return place.flow in self.flows and place.node in self.flows[place.flow].nodes

    def node(self, place: Place) -> Node:
        return self.flows[place.flow].nodes[place.node]

    def resolve(self, target: Target, flow: str) -> Place:
        """The place that `target` names when it stands in `flow`."""
        if target in self.flows[flow].nodes:
            return Place(flow, target)
        return Place(target, self.flows[target].entry)

    def places(self) -> Iterator[tuple[Place, Node]]:
        for flow in self.flows.values():
            for name, node in flow.nodes.items():
                yield Place(flow.name, name), node
