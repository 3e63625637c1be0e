"""The data types of a conversation: positions, answers and moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ivr.script import Place
from models import Kind, Outcome, Topic

# The number of documents, and the seconds, after which the menus lead a caller out.
MAX_STEPS = 60
MAX_MENU_S = 15 * 60
# Our own word beside the carrier's: the consultant who accepted left before the caller joined.
GIVEN_BACK = "given-back"


class Result(StrEnum):
    """How an answer was understood."""

    PRESSED = "pressed"
    TYPED = "typed"
    HEARD = "heard"
    SKIPPED = "skipped"
    RECORDED = "recorded"
    CONSULTANT = "consultant"
    MAIN_MENU = "main_menu"
    REPEAT = "repeat"
    LANGUAGE = "language"
    SILENCE = "silence"
    WRONG_KEY = "wrong_key"
    TOO_FEW_DIGITS = "too_few_digits"
    REFUSED = "refused"
    NOTHING_RECORDED = "nothing_recorded"
    BRIDGED = "bridged"
    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    PARTED = "parted"
    QUEUE_FAILED = "queue_failed"
    LEFT_QUEUE = "left_queue"
    OVERDUE = "overdue"
    HUNG_UP = "hung_up"
    LOST = "lost"


@dataclass(frozen=True)
class Position:
    """What an address says about the caller.

    The place, the language, the step (number of the document in the call), the unusable answers in
    a row, and the start of the call in seconds since the epoch (0: not known).
    """

    language: str
    place: Place
    step: int = 1
    tries: int = 0
    since: int = 0


@dataclass(frozen=True)
class Received:
    """What came in: keys (none is silence), a recording with its seconds, how a queue was left."""

    digits: str = ""
    recording: str = ""
    recorded_s: int | None = None
    hung_up: bool = False
    queue_result: str | None = None
    queued_s: int = 0


@dataclass(frozen=True)
class Move:
    """How an answer was understood and where it leads; `spoken` precedes that place's prompts."""

    result: Result
    place: Place
    language: str
    tries: int = 0
    spoken: tuple[str, ...] = ()
    says: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = None
    topic: Topic | None = None
    kind: Kind | None = None
    credit: Outcome | None = None
