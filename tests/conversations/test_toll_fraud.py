"""A caller whose number costs the house money is never promised a call or an SMS."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from callcenter.outbound import dial_policy
from callcenter.outbound.dial_policy import COUNTRIES, Limits, Policy, Service
from carrier.network import Network
from models import Callback, Scope, TextMessage
from models.session import transaction
from tests.conversations.callers import Caller
from tests.conversations.test_outage import out

DEAR = ["+48703123456", "+5352123456", "+8821612345678", "+979123456789", "+25261234567"]


def _promised() -> int:
    with transaction() as session:
        return session.query(Callback).count() + session.query(TextMessage).count()


@pytest.fixture(params=DEAR)
def dear(request: pytest.FixtureRequest, network: Network) -> Caller:
    return Caller.of(network, request.param)


@pytest.fixture
def one_a_day(database: Engine) -> Iterator[None]:
    one = Limits(per_number=1, per_prefix=10, per_day=10)
    dial_policy.bind(Policy(COUNTRIES, {Service.CALL: one, Service.TEXT: one}))
    yield
    dial_policy.bind(Policy())


def test_an_outage_offers_such_a_number_no_call(dear: Caller, language: str) -> None:
    dear.dials_in(language)
    dear.hangs_up()
    out(Scope.SWITCHBOARD)
    dear.dials()
    dear.is_not_told("outage-callback", callback="yes")
    dear.presses("1")
    dear.is_told("notice-no-callback")
    dear.is_not_told("outage-callback-kept")
    dear.hangs_up()
    assert _promised() == 0
    with transaction() as session:
        assert sum(dial_policy.refused_today(session, dear.ticket().opened_at).values()) == 1


def test_who_waits_with_such_a_number_keeps_no_place(dear: Caller) -> None:
    dear.dials_in("en", "0")
    dear.is_told("consultant-waiting", callback="no")
    dear.presses("1")
    dear.is_told("notice-no-callback", "consultant-waiting", callback="no")
    dear.hangs_up()
    assert _promised() == 0


def test_a_number_that_had_its_calls_of_the_day_is_offered_none(
    olena: Caller, one_a_day: None
) -> None:
    olena.dials_in("pl", "0")
    olena.presses("1")
    olena.is_told("consultant-callback-kept", line_out="no")
    olena.hangs_up()
    olena.dials_in("pl", "0")
    olena.is_told("consultant-waiting", callback="no")
    olena.presses("1")
    olena.is_told("consultant-callback-not-kept", "consultant-message")
    olena.hangs_up()
    with transaction() as session:
        assert session.query(Callback).count() == 1


def test_no_sms_is_promised_beyond_the_limit(olena: Caller, one_a_day: None) -> None:
    for _ in range(2):
        olena.dials_in("pl", "3", "2")
        olena.waits()
        olena.speaks(10, then="#")
        olena.hangs_up()
    with transaction() as session:
        assert session.query(TextMessage).count() == 1
