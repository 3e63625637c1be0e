"""Times of an announcement as they are spoken: the days by their names, the hours as HH:MM."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from babel.dates import format_date

from words.spoken import DAYS, WARSAW

Span = tuple[datetime, datetime | None]

_TODAY = {"pl": "dzisiaj", "en": "today", "uk": "сьогодні"}
_ON = {"pl": "", "en": "on ", "uk": ""}
_DAYS_SHORT = {"pl": "d MMMM", "en": "d MMMM", "uk": "d MMMM"}
_FROM = {"pl": "od {}", "en": "from {}", "uk": "з {}"}
_FROM_TO = {"pl": "od {} do {}", "en": "from {} to {}", "uk": "з {} до {}"}
_FOR_AN_HOUR = {"pl": "od {} przez godzinę", "en": "from {} for one hour", "uk": "з {} на годину"}
_OPEN_END = {"pl": "do odwołania", "en": "until further notice", "uk": "до скасування"}
_SEASONS = {
    "pl": ("czasu zimowego", "czasu letniego"),
    "en": ("winter time", "summer time"),
    "uk": ("за зимовим часом", "за літнім часом"),
}
_MINUTE = timedelta(minutes=1)
_AND = {"pl": " oraz ", "en": " and ", "uk": " та "}


def when(language: str, spans: list[Span], today: date) -> str:
    """The windows as they are spoken: days and HH:MM in Warsaw, each day named once.

    "dzisiaj, 24 lutego, od 07:30 do 09:30 oraz od 12:00 do 13:00". An end of None is open. A start
    is cut to its minute and an end is rounded up to one, so a span never ends where it starts.
    """
    days: dict[str, list[str]] = {}
    for start, end in merged(spans):
        day, hours = _span(language, start, end, today)
        days.setdefault(day, []).append(hours)
    parts = [f"{day} {_AND[language].join(hours)}".strip() for day, hours in days.items()]
    return _AND[language].join(parts)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in the order of their starts; those that overlap or touch are one."""
    found: list[Span] = []
    for start, end in sorted(spans, key=lambda span: span[0]):
        if found and (found[-1][1] is None or start <= found[-1][1]):
            first, last = found[-1]
            found[-1] = (first, None if last is None or end is None else max(last, end))
        else:
            found.append((start, end))
    return found


def clock(language: str, moment: datetime) -> str:
    """HH:MM in Warsaw; with the season where that night has this time twice."""
    return f"{moment.astimezone(WARSAW):%H:%M} {season(language, moment)}".rstrip()


def season(language: str, moment: datetime) -> str:
    """ "summer time" or "winter time" where clocks in Warsaw show this time twice, else nothing."""
    local = moment.astimezone(WARSAW)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    return _SEASONS[language][bool(local.dst())]


def _span(language: str, start: datetime, end: datetime | None, today: date) -> tuple[str, str]:
    """The day that names the span, and its hours."""
    first = start.astimezone(WARSAW)
    if end is None:
        since = _FROM[language].format(clock(language, first))
        return _named_day(language, first.date(), today), f"{since}, {_OPEN_END[language]}"
    last = _whole_minute(end).astimezone(WARSAW)
    if f"{first:%c}" == f"{last:%c}":
        # Clocks are put back in between: the same time twice tells nobody how long it lasts.
        hours = _FOR_AN_HOUR[language].format(clock(language, first))
        return _named_day(language, first.date(), today), hours
    if first.date() == last.date():
        hours = _FROM_TO[language].format(clock(language, first), clock(language, last))
        return _named_day(language, first.date(), today), hours
    sides = (f"{_plain_day(language, side)}, {clock(language, side)}," for side in (first, last))
    return "", _FROM_TO[language].format(*sides).rstrip(",")


def _whole_minute(moment: datetime) -> datetime:
    """The same minute, or the next one where it has begun."""
    whole = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _MINUTE


def _named_day(language: str, day: date, today: date) -> str:
    if day == today:
        return f"{_TODAY[language]}, {format_date(day, _DAYS_SHORT[language], locale=language)},"
    return f"{_ON[language]}{format_date(day, DAYS[language], locale=language)}"


def _plain_day(language: str, moment: datetime) -> str:
    return format_date(moment.date(), _DAYS_SHORT[language], locale=language)
