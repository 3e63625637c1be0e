"""Removes unreadable characters from typed text, and checks that something readable is left."""

import unicodedata

# Unicode categories: control characters and surrogates; then characters that are invisible by
# themselves: spaces, joiners, marks (https://www.unicode.org/reports/tr44/#General_Category).
# Letters that are blank by design have no category of their own.
_NEVER = ("Cc", "Cs")
_UNSEEN = ("C", "Z", "M")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
# They reorder words, so one text reads as another (https://www.unicode.org/reports/tr9/).
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def normal_newlines(text: str | None) -> str:
    """`text` with single-character line breaks: a browser counts one and sends two characters."""
    return (text or "").replace("\r\n", "\n")


def visible(text: str) -> str:
    """`text` as it may be stored: no control characters but tabs and line breaks, and trimmed.

    Empty if nothing in it is visible.
    """
    kept = "".join(
        letter
        for letter in normal_newlines(text)
        if letter in "\n\t"
        or (unicodedata.category(letter) not in _NEVER and letter not in _TURNING)
    ).strip()
    return kept if any(map(_is_seen, kept)) else ""


def single_line(text: str) -> str:
    """A name as it may be stored: NFC, single spaces. Empty if it is not one line of words.

    It needs a letter or a digit. Blank letters, direction controls and invisible characters are
    removed.
    """
    kept = " ".join(unicodedata.normalize("NFC", text).strip().split(" "))
    return kept if is_audible(kept) and all(map(_fits_a_line, kept)) else ""


def is_audible(text: str) -> bool:
    """Whether a voice would say anything: there is a letter or digit that is not blank."""
    return any(_is_seen(letter) and unicodedata.category(letter)[0] in "LN" for letter in text)


def _fits_a_line(letter: str) -> bool:
    if letter in _BLANK:
        return False
    return letter == " " or unicodedata.category(letter)[0] not in ("C", "Z")


def _is_seen(letter: str) -> bool:
    return letter not in _BLANK and unicodedata.category(letter)[0] not in _UNSEEN
