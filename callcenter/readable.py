"""What people type, without what nobody can read."""

import unicodedata

# Letters of Unicode's categories: control characters and halves of letters; then what is not seen
# by itself, such as spaces and joiners (https://www.unicode.org/reports/tr44/#General_Category).
_NEVER = {"Cc", "Cs"}
_UNSEEN = "CZ"


def readable(text: str) -> str:
    """`text` as it can be kept: no control characters but tabs and line breaks, no blank edges.

    Empty where nothing in it would be seen.
    """
    kept = "".join(
        letter
        for letter in text.replace("\r\n", "\n")
        if letter in "\n\t" or unicodedata.category(letter) not in _NEVER
    ).strip()
    seen = any(unicodedata.category(letter)[0] not in _UNSEEN for letter in kept)
    return kept if seen else ""
