"""The dial policy against toll fraud: which numbers the line may call and text, and how often.

A caller's number can be forged. Somebody who earns money on a number could present it and ask for a
callback. So only ordinary numbers of listed countries are called, with daily limits for each
number, each prefix and in total. The policy is checked before anything is promised, and again by
the carrier's client (callcenter.telephony) before anything leaves.
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
# with codes of their own (Guernsey, Réunion, Åland …) are left out: calls to them cost more.
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
# Country code for satellites, international premium numbers and the like (ITU-T E.164.1).
_NO_COUNTRY = "001"
# The last digits of a number are its line within a prefix, which is a block of one carrier.
LINE_DIGITS = 4
KEPT_DAYS = 7
# A SIP user of digits alone that is longer than this is a telephone number, not an extension.
LONGEST_EXTENSION = 6
_ABROAD = ("+", "00")


class Service(StrEnum):
    """What leaves the line: a call or an SMS."""

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
    """How many calls or SMS may be promised a day: to one number, to one prefix, in total."""

    per_number: int = 20
    per_prefix: int = 500
    per_day: int = 5000


@dataclass(frozen=True)
class Policy:
    """The callable countries (ISO 3166 codes), and the limits of calls and of SMS.

    The line's `own` number is never called: the line would pay for a call with itself.
    """

    countries: frozenset[str] = COUNTRIES
    limits: Mapping[Service, Limits] = field(
        default_factory=lambda: MappingProxyType({each: Limits() for each in Service})
    )
    own: str = ""


_bound = [Policy()]


def bind(policy: Policy) -> None:
    """Use `policy` in this process."""
    _bound[:] = [policy]


def refusal(service: Service, number: str) -> Refusal | None:
    """Why the E.164 `number` may never be called or texted; None if it may."""
    if number == _bound[0].own:
        return Refusal.OUR_OWN
    return refusal_in(_bound[0].countries, service, number)


@lru_cache(maxsize=4096)
def refusal_in(countries: frozenset[str], service: Service, number: str) -> Refusal | None:
    """The same for a given set of callable `countries`."""
    if not is_number(number):
        return Refusal.NO_NUMBER
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return Refusal.INVALID
    if phonenumbers.region_code_for_country_code(parsed.country_code or 0) == _NO_COUNTRY:
        return Refusal.COUNTRY
    # Judge exactly what will be dialled: a spelling that the library corrects is another number.
    is_exact = phonenumbers.format_number(parsed, PhoneNumberFormat.E164) == number
    if not (is_exact and phonenumbers.is_valid_number(parsed)):
        return Refusal.INVALID
    if phonenumbers.region_code_for_number(parsed) not in countries:
        return Refusal.COUNTRY
    fit = _TEXTED if service is Service.TEXT else _ORDINARY
    return None if phonenumbers.number_type(parsed) in fit else Refusal.NUMBER_TYPE


def may_call(number: str) -> bool:
    """Whether the number may be called at all."""
    return refusal(Service.CALL, number) is None


def may_text(number: str) -> bool:
    """Whether the number may be sent SMS at all."""
    return refusal(Service.TEXT, number) is None


def refusal_of_address(address: str) -> Refusal | None:
    """Why the carrier may not dial `address`: a number, a `sip:` address or a `client:`.

    A SIP gateway may forward to a telephone, so a SIP user that a gateway could dial must satisfy
    the policy too.
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
    """The digits that a gateway would dial for a SIP address; "" if its user is a name.

    Escapes, a password and parameters do not change the callee (RFC 3261, 19.1).
    """
    user = re.split("[:;]", unquote(rest.partition("@")[0]))[0]
    is_name = any(letter.isalpha() for letter in user) and not user.startswith(_ABROAD)
    return "" if is_name else "".join(sign for sign in user if sign.isdecimal() or sign == "+")


def _is_extension(dialled: str) -> bool:
    """Whether the digits are an internal extension, not an emergency or short number."""
    is_short = len(dialled) <= LONGEST_EXTENSION and not dialled.startswith(_ABROAD)
    return is_short and not connects_to_emergency_number(dialled, HOME_REGION)


def reserve(session: Session, service: Service, number: str, now: datetime) -> bool:
    """Count a promised call or SMS to `number`; False if the policy refuses it.

    Refusals are counted too, unless nobody could earn money by them. The limits are rows, so they
    hold for all processes and machines. The day's row is locked first, so that all transactions
    lock in the same order.
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
    """Whether nobody can earn money on it: there is no number, or it is an ordinary landline."""
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
    """Add one to a counter below `most`; False, without a change, if it has reached `most`."""
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
    """Whether a call or an SMS to `number` would be within the limits now."""
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
    """Count a refusal, for `/metrics` and for the desk."""
    _count(session, (_day(now), service, "refused", why.value))


def refused_today(session: Session, now: datetime) -> Mapping[tuple[str, str], int]:
    """How many calls and SMS were refused today, by service and reason."""
    rows = select(OutgoingCount.service, OutgoingCount.key, OutgoingCount.count).where(
        OutgoingCount.day == _day(now), OutgoingCount.scope == "refused"
    )
    return {(service, why): count for service, why, count in session.execute(rows)}


def forget_old(session: Session, now: datetime) -> None:
    """Delete the counters of past days, because they hold numbers."""
    oldest = _day(now) - timedelta(days=KEPT_DAYS)
    session.execute(delete(OutgoingCount).where(OutgoingCount.day < oldest))


def _day(now: datetime) -> date:
    return now.astimezone(WARSAW).date()
