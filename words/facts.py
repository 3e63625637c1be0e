"""What the help desk is: the one settings file behind every sentence, read and checked on import.

A sentence that names a number or an address gets it from here as a variable of the field's name,
so a new telephone number or a longer deadline is changed in one line of facts.toml.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

import phonenumbers

FILE = Path(__file__).with_name("facts.toml")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
PAGE = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[!-~]*)?")


class FactsError(ValueError):
    """Facts that must not be spoken; the message names every fault at once."""


@dataclass(frozen=True)
class Facts:
    """The facts, under the names that the sentences use for them."""

    helpdesk: str
    controller: str
    phone: str
    email: str
    subject_word: str
    portal: str
    login_page: str
    offices_page: str
    hours_a_day: int
    days_a_week: int
    login_tries: int
    working_days: int
    complaint_days: int
    kept_days: int
    talk_kept_days: int
    message_minutes: int
    announcement_seconds: int

    @property
    def variables(self) -> dict[str, str | int]:
        """The facts that sentences may name."""
        return dict(vars(self))


def read(text: str) -> Facts:
    """The facts in `text` (TOML). Raises FactsError for anything missing, unknown or unusable."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FactsError(f"facts: not TOML: {error}") from error
    if faults := [*_misfits(given)] or [*_faults(given)]:
        raise FactsError("facts: " + "; ".join(faults))
    return Facts(**given)


def _misfits(given: Mapping[str, Any]) -> Iterator[str]:
    types = get_type_hints(Facts)
    yield from (f"{name} is missing" for name in types if name not in given)
    yield from (f"{name} is not known" for name in given if name not in types)
    for name, value in given.items():
        if name in types and type(value) is not types[name]:
            yield f"{name} is not {'a text' if types[name] is str else 'a whole number'}"


def _faults(given: Mapping[str, Any]) -> Iterator[str]:
    for field in fields(Facts):
        value = given[field.name]
        if isinstance(value, str) and not value.strip():
            yield f"{field.name} is empty"
        if isinstance(value, int) and value < 1:
            yield f"{field.name} is less than 1"
    if given["hours_a_day"] > 24 or given["days_a_week"] > 7:
        yield "hours_a_day and days_a_week are at most 24 and 7"
    if not _is_phone(given["phone"]):
        yield "phone is not an international telephone number (+48…)"
    for name, form in (("email", EMAIL), ("portal", HOST)):
        if not form.fullmatch(given[name]):
            yield f"{name} is not an address"
    for name in ("login_page", "offices_page"):
        if not PAGE.fullmatch(given[name]):
            yield f"{name} is not an https address"


def _is_phone(text: str) -> bool:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return False
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return phonenumbers.is_valid_number(number) and written == text


FACTS = read(FILE.read_text("utf-8"))
