"""Key 5: about the help desk."""

from models import Kind, Outcome, Status, Topic
from tests.conversations.callers import Caller


def test_all_of_it_heard_resolves_the_ticket(olena: Caller, language: str) -> None:
    olena.dials_in(language, "5")
    olena.is_told("about-channels", "about-hours", "about-times")
    olena.waits()
    olena.is_told("about-enough")
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.topic, ticket.kind) == (Topic.ABOUT, Kind.INFORMATION)
    assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.RESOLVED_BY_LINE)
    assert ticket.resolved_during_call
    assert ticket.language == language


def test_one_is_enough(olena: Caller, language: str) -> None:
    olena.dials_in(language, "5")
    olena.waits()
    olena.presses("1")
    olena.is_told("goodbye")
    assert not olena.is_up
    assert olena.ticket().outcome is Outcome.RESOLVED_BY_LINE


def test_one_is_enough_before_the_end_too(jan: Caller) -> None:
    jan.dials_in("pl", "5", "1")
    jan.is_told("goodbye")
    assert jan.ticket().outcome is Outcome.RESOLVED_BY_LINE


def test_two_leads_to_a_consultant(olena: Caller, language: str) -> None:
    olena.dials_in(language, "5")
    olena.waits()
    olena.presses("2")
    assert olena.is_waiting()
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.topic, ticket.outcome) == (Topic.ABOUT, Outcome.ABANDONED)


def test_who_hangs_up_in_the_middle_did_not_hear_all_of_it(olena: Caller) -> None:
    olena.dials_in("pl")
    olena.hangs_up_when_hearing("NOWE")
    olena.presses("5")
    assert not olena.is_up
    assert olena.ticket().outcome is Outcome.ABANDONED


def test_the_polish_facts_are_those_of_the_help_desk(olena: Caller) -> None:
    olena.dials_in("pl", "5")
    olena.hears(
        "helpdesk myślnik eclo, małpa, m f kropka gov kropka p l",
        "w temacie wpisz słowo NOWE",
        "PUESC",
        "24 godziny na dobę, 7 dni w tygodniu",
        "10 dni roboczych",
    )
    olena.hangs_up()
