"""The PESEL (Polish personal number): recognised in typed text, never stored in clear.

`masked` and `is_in` are the only rule for all text that people enter. Where the writer can still
correct the text (logins, names, announcements), a PESEL is refused. Where nothing may be lost
(notes), it is masked.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException
from stdnum.pl import pesel

MASK = "•••••••••••"
LENGTH = 11
_FIRST_BIRTH_YEAR, _LAST_BIRTH_YEAR = 1900, 2099
# At most this many characters may stand between two digits, such as a blank line or `</b> - <b>`.
# Digits further apart belong to different numbers.
_MOST_BETWEEN = 16
# Categories that are invisible by themselves: joiners, soft hyphens, accents. Digits on both sides
# of them look adjacent (https://www.unicode.org/reports/tr44/#General_Category).
_UNSEEN = ("Cf", "Mn", "Me")
# Digits are joined by anything that is neither a letter nor another kind of number.
_NEVER_BETWEEN = "LN"
_PUT_OUT_OF_SIGHT = re.compile("•{3,}")
# How browsers and addresses encode characters. Each counts as one character.
_MARKUP = re.compile(
    r"<[^<>]{0,200}>|&#?[0-9A-Za-z]{1,10};|%[0-9A-Fa-f]{2}|\\[nrt]|\\u[0-9A-Fa-f]{4}"
)
_NO_MARKUP = re.compile("(?!)")


@dataclass(frozen=True)
class _Digit:
    """A digit at `at`; `gap` visible characters separate it from the last one (None: too many)."""

    value: str
    at: int
    gap: int | None


def is_pesel(digits: str) -> bool:
    """Whether `digits` are eleven digits with a valid birth date and check digit."""
    return bool(pesel.is_valid(digits))


def masked(text: str) -> str:
    """`text` with every PESEL that a living person can have masked.

    Digits of any script are recognised, with any characters between them. A telephone number with a
    plus sign is kept.
    """
    for start, end in reversed([*_joined(_personal(text))]):
        text = text[:start] + MASK + text[end:]
    return text


def is_in(text: str) -> bool:
    """Whether `masked` would mask anything in `text`."""
    return bool(_personal(text))


def _personal(text: str) -> list[tuple[int, int]]:
    """The spans of PESELs, in the text as written and as a browser would show it."""
    found = [
        span for markup in (_NO_MARKUP, _MARKUP) for span in _spans(text, [*_digits(text, markup)])
    ]
    return sorted(found)


def _spans(text: str, digits: Sequence[_Digit]) -> Iterator[tuple[int, int]]:
    for first in range(len(digits) - LENGTH + 1):
        eleven = digits[first : first + LENGTH]
        if _stands_alone(digits, first) and _is_personal(text, eleven):
            yield eleven[0].at, eleven[-1].at + 1


def _joined(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans, with overlapping ones merged."""
    last: tuple[int, int] | None = None
    for start, end in spans:
        if last and start < last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last:
            yield last
        last = (start, end)
    if last:
        yield last


def _digits(text: str, markup: re.Pattern[str]) -> Iterator[_Digit]:
    apart = [(found.span(), None) for found in _PUT_OUT_OF_SIGHT.finditer(text)]
    signs = [(found.span(), 1) for found in markup.finditer(text)]
    jumps = {start: (end, counts) for (start, end), counts in [*signs, *apart]}
    gap: int | None = None
    at = 0
    while at < len(text):
        if at in jumps:
            at, counts = jumps[at]
            gap = None if gap is None or counts is None else gap + counts
            continue
        if (digit := _value(text[at])) is not None:
            yield _Digit(digit, at, gap)
            gap = 0
        elif gap is not None:
            gap = _gap_after(text[at], gap)
        at += 1


def _value(sign: str) -> str | None:
    """The digit that `sign` means in any script, including superscripts and circled digits."""
    value = unicodedata.digit(sign, None)
    return None if value is None else str(value)


def _gap_after(sign: str, gap: int) -> int | None:
    category = unicodedata.category(sign)
    if category in _UNSEEN:
        return gap
    return None if category[0] in _NEVER_BETWEEN or gap >= _MOST_BETWEEN else gap + 1


def _stands_alone(digits: Sequence[_Digit], first: int) -> bool:
    """Whether eleven joined digits start at `first` and are not part of a longer row."""
    after = first + LENGTH
    return (
        all(digit.gap is not None for digit in digits[first + 1 : after])
        and digits[first].gap != 0
        and (after == len(digits) or digits[after].gap != 0)
    )


def _is_personal(text: str, digits: Sequence[_Digit]) -> bool:
    number = "".join(digit.value for digit in digits)
    return _is_of_the_living(number) and not _is_telephone(text[: digits[0].at], number)


def _is_of_the_living(digits: str) -> bool:
    if not is_pesel(digits):
        return False
    return _FIRST_BIRTH_YEAR <= pesel.get_birth_date(digits).year <= _LAST_BIRTH_YEAR


def _is_telephone(before: str, digits: str) -> bool:
    if not before.endswith("+"):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{digits}"))
    except NumberParseException:
        return False
