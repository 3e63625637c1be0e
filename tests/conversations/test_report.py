"""Key 3: an error or an irregularity, told to a consultant or to the tone."""

import pytest

from callcenter.calendar.deadlines import answer_due
from carrier.clocks import Doing
from models import Kind, Outcome, Recording, Status, Topic
from models.session import transaction
from tests.conversations.callers import Caller


def test_a_consultant_takes_the_report(olena: Caller, language: str) -> None:
    olena.dials_in(language, "3")
    olena.is_told("report-menu")
    olena.presses("1")
    olena.is_told("report-talk", "consultant-connecting")
    assert olena.is_waiting()
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.topic, ticket.kind) == (Topic.ERROR_REPORT, Kind.INCIDENT)
    assert ticket.outcome is Outcome.ABANDONED


def test_a_described_error_becomes_an_open_ticket(olena: Caller, language: str) -> None:
    olena.dials_in(language, "3", "2")
    olena.is_told("recording-notice", "report-describe")
    olena.waits()
    olena.speaks(20, then="#")
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome, ticket.due_at) == (Status.OPEN, None, None)
    due = answer_due(ticket.opened_at).date().isoformat()
    olena.is_told("kept-number", number=ticket.number, due=due, sms="yes")
    olena.waits()
    olena.is_told("goodbye-kept")
    assert not olena.is_up
    ticket = olena.ticket()
    assert (ticket.topic, ticket.kind) == (Topic.ERROR_REPORT, Kind.INCIDENT)
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
    assert ticket.due_at == answer_due(ticket.opened_at)
    assert not ticket.resolved_during_call
    assert (ticket.resolved_at, ticket.related_to) == (None, None)
    assert [(text.purpose, text.language) for text in olena.texts()] == [
        ("ticket-number", language)
    ]
    assert _recordings() == [("completed", 20)]


def _recordings() -> list[tuple[str, int | None]]:
    with transaction() as session:
        return [(row.status, row.duration_s) for row in session.query(Recording)]


def test_the_number_is_spoken_twice_digit_by_digit(jan: Caller) -> None:
    jan.dials_in("pl", "3", "2")
    jan.waits()
    jan.speaks(3)
    number = jan.ticket().number
    spoken = ", ".join(" ".join(number[at : at + 3]) for at in (0, 3, 6))
    assert jan.last_heard.count(spoken) == 2
    jan.does_not_hear("SMS")
    jan.waits()
    assert jan.texts() == []


def test_who_hangs_up_after_the_tone_leaves_a_ticket_too(olena: Caller, language: str) -> None:
    olena.dials_in(language, "3", "2")
    olena.waits()
    olena.hangs_up(while_speaking=12)
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
    assert (ticket.topic, ticket.due_at) == (Topic.ERROR_REPORT, answer_due(ticket.opened_at))
    assert [text.purpose for text in olena.texts()] == ["ticket-number"]


def test_who_hangs_up_before_saying_anything_leaves_none(olena: Caller) -> None:
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.ABANDONED)
    assert ticket.left_at == "report/tone"
    assert olena.texts() == []


def test_saying_nothing_is_asked_again_and_leads_to_a_consultant(
    jan: Caller, language: str
) -> None:
    jan.dials_in(language, "3", "2")
    jan.waits()
    for _ in range(2):
        jan.waits()
        jan.is_told("notice-nothing-recorded")
        assert jan.is_doing(Doing.RECORDING)
    jan.waits()
    jan.is_told("notice-unclear-to-consultant", "consultant-connecting")
    assert jan.is_waiting()
    jan.hangs_up()


def test_zero_while_recording_leads_to_a_consultant_and_keeps_the_message(
    olena: Caller, language: str
) -> None:
    olena.dials_in(language, "3", "2")
    olena.waits()
    olena.speaks(9, then="0")
    olena.is_told("consultant-connecting")
    assert olena.is_waiting()
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)


def test_nine_while_recording_leads_to_the_main_menu_and_keeps_the_message(olena: Caller) -> None:
    olena.dials_in("en", "3", "2")
    olena.waits()
    olena.speaks(9, then="9")
    olena.is_told("main-menu")
    olena.hangs_up()
    assert olena.ticket().outcome is Outcome.LEFT_OPEN


def test_any_other_key_ends_the_message(olena: Caller) -> None:
    olena.dials_in("uk", "3", "2")
    olena.waits()
    olena.speaks(9, then="5")
    olena.hears(" ".join(olena.ticket().number[:3]))
    olena.hangs_up()
    assert olena.ticket().outcome is Outcome.LEFT_OPEN


def test_a_lost_answer_still_leaves_the_message(olena: Caller, out_of_balance: list[str]) -> None:
    """The carrier told of the recording; that the caller had spoken never arrived."""
    out_of_balance.append("the step behind the message is lost")
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.loses_next()
    olena.speaks(12)
    olena.hears("application error")
    assert olena.errors
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
    assert ticket.due_at == answer_due(ticket.opened_at)
    assert [text.purpose for text in olena.texts()] == ["ticket-number"]


@pytest.mark.parametrize("first", ["recording", "status"])
def test_the_recording_may_be_told_after_the_end_or_before(
    olena: Caller, first: str, out_of_balance: list[str]
) -> None:
    out_of_balance.append("the step behind the message is lost")
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.network.post_office.holding = True
    olena.loses_next()
    olena.speaks(12)
    office = olena.network.post_office
    for request in sorted(office.held, key=lambda held: held.kind.value != first):
        office.deliver(request)
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)


def test_a_message_is_kept_as_long_as_the_notice_says(jan: Caller) -> None:
    jan.dials_in("pl", "3", "2")
    jan.hears("Wiadomość nagrywa Help Desk SISC", "po 90 dniach", "3 minuty")
    jan.waits()
    jan.speaks(400)
    with transaction() as session:
        recording = session.query(Recording).one()
    assert recording.duration_s == 180
    assert recording.kept_until is not None
    assert (recording.kept_until - recording.made_at).days == 90
    jan.hangs_up()
