"""Decides which passwords are acceptable, hashes them, and checks them.

The rule follows NIST SP 800-63B: a minimum length, no common password, and no password made of the
person's name or the desk's words. zxcvbn estimates how many guesses a password withstands
(https://github.com/dwolfhub/zxcvbn-python); ADR 74 has the reasons.
"""

import re
import secrets
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 1000
# zxcvbn's "safely unguessable": at least 10^8 guesses.
LEAST_SCORE = 3
LEAST_OTHER_LETTERS = 4
# Only so many characters are estimated, because the time grows with the square of the length.
ESTIMATED = 72
DESK_WORDS = (
    "centrala",
    "switchboard",
    "helpdesk",
    "help desk",
    "desk",
    "pulpit",
    "konsultant",
    "consultant",
    "agent",
    "supervisor",
    "kierownik",
    "ticket",
    "zgłoszenie",
    "zgloszenie",
    "telefon",
    "infolinia",
    "hasło",
    "haslo",
    "puesc",
    "warszawa",
    "polska",
)

_hasher = PasswordHasher()


def is_too_short(password: str) -> bool:
    """Whether the password has fewer characters than SHORTEST, or more than LONGEST."""
    return not SHORTEST <= len(password) <= LONGEST


def is_guessable(password: str, *about: str) -> bool:
    """Whether somebody who knows `about` (login, name) and the desk guesses the password easily."""
    from zxcvbn import zxcvbn  # imported here, because loading its word lists is slow

    parts = [part for text in about for part in re.split(r"[\W_]+", text) if len(part) > 2]
    known = [word.casefold() for word in (*about, *parts, *DESK_WORDS) if len(word) > 2]
    if _is_made_of(password.casefold(), known):
        return True
    estimate = zxcvbn(password[:ESTIMATED], user_inputs=known)
    return bool(estimate["score"] < LEAST_SCORE)


def _is_made_of(password: str, known: Iterable[str]) -> bool:
    """Whether the password has a known word, and few letters outside of known words."""
    rest = password
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, " ")
    return rest != password and sum(map(str.isalpha, rest)) < LEAST_OTHER_LETTERS


def hashed(password: str) -> str:
    """The argon2 hash of the password, for the row."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether `kept` is a hash of the password. None takes as long, and never matches."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher.verify(kept or _nobodys_hash(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with older parameters."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))
