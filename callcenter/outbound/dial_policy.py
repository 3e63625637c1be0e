"""The one rule against toll fraud: which numbers the line calls and texts, and how often.

A caller's number is only a claim: whoever earns money on a number can present it and ask to be
called back. So only ordinary numbers of listed countries are called, and each number, each prefix
and each day has a limit. The rule is asked before anything is promised, and again by the carrier's
client (callcenter.telephony) before anything leaves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import unquote

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from phonenumbers.shortnumberinfo import connects_to_emergency_number
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import WARSAW
from callcenter.callers.identity import HOME_REGION, is_number, parse_caller
from models import OutgoingCount

# Poland, Ukraine, and the members of the European Union and the European Economic Area. Territories
# with codes of their own (Guernsey, Réunion, Åland …) are charged differently, and are not in it.
COUNTRIES = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
        "UA",
    }
)
_ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
_TEXTED = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
# Satellites, international premium numbers and the like (ITU-T E.164.1).
_NO_COUNTRY = "001"
# The last digits of a number are its line in a block that one carrier was given.
LINE_DIGITS = 4
KEPT_DAYS = 7
# A longer user of a SIP address, of digits alone, is a telephone number and no extension.
LONGEST_EXTENSION = 6
_ABROAD = ("+", "00")


class Service(StrEnum):
    """What leaves: a call or an SMS."""

    CALL = "call"
    TEXT = "text"


class Refusal(StrEnum):
    """Why a number is not called or texted."""

    NO_NUMBER = "no_number"
    INVALID = "invalid"
    OUR_OWN = "our_own"
    COUNTRY = "country"
    NUMBER_TYPE = "number_type"
    PER_NUMBER = "per_number"
    PER_PREFIX = "per_prefix"
    PER_DAY = "per_day"


@dataclass(frozen=True)
class Limits:
    """How many calls or SMS a day are promised to one number, one prefix, and in all."""

    per_number: int = 20
    per_prefix: int = 500
    per_day: int = 5000


@dataclass(frozen=True)
class Policy:
    """The countries (ISO 3166 codes) that are called, and the limits of calls and of SMS.

    The line's `own` number is never called: it would talk to itself at the house's expense.
    """

    countries: frozenset[str] = COUNTRIES
    limits: Mapping[Service, Limits] = field(
        default_factory=lambda: MappingProxyType({each: Limits() for each in Service})
    )
    own: str = ""


_bound = [Policy()]


def bind(policy: Policy) -> None:
    """Let this process keep to `policy`."""
    _bound[:] = [policy]


def refusal(service: Service, number: str) -> Refusal | None:
    """Why the E.164 `number` is never called or texted; None where it may be."""
    if number == _bound[0].own:
        return Refusal.OUR_OWN
    return refusal_in(_bound[0].countries, service, number)


@lru_cache(maxsize=4096)
def refusal_in(countries: frozenset[str], service: Service, number: str) -> Refusal | None:
    """The same where `countries` are those that are called."""
    if not is_number(number):
        return Refusal.NO_NUMBER
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return Refusal.INVALID
    if phonenumbers.region_code_for_country_code(parsed.country_code or 0) == _NO_COUNTRY:
        return Refusal.COUNTRY
    # Judged is what will be dialled: a spelling that the library mends is another number.
    is_exact = phonenumbers.format_number(parsed, PhoneNumberFormat.E164) == number
    if not (is_exact and phonenumbers.is_valid_number(parsed)):
        return Refusal.INVALID
    if phonenumbers.region_code_for_number(parsed) not in countries:
        return Refusal.COUNTRY
    fit = _TEXTED if service is Service.TEXT else _ORDINARY
    return None if phonenumbers.number_type(parsed) in fit else Refusal.NUMBER_TYPE


def may_call(number: str) -> bool:
    """Whether the number of a caller may be called at all."""
    return refusal(Service.CALL, number) is None


def may_text(number: str) -> bool:
    """Whether the number of a caller may be sent SMS at all."""
    return refusal(Service.TEXT, number) is None


def refusal_of_address(address: str) -> Refusal | None:
    """Why what the carrier is to dial is refused: a number, a `sip:` address or a `client:`.

    A SIP address may lead through a gateway to a telephone, so its user is held to the same rule
    where a gateway could dial it.
    """
    if address.startswith("client:"):
        return None
    if not address.startswith(("sip:", "sips:")):
        return refusal(Service.CALL, address)
    dialled = _dialled_by_gateway(address.partition(":")[2])
    if not dialled or _is_extension(dialled):
        return None
    return refusal(Service.CALL, parse_caller(dialled))


def _dialled_by_gateway(rest: str) -> str:
    """The digits that a gateway would dial for a SIP address; "" where its user is a name.

    Escapes, a password and parameters do not change whom an address is for (RFC 3261, 19.1).
    """
    user = re.split("[:;]", unquote(rest.partition("@")[0]))[0]
    is_name = any(letter.isalpha() for letter in user) and not user.startswith(_ABROAD)
    return "" if is_name else "".join(sign for sign in user if sign.isdecimal() or sign == "+")


def _is_extension(dialled: str) -> bool:
    """Whether the digits are somebody in a house, and no emergency or short number outside."""
    is_short = len(dialled) <= LONGEST_EXTENSION and not dialled.startswith(_ABROAD)
    return is_short and not connects_to_emergency_number(dialled, HOME_REGION)


def reserve(session: Session, service: Service, number: str, now: datetime) -> bool:
    """Count a call or an SMS that is promised to `number`; False where it is refused.

    What is refused is counted too, unless nobody could earn money by it. The rows are the limit
    for all processes and machines. The row of the day comes first, so that two transactions always
    wait for each other in one order.
    """
    why = refusal(service, number)
    if why is None:
        with session.begin_nested() as attempt:
            why = _exceeded(session, service, number, now)
            if why:
                attempt.rollback()
    if why and not _is_harmless(why, number):
        note_refused(session, service, why, now)
    return why is None


def _is_harmless(why: Refusal, number: str) -> bool:
    """Whether nobody can earn money: there is no number, or it is an ordinary landline's."""
    return why is Refusal.NO_NUMBER or (why is Refusal.NUMBER_TYPE and may_call(number))


