"""The limit of one Say, measured as the carrier does, and texts cut into pieces that fit.

Source: https://www.twilio.com/docs/voice/twiml/say#limits, errors 11750 and 13521.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

ENCODED = 4500
BYTES = {"Google.": 5000}
BYTES_ELSE = 3000
# Best cuts first: a cut is least audible after a sentence, then after a comma, then a word.
_ENDS = (r"[.!?…](?=\s)", r"[,;:–](?=\s)", r"(?=\s)")
# What a reader takes for one letter: a letter with its marks, or several joined by U+200D.
_LETTERS = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|.)"
    "(?:[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]|\u200d.)*",
    re.DOTALL,
)


def fits(text: str, voice: str) -> bool:
    """Whether one Say with this voice may hold `text`."""
    most = next((most for maker, most in BYTES.items() if voice.startswith(maker)), BYTES_ELSE)
    return len(text.encode()) <= most and len(quote(text, safe="")) <= ENCODED


def pieces(text: str, voice: str) -> Iterator[str]:
    """`text` in as few fitting pieces as possible; only the spaces between them are dropped."""
    rest = text.strip()
    while rest and not fits(rest, voice):
        end = _cut(rest, _most(rest, voice))
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()
    if rest:
        yield rest


def _most(text: str, voice: str) -> int:
    """How many characters from the beginning fit."""
    fitting, too_many = 0, len(text)
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        fitting, too_many = (middle, too_many) if fits(text[:middle], voice) else (fitting, middle)
    return fitting


def _cut(text: str, most: int) -> int:
    """Where to cut: the best end in the second half of what fits, else the last end of all."""
    for pattern in _ENDS:
        ends = [found.end() for found in re.finditer(pattern, text[: most + 1])]
        if ends and ends[-1] >= most / 2:
            return ends[-1]
    return _between_letters(text, most)


def _between_letters(text: str, most: int) -> int:
    """Where to cut without a space: never between a letter and its marks."""
    ends = [found.end() for found in _LETTERS.finditer(text[: most + 1]) if found.end() <= most]
    return ends[-1] if ends else most
