"""What the conversation and the desk say to each other when a caller's key asks for a deed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models import Call, Ticket


@dataclass(frozen=True)
class Case:
    """What a deed may know: the call, its ticket, what was typed and found so far, the moment."""

    call: Call
    ticket: Ticket
    said: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True)
class Done:
    """How a deed went: the name of its outcome, and the variables of the words that follow."""

    outcome: str
    says: Mapping[str, Any] = field(default_factory=dict)
