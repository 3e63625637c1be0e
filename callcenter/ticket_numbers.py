"""Ticket numbers: nine digits, not countable, the last one a check digit (Damm)."""

import secrets

from stdnum import damm

LENGTH = 9


def new_number() -> str:
    """A random ticket number. It never starts with 0, which is a command when it is typed alone."""
    body = str(secrets.choice(range(10 ** (LENGTH - 2), 10 ** (LENGTH - 1))))
    return body + str(damm.calc_check_digit(body))


def is_number(digits: str) -> bool:
    """Whether `digits` can be a ticket number; one mistyped or two swapped digits never can."""
    return len(digits) == LENGTH and digits[0] != "0" and bool(damm.is_valid(digits))
