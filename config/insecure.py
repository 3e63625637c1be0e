"""Detects insecure values of settings, which are not allowed outside a demo."""

import re
from base64 import urlsafe_b64decode
from binascii import Error
from itertools import pairwise
from math import log2

LEAST_SECRET_LETTERS = 32
LEAST_TOKEN_LETTERS = 32
# Random hex digits have 4 bits a letter; 32 of them measure about 3.4 by their frequencies.
LEAST_BITS_A_LETTER = 2.5
LEAST_OTHER_BYTES = 12
LONGEST_RUN = 8
# Values from documentation and tests, and the placeholders that people write.
EXAMPLES = frozenset({"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="})
_EXAMPLE = re.compile(
    r"change.?me|example|secret.?key|your[-_ ]|placeholder|replace|password|default", re.IGNORECASE
)


def why_secret(given: str) -> str | None:
    """The fault of a SECRET_KEY, as the rest of a sentence; None if it is secure."""
    if len(given) < LEAST_SECRET_LETTERS:
        return f"is too short: it needs at least {LEAST_SECRET_LETTERS} random characters"
    return _why_guessed(given)


def why_token(given: str) -> str | None:
    """The fault of a TWILIO_AUTH_TOKEN; the carrier's tokens have 32 random hex digits."""
    if len(given) < LEAST_TOKEN_LETTERS:
        return f"is too short: the carrier's have {LEAST_TOKEN_LETTERS} characters"
    return _why_guessed(given)


def why_data_key(given: str) -> str | None:
    """The fault of a DATA_KEY that has the right form."""
    try:
        key = urlsafe_b64decode(given)
    except (Error, ValueError):
        return None
    if given in EXAMPLES:
        return "is the one of an example: make one of your own"
    if len(set(key)) < LEAST_OTHER_BYTES or _is_run(key):
        return "is not random: make one with Fernet.generate_key()"
    return None


def why_address(given: str) -> str | None:
    """The fault of an address over which secrets travel."""
    return None if given.startswith("https://") else "must begin with https://"


def _why_guessed(given: str) -> str | None:
    if given in EXAMPLES or _EXAMPLE.search(given):
        return "looks like an example: make a random one"
    if _bits_a_letter(given) < LEAST_BITS_A_LETTER or _is_run(given.encode()):
        return "is not random: it repeats itself"
    return None


def _bits_a_letter(text: str) -> float:
    shares = [text.count(letter) / len(text) for letter in set(text)]
    return -sum(share * log2(share) for share in shares)


def _is_run(key: bytes) -> bool:
    """Whether the key repeats a part of itself, or counts up or down in long runs."""
    if any(key == (key[:size] * len(key))[: len(key)] for size in range(1, len(key) // 2 + 1)):
        return True
    steps = [after - before for before, after in pairwise(key)]
    run = 1
    for before, after in pairwise(steps):
        run = run + 1 if before == after else 1
        if run >= LONGEST_RUN:
            return True
    return False
