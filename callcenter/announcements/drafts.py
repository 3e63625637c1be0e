"""An announcement before it is made: wanted, checked, and word for word as callers hear it."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

import words
from callcenter.announcements.notices import Notice, Period
from callcenter.calendar.deadlines import WARSAW
from callcenter.privacy import pesel
from callcenter.privacy.visible_text import is_audible, visible
from models import Scope, Template

LONGEST_TEXT = 600
MOST_WINDOWS = 20
YEARS = range(2000, 2101)
# What XML cannot hold. Source: https://www.w3.org/TR/xml/#charsets
_UNSPEAKABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Reason(StrEnum):
    """Why an announcement cannot be made."""

    NO_WORDS = "Choose a template, or write the Polish text."
    UNKNOWN_LANGUAGE = "The languages are pl, en and uk."
    TOO_LONG = f"At most {LONGEST_TEXT} characters."
    UNSPEAKABLE = "This has characters that no voice can say."
    SILENT = "Nothing can be heard in this: write words."
    PERSONAL = "This has a PESEL in it, and everybody would hear it: take it out."
    TOO_MANY_WINDOWS = f"At most {MOST_WINDOWS} windows."
    ENDS_FIRST = "A window ends after it starts."
    FAR_AWAY = f"The years are {YEARS[0]} to {YEARS[-1]}."
    WAS_CHANGED = "This announcement is over, or somebody has changed it: look again."


class AnnouncementError(ValueError):
    """An announcement that cannot be made: the field (windows.0.ends_at), and why."""

    def __init__(self, field_name: str, reason: Reason) -> None:
        super().__init__(reason.value)
        self.field, self.reason = field_name, reason


@dataclass(frozen=True)
class Wanted:
    """An announcement as somebody wants it: a template, own words, or both (the words win).

    No periods: one from now with no known end. Those that overlap or touch become one. `sounds`
    are content hashes by language.
    """

    scope: Scope
    template: Template | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    periods: Sequence[Period] = ()
    sounds: Mapping[str, str] = field(default_factory=dict)


def prepare(wanted: Wanted, now: datetime) -> Notice:
    """The announcement word for word as callers would hear it, made nowhere yet.

    Raises AnnouncementError.
    """
    periods = _periods(wanted, now)
    return Notice(
        uid=secrets.token_hex(8),
        scope=wanted.scope,
        template=wanted.template,
        text=_texts(wanted, periods, now),
        periods=periods,
        sounds=dict(wanted.sounds),
        made_at=now,
    )


def _periods(wanted: Wanted, now: datetime) -> tuple[Period, ...]:
    if len(wanted.periods) > MOST_WINDOWS:
        raise AnnouncementError("windows", Reason.TOO_MANY_WINDOWS)
    for number, period in enumerate(wanted.periods):
        _check(f"windows.{number}", period)
    spans = words.merged((period.starts_at, period.ends_at) for period in wanted.periods)
    return tuple(Period(*span) for span in spans) or (Period(now),)


def _check(name: str, period: Period) -> None:
    if period.starts_at.year not in YEARS:
        raise AnnouncementError(f"{name}.starts_at", Reason.FAR_AWAY)
    if period.ends_at is not None and period.ends_at.year not in YEARS:
        raise AnnouncementError(f"{name}.ends_at", Reason.FAR_AWAY)
    if period.ends_at is not None and period.ends_at <= period.starts_at:
        raise AnnouncementError(f"{name}.ends_at", Reason.ENDS_FIRST)


def _texts(wanted: Wanted, periods: tuple[Period, ...], now: datetime) -> dict[str, str]:
    own = _own_words(wanted.text)
    if wanted.template:
        return _filled(wanted.scope, wanted.template, periods, now) | own
    return _with_polish(own)


def _with_polish(own: dict[str, str]) -> dict[str, str]:
    if "pl" not in own:
        raise AnnouncementError("text.pl", Reason.NO_WORDS)
    return own


def checked_words(text: Mapping[str, str]) -> dict[str, str]:
    """The words by language, as they may be said. Raises AnnouncementError."""
    return _with_polish(_own_words(text))


def _own_words(text: Mapping[str, str]) -> dict[str, str]:
    own = {
        language: said.replace("\r\n", "\n").strip()
        for language, said in text.items()
        if said.strip()
    }
    for language, said in own.items():
        _check_words(language, said)
    return own


def _check_words(language: str, text: str) -> None:
    if language not in words.LANGUAGES:
        raise AnnouncementError(f"text.{language}", Reason.UNKNOWN_LANGUAGE)
    if len(text) > LONGEST_TEXT:
        raise AnnouncementError(f"text.{language}", Reason.TOO_LONG)
    if _UNSPEAKABLE.search(text) or (is_audible(text) and visible(text) != text):
        raise AnnouncementError(f"text.{language}", Reason.UNSPEAKABLE)
    if not is_audible(text):
        raise AnnouncementError(f"text.{language}", Reason.SILENT)
    if pesel.is_in(text):
        raise AnnouncementError(f"text.{language}", Reason.PERSONAL)


def _filled(
    scope: Scope, template: Template, periods: tuple[Period, ...], now: datetime
) -> dict[str, str]:
    """The template's words in every language, from the times alone."""
    spans = [(period.starts_at, period.ends_at) for period in periods]
    today, message = _today(periods, now), f"announce-{scope}-{template}"
    ends = "unknown" if any(period.ends_at is None for period in periods) else "known"
    return {
        language: words.say(language, message, when=words.when(language, spans, today), ends=ends)
        for language in words.LANGUAGES
    }


def _today(periods: tuple[Period, ...], now: datetime) -> date:
    """The day that may be called today: none when the words will still be heard on another."""
    today = now.astimezone(WARSAW).date()
    ends = [
        period.ends_at.astimezone(WARSAW).date() if period.ends_at else None for period in periods
    ]
    return today if all(end is not None and end <= today for end in ends) else date.min


def reworded(notice: Notice, text: Mapping[str, str]) -> Notice:
    """The prepared notice with these words in place of its own. Raises AnnouncementError."""
    return replace(notice, text=checked_words(text))
