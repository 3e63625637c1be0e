"""Normalises callers: one rule for withheld and unusable callers, and for equal spellings."""

import re
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from callcenter.privacy import encryption, pesel

WITHHELD = "withheld"
UNUSABLE = "unusable"
HOME_REGION = "PL"
LONGEST = 255
# How many digits of a masked number stay readable.
SHOWN_DIGITS = 3

# These are checked before a text is parsed as a number: with region PL, phonenumbers accepts
# several of the keypad spellings as valid numbers.
_KEYPAD_SPELLINGS = frozenset(
    {"266696687", "7378742833", "86282452253", "2562533", "8656696", "7748283"}
)
_WITHHELD_WORDS = (
    *("anonymous", "anonym", "unknown", "unidentified", "undisclosed", "restricted", "invalid"),
    *("unavailable", "notavailable", "notprovided", "blocked", "private", "withheld", "hidden"),
    *("suppressed", "outofarea", "zastrzeżony", "zastrzezony", "prywatny", "nieznany", "ukryty"),
    *("anonimowy", "niedostępny", "анонімний", "невідомий", "прихований", "приватний"),
)
# Words that carriers add to those above: "No Caller ID", "Unknown Number". Alone they are names.
_FILLERS = ("caller", "call", "number", "id", "name", "user", "numer", "номер")
_ANY_FILLERS = f"(?:{'|'.join(_FILLERS)})"
_NOBODY = re.compile(
    f"(?:no)?{_ANY_FILLERS}*(?:{'|'.join(_WITHHELD_WORDS)}){_ANY_FILLERS}*"
    f"|(?:no|brak){_ANY_FILLERS}+u?"
)
_INVALID_HOST = re.compile(r"(.*\.)?invalid")
_SCHEME = re.compile(r"(sips?|client|tel):\s*", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"([^<>]*)<([^<>]*)>[^<>]*")
_PHONE_CONTEXT = re.compile(r"(?:^|;)phone-context=([^;]*)", re.IGNORECASE)
_MOST_DIGITS = 15
_NUMBER = re.compile(r"\+?[\d\s().\u2010-\u2015/-]+")


@lru_cache(maxsize=4096)
def parse_caller(raw: str | None) -> str:
    """The caller as E.164, `sip:…` or `client:…`, else the word `withheld` or `unusable`.

    Never raises, because every call must be answered. Parsing the result again gives the same
    result.
    """
    text = (raw or "").strip()
    if not text.isprintable():
        return UNUSABLE
    if named := _IN_BRACKETS.fullmatch(text):
        if named[1].strip() and _is_withheld(named[1]):
            return WITHHELD
        text = named[2].strip()
    scheme = _SCHEME.match(text)
    kind = scheme[1].lower() if scheme else ""
    rest = text[scheme.end() :] if scheme else text
    if kind in ("sip", "sips", "client"):
        return _address(kind, rest)
    if _is_withheld(rest) or _is_anonymous_address(rest):
        return WITHHELD
    return _number(_with_context(unquote(rest))) or UNUSABLE


def _address(kind: str, rest: str) -> str:
    """A SIP address without parameters and password, or a client's name.

    The host is case-insensitive, the user is not (RFC 3261, 19.1.4).
    """
    if _is_withheld(rest) or _is_anonymous_address(rest):
        return WITHHELD
    if kind == "client":
        return _without_pesel(f"client:{rest}"[:LONGEST])
    user, at, host = rest.rpartition("@")
    user = user.partition(":")[0]
    address = f"{kind}:{user}{at}{re.split('[;?]', host)[0].lower()}".rstrip()
    if address.rstrip("@") == f"{kind}:":
        return UNUSABLE
    if len(address) > LONGEST:
        return parse_caller(address[:LONGEST])
    return _without_pesel(address)


def _is_anonymous_address(text: str) -> bool:
    """Whether the user of `user@host` means "anonymous", or the host is invalid (RFC 2606)."""
    user, at, host = text.rpartition("@")
    if not at:
        return False
    name = re.split("[:;?]", host)[0].strip().lower()
    return _is_withheld(user.partition(":")[0]) or _INVALID_HOST.fullmatch(name) is not None


def _is_withheld(text: str) -> bool:
    words = re.findall(r"[^\W_]+", unquote(re.split("[;?]", text)[0]).casefold())
    if not words:
        return not text.strip()
    word = "".join(words)
    return word in _KEYPAD_SPELLINGS or _NOBODY.fullmatch(word) is not None


def _without_pesel(address: str) -> str:
    """An address with a PESEL in it, replaced by a keyed hash that still recognises the caller."""
    if not pesel.is_in(address):
        return address
    scheme, _, _ = address.partition(":")
    host = address.rpartition("@")[2] if "@" in address else ""
    known = f"{scheme}:pesel-{encryption.mark(address.casefold().encode()).hex()[:16]}"
    return f"{known}@{host}" if host and not pesel.is_in(host) else known


def _with_context(text: str) -> str:
    """A number without parameters, with the country code of `phone-context` (RFC 3966)."""
    number, _, parameters = text.partition(";")
    context = _PHONE_CONTEXT.search(parameters)
    return number if context is None or number.startswith("+") else context[1] + number


def _number(text: str) -> str | None:
    """The one E.164 number that `text` can mean; None if it has letters or is no number."""
    if not _NUMBER.fullmatch(text):
        return None
    digits = phonenumbers.normalize_digits_only(text)
    if text.startswith("+") and (given := _international(f"+{digits}")):
        return given
    home = [_parsed(digits), _parsed(digits.removeprefix("0"))]
    abroad = [] if digits.startswith("0") else [_parsed(f"+{digits}")]
    if text.startswith("+"):
        home, abroad = (home if digits.startswith("0") else []), []
    for number in (*home, *abroad):
        if number and phonenumbers.is_valid_number(number):
            return _e164(number)
    return None


def _international(text: str) -> str | None:
    """A number with its country code, also in a range that the library does not know yet.

    A trunk zero after the country code is dropped if the number is valid only without it. A number
    that the library does not know is kept as written, because the library might drop digits from
    it.
    """
    number = _parsed(text)
    if number is None:
        return None
    plain = PhoneNumber(country_code=number.country_code, national_number=number.national_number)
    for reading in (number, plain):
        if phonenumbers.is_valid_number(reading):
            return _e164(reading)
    is_possible = phonenumbers.is_possible_number(number) and len(text) <= 1 + _MOST_DIGITS
    return text if is_possible else None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _parsed(text: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, HOME_REGION)
    except NumberParseException:
        return None


def is_number(caller: str) -> bool:
    """Whether the caller has a telephone number, in the form of parse_caller."""
    return caller.startswith("+")


def masked(caller: str) -> str:
    """A number with all but its last digits masked; a word stays as it is."""
    if is_number(caller):
        return "•" * (len(caller) - 1 - SHOWN_DIGITS) + caller[-SHOWN_DIGITS:]
    return caller.split(":")[0] + ":•••" if ":" in caller else caller
