"""The settings that documents need, and the addresses to which their answers are posted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.script import Script, Transfer
from ivr.transitions import Position


@dataclass(frozen=True)
class Line:
    """What documents need to know of the line.

    A voice for each language, the path before /voice, and the fallback number (E.164).
    """

    voices: Mapping[str, str]
    prefix: str = ""
    fallback_number: str | None = None
    templates: dict[tuple[Any, ...], str] = field(default_factory=dict, compare=False, repr=False)


def address(line: Line, at: Position) -> str:
    """The address to which the answer to the document `at` is posted. It holds nothing personal."""
    place = f"{at.language}/{at.place.flow}/{at.place.node}"
    return f"{line.prefix}/voice/{place}?{numbers(at)}"


def numbers(at: Position) -> str:
    """The part of the address that differs from call to call."""
    # In decimal, a time since the epoch has as many digits as a telephone number.
    return f"try={at.tries}&step={at.step}&since={at.since:x}"


def waiting_at(script: Script, at: Position, node: Transfer) -> Position:
    """The position of a caller who waits in the queue of the transfer `node`."""
    return replace(round_after(at), place=script.resolve(node.wait, at.place.flow))


def round_after(at: Position) -> Position:
    """The waiting round that follows the document `at`."""
    return replace(at, step=at.step + 1, tries=0)
