"""Pages of long lists. A page is found by where the one before it ended (keyset paging).

The cost of a page does not grow with the length of the list.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")


PAGE = 50


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


NEVER = datetime(9999, 12, 30, tzinfo=UTC)


LAST_MICROSECOND = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


LAST_ID = 2**63 - 1


Row = TypeVar("Row")


@dataclass(frozen=True)
class Place:
    """Where a page ends: the time and the id of its last row.

    As text it is `microseconds.id`, with the microseconds since EPOCH.
    """

    at: datetime
    id: int

    @classmethod
    def read(cls, text: str) -> "Place":
        """Parse the text of a place. Raises ValueError for text that `str(place)` never makes."""
        found = re.fullmatch(r"([0-9]{1,20})\.([0-9]{1,20})", text)
        if not found or int(found[1]) > LAST_MICROSECOND or int(found[2]) > LAST_ID:
            raise ValueError("not a place in a list")
        return cls(EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.id}"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page; `next` is the place where they end, None on the last page."""

    items: Sequence[Row]
    next: Place | None


def hours_of(day: date) -> tuple[datetime, datetime]:
    """The first moments, in UTC, of this day in Warsaw and of the next: 23 to 25 hours apart."""
    starts, ends = (
        datetime.combine(each, time(), WARSAW).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return starts, ends
