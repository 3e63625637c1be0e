"""Key 4: a ticket the caller already has."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.calendar.deadlines import answer_due, spoken_day
from callcenter.tickets.ticket_numbers import new_number
from carrier.clocks import Doing
from models import Kind, Outcome, Status, Ticket, Topic
from models.session import transaction
from tests.conversations.callers import Caller

MOMENT = timedelta(seconds=1)


@pytest.fixture
def open_ticket(jan: Caller) -> Ticket:
    """Jan left a message about an error; nobody answered yet."""
    jan.dials_in("pl", "3", "2")
    jan.waits()
    jan.speaks(10)
    jan.hangs_up()
    return jan.ticket()


@pytest.fixture
def guided_ticket(jan: Caller) -> Ticket:
    """Jan heard where to get a new password."""
    jan.dials_in("pl", "1", "3")
    jan.waits()
    jan.hangs_up()
    return jan.ticket()


@pytest.fixture
def resolved_ticket(jan: Caller) -> Ticket:
    jan.dials_in("pl", "1", "2", "1")
    return jan.ticket()


class TestTheState:
    def test_of_an_open_ticket_is_told_with_the_day_of_the_answer(
        self, olena: Caller, open_ticket: Ticket, language: str
    ) -> None:
        olena.dials_in(language, "4")
        olena.is_told("existing-number")
        olena.types(open_ticket.number)
        due = spoken_day(answer_due(open_ticket.opened_at))
        olena.is_told("existing-state", state="open", date=due)
        olena.waits()
        olena.is_told("existing-choose")
        olena.hangs_up()
        ticket = olena.ticket()
        assert (ticket.topic, ticket.kind) == (Topic.EXISTING_TICKET, Kind.INFORMATION)
        assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.GUIDED)
        assert (ticket.related_to, ticket.due_at) == (None, None)

    def test_of_a_resolved_ticket(
        self, olena: Caller, resolved_ticket: Ticket, language: str
    ) -> None:
        olena.dials_in(language, "4")
        olena.types(resolved_ticket.number)
        assert resolved_ticket.resolved_at
        day = spoken_day(resolved_ticket.resolved_at)
        olena.is_told("existing-state", state="resolved", date=day)
        olena.hangs_up()
        assert olena.ticket().outcome is Outcome.ABANDONED

    def test_of_a_closed_ticket(self, olena: Caller, guided_ticket: Ticket, language: str) -> None:
        olena.dials_in(language, "4")
        olena.types(guided_ticket.number)
        assert guided_ticket.answered_at
        olena.is_told("existing-state", state="closed", date=spoken_day(guided_ticket.answered_at))
        olena.hangs_up()

    def test_is_all_that_a_number_opens(self, olena: Caller, open_ticket: Ticket) -> None:
        olena.dials_in("pl", "4")
        olena.types(open_ticket.number)
        olena.waits()
        said = " ".join(piece.text for piece in olena.heard)
        assert "221 234 567" not in said
        assert open_ticket.caller not in said
        olena.hangs_up()

    def test_can_be_heard_again(self, olena: Caller, open_ticket: Ticket, language: str) -> None:
        olena.dials_in(language, "4")
        olena.types(open_ticket.number)
        due = spoken_day(answer_due(open_ticket.opened_at))
        olena.presses("*")
        olena.is_told("existing-state", state="open", date=due)
        olena.hangs_up()


class TestTheNumber:
    def test_with_a_mistyped_digit_is_told_at_once(
        self, olena: Caller, open_ticket: Ticket, language: str
    ) -> None:
        number = open_ticket.number
        mistyped = number[:4] + str((int(number[4]) + 1) % 10) + number[5:]
        olena.dials_in(language, "4")
        olena.types(mistyped)
        olena.is_told("existing-number-wrong", "existing-number")
        olena.types(number)
        olena.is_not_told("existing-number-wrong")
        olena.hangs_up()

    def test_that_nobody_has_is_unknown(self, olena: Caller, language: str) -> None:
        olena.dials_in(language, "4")
        olena.types(new_number())
        olena.is_told("existing-number-unknown", "existing-number")
        olena.hangs_up()
        assert olena.ticket().topic is Topic.EXISTING_TICKET

    def test_missed_three_times_leads_to_a_consultant(self, olena: Caller, language: str) -> None:
        olena.dials_in(language, "4")
        olena.types("123456789")
        olena.is_told("existing-number-wrong")
        olena.types(new_number())
        olena.is_told("existing-number-unknown")
        olena.types(new_number())
        olena.is_told("notice-unclear-to-consultant", "consultant-connecting")
        assert olena.is_waiting()
        olena.hangs_up()

    @pytest.mark.parametrize(("typed", "counted"), [("12345#", 5), ("1#", 1), ("00#", 2)])
    def test_too_short_is_counted(
        self, olena: Caller, language: str, typed: str, counted: int
    ) -> None:
        olena.dials_in(language, "4")
        olena.types(typed)
        olena.is_told("notice-too-few-digits", counted=counted, digits=9)
        olena.is_told("existing-number")
        olena.hangs_up()

    def test_needs_no_finish_key(self, olena: Caller, open_ticket: Ticket) -> None:
        olena.dials_in("pl", "4")
        olena.types(open_ticket.number[:8])
        assert olena.is_doing(Doing.GATHERING)
        olena.types(open_ticket.number[8])
        olena.hangs_up()

    @pytest.mark.parametrize(
        ("command", "told"),
        [("0", "consultant-connecting"), ("9", "main-menu"), ("*", "existing-number")],
    )
    def test_gives_way_to_a_key_that_comes_alone(
        self, olena: Caller, language: str, command: str, told: str
    ) -> None:
        olena.dials_in(language, "4")
        olena.types(command)
        olena.waits()
        olena.is_told(told)
        olena.is_not_told("notice-too-few-digits", counted=1, digits=9)
        olena.hangs_up()


@pytest.mark.parametrize(
    ("key", "prompt", "kind"),
    [
        ("1", "existing-complaint", Kind.COMPLAINT),
        ("2", "existing-clarification", Kind.CLARIFICATION),
    ],
)
class TestAnObjection:
    def test_to_an_answer_is_recorded_and_tied_to_its_ticket(
        self,
        olena: Caller,
        guided_ticket: Ticket,
        language: str,
        key: str,
        prompt: str,
        kind: Kind,
    ) -> None:
        olena.dials_in(language, "4")
        olena.types(guided_ticket.number)
        olena.waits()
        olena.presses(key)
        olena.is_told("recording-notice", prompt)
        olena.waits()
        olena.speaks(30)
        olena.hears(" ".join(olena.ticket().number[:3]))
        olena.waits()
        olena.is_told("goodbye-kept")
        ticket = olena.ticket()
        assert (ticket.kind, ticket.topic) == (kind, Topic.EXISTING_TICKET)
        assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
        assert ticket.related_to is not None
        assert ticket.related_to.number == guided_ticket.number
        assert ticket.number != guided_ticket.number
        assert ticket.due_at == answer_due(ticket.opened_at)

    def test_waits_for_the_answer(
        self, olena: Caller, open_ticket: Ticket, language: str, key: str, prompt: str, kind: Kind
    ) -> None:
        olena.dials_in(language, "4")
        olena.types(open_ticket.number)
        olena.waits()
        olena.presses(key)
        due = spoken_day(answer_due(open_ticket.opened_at))
        olena.is_told("existing-still-open", date=due)
        olena.presses("2")
        olena.is_told("goodbye")
        ticket = olena.ticket()
        assert (ticket.kind, ticket.related_to) == (Kind.INFORMATION, None)
        assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.GUIDED)

    def test_a_message_that_was_not_spoken_is_none(
        self, olena: Caller, guided_ticket: Ticket, key: str, prompt: str, kind: Kind
    ) -> None:
        olena.dials_in("pl", "4")
        olena.types(guided_ticket.number)
        olena.waits()
        olena.presses(key)
        olena.waits()
        olena.hangs_up()
        ticket = olena.ticket()
        assert (ticket.kind, ticket.outcome) == (Kind.INFORMATION, Outcome.ABANDONED)
        assert ticket.related_to is None

    def test_that_was_recorded_stays_one_whatever_is_heard_afterwards(
        self, olena: Caller, guided_ticket: Ticket, key: str, prompt: str, kind: Kind
    ) -> None:
        olena.dials_in("pl", "4")
        olena.types(guided_ticket.number)
        olena.presses(key)
        olena.waits()
        olena.speaks(10, then="9")
        olena.presses("5")
        olena.waits()
        olena.hangs_up()
        ticket = olena.ticket()
        assert (ticket.topic, ticket.kind) == (Topic.ABOUT, kind)
        assert ticket.outcome is Outcome.LEFT_OPEN
        assert ticket.related_to is not None

    def test_that_was_begun_does_not_name_the_error_reported_instead(
        self, olena: Caller, guided_ticket: Ticket, key: str, prompt: str, kind: Kind
    ) -> None:
        olena.dials_in("pl", "4")
        olena.types(guided_ticket.number)
        olena.waits()
        olena.presses(key)
        olena.waits(4)
        assert olena.is_waiting()
        olena.presses("9", "3", "2")
        olena.waits()
        olena.speaks(10)
        olena.hangs_up()
        ticket = olena.ticket()
        assert (ticket.topic, ticket.kind) == (Topic.ERROR_REPORT, Kind.INCIDENT)
        assert (ticket.outcome, ticket.related_to) == (Outcome.LEFT_OPEN, None)


def test_a_ticket_that_is_still_open_can_be_talked_about(
    olena: Caller, open_ticket: Ticket, language: str
) -> None:
    olena.dials_in(language, "4")
    olena.types(open_ticket.number)
    olena.waits()
    olena.presses("1", "1")
    assert olena.is_waiting()
    olena.hangs_up()


def _warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("answered", "last_moment"),
    [
        ("2026-06-08T10:00:00+02:00", "2026-06-11T23:59:59+02:00"),
        ("2026-06-08T00:00:30+02:00", "2026-06-11T23:59:59+02:00"),
        ("2026-06-08T23:59:00+02:00", "2026-06-11T23:59:59+02:00"),
        # The clocks go forward on 29 March and back on 25 October.
        ("2026-03-27T12:00:00+01:00", "2026-03-30T23:59:59+02:00"),
        ("2026-10-23T12:00:00+02:00", "2026-10-26T23:59:59+01:00"),
        # Calendar days, not working ones: Christmas does not stop them.
        ("2026-12-23T09:00:00+01:00", "2026-12-26T23:59:59+01:00"),
    ],
)
class TestTheDaysForAComplaint:
    @pytest.fixture
    def answered_ticket(
        self, clock: Callable[[datetime], object], jan: Caller, answered: str
    ) -> Ticket:
        clock(_warsaw(answered) - timedelta(seconds=60))
        jan.dials_in("pl", "1", "3")
        jan.waits()
        clock(_warsaw(answered))
        jan.hangs_up()
        return jan.ticket()

    def test_last_until_the_end_of_the_third(
        self,
        clock: Callable[[datetime], object],
        olena: Caller,
        answered_ticket: Ticket,
        last_moment: str,
    ) -> None:
        clock(_warsaw(last_moment) - timedelta(minutes=3))
        olena.dials_in("pl", "4")
        olena.types(answered_ticket.number)
        clock(_warsaw(last_moment) - MOMENT)
        olena.presses("1")
        olena.is_told("existing-complaint")
        olena.hangs_up()

    def test_are_over_then_and_a_consultant_is_offered(
        self,
        clock: Callable[[datetime], object],
        olena: Caller,
        answered_ticket: Ticket,
        last_moment: str,
    ) -> None:
        clock(_warsaw(last_moment) + 2 * MOMENT)
        olena.dials_in("pl", "4")
        olena.types(answered_ticket.number)
        olena.presses("1")
        olena.is_told("existing-too-late", date=last_moment[:10])
        olena.presses("1")
        assert olena.is_waiting()
        olena.hangs_up()


def test_too_late_is_said_in_each_language(
    clock: Callable[[datetime], object], olena: Caller, guided_ticket: Ticket, language: str
) -> None:
    clock(guided_ticket.opened_at + timedelta(days=5))
    olena.dials_in(language, "4")
    olena.types(guided_ticket.number)
    olena.waits()
    olena.presses("2")
    olena.is_told("existing-too-late")
    olena.presses("2")
    olena.is_told("goodbye")
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.GUIDED)
    assert ticket.kind is Kind.INFORMATION


def test_two_tickets_in_one_call_the_last_one_counts(
    olena: Caller, open_ticket: Ticket, somebody: Caller
) -> None:
    somebody.dials_in("en", "1", "2", "1")
    olena.dials_in("pl", "4")
    olena.types(open_ticket.number)
    olena.presses("9", "4")
    olena.types(somebody.ticket().number)
    olena.presses("1")
    olena.waits()
    olena.speaks(8)
    olena.hangs_up()
    related = olena.ticket().related_to
    assert related is not None
    assert related.number == somebody.ticket().number


def test_a_ticket_without_a_row_of_its_own_is_never_told_of(olena: Caller) -> None:
    with transaction() as session:
        assert session.query(Ticket).count() == 0
    olena.dials_in("pl", "4")
    olena.types(olena.ticket().number)
    olena.is_told("existing-state", state="open", date=spoken_day(_due(olena)))
    olena.hangs_up()


def _due(caller: Caller) -> datetime:
    return answer_due(caller.ticket().opened_at)
