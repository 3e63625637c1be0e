"""What the desk promised: an answer is told by SMS and on the line, and can be complained about."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.calendar.deadlines import answer_due, complaint_due, spoken_day
from callcenter.queue import merging
from callcenter.tickets import handling
from callcenter.tickets.decisions import Decider
from models import Agent, Kind, Role, Ticket, Topic
from models.session import transaction
from tests.console import scenes
from tests.conversations.callers import Caller


@pytest.fixture
def open_ticket(olena: Caller) -> Ticket:
    """Olena left a message about an error; nobody answered yet."""
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.speaks(10)
    olena.hangs_up()
    return olena.ticket()


@pytest.fixture
def person(line: object) -> Agent:
    with transaction() as session:
        return scenes.ania(session)


def _answered(ticket: Ticket, person: Agent, now: datetime) -> None:
    with transaction() as session:
        row = session.get_one(Ticket, ticket.id)
        topic, code = Topic.ERROR_REPORT, "fault_mended"
        handling.resolve(session, row, Decider(person.id, now), topic, code, text_wanted=True)


def test_an_answer_is_told_and_can_be_complained_about_for_three_days(
    olena: Caller,
    open_ticket: Ticket,
    person: Agent,
    clock: Callable[[datetime], object],
) -> None:
    assert person.role is Role.AGENT
    answered_at = datetime.now(UTC) + timedelta(days=2)
    clock(answered_at)
    _answered(open_ticket, person, answered_at)
    assert [text.purpose for text in olena.texts()] == ["ticket-number", "answered"]
    last = complaint_due(answered_at)
    clock(last - timedelta(minutes=5))
    olena.dials_in("pl", "4")
    olena.types(open_ticket.number)
    olena.is_told("existing-state", state="resolved", date=spoken_day(answered_at))
    olena.waits()
    olena.presses("1")
    olena.is_told("recording-notice", "existing-complaint")
    olena.waits()
    olena.speaks(10)
    olena.hangs_up()
    complaint = olena.ticket()
    assert complaint.kind is Kind.COMPLAINT
    assert complaint.related_to
    assert complaint.related_to.number == open_ticket.number
    clock(last + timedelta(minutes=1))
    olena.dials_in("pl", "4")
    olena.types(open_ticket.number)
    olena.waits()
    olena.presses("1")
    olena.is_told("existing-too-late")
    olena.hangs_up()


def test_reopened_it_is_open_again_with_a_new_day(
    olena: Caller, open_ticket: Ticket, person: Agent
) -> None:
    now = datetime.now(UTC)
    _answered(open_ticket, person, now)
    with transaction() as session:
        row = session.get_one(Ticket, open_ticket.id)
        handling.reopen(session, row, Decider(person.id, now))
    olena.dials_in("pl", "4")
    olena.types(open_ticket.number)
    olena.is_told("existing-state", state="open", date=spoken_day(answer_due(now)))
    olena.hangs_up()


def test_who_types_a_merged_number_hears_of_the_ticket_that_stays(
    olena: Caller, jan: Caller, open_ticket: Ticket, person: Agent
) -> None:
    jan.dials_in("pl", "3", "2")
    jan.waits()
    jan.speaks(10)
    jan.hangs_up()
    later, now = jan.ticket(), datetime.now(UTC)
    with transaction() as session:
        older, younger = (session.get_one(Ticket, each.id) for each in (open_ticket, later))
        merging.merge(session, younger, Decider(person.id, now), older)
    _answered(open_ticket, person, now)
    jan.dials_in("pl", "4")
    jan.types(later.number)
    jan.is_told("existing-state", state="resolved", date=spoken_day(now))
    jan.waits()
    jan.presses("2")
    jan.waits()
    jan.speaks(10)
    jan.hangs_up()
    asked = jan.ticket()
    assert asked.kind is Kind.CLARIFICATION
    assert asked.related_to
    assert asked.related_to.number == open_ticket.number
