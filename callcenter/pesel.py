"""The Polish personal number: recognised in what is typed, never kept in clear."""

import re

from stdnum.pl import pesel

MASK = "•••••••••••"
_ELEVEN_DIGITS = re.compile(r"(?<!\d)\d{11}(?!\d)")


def is_pesel(digits: str) -> bool:
    """Whether `digits` are eleven digits with a birth date and a check digit that fit."""
    return bool(pesel.is_valid(digits))


def masked(text: str) -> str:
    """`text` with every valid PESEL in it put out of sight."""
    return _ELEVEN_DIGITS.sub(lambda found: MASK if is_pesel(found[0]) else found[0], text)
