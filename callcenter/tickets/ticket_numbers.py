"""Ticket numbers: eight random digits and a Damm check digit."""

import re
import secrets
import unicodedata

from stdnum import damm

LENGTH = 9
# Words that people write before a number, in the three languages of the line.
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
    """A random ticket number. Its first digit is not 0, because 0 typed alone is a command."""
    body = str(secrets.choice(range(10 ** (LENGTH - 2), 10 ** (LENGTH - 1))))
    return body + str(damm.calc_check_digit(body))


def is_number(digits: str) -> bool:
    """Whether `digits` have the form of a ticket number.

    The check digit detects one wrong digit, and two swapped neighbours.
    """
    return len(digits) == LENGTH and digits[0] != "0" and bool(damm.is_valid(digits))


def written(text: str) -> str | None:
    """The nine digits of a ticket number as people write one; None for any other text.

    `#123456782`, `nr 123 456 782`, `123-456-782.` and `ticket no. 123456782` give the same digits.
    Digits of other scripts, no-break spaces and invisible characters are accepted. The check digit
    is not checked.
    """
    digits = part_written(text)
    return digits if digits and len(digits) == LENGTH else None


def part_written(text: str) -> str | None:
    """Like `written`, but for any number of digits, such as a part of a ticket number."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(_seen(letter) for letter in plain).strip().casefold()
    found = _WRITTEN.fullmatch(plain)
    return re.sub("[^0-9]", "", found[1]) if found else None


def _seen(letter: str) -> str:
    """Nothing for an invisible character, 0 to 9 for a digit of any script, else the letter."""
    if unicodedata.category(letter) == "Cf":
        return ""
    return str(unicodedata.digit(letter)) if letter.isdecimal() else letter
