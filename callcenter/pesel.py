"""The Polish personal number: recognised in what is typed, never kept in clear."""

import re
from collections.abc import Iterator

from stdnum.pl import pesel

MASK = "•••••••••••"
# Eleven digits in a row or in groups, as people write or paste them, whatever stands between two.
# After a + they are a telephone number.
# The look-ahead lets a later run begin inside an earlier one that was none.
_BETWEEN = r"[\s./\-–—]"
_ELEVEN_DIGITS = re.compile(rf"(?<![\d+])(?=((?:\d{_BETWEEN}?){{10}}\d)(?!\d))")
_FIRST_BIRTH_YEAR, _LAST_BIRTH_YEAR = 1900, 2099


def is_pesel(digits: str) -> bool:
    """Whether `digits` are eleven digits with a birth date and a check digit that fit."""
    return bool(pesel.is_valid(digits))


def masked(text: str) -> str:
    """`text` with every PESEL in it that a living person can have put out of sight."""
    for start, end in reversed([*_personal(text)]):
        text = text[:start] + MASK + text[end:]
    return text


def _personal(text: str) -> Iterator[tuple[int, int]]:
    last = 0
    for found in _ELEVEN_DIGITS.finditer(text):
        start, end = found.span(1)
        if start >= last and _is_of_the_living(_in_a_row(found[1])):
            last = end
            yield start, end


def _in_a_row(written: str) -> str:
    return "".join(str(int(digit)) for digit in re.sub(_BETWEEN, "", written))


def _is_of_the_living(digits: str) -> bool:
    if not is_pesel(digits):
        return False
    return _FIRST_BIRTH_YEAR <= pesel.get_birth_date(digits).year <= _LAST_BIRTH_YEAR
