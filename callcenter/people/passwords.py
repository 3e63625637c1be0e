"""Which passwords are taken, and the one place that hashes and checks them.

The rule is that of NIST SP 800-63B: a least length, nothing that guessers try first, nothing that
follows from the person or the place. zxcvbn estimates how many guesses a password withstands
(https://github.com/dwolfhub/zxcvbn-python); ADR 74 says why.
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
# The estimate takes time that grows with the square of the length; what is longer is strong
# enough by its beginning, or is not.
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
    """Whether the length alone refuses the password, in characters."""
    return not SHORTEST <= len(password) <= LONGEST


def is_guessable(password: str, *about: str) -> bool:
    """Whether a guesser who knows `about` (login, name) and the desk finds it early."""
    from zxcvbn import zxcvbn  # its lists of words are loaded by those alone who set a password

    parts = [part for text in about for part in re.split(r"[\W_]+", text) if len(part) > 2]
    known = [word.casefold() for word in (*about, *parts, *DESK_WORDS) if len(word) > 2]
    if _is_made_of(password.casefold(), known):
        return True
    estimate = zxcvbn(password[:ESTIMATED], user_inputs=known)
    return bool(estimate["score"] < LEAST_SCORE)


def _is_made_of(password: str, known: Iterable[str]) -> bool:
    """Whether it has a known word, and hardly a letter beside known words."""
    rest = password
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, " ")
    return rest != password and sum(map(str.isalpha, rest)) < LEAST_OTHER_LETTERS


def hashed(password: str) -> str:
    """The argon2 hash that a row keeps."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether `kept` is a hash of the password. Nobody's hash costs the same work."""
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
