"""All messages of one language: parsed once, and asked strictly.

Fluent answers a fault with a text like "{$name}", which is right for a page and wrong for a voice.
Here every fault is an error with the message's name, so that a caller never hears a variable.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle
from fluent.runtime.resolver import Pattern
from fluent.syntax import FluentParser, ast

from words.facts import FACTS
from words.spoken import functions

Value = str | int | bool | None
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})


class WordsError(LookupError):
    """Something that cannot be said; the message names the language, the message and the fault."""


class Language:
    """The messages of the language `code`, from words/<code>/*.ftl."""

    def __init__(self, code: str, folder: Path | None = None) -> None:
        self.code = code
        self._bundle = FluentBundle([code], functions=functions(code), use_isolating=False)
        self._entries: dict[str, ast.Message | ast.Term] = {}
        for path in sorted((folder or Path(__file__).with_name(code)).glob("*.ftl")):
            self._add(path)
        self.messages = frozenset(name for name in self._entries if not name.startswith("-"))
        self._patterns = {name: self._pattern(name) for name in self.messages}
        self._choices = {name: [*self._selects(name)] for name in self._entries}
        self._variables = {name: self._needs(name) for name in self._entries}

    def _add(self, path: Path) -> None:
        resource = FluentParser(with_spans=False).parse(path.read_text("utf-8"))
        for entry in resource.body:
            if isinstance(entry, ast.Junk):
                raise WordsError(f"{path}: cannot be read: {entry.content}")
            if isinstance(entry, ast.Message | ast.Term):
                name = _name(entry)
                if name in self._entries:
                    raise WordsError(f"{path}: {name} stands twice")
                self._entries[name] = entry
        self._bundle.add_resource(resource)

    def _pattern(self, name: str) -> Pattern:
        pattern = self._bundle.get_message(name).value
        if pattern is None:
            raise WordsError(f"{self.code}: {name} says nothing")
        return pattern

    def _selects(self, name: str) -> Iterator[tuple[str, frozenset[str]]]:
        """Each variable on which `name` turns, with the names of its variants."""
        for node in self._walk(name):
            match node:
                case ast.SelectExpression(selector=ast.VariableReference(id=variable)):
                    yield (
                        variable.name,
                        frozenset(
                            v.key.name if isinstance(v.key, ast.Identifier) else v.key.value
                            for v in node.variants
                        ),
                    )

    def _needs(self, name: str) -> frozenset[str]:
        found = (n.id.name for n in self._walk(name) if isinstance(n, ast.VariableReference))
        return frozenset(found) - FACTS.variables.keys()

    def _walk(self, name: str) -> Iterator[ast.BaseNode]:
        """Every node under `name`, through the messages and terms that it mentions."""
        seen: set[str] = set()
        ahead = [name]
        while ahead:
            name = ahead.pop()
            if name in seen:
                continue
            if name not in self._entries:
                raise WordsError(f"{self.code}: {name} is mentioned and does not exist")
            seen.add(name)
            for node in _below(self._entries[name]):
                yield node
                match node:
                    case ast.MessageReference(id=mentioned):
                        ahead.append(mentioned.name)
                    case ast.TermReference(id=mentioned):
                        ahead.append(f"-{mentioned.name}")

    def variables(self, message: str) -> frozenset[str]:
        if message not in self.messages:
            raise WordsError(f"{self.code}: there is no message {message}")
        return self._variables[message]

    def say(self, message: str, given: Mapping[str, Value]) -> str:
        present = {name: _plain(value) for name, value in given.items() if value is not None}
        if missing := self.variables(message) - present.keys():
            raise WordsError(f"{self.code}: {message} needs {', '.join(sorted(missing))}")
        values = {**FACTS.variables, **present}
        self._check_choices(message, values)
        text, errors = self._bundle.format_pattern(self._patterns[message], values)
        if errors:
            raise WordsError(f"{self.code}: {message}: {errors[0]}")
        return " ".join(str(text).split())

    def _check_choices(self, message: str, values: Mapping[str, Any]) -> None:
        for variable, keys in self._choices[message]:
            value = values[variable]
            known = value in keys if isinstance(value, str) else bool(keys & PLURALS)
            if not known:
                raise WordsError(f"{self.code}: {message} has no words for {variable} {value!r}")


def _name(entry: ast.Message | ast.Term) -> str:
    return f"-{entry.id.name}" if isinstance(entry, ast.Term) else str(entry.id.name)


def _below(node: ast.BaseNode) -> Iterator[ast.BaseNode]:
    yield node
    for value in vars(node).values():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.BaseNode):
                yield from _below(child)


def _plain(value: str | int) -> str | int:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value