def _exceeded(session: Session, service: Service, number: str, now: datetime) -> Refusal | None:
    for why, key, most in _scopes(service, number):
        if not _count(session, (_day(now), service, why, key), most):
            return why
    return None


def _scopes(service: Service, number: str) -> tuple[tuple[Refusal, str, int], ...]:
    limits = _bound[0].limits[service]
    return (
        (Refusal.PER_DAY, "", limits.per_day),
        (Refusal.PER_PREFIX, number[:-LINE_DIGITS], limits.per_prefix),
        (Refusal.PER_NUMBER, number, limits.per_number),
    )


def _count(session: Session, row: tuple[object, ...], most: int | None = None) -> bool:
    """Add one to a counter that is below `most`; False, and unchanged, where it is not."""
    if most is not None and most < 1:
        return False
    names = ("day", "service", "scope", "key")
    new = insert(OutgoingCount).values(**dict(zip(names, row, strict=True)), count=1)
    add = new.on_conflict_do_update(
        index_elements=names,
        set_={"count": OutgoingCount.count + 1},
        where=None if most is None else OutgoingCount.count < most,
    )
    return session.scalar(add.returning(OutgoingCount.count)) is not None


def has_room(session: Session, service: Service, number: str, now: datetime) -> bool:
    """Whether a call or an SMS to `number` could be promised now."""
    if refusal(service, number):
        return False
    rows = select(OutgoingCount.scope, OutgoingCount.key, OutgoingCount.count).where(
        OutgoingCount.day == _day(now), OutgoingCount.service == service
    )
    scopes = _scopes(service, number)
    counted = {
        (scope, key): count
        for scope, key, count in session.execute(
            rows.where(OutgoingCount.key.in_([key for _, key, _ in scopes]))
        )
    }
    return all(counted.get((why.value, key), 0) < most for why, key, most in scopes)


def note_refused(session: Session, service: Service, why: Refusal, now: datetime) -> None:
    """Count what was refused, for `/metrics` and for the desk."""
    _count(session, (_day(now), service, "refused", why.value))


def refused_today(session: Session, now: datetime) -> Mapping[tuple[str, str], int]:
    """How many calls and SMS were refused today, by service and reason."""
    rows = select(OutgoingCount.service, OutgoingCount.key, OutgoingCount.count).where(
        OutgoingCount.day == _day(now), OutgoingCount.scope == "refused"
    )
    return {(service, why): count for service, why, count in session.execute(rows)}


def forget_old(session: Session, now: datetime) -> None:
    """Erase the counters of past days, which hold numbers."""
    oldest = _day(now) - timedelta(days=KEPT_DAYS)
    session.execute(delete(OutgoingCount).where(OutgoingCount.day < oldest))


def _day(now: datetime) -> date:
    return now.astimezone(WARSAW).date()
