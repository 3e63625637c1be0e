"""What may leave: no number that costs more than an ordinary call, and no number too often."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import phonenumbers
import pytest
import requests
from phonenumbers import PhoneNumberType
from sqlalchemy import Engine, select

from callcenter import telephony
from callcenter.outbound import dial_policy
from callcenter.outbound.dial_policy import COUNTRIES, Limits, Policy, Refusal, Service
from callcenter.telephony import carrier_calls, carrier_texts
from models import OutgoingCount
from models.session import transaction

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OLENA, JAN = "+48501234567", "+48221234567"
FEW = Limits(per_number=2, per_prefix=3, per_day=4)


@pytest.fixture
def few(database: Engine) -> Iterator[None]:
    """Small limits, so that a test reaches them."""
    dial_policy.bind(Policy(COUNTRIES, {Service.CALL: FEW, Service.TEXT: FEW}))
    yield
    dial_policy.bind(Policy())


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (OLENA, None),
        (JAN, None),
        ("+380501234567", None),
        ("+4915123456789", None),
        ("+48392123456", None),  # over the Internet
        ("+48703123456", Refusal.NUMBER_TYPE),
        ("+48801123456", Refusal.NUMBER_TYPE),
        ("+48800123456", Refusal.NUMBER_TYPE),
        ("+4853525252", Refusal.INVALID),
        ("+5352123456", Refusal.COUNTRY),
        ("+25261234567", Refusal.COUNTRY),
        ("+8821612345678", Refusal.COUNTRY),
        ("+881612345678", Refusal.COUNTRY),
        ("+979123456789", Refusal.COUNTRY),
        ("+808123456789", Refusal.COUNTRY),
        ("+12125550123", Refusal.COUNTRY),
        ("+18765550123", Refusal.COUNTRY),
        ("+79161234567", Refusal.COUNTRY),
        ("+441534123456", Refusal.COUNTRY),  # Jersey
        ("+262692123456", Refusal.COUNTRY),  # Réunion
        ("+35818123456", Refusal.COUNTRY),  # Åland
        ("+390669812345", Refusal.COUNTRY),  # the Vatican
        ("+48112", Refusal.INVALID),
        ("+48997", Refusal.INVALID),
        ("+48 501234567", Refusal.INVALID),  # not as it would be dialled
        ("+480501234567", Refusal.INVALID),
        ("+48501234567;ext=1", Refusal.INVALID),
        ("sip:olena@example.org", Refusal.NO_NUMBER),
        ("withheld", Refusal.NO_NUMBER),
        ("unusable", Refusal.NO_NUMBER),
    ],
)
def test_only_ordinary_numbers_of_the_countries_are_called(
    number: str, why: Refusal | None
) -> None:
    assert dial_policy.refusal(Service.CALL, number) is why


@pytest.mark.parametrize("country", sorted(COUNTRIES))
@pytest.mark.parametrize(
    "kind",
    [
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    ],
)
def test_no_country_has_a_dear_number_that_is_called(country: str, kind: int) -> None:
    example = phonenumbers.example_number_for_type(country, kind)
    if example is None:
        return  # the country has no such numbers
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert not dial_policy.may_call(number)
    assert not dial_policy.may_text(number)


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_mobiles_of_each_country_are_called_and_texted(country: str) -> None:
    example = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    assert example
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert dial_policy.may_call(number)
    assert dial_policy.may_text(number)


def test_sms_go_to_mobiles_alone() -> None:
    assert dial_policy.refusal(Service.TEXT, JAN) is Refusal.NUMBER_TYPE
    assert dial_policy.refusal(Service.TEXT, OLENA) is None


@pytest.mark.parametrize(
    ("address", "is_refused"),
    [
        ("client:ania", False),
        ("sip:ania@example.org", False),
        ("sip:204@pbx.example.org", False),
        ("sip:22101@pbx.example.org", False),
        ("sip:ania.k2@example.org", False),
        ("sip:112@gateway.example.org", True),
        ("sip:997@gateway.example.org", True),
        ("sip:%31%31%32@gateway.example.org", True),
        ("sip:%2B48703123456@gateway.example.org", True),
        ("sip:+48703123456;phone-context=x@gateway.example.org", True),
        ("sip:+48703123456:word@gateway.example.org", True),
        ("sip:+48.703.123.456@gateway.example.org;user=phone", True),
        ("sip:+48703123456p1@gateway.example.org", True),
        ("sip:*70+5352123456@gateway.example.org", True),
        ("sip:005352123456@a@gateway.example.org", True),
        ("SIP:+48703123456@gateway.example.org", True),
        ("sip:+48703123456@gateway.example.org", True),
        ("sip:0048703123456@gateway.example.org", True),
        ("sips:703123456@gateway.example.org", True),
        ("sip:+48501234567@gateway.example.org", False),
        ("+48703123456", True),
    ],
)
def test_addresses_are_held_to_the_same_rule(address: str, is_refused: bool) -> None:
    assert (dial_policy.refusal_of_address(address) is not None) is is_refused


def test_the_line_never_calls_itself() -> None:
    dial_policy.bind(Policy(own=JAN))
    try:
        assert dial_policy.refusal(Service.CALL, JAN) is Refusal.OUR_OWN
        assert dial_policy.refusal_of_address(f"sip:{JAN}@example.org") is Refusal.OUR_OWN
    finally:
        dial_policy.bind(Policy())


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A carrier that nobody can ask: what is refused is refused before."""
    monkeypatch.setattr(telephony, "_accounts", [])
    telephony.bind(telephony.Account("AC0", "t", JAN, JAN, "http://127.0.0.1:9", "http://x"))


