"""The rooms of the house, read from the code: who imports whom, what each says it may import.

`python -m tests.architecture` draws them into docs/rooms.md (`make drawing`).
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
DRAWING = ROOT / "docs" / "rooms.md"
APART = {".venv", "build", "dist", "tests", "bench", "var"}
FILES = sorted(
    path
    for path in ROOT.rglob("*.py")
    if not APART.intersection(path.relative_to(ROOT).parts) and "versions" not in path.parts
)
NAMES = {
    path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in FILES
}
OURS = {name.split(".")[0] for name in NAMES.values()}

# Modules that stand outside of a package. A package says in its docstring what it may import.
ALONE = {
    "actions": "models",
    "background": "announcements, offline, queue, models",
    "webhooks": "config, ivr, models, observability, offline, voice",
    "app": "everything of ours but `app`, `carrier`, `cli`, `commands`",
    "cli": "commands, config, installation",
}


def imports(path: Path) -> Iterator[str]:
    """Every name that the file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(name: str) -> str:
    """The package that a name is in: the noun below `callcenter`, elsewhere the first word."""
    return name.removeprefix("callcenter.").split(".")[0]


ROOMS = frozenset(room_of(name) for name in NAMES.values()) - {"callcenter"}
OF_THE_DESK = frozenset(room_of(name) for name in NAMES.values() if name.startswith("callcenter."))


def docstring_of(room: str) -> str:
    """What the room's `__init__` says of it; empty for a module that stands alone."""
    for folder in (ROOT / "callcenter" / room, ROOT / room):
        if (folder / "__init__.py").exists():
            return ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return ""


def may_import(room: str) -> frozenset[str]:
    """The rooms that a room says it may import. Raises ValueError if it does not say it."""
    said = re.search(r"May import: ([^.]*)\.", docstring_of(room))
    if not said and room not in ALONE:
        raise ValueError(f"{room}/__init__.py does not say what it may import")
    rule = " ".join((said[1] if said else ALONE[room]).split())
    if rule.startswith("everything"):
        return ROOMS - frozenset(re.findall(r"`(\w+)`", rule)) - {room}
    named = frozenset() if rule == "nothing of ours" else frozenset(rule.split(", "))
    if strange := named - ROOMS - {"callcenter"}:
        raise ValueError(f"{room} may import {sorted(strange)}, which are no rooms")
    return named - {"callcenter"} | (OF_THE_DESK if "callcenter" in named else frozenset())


@cache
def imported() -> Mapping[str, frozenset[str]]:
    """The rooms that each room does import."""
    used: dict[str, set[str]] = {room: set() for room in ROOMS}
    for path, name in NAMES.items():
        if name != "callcenter":
            ours = (found for found in imports(path) if found.split(".")[0] in OURS)
            used[room_of(name)] |= {room_of(found) for found in ours} & ROOMS - {room_of(name)}
    return {room: frozenset(names) for room, names in used.items()}


def layers() -> list[list[str]]:
    """The rooms from the lowest up; each imports only rooms of layers before its own.

    Raises ValueError if rooms import each other in a circle.
    """
    left, found = dict(imported()), list[list[str]]()
    while left:
        lowest = sorted(room for room, used in left.items() if not used & left.keys())
        if not lowest:
            raise ValueError(f"these rooms import each other in a circle: {sorted(left)}")
        found.append(lowest)
        left = {room: used for room, used in left.items() if room not in lowest}
    return found


def drawing() -> str:
    """docs/rooms.md: the layers from the top down, and each room's first sentence."""
    lines = [
        "# The rooms",
        "",
        "Made from the code by `make drawing`; a test fails when it is out of date.",
        "A room imports only rooms of the layers below its own.",
        "",
        "| layer | room | what it is for | imports |",
        "|---|---|---|---|",
    ]
    for number, rooms in reversed(list(enumerate(layers()))):
        for room in rooms:
            used = ", ".join(sorted(imported()[room])) or "–"
            lines.append(f"| {number} | `{room}` | {_first_sentence(room)} | {used} |")
    return "\n".join([*lines, "", "```mermaid", *_mermaid(), "```", ""])


def _first_sentence(room: str) -> str:
    text = docstring_of(room) or _module_docstring(room)
    return " ".join(text.split("\n\n")[0].split())


def _module_docstring(room: str) -> str:
    path = next(path for path, name in NAMES.items() if room_of(name) == room)
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def _mermaid() -> Iterator[str]:
    """An arrow for each import that no other path of imports already shows."""
    yield "flowchart TD"
    reach = {room: _reachable(room) for room in ROOMS}
    for room in sorted(ROOMS):
        used = imported()[room]
        for target in sorted(used):
            if not any(target in reach[other] for other in used - {target}):
                yield f"  {room} --> {target}"


def _reachable(room: str) -> frozenset[str]:
    direct = imported()[room]
    return direct.union(*(_reachable(other) for other in direct)) if direct else direct


if __name__ == "__main__":
    DRAWING.write_text(drawing())
