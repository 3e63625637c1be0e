"""One leg of a call, as the carrier keeps it, and what the person at its end could hear.

Every leg has one human end: the caller of an inbound call, the callee of an outgoing one.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from secrets import token_hex
from typing import Any

import phonenumbers

from carrier.clocks import Doing, Event, Interruption, Wait


def new_sid(prefix: str) -> str:
    """A sid in the carrier's form: two letters and 32 hexadecimal digits."""
    return prefix + token_hex(16)


class Status(StrEnum):
    """The carrier's words for the status of a call."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self not in {Status.QUEUED, Status.RINGING, Status.IN_PROGRESS}


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_DIAL = "outbound-dial"


@dataclass(frozen=True)
class Heard:
    """One piece of speech as the person heard it."""

    language: str
    voice: str
    text: str


@dataclass(frozen=True)
class Fault:
    """A fault that the carrier's debugger would show."""

    code: int
    message: str
    url: str

    def __str__(self) -> str:
        return f"{self.code} at {self.url}: {self.message}"


@dataclass(frozen=True)
class Entry:
    """One event that the person at the telephone could notice."""

    kind: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class Callback:
    """The address for status callbacks of a call, and the events to report."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


class Pace(StrEnum):
    """How fast the line speaks: slowly if a browser's voice reads along."""

    NORMAL = "normal"
    SLOW = "slow"
    NONE = "none"

    @property
    def letters_a_second(self) -> float:
        return 12.0 if self is Pace.SLOW else 15.0


# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key(Event):
    """The person pressed a key."""

    digit: str


@dataclass(frozen=True)
class Spoke(Event):
    """The person spoke for some seconds; ``sound`` is a WAV file if there was a microphone."""

    seconds: float
    sound: bytes = b""


@dataclass(frozen=True)
class Said(Event):
    """The person said words that the carrier recognised."""

    words: str
    confidence: float = 0.9


@dataclass(frozen=True)
class PickedUp(Event):
    """The person answered a ringing telephone."""


@dataclass(frozen=True)
class Declined(Event):
    """The call was not answered."""

    status: Status


class HungUp(Interruption):
    """The call is over: the person hung up, or the REST interface ended it."""

    def __init__(self, reason: str = "the caller hung up", status: Status | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


# The leg ------------------------------------------------------------------------------------


@dataclass
class Call:
    """A leg. It only holds data; the interpreter decides what happens in it."""

    account_sid: str
    from_: str
    to: str
    direction: Direction
    created_at: datetime
    sid: str = field(default_factory=lambda: new_sid("CA"))
    parent_sid: str = ""
    status: Status = Status.QUEUED
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"
    callback: Callback = Callback()
    rings_for: float = 60.0
    recording_sound: Callable[[float], bytes] | None = None
    reaction: Callable[["Call", Wait], Event | Interruption | None] | None = None
    pace: Pace = Pace.NORMAL
    waiting: Wait | None = None
    seconds: float = 0.0
    sequence: int = 0
    errors: list[Fault] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def human(self) -> str:
        """The number of the telephone at the human end."""
        return self.from_ if self.direction is Direction.INBOUND else self.to

    @property
    def is_up(self) -> bool:
        return not self.status.is_final

    @property
    def heard(self) -> list[Heard]:
        spoken = (entry.data for entry in self.entries if entry.kind == "speech")
        return [Heard(data["language"], data["voice"], data["text"]) for data in spoken]

    @property
    def duration(self) -> int:
        """Whole seconds from the answer to the end, or 0."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.answered_at).total_seconds())

    @property
    def hurried(self) -> bool:
        """Whether speech takes no time."""
        return self.pace is Pace.NONE

    def is_doing(self, *what: Doing) -> bool:
        return self.waiting is not None and self.waiting.doing in what

    def note(self, kind: str, at: datetime, **data: object) -> None:
        with self.changed:
            self.entries.append(Entry(kind, at, data))
            self.changed.notify_all()

    def reacts(self, wait: Wait) -> Event | Interruption | None:
        return self.reaction(self, wait) if self.reaction else None

    def fields(self) -> dict[str, str]:
        """The form fields that every webhook of this call has."""
        return {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": self.status.value,
            "Direction": self.direction.value,
            **_party("From", "Caller", self.from_),
            **_party("To", "Called", self.to),
            **({"ParentCallSid": self.parent_sid} if self.parent_sid else {}),
        }


def _party(name: str, alias: str, number: str) -> dict[str, str]:
    place = {"City": "", "State": "", "Zip": "", "Country": _country(number)}
    named = {f"{prefix}{part}": value for prefix in (name, alias) for part, value in place.items()}
    return {name: number, alias: number, **named}


def _country(number: str) -> str:
    if not number.startswith("+"):
        return ""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""
