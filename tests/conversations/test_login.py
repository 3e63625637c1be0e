"""Key 1: the caller cannot log in."""

from collections.abc import Callable

import pytest

from callcenter.calendar.deadlines import answer_due
from carrier.clocks import Doing
from carrier.telephone import Telephone
from models import Kind, Outcome, Status, Topic
from tests.conversations.callers import Caller


def test_a_locked_account_goes_to_a_consultant(olena: Caller, language: str) -> None:
    olena.dials_in(language, "1")
    olena.is_told("login-menu")
    olena.presses("1")
    olena.is_told("login-locked", "consultant-connecting")
    olena.is_told("consultant-waiting", callback="yes")
    assert olena.is_waiting()
    ticket = olena.ticket()
    assert (ticket.topic, ticket.kind) == (Topic.LOGIN_LOCKED, Kind.SERVICE_REQUEST)
    assert (ticket.status, ticket.outcome, ticket.language) == (Status.OPEN, None, language)
    olena.hangs_up()


def test_a_consultant_who_took_the_call_leaves_the_ticket_open(
    olena: Caller,
    ania: Telephone,
    takes_a_call: Callable[[Telephone], None],
    language: str,
) -> None:
    olena.dials_in(language, "1", "1")
    takes_a_call(ania)
    assert olena.is_doing(Doing.TALKING)
    ania.hangs_up()
    olena.waits()
    olena.is_told("goodbye-kept")
    assert not olena.is_up
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
    assert ticket.due_at == answer_due(ticket.opened_at)
    assert not ticket.resolved_during_call
    assert ticket.topic is Topic.LOGIN_LOCKED


@pytest.mark.parametrize(
    ("key", "guidance", "topic"),
    [
        ("2", "login-basic-forgotten", Topic.BASIC_PASSWORD_FORGOTTEN),
        ("3", "login-both-forgotten", Topic.BOTH_PASSWORDS_FORGOTTEN),
    ],
)
class TestForgottenPasswords:
    def test_guidance_that_solves_it_resolves_the_ticket(
        self, olena: Caller, language: str, key: str, guidance: str, topic: Topic
    ) -> None:
        olena.dials_in(language, "1", key)
        olena.is_told(guidance)
        olena.waits()
        olena.is_told("login-solved", sms="yes")
        olena.presses("1")
        olena.is_told("goodbye-solved")
        assert not olena.is_up
        ticket = olena.ticket()
        assert (ticket.topic, ticket.kind) == (topic, Kind.INFORMATION)
        assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.RESOLVED_BY_LINE)
        assert ticket.resolved_during_call
        assert ticket.resolved_at is not None
        assert (ticket.due_at, ticket.language) == (None, language)

    def test_who_hangs_up_after_hearing_it_was_guided(
        self, olena: Caller, language: str, key: str, guidance: str, topic: Topic
    ) -> None:
        olena.dials_in(language, "1", key)
        olena.waits()
        olena.hangs_up()
        ticket = olena.ticket()
        assert (ticket.topic, ticket.status) == (topic, Status.CLOSED)
        assert ticket.outcome is Outcome.GUIDED
        assert not ticket.resolved_during_call
        assert ticket.due_at is None

    def test_who_hangs_up_before_the_end_of_it_was_not(
        self, olena: Caller, language: str, key: str, guidance: str, topic: Topic
    ) -> None:
        olena.dials_in(language, "1", key)
        olena.hangs_up()
        ticket = olena.ticket()
        assert (ticket.topic, ticket.status) == (topic, Status.CLOSED)
        assert ticket.outcome is Outcome.ABANDONED
        assert ticket.left_at == olena.turns()[-1].leads_to != ""

    def test_guidance_that_does_not_solve_it_leads_to_a_consultant(
        self, olena: Caller, language: str, key: str, guidance: str, topic: Topic
    ) -> None:
        olena.dials_in(language, "1", key)
        olena.waits()
        olena.presses("2")
        assert olena.is_waiting()
        assert olena.ticket().topic is topic
        olena.hangs_up()
        assert olena.ticket().outcome is Outcome.ABANDONED

    def test_a_key_during_the_guidance_answers_its_question(
        self, olena: Caller, language: str, key: str, guidance: str, topic: Topic
    ) -> None:
        olena.dials_in(language, "1", key, "1")
        olena.is_told("goodbye-solved")
        assert olena.ticket().outcome is Outcome.RESOLVED_BY_LINE

    def test_silence_at_the_question_keeps_what_was_earned(
        self, olena: Caller, language: str, key: str, guidance: str, topic: Topic
    ) -> None:
        olena.dials_in(language, "1", key)
        olena.waits(2)
        olena.is_told("notice-silence")
        olena.is_told("login-solved", sms="yes")
        olena.hangs_up()
        assert olena.ticket().outcome is Outcome.GUIDED

    def test_going_elsewhere_loses_it(
        self, olena: Caller, language: str, key: str, guidance: str, topic: Topic
    ) -> None:
        olena.dials_in(language, "1", key)
        olena.waits()
        olena.presses("9", "3")
        olena.hangs_up()
        ticket = olena.ticket()
        assert (ticket.topic, ticket.outcome) == (topic, Outcome.ABANDONED)
        assert ticket.left_at == "report/menu"


def test_a_hang_up_in_the_menu_is_abandoned_without_a_topic(jan: Caller, language: str) -> None:
    jan.dials_in(language, "1")
    jan.hangs_up()
    ticket = jan.ticket()
    assert (ticket.topic, ticket.kind) == (None, Kind.UNKNOWN)
    assert (ticket.outcome, ticket.left_at) == (Outcome.ABANDONED, "login/menu")


def test_the_polish_guidance_says_what_the_help_desk_says(olena: Caller) -> None:
    olena.dials_in("pl", "1", "2")
    olena.hears("puesc kropka gov kropka p l", "przycisku „zapomniałem hasła”", "hasłem awaryjnym")
    olena.presses("9", "1", "3")
    olena.hears("placówka celna", "osobiście, z dokumentem tożsamości", "hasła awaryjnego")
    olena.hangs_up()
