"""Enqueue and Leave: the wait document is requested again and again until the caller leaves.

Source: Twilio's voice/twiml/enqueue. The action is requested at once after Leave, a redirect or a
hang-up; after a bridge, when the two part.
"""

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from carrier.bridging import Bridge, talk
from carrier.call import Call, HungUp, new_sid
from carrier.clocks import Doing, Event, Interruption, Wait
from carrier.grammar import Element, Place
from carrier.line import DocumentFailed, Finished, Jump, Line, Played, Redirected
from carrier.webhooks import Kind

PlayDocument = Callable[[Line, tuple[Element, ...]], Generator[Wait, Event | None, Jump | None]]

SHORTEST_ROUND_SECONDS: Final = 1.0
MUSIC_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Arrived(Event):
    """Somebody joined the queue that a Dial was waiting at."""


class Dequeued(Interruption):
    """A Dial took the caller out of the queue; ``whisper`` plays to the caller first."""

    def __init__(self, bridge: Bridge, whisper: Jump | None) -> None:
        super().__init__("dequeued")
        self.bridge = bridge
        self.whisper = whisper


class Left(Exception):  # noqa: N818 - a verb, not an error
    """The wait document said Leave."""


@dataclass
class Member:
    """A caller in a queue."""

    call: Call
    joined_at: datetime


@dataclass
class Queue:
    """A queue as the carrier keeps it."""

    name: str
    created_at: datetime
    sid: str = field(default_factory=lambda: new_sid("QU"))
    max_size: int = 100
    members: list[Member] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    diallers: list[Call] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def average_wait(self) -> int:
        return round(sum(self.waits) / len(self.waits)) if self.waits else 0

    def position(self, call: Call) -> int:
        with self.lock:
            calls = [member.call for member in self.members]
            return calls.index(call) + 1 if call in calls else 0

    def join(self, call: Call, now: datetime) -> Member | None:
        """Join the queue; None if it is full."""
        with self.lock:
            if len(self.members) >= self.max_size:
                return None
            self.members.append(member := Member(call, now))
            return member

    def take(self, now: datetime, member: Member | None = None) -> Member | None:
        """Take a member out, by default the first; None if there is none or it has left already."""
        with self.lock:
            member = member or (self.members[0] if self.members else None)
            if member is None or member not in self.members:
                return None
            self.members.remove(member)
            self.waits.append((now - member.joined_at).total_seconds())
            return member


def enqueue(line: Line, element: Element, play_document: PlayDocument) -> Played[Jump | None]:
    """Play an Enqueue."""
    queue = line.network.queue(element.text)
    member = queue.join(line.call, line.network.clock.now())
    if member is None:
        return _after(line, element, {"QueueResult": "queue-full"})
    line.note("queue", name=queue.name, position=queue.position(line.call))
    if queue.diallers:
        line.network.clock.tell(queue.diallers.pop(0), Arrived())
    return (yield from _stay(line, element, play_document, queue, member))


def _stay(
    line: Line, element: Element, play_document: PlayDocument, queue: Queue, member: Member
) -> Played[Jump | None]:
    document = line.url
    place = _Place(line, queue, member)
    try:
        yield from _until_taken(line, element, play_document, place)
        result = "leave"
    except Dequeued as taken:
        return (yield from _bridged(line, element, play_document, taken, place, document))
    except (HungUp, Redirected) as end:
        place.leave()
        line.url = document
        result = "hangup" if isinstance(end, HungUp) else "redirected"
        if element.get("action"):
            line.parting(line.jump(element, place.fields(result)))
        raise
    finally:
        place.leave()
    line.url = document
    return _after(line, element, place.fields(result))


def _until_taken(
    line: Line, element: Element, play_document: PlayDocument, place: "_Place"
) -> Played[None]:
    """Repeat the wait document; returns after Leave, raises Dequeued when taken."""
    try:
        yield from _loop(line, element, play_document, place)
    except Left:
        if not place.leave():
            yield from line.wait(Doing.QUEUEING, None)


def _loop(
    line: Line, element: Element, play_document: PlayDocument, place: "_Place"
) -> Played[None]:
    if not element.get("waitUrl"):
        while True:
            line.note("play", url="", seconds=MUSIC_SECONDS)
            yield from line.wait(Doing.QUEUEING, MUSIC_SECONDS, human=True)
    address = line.address(element.get("waitUrl"))
    while True:
        before = line.call.seconds
        jump: Jump | None = Jump(address, element.get("waitUrlMethod", "POST"))
        while jump is not None:
            fields = {**jump.fields, **place.waiting_fields()}
            jump = Jump(jump.url, jump.method, fields, Kind.WAIT)
            verbs = yield from line.fetch(jump, Place.WAIT)
            jump = yield from play_document(line, verbs)
        if not _has_gather(verbs):
            short = max(SHORTEST_ROUND_SECONDS - (line.call.seconds - before), 0)
            yield from line.wait(Doing.QUEUEING, short, human=True)


def _has_gather(verbs: tuple[Element, ...]) -> bool:
    return any(verb.name == "Gather" for verb in verbs)


def _bridged(
    line: Line,
    element: Element,
    play_document: PlayDocument,
    taken: Dequeued,
    place: "_Place",
    document: str,
) -> Played[Jump | None]:
    """The caller has left the queue: an optional whisper, the bridge, then the action."""
    after = Jump(document) if not element.get("action") else None
    line.url = document
    after = after or line.jump(element, place.fields("bridged"))
    try:
        if taken.whisper is not None:
            yield from whisper(line, taken.whisper, play_document)
        line.network.clock.tell(taken.bridge.dialler, Joined(taken.bridge))
        yield from talk(line, taken.bridge)
    except (HungUp, Redirected, Finished, DocumentFailed):
        taken.bridge.part(line.network, line.call)
        if element.get("action"):
            line.parting(after)
        raise
    return after if element.get("action") else None


@dataclass(frozen=True)
class Joined(Event):
    """The caller taken out of the queue is ready to speak."""

    bridge: Bridge


def whisper(line: Line, jump: Jump, play_document: PlayDocument) -> Played[None]:
    """Play a document to one side before the two are joined. Hangup in it raises Finished."""
    next_jump: Jump | None = jump
    while next_jump is not None:
        verbs = yield from line.fetch(next_jump, Place.WHISPER)
        next_jump = yield from play_document(line, verbs)


def _after(line: Line, element: Element, fields: dict[str, str]) -> Jump | None:
    return line.jump(element, fields) if element.get("action") else None


@dataclass
class _Place:
    """A caller's place in a queue, with the fields that webhooks get of it."""

    line: Line
    queue: Queue
    member: Member
    left_after: int | None = None

    def leave(self) -> bool:
        """Leave the queue; False if somebody has taken the caller out already."""
        self._seconds()
        return self.queue.take(self.line.network.clock.now(), self.member) is not None

    def _seconds(self) -> int:
        if self.left_after is None:
            waited = self.line.network.clock.now() - self.member.joined_at
            if self.queue.position(self.line.call):
                return round(waited.total_seconds())
            self.left_after = round(waited.total_seconds())
        return self.left_after

    def fields(self, result: str) -> dict[str, str]:
        return {
            "QueueResult": result,
            "QueueSid": self.queue.sid,
            "QueueTime": str(self._seconds()),
        }

    def waiting_fields(self) -> dict[str, Any]:
        return {
            "QueueSid": self.queue.sid,
            "QueueTime": str(self._seconds()),
            "AvgQueueTime": str(self.queue.average_wait),
            "QueuePosition": str(self.queue.position(self.line.call)),
            "CurrentQueueSize": str(len(self.queue.members)),
        }
