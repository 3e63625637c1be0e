"""Times as people of the desk write them: Warsaw's, with the two nights on which clocks change."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from callcenter.calendar.deadlines import WARSAW

_TIME = re.compile(r"\d{1,2}:\d{2}([+-]\d{2}:\d{2})?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")


class TimeFault(StrEnum):
    """Why a written time is not taken."""

    UNREADABLE = "Write a time as HH:MM (today), as YYYY-MM-DD HH:MM, or in ISO 8601."
    SKIPPED = "This time does not exist: that night clocks are put forward over it."
    TWICE = (
        "This time comes twice, because that night clocks are put back: write it with its offset, "
        "like 2026-10-25T02:30+02:00 (summer time, the first) or +01:00 (winter time, the second)."
    )


class WarsawTimeError(ValueError):
    """A time that is not taken, and why."""

    def __init__(self, fault: TimeFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def read_moment(text: str, now: datetime, near: datetime | None = None) -> datetime:
    """The moment that `text` means, in UTC: "now", HH:MM, YYYY-MM-DD HH:MM or ISO 8601.

    Without an offset it is Warsaw's time; HH:MM alone is on the day of `near`, else today. Raises
    WarsawTimeError.
    """
    text = text.strip()
    if text.casefold() == "now":
        return now
    if _TIME.fullmatch(text):
        day = (near or now).astimezone(WARSAW).date()
        text = f"{day} {text if text[2] == ':' else '0' + text}"
    if not _MOMENT.fullmatch(text):
        raise WarsawTimeError(TimeFault.UNREADABLE)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else from_warsaw(moment)
    except WarsawTimeError:
        raise
    except (ValueError, OverflowError) as fault:
        raise WarsawTimeError(TimeFault.UNREADABLE) from fault


def read_end(text: str, now: datetime, starts_at: datetime) -> datetime:
    """The same of the end of a window: HH:MM alone that is before the start is on the next day."""
    try:
        ends_at = read_moment(text, now, near=starts_at)
    except WarsawTimeError:
        if not _is_earlier(text, starts_at):
            raise
    else:
        if ends_at >= starts_at or not _TIME.fullmatch(text.strip()):
            return ends_at
    noon = starts_at.astimezone(WARSAW).replace(hour=12)
    return read_moment(text, now, near=noon + timedelta(days=1))


def _is_earlier(text: str, starts_at: datetime) -> bool:
    """Whether clocks showed this HH:MM before they showed the start, on its day."""
    return _TIME.fullmatch(text.strip()) is not None and (
        text.strip().zfill(5)[:5] < f"{starts_at.astimezone(WARSAW):%H:%M}"
    )


def from_warsaw(local: datetime) -> datetime:
    """The one moment at which clocks in Warsaw show `local`, in UTC. Raises WarsawTimeError."""
    first, second = (local.replace(tzinfo=WARSAW, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    shown = first.astimezone(WARSAW).replace(tzinfo=None, fold=0)
    raise WarsawTimeError(TimeFault.TWICE if shown == local else TimeFault.SKIPPED)
