"""The data types of a phone script: frozen data that checks itself when it is built.

A `Flow` is one page of the script, a `Script` holds all pages. The engine adds the keys that work
everywhere (0, 9, *), so they are in no flow.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.nodes import (
    ANNOUNCEMENTS,
    EVERYWHERE,
    PLAYED,
    PSEUDO_PROMPTS,
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
    Talk,
    Target,
    Transfer,
    Wait,
)

__all__ = [
    "ANNOUNCEMENTS",
    "EVERYWHERE",
    "PLAYED",
    "PSEUDO_PROMPTS",
    "Again",
    "Ask",
    "Can",
    "Do",
    "End",
    "Flow",
    "Lead",
    "Menu",
    "Node",
    "Place",
    "Record",
    "Say",
    "Script",
    "ScriptError",
    "Talk",
    "Target",
    "Transfer",
    "Wait",
]


class ScriptError(ValueError):
    """An invalid phone script; the message names the flow, the node and the fault."""


@dataclass(frozen=True)
class Place:
    """A place in the script: a node of a flow."""

    flow: str
    node: str

    def __str__(self) -> str:
        return f"{self.flow}/{self.node}"


class Flow:
    """One page of the script: its name and its nodes. Callers enter at the first node."""

    def __init__(self, name: str, **nodes: Node) -> None:
        self.name, self.nodes = name, nodes
        if not nodes:
            raise ScriptError(f"flow {name} has no nodes")
        self.entry = next(iter(nodes))
        for node_name, node in nodes.items():
            _check_node(f"{name}/{node_name}", node)
        _check_all_are_reached(self)


def _check_node(where: str, node: Node) -> None:
    if not node.prompts and not isinstance(node, Do | Record | Transfer | Talk):
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

    Calls start at `entry`, or at `outage` while the line is out. Key 9 leads to `main`, key 0 to
    `consultant`. Outgoing calls start at one of `also_entered`. `closed` maps a flow's name to a
    variable: only calls in which the variable was found may enter, whatever the address says.
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
        """Every place where a caller can be without having answered a document before."""
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
        """The place that `target` means in `flow`."""
        if target in self.flows[flow].nodes:
            return Place(flow, target)
        return Place(target, self.flows[target].entry)

    def places(self) -> Iterator[tuple[Place, Node]]:
        for flow in self.flows.values():
            for name, node in flow.nodes.items():
                yield Place(flow.name, name), node
