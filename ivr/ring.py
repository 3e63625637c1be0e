"""The call that a carrier's request is about."""

from dataclasses import dataclass
from datetime import datetime

from callcenter.announcements.outage_callbacks import Attempt


@dataclass(frozen=True)
class Ring:
    """The call of a request: its sid, the caller as parse_caller gives it, and the current time.

    For an `outgoing` call, `caller` is the number that was called; its first addresses name the
    `attempt`.
    """

    sid: str
    caller: str
    now: datetime
    outgoing: bool = False
    attempt: Attempt | None = None
