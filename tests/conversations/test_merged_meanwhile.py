"""While a client is called back, somebody finds that the ticket is an older one's matter."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from callcenter.calendar.deadlines import answer_due, spoken_day
from callcenter.queue import voicemail
from callcenter.tickets import handling, resolutions
from callcenter.tickets.decisions import Decider, NotPossibleError, Reason
from carrier.telephone import Telephone
from models import Callback, State, Status, Ticket, Topic
from models.session import transaction
from tests.conversations.callers import Caller
from tests.conversations.test_called_once import are_one_matter, keeps_the_place, tickets
from tests.shift import Shift


@pytest.fixture
def ania(shift: Shift, olena: Caller) -> Telephone:
    """Has called Olena back about what was left open; Marek merged it into the older ticket."""
    ania = calls_back(shift, olena)
    are_one_matter(shift, olena, "marek")
    older, younger = tickets()
    assert (older.status, younger.status) == (Status.OPEN, Status.CLOSED)
    return ania


def calls_back(shift: Shift, olena: Caller) -> Telephone:
    olena.dials_in("pl", "1", "1")
    olena.hangs_up()
    keeps_the_place(olena)
    shift.comes("marek", languages=("en",))
    decides(shift, "marek", tickets()[1], handling.leave_open)
    ania = shift.comes("ania")
    ania.answers()
    shift.works()
    olena.answers()
    shift.works()
    return ania


def decides(shift: Shift, login: str, ticket: Ticket, what: Callable[..., None]) -> None:
    with transaction() as session:
        by = Decider(shift.id_of(login), datetime.now(UTC))
        code = resolutions.for_topic(Topic.LOGIN_LOCKED)[0]
        what(session, session.get_one(Ticket, ticket.id), by, Topic.LOGIN_LOCKED, code)


def says_nobody_was_reached(shift: Shift) -> None:
    """On the ticket that the desk shows: that of the conversation."""
    with transaction() as session:
        in_hand = session.get_one(Ticket, tickets()[1].id)
        voicemail.nobody_reached(session, in_hand, shift.id_of("ania"), "", datetime.now(UTC))
    shift.works()


def notes_of_calls(ticket: Ticket) -> list[str]:
    changes = [note.change for note in ticket.notes]
    return [change["call_back"] for change in changes if "call_back" in change]


def callback() -> Callback:
    with transaction() as session:
        return session.query(Callback).one()


@pytest.mark.parametrize("hangs_up_first", [True, False])
def test_a_mailbox_is_nobody(
    shift: Shift, olena: Caller, ania: Telephone, hangs_up_first: bool
) -> None:
    if hangs_up_first:
        olena.hangs_up()
        shift.works()
    says_nobody_was_reached(shift)
    assert not ania.is_up
    olena.is_not_told("goodbye-solved")
    assert (callback().attempts, callback().done_at) == (1, None)
    assert [notes_of_calls(ticket) for ticket in tickets()] == [["voice-mail"], []]
    assert shift.presence("ania").state is State.AVAILABLE


def test_what_somebody_resolved_needs_no_further_call(
    shift: Shift, olena: Caller, ania: Telephone
) -> None:
    decides(shift, "marek", tickets()[0], handling.resolve)
    with pytest.raises(NotPossibleError) as refused:
        says_nobody_was_reached(shift)
    assert refused.value.reason is Reason.NOT_OPEN
    ania.hangs_up()
    shift.works()


def test_the_client_is_told_how_the_matter_stands(
    shift: Shift, olena: Caller, ania: Telephone
) -> None:
    shift.does("ania", "leave")
    assert not ania.is_up
    olena.is_told("goodbye-kept")
    olena.is_not_told("goodbye-solved")
    older, _younger = tickets()
    due = spoken_day(answer_due(older.opened_at))
    olena.is_told("kept-number", number=older.number, due=due, sms="yes")


def test_a_lost_consultant_is_noted_where_the_matter_is(
    shift: Shift, olena: Caller, ania: Telephone
) -> None:
    ania.hangs_up()
    shift.works()
    olena.is_told("desk-client-lost")
    assert (callback().attempts, callback().done_at) == (0, None)
    assert [notes_of_calls(ticket) for ticket in tickets()] == [["lost"], []]


def test_who_is_lost_after_somebody_finished_the_matter_calls_no_more(
    shift: Shift, olena: Caller, ania: Telephone
) -> None:
    decides(shift, "marek", tickets()[0], handling.resolve)
    ania.hangs_up()
    shift.works()
    olena.is_told("goodbye-solved")
    olena.is_not_told("desk-client-lost")


def test_who_resolved_the_matter_has_said_all(shift: Shift, olena: Caller, ania: Telephone) -> None:
    decides(shift, "ania", tickets()[0], handling.resolve)
    ania.hangs_up()
    shift.works()
    olena.is_told("goodbye-solved")
    olena.is_not_told("desk-client-lost")


def test_who_decided_before_the_merge_has_said_all(shift: Shift, olena: Caller) -> None:
    ania = calls_back(shift, olena)
    decides(shift, "ania", tickets()[1], handling.leave_open)
    are_one_matter(shift, olena, "marek")
    ania.hangs_up()
    shift.works()
    olena.is_told("goodbye-kept")
    olena.is_not_told("desk-client-lost")
