"""What people type, without what nobody can read."""

import unicodedata

# Unicode's categories: control characters and halves of letters; then what is not seen by itself:
# spaces, joiners, marks (https://www.unicode.org/reports/tr44/#General_Category). Letters that
# are blank by design stand in no category of their own.
_NEVER = ("Cc", "Cs")
_UNSEEN = ("C", "Z", "M")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"


def readable(text: str) -> str:
    """`text` as it can be kept: no control characters but tabs and line breaks, no blank edges.

    Empty where nothing in it would be seen.
    """
    kept = "".join(
        letter
        for letter in text.replace("\r\n", "\n")
        if letter in "\n\t" or unicodedata.category(letter) not in _NEVER
    ).strip()
    return kept if any(map(_is_seen, kept)) else ""


def _is_seen(letter: str) -> bool:
    return letter not in _BLANK and unicodedata.category(letter)[0] not in _UNSEEN
