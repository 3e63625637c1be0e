"""Draws the flows as Mermaid text for the README and the command line."""

from collections.abc import Iterator

from ivr.script import (
    Again,
    Ask,
    Do,
    End,
    Flow,
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

_SHAPES: dict[type[Node], tuple[str, str]] = {
    Menu: ("{{", "}}"),
    Ask: ("[/", "/]"),
    Say: ("[", "]"),
    Lead: ("[", "]"),
    Do: ("[[", "]]"),
    Record: ("[(", ")]"),
    Transfer: ("([", "])"),
    Wait: ("([", "])"),
    Talk: ("([", "])"),
    End: ("((", "))"),
}


def mermaid(script: Script, *names: str) -> str:
    """A flowchart of the named flows, or of all flows if none are named.

    Raises KeyError for an unknown name.
    """
    flows = [script.flows[name] for name in names or script.flows]
    lines = ["flowchart LR"]
    for flow in flows:
        lines += [f"  subgraph {flow.name}", *_nodes(flow), "  end"]
    for flow in flows:
        lines += _arrows(script, flow)
    return "\n".join(lines) + "\n"


def _nodes(flow: Flow) -> Iterator[str]:
    for name, node in flow.nodes.items():
        left, right = _SHAPES[type(node)]
        yield f'    {flow.name}_{name}{left}"{name.replace("_", " ")}"{right}'


def _arrows(script: Script, flow: Flow) -> Iterator[str]:
    for name, node in flow.nodes.items():
        for label, target in ways(node):
            place = script.resolve(target, flow.name)
            yield f'  {flow.name}_{name} -->|"{label}"| {place.flow}_{place.node}'


def ways(node: Node) -> Iterator[tuple[str, str]]:
    """Each way out of `node`: its label (a key, an outcome, a word) and its target."""
    match node:
        case Menu():
            yield from node.press.items()
            yield from node.hidden.items()
            if node.languages:
                yield "7, 8", node.languages
            if node.silence:
                yield "silence", node.silence
            yield "3 unusable", node.otherwise
        case Ask():
            yield f"{node.digits} digits", node.then
            yield "3 unusable", node.otherwise
        case Say() | Lead():
            yield "then", node.then
        case Do():
            for outcome, way in node.ways.items():
                yield outcome.replace("_", " "), way.node if isinstance(way, Again) else way
        case Record():
            yield "recorded", node.then
            yield "3 unusable", node.otherwise
        case Transfer():
            yield "waits", node.wait
            if node.taken:
                yield "taken", node.taken
            yield "talked", node.bridged
            yield "queue failed", node.failed
        case Wait():
            yield from node.press.items()
            yield f"after {node.longest_s} s", node.overdue
        case Talk():
            yield "parted", node.parted
