"""Whether it is the carrier that answers: a proxy or a sign-in page in its place speaks no JSON."""

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
    """The answer itself. Raises a requests exception where one of success is not the carrier's."""
    if answer.status_code < 300 and answer.text and not _is_the_carriers(answer.text):
        raise InvalidJSONError("what answers is not the carrier")
    return answer


def _is_the_carriers(text: str) -> bool:
    """Each of its resources, and each page of a list, tells its own address."""
    try:
        told = json.loads(text)
    except ValueError:
        return False
    return isinstance(told, dict) and "uri" in told
