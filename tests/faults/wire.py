"""The wire between the carrier and the web: times every webhook, and can be treated badly."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

from carrier.transport import Answer, Timeouts, Transport, over_sockets

ACTION: Final = re.compile(r'action="/voice/(\w+)/(\w+)/(\w+)\?')


@dataclass(frozen=True)
class Asked:
    """Where a call is asked something, as the last document says: a place in a language."""

    language: str
    place: str


@dataclass
class Wire:
    """A transport. `there` sends a request on; the callers look into it to know what is asked."""

    there: Transport = field(default_factory=over_sockets)
    seconds: list[float] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
    ) -> Answer:
        begun = time.monotonic()
        try:
            answer = self.there(method, url, headers, body, timeouts)
        finally:
            if method == "POST":
                self._note(time.monotonic() - begun)
        if action := ACTION.search(answer.text):
            sid = parse_qs(body.decode())["CallSid"][0]
            self.asked[sid] = Asked(action[1], f"{action[2]}/{action[3]}")
        return answer

    @contextmanager
    def treated(self, treatment: Callable[[Transport], Transport]) -> Iterator[None]:
        """Let the wire do something else to what is sent, while this lasts."""
        before = self.there
        self.there = treatment(before)
        try:
            yield
        finally:
            self.there = before

    def _note(self, seconds: float) -> None:
        with self.lock:
            self.seconds.append(seconds)
