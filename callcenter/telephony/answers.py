"""Detects answers from others than the carrier: a proxy or sign-in page sends no such JSON."""

import json
from typing import Protocol, TypeVar

from requests.exceptions import InvalidJSONError


class Answer(Protocol):
    @property
    def status_code(self) -> int: ...

    @property
    def text(self) -> str: ...


T = TypeVar("T", bound=Answer)


def readable(answer: T) -> T:
    """Return `answer`. Raises a requests exception if a success is not the carrier's."""
    if answer.status_code < 300 and answer.text and not _is_the_carriers(answer.text):
        raise InvalidJSONError("what answers is not the carrier")
    return answer


def _is_the_carriers(text: str) -> bool:
    """Whether the JSON holds its own address, as each of the carrier's resources does."""
    try:
        told = json.loads(text)
    except ValueError:
        return False
    return isinstance(told, dict) and "uri" in told
