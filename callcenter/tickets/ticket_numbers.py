"""Ticket numbers: nine digits, not countable, the last one a check digit (Damm)."""

import re
import secrets
import unicodedata

from stdnum import damm

LENGTH = 9
# What people write before a number, in the three languages of the line.
_NAMES = (
    "ticket|case|number|no|nr|num|numer|numeru|id|zgłoszenie|zgłoszenia|zgłoszeniu|zgloszenie|"
    "zgloszenia|zgl|zgł|sprawa|sprawy|sprawie|звернення|заявка|заявки|номер|номеру|квиток"
)
_BETWEEN = r"[\s./_·\u2010-\u2015\u2212-]"
_WRITTEN = re.compile(
    rf"""["'„”“«(\[]*(?:(?:{_NAMES})\b[\s.,:;]*)*[#:]?\s*"""
    rf"""([0-9](?:{_BETWEEN}{{0,3}}[0-9])*)"""
    r"""[\s.,;:!?"'”“»)\]]*"""
)


def new_number() -> str:
    """A random ticket number. It never starts with 0, which is a command when it is typed alone."""
    body = str(secrets.choice(range(10 ** (LENGTH - 2), 10 ** (LENGTH - 1))))
    return body + str(damm.calc_check_digit(body))


def is_number(digits: str) -> bool:
    """Whether `digits` can be a ticket number; one mistyped or two swapped digits never can."""
    return len(digits) == LENGTH and digits[0] != "0" and bool(damm.is_valid(digits))


def written(text: str) -> str | None:
    """The digits of a ticket's number as people write one; None for what is none.

    `#123456782`, `nr 123 456 782`, `123-456-782.` and `ticket no. 123456782` are the same; so are
    digits of other scripts, no-break spaces and invisible characters between them.
    """
    digits = part_written(text)
    return digits if digits and len(digits) == LENGTH else None


def part_written(text: str) -> str | None:
    """The digits of a number or of a part of one, written in the same ways."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(_seen(letter) for letter in plain).strip().casefold()
    found = _WRITTEN.fullmatch(plain)
    return re.sub("[^0-9]", "", found[1]) if found else None


def _seen(letter: str) -> str:
    """The letter as it is read here: invisible ones not at all, other scripts' digits as ours."""
    if unicodedata.category(letter) == "Cf":
        return ""
    return str(unicodedata.digit(letter)) if letter.isdecimal() else letter