@pytest.mark.usefixtures("unreachable")
@pytest.mark.parametrize("number", ["+48703123456", "+5352123456", "+882161234567", "+48112"])
@pytest.mark.parametrize(
    "leaves",
    [
        lambda to: carrier_calls.place(to, "/first", "/status"),
        lambda to: carrier_texts.send(to, "words"),
        lambda to: telephony.client().calls.create(to=to, from_=JAN, url="http://x"),
        lambda to: telephony.client().messages.create(to=to, from_=JAN, body="words"),
        lambda to: telephony.client().conferences("CF0").participants.create(to=to, from_=JAN),
    ],
    ids=["place", "send", "calls", "messages", "participants"],
)
def test_nothing_leaves_by_the_carriers_client_without_the_rule(
    leaves: Callable[[str], object], number: str
) -> None:
    with pytest.raises(telephony.NotAllowedError):
        leaves(number)


@pytest.mark.usefixtures("unreachable")
def test_what_may_leave_does_so() -> None:
    with pytest.raises(requests.ConnectionError):
        carrier_calls.place(OLENA, "/first", "/status")
    with pytest.raises(telephony.NotAllowedError):
        carrier_texts.send(JAN, "no mobile")


@pytest.mark.usefixtures("few")
class TestLimits:
    def test_a_number_a_prefix_and_a_day_have_limits(self) -> None:
        def promised(number: str, at: datetime = NOW) -> bool:
            with transaction() as session:
                return dial_policy.reserve(session, Service.CALL, number, at)

        assert [promised(OLENA) for _ in range(3)] == [True, True, False]
        assert [promised("+48501234000"), promised("+48501234001")] == [True, False]
        assert [promised(JAN), promised("+48221112233")] == [True, False]
        with transaction() as session:
            assert dial_policy.refused_today(session, NOW) == {
                ("call", "per_number"): 1,
                ("call", "per_prefix"): 1,
                ("call", "per_day"): 1,
            }
            assert not dial_policy.has_room(session, Service.CALL, OLENA, NOW)
            assert dial_policy.has_room(session, Service.TEXT, OLENA, NOW)
        assert promised(OLENA, NOW + timedelta(days=1))

    def test_who_asks_at_once_gets_no_more(self) -> None:
        def promised(_: int) -> bool:
            with transaction() as session:
                return dial_policy.reserve(session, Service.CALL, OLENA, NOW)

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(promised, range(24))) == FEW.per_number

    def test_counters_with_numbers_are_erased(self) -> None:
        with transaction() as session:
            dial_policy.reserve(session, Service.TEXT, OLENA, NOW)
            dial_policy.forget_old(session, NOW + timedelta(days=dial_policy.KEPT_DAYS))
            assert session.scalars(select(OutgoingCount)).all()
            dial_policy.forget_old(session, NOW + timedelta(days=dial_policy.KEPT_DAYS + 1))
            assert not session.scalars(select(OutgoingCount)).all()


def test_what_earns_nobody_money_is_no_alarm(database: Engine) -> None:
    with transaction() as session:
        for number in ("withheld", "sip:olena@example.org", JAN, "+48703123456"):
            assert not dial_policy.reserve(session, Service.TEXT, number, NOW)
        assert dial_policy.refused_today(session, NOW) == {("text", "number_type"): 1}
