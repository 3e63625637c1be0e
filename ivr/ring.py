"""Which call a request of the carrier's is about."""

from dataclasses import dataclass
from datetime import datetime

from callcenter.announcements.outage_callbacks import Attempt


@dataclass(frozen=True)
class Ring:
    """Which call the carrier speaks of: its sid, the caller as parse_caller gives it, and now.

    Of an `outgoing` call the caller is who was called; its first addresses name the `attempt`.
    """

    sid: str
    caller: str
    now: datetime
    outgoing: bool = False
    attempt: Attempt | None = None
