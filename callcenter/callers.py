"""Who calls: the spellings a carrier gives a caller, brought to one."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

WITHHELD = "withheld"
UNUSABLE = "unusable"
HOME_REGION = "PL"
LONGEST = 255
# What is seen of a masked number.
SHOWN_DIGITS = 3

# Words and keypad spellings for a withheld number. They come first: with region PL phonenumbers
# takes several of the spellings for valid numbers.
_WITHHELD_FORMS = frozenset(
    {
        "anonymous",
        "unknown",
        "restricted",
        "unavailable",
        "blocked",
        "private",
        "266696687",
        "7378742833",
        "86282452253",
        "2562533",
        "8656696",
    }
)
_SMS_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


@lru_cache(maxsize=4096)
def parse_caller(raw: str | None) -> str:
    """The caller as E.164, `sip:…` or `client:…`, else the word `withheld` or `unusable`.

    Never raises: whatever the carrier sends is a call that must be answered.
    """
    text = (raw or "").strip()
    if not text.isprintable():
        return UNUSABLE
    if text.lower().startswith(("sip:", "sips:", "client:")):
        return text[:LONGEST]
    if not text or text.lower().lstrip("+") in _WITHHELD_FORMS:
        return WITHHELD
    number = _number(text)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else UNUSABLE


def _number(text: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except NumberParseException:
        return None
    # In E.164 a possible number is taken: new ranges are in use before libraries know them.
    fits = phonenumbers.is_possible_number if text.startswith("+") else phonenumbers.is_valid_number
    return number if fits(number) else None


def can_be_called(caller: str) -> bool:
    """Whether the caller left a number that a telephone can ring."""
    return caller.startswith("+")


@lru_cache(maxsize=4096)
def can_receive_sms(caller: str) -> bool:
    """Whether the number is, or may be, a mobile one."""
    if not can_be_called(caller):
        return False
    return phonenumbers.number_type(phonenumbers.parse(caller)) in _SMS_TYPES


def masked(caller: str) -> str:
    """A number whose last digits alone are seen; a word stays a word."""
    if caller.startswith("+"):
        return "•" * (len(caller) - 1 - SHOWN_DIGITS) + caller[-SHOWN_DIGITS:]
    return caller.split(":")[0] + ":•••" if ":" in caller else caller
