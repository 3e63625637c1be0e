"""Key 2: requests about an account, which a consultant finishes in the same call."""

import pytest
from sqlalchemy import Engine, MetaData, select

from callcenter.privacy import encryption
from models import Kind, Outcome, Status, Topic
from tests.conversations.callers import Caller

PESEL = "44051401359"
MISTYPED = "44051401358"


@pytest.mark.parametrize(
    ("key", "guidance", "topic"),
    [
        ("1", "account-email-basic", Topic.EMAIL_CHANGE_BASIC_FORGOTTEN),
        ("2", "account-email-both", Topic.EMAIL_CHANGE_BOTH_FORGOTTEN),
    ],
)
def test_a_change_of_the_address_goes_to_a_consultant(
    olena: Caller, language: str, key: str, guidance: str, topic: Topic
) -> None:
    olena.dials_in(language, "2")
    olena.is_told("account-menu")
    olena.presses(key)
    olena.is_told(guidance, "consultant-connecting")
    assert olena.is_waiting()
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.topic, ticket.kind) == (topic, Kind.SERVICE_REQUEST)
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.ABANDONED)
    assert (ticket.pesel, ticket.language) == (None, language)


def test_a_pesel_that_is_in_the_system_is_asked_for_with_the_reason(
    olena: Caller, language: str
) -> None:
    olena.dials_in(language, "2", "3")
    olena.is_told("account-pesel-exists", "account-pesel")
    olena.types(PESEL)
    olena.is_told("account-pesel-noted", "consultant-connecting")
    assert olena.is_waiting()
    ticket = olena.ticket()
    assert (ticket.topic, ticket.kind) == (Topic.PESEL_EXISTS, Kind.SERVICE_REQUEST)
    assert ticket.pesel is not None
    assert PESEL.encode() not in ticket.pesel
    assert encryption.unseal(ticket.pesel) == PESEL.encode()
    assert olena.turns()[-1].input == "•••"
    olena.hangs_up()


def test_zero_skips_the_pesel(olena: Caller, language: str) -> None:
    olena.dials_in(language, "2", "3")
    olena.types("0#")
    olena.is_told("consultant-connecting")
    assert olena.is_waiting()
    assert olena.turns()[-1].input == "0"
    olena.hangs_up()
    assert olena.ticket().pesel is None
    assert olena.ticket().topic is Topic.PESEL_EXISTS


def test_three_wrong_pesels_lead_to_a_consultant(olena: Caller, language: str) -> None:
    olena.dials_in(language, "2", "3")
    for _ in range(2):
        olena.types(MISTYPED)
        olena.is_told("account-pesel-wrong", "account-pesel")
    olena.types(MISTYPED)
    olena.is_told("notice-unclear-to-consultant", "consultant-connecting")
    assert olena.is_waiting()
    assert olena.ticket().pesel is None
    olena.hangs_up()


def test_the_second_try_may_be_right(jan: Caller) -> None:
    jan.dials_in("pl", "2", "3")
    jan.types(MISTYPED)
    jan.types(PESEL)
    jan.is_told("account-pesel-noted")
    jan.hangs_up()
    assert jan.ticket().pesel is not None


@pytest.mark.parametrize("typed", ["4405140135#", "440#", "0044051401"])
def test_too_few_digits_are_counted(jan: Caller, language: str, typed: str) -> None:
    jan.dials_in(language, "2", "3")
    jan.types(typed)
    if not typed.endswith("#"):
        jan.waits()
    jan.is_told("notice-too-few-digits", counted=len(typed.rstrip("#")), digits=11)
    jan.is_told("account-pesel")
    jan.hangs_up()


def test_a_pesel_lies_nowhere_in_clear(
    olena: Caller, database: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    almost = [MISTYPED, PESEL[:-1], PESEL[1:]]
    olena.dials_in("pl", "2", "3")
    olena.types(MISTYPED)
    olena.types(almost[1] + "#")
    olena.types(PESEL)
    olena.sends_again()
    olena.sends(olena.requests[-3].request)
    olena.hangs_up()
    olena.dials()
    olena.presses("2", "3")
    olena.types(almost[2] + "#")
    olena.hangs_up()
    stored = _everything_in(database)
    for digits in (PESEL, *almost):
        assert digits not in stored
        assert digits not in caplog.text
    assert not [sent.url for sent in olena.requests if "440514" in sent.url]


def _everything_in(database: Engine) -> str:
    """All rows of all tables as text."""
    tables = MetaData()
    tables.reflect(database)
    with database.connect() as connection:
        rows = [
            str(row)
            for table in tables.tables.values()
            for row in connection.execute(select(table))
        ]
    assert len(rows) > 10
    return "\n".join(rows)


def test_hear_it_again_says_what_led_here_too(olena: Caller) -> None:
    olena.dials_in("pl", "2", "3")
    olena.is_told("account-pesel-exists", "account-pesel")
    olena.types("*")
    olena.waits()
    olena.is_told("account-pesel-exists", "account-pesel")
    olena.hangs_up()
