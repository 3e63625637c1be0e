"""Times of an announcement as they are spoken: the days by their names, the hours as HH:MM."""

from datetime import date, datetime

from babel.dates import format_date

from words.spoken import DAYS, WARSAW

Span = tuple[datetime, datetime | None]

_TODAY = {"pl": "dzisiaj", "en": "today", "uk": "сьогодні"}
_ON = {"pl": "", "en": "on ", "uk": ""}
_DAYS_SHORT = {"pl": "d MMMM", "en": "d MMMM", "uk": "d MMMM"}
_FROM = {"pl": "od {}", "en": "from {}", "uk": "з {}"}
_FROM_TO = {"pl": "od {} do {}", "en": "from {} to {}", "uk": "з {} до {}"}
_OPEN_END = {"pl": "do odwołania", "en": "until further notice", "uk": "до скасування"}
_AND = {"pl": " oraz ", "en": " and ", "uk": " та "}


def when(language: str, spans: list[Span], today: date) -> str:
    """The windows as they are spoken: days and HH:MM in Warsaw, each day named once.

    "dzisiaj, 24 lutego, od 07:30 do 09:30 oraz od 12:00 do 13:00". An end of None is open.
    """
    days: dict[str, list[str]] = {}
    for start, end in spans:
        day, hours = _span(language, start, end, today)
        days.setdefault(day, []).append(hours)
    parts = [f"{day} {_AND[language].join(hours)}".strip() for day, hours in days.items()]
    return _AND[language].join(parts)


def _span(language: str, start: datetime, end: datetime | None, today: date) -> tuple[str, str]:
    """The day that names the span, and its hours."""
    first = start.astimezone(WARSAW)
    if end is None:
        since = _FROM[language].format(f"{first:%H:%M}")
        return _named_day(language, first.date(), today), f"{since}, {_OPEN_END[language]}"
    last = end.astimezone(WARSAW)
    if first.date() == last.date():
        hours = _FROM_TO[language].format(f"{first:%H:%M}", f"{last:%H:%M}")
        return _named_day(language, first.date(), today), hours
    sides = (f"{_plain_day(language, side)}, {side:%H:%M}," for side in (first, last))
    return "", _FROM_TO[language].format(*sides).rstrip(",")


def _named_day(language: str, day: date, today: date) -> str:
    if day == today:
        return f"{_TODAY[language]}, {format_date(day, _DAYS_SHORT[language], locale=language)},"
    return f"{_ON[language]}{format_date(day, DAYS[language], locale=language)}"


def _plain_day(language: str, moment: datetime) -> str:
    return format_date(moment.date(), _DAYS_SHORT[language], locale=language)
