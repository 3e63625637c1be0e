"""How values sound: the functions that sentences may call, and what a listener makes of the result.

A voice reads "123456789" as a hundred million and "mf" as a cough. So sentences write DIGITS, DAY,
CLOCK, PHONE or ADDRESS around a value, and the text that reaches the voice is already sayable.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date

WARSAW = ZoneInfo("Europe/Warsaw")
DAYS = {"pl": "d MMMM y 'roku'", "en": "d MMMM y", "uk": "d MMMM y 'року'"}
DATES = {"pl": "dd.MM.y", "en": "d MMMM y", "uk": "dd.MM.y"}


def functions(language: str) -> dict[str, Callable[..., Any]]:
    """The functions that the sentences of `language` may call."""

    def day(value: str) -> str:
        return format_date(_day(value), DAYS[language], locale=language)

    def written_date(value: str) -> str:
        return format_date(_day(value), DATES[language], locale=language)

    return {
        "DIGITS": digits,
        "DAY": day,
        "DATE": written_date,
        "CLOCK": clock,
        "PHONE": phone,
        "ADDRESS": address,
    }


def digits(value: str) -> str:
    """Digit by digit, with a breath after every third: "1 2 3, 4 5 6, 7 8 9"."""
    number = str(value)
    if not (number.isascii() and number.isdigit()):
        raise ValueError(f"{number!r} has something else than digits")
    return ", ".join(" ".join(number[i : i + 3]) for i in range(0, len(number), 3))


def _day(value: str) -> date:
    """The Warsaw day of an ISO date, or of an ISO time with its offset."""
    if len(value) == len("2026-11-30"):
        return date.fromisoformat(value)
    return _in_warsaw(value).date()


def _in_warsaw(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value} says no time zone")
    return moment.astimezone(WARSAW)


def clock(value: str) -> str:
    """HH:MM in Warsaw, of an ISO time of day or of an ISO time with date and offset."""
    moment = _in_warsaw(value) if "T" in value else time.fromisoformat(value)
    return moment.strftime("%H:%M")


def phone(number: str, plus: str, by: str = "group") -> str:
    """An E.164 number in the groups its country writes: "plus 48, 33, 483, 20, 55".

    `plus` is the word for "+"; by: "digit" separates the digits of a group for languages whose
    speakers say them one by one.
    """
    written = phonenumbers.format_number(
        phonenumbers.parse(str(number)), phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    groups = re.findall(r"\d+", written)
    return f"{plus} " + ", ".join(" ".join(g) if by == "digit" else g for g in groups)


VOWEL = re.compile("[aeiouy]", re.IGNORECASE)


def address(value: str, at: str, dot: str, hyphen: str) -> str:
    """An e-mail or web address as one dictates it, with the language's words for its signs.

    A part without a vowel ("mf", "pl") is nothing a voice can read, so it is spelled.
    """
    marks = {"@": f", {at}, ", ".": f" {dot} ", "-": f" {hyphen} "}
    parts = re.split(r"([@.-])", str(value))
    said = (marks.get(p) or (p if VOWEL.search(p) else " ".join(p)) for p in parts)
    return "".join(said).replace(" ,", ",")


LETTERS_A_SECOND = 15
LETTERS_A_DIGIT = 6
PAUSES = {**dict.fromkeys(".!?…:;", 0.3), **dict.fromkeys(",–", 0.1)}


def seconds(text: str) -> float:
    """About how long a voice takes to say `text`, estimated on the slow side.

    Telephone voices say 15 to 17 characters a second, their pauses included. Here it is 15, a digit
    counts as the six letters of its name, and each full stop and comma costs a pause on top.
    """
    count = len(text) + sum(LETTERS_A_DIGIT - 1 for c in text if c.isdigit())
    return count / LETTERS_A_SECOND + sum(PAUSES.get(c, 0) for c in text)


PRESS = {"pl": "naciśnij", "en": "press", "uk": "натисніть"}
SIGNS = {
    "pl": {"gwiazdkę": "*", "krzyżyk": "#"},
    "en": {"star": "*", "hash": "#"},
    "uk": {"зірочку": "*", "решітку": "#"},
}
KEYS = {
    language: re.compile(rf"\b{verb}\s+(\d|{'|'.join(SIGNS[language])})\b", re.IGNORECASE)
    for language, verb in PRESS.items()
}


def spoken_keys(language: str, text: str) -> list[str]:
    """The keys that `text` tells the caller to press, in the order in which they are heard."""
    heard: Iterator[str] = (found[1].lower() for found in KEYS[language].finditer(text))
    return [SIGNS[language].get(key, key) for key in heard]
