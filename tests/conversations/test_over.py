"""Our own call when an outage is over: it works again, a consultant if still needed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

import words
from callcenter.announcements.outage_callbacks import Attempt
from callcenter.calls.call_log import StatusEvent
from carrier.call import Callback, Direction
from carrier.clocks import Doing
from carrier.line import Jump
from carrier.network import Network
from carrier.telephone import Telephone
from config import Settings
from ivr.events import Answered, StatusCame
from ivr.flows import SCRIPT
from ivr.ring import Ring
from ivr.transitions import Position
from models import Call, CallStatus, Hearing, Outcome, Status, Ticket, Topic, Turn
from models.session import transaction
from tests.conversations.callers import KEY_OF, Caller
from tests.outages import Outage, noted, outage_of, request_of, ticket_of
from webhooks import line_of


@pytest.fixture
def outage(
    clock: Callable[[datetime], object], network: Network, settings: Settings
) -> Iterator[Outage]:
    with outage_of(network, settings) as outage:
        yield outage


@pytest.fixture
def called(outage: Outage, olena: Caller, language: str) -> Caller:
    """Olena asked for a call in her language, and it is ringing at her telephone."""
    asks(outage, olena, language)
    return olena


def asks(outage: Outage, caller: Caller, language: str) -> None:
    notice = outage.begins()
    caller.language = language
    caller.dials()
    caller.presses(KEY_OF[language], "1")
    outage.ends(notice)
    assert outage.calls_next()


def outgoing(caller: Caller) -> Call:
    with transaction() as session:
        return session.scalars(select(Call).where(Call.sid == caller.sid)).one()


def test_it_says_that_the_line_works_again(called: Caller) -> None:
    assert called.is_ringing
    called.answers()
    called.is_told("over-greeting", "over-menu")
    called.waits()
    called.is_told("goodbye")
    assert not called.is_up
    ticket = ticket_of(called.number)
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.INFORMED_OF_OUTAGE)
    assert ticket.topic is Topic.OUTAGE
    assert noted(called.number) == ["called", "told"]


def test_two_is_enough(called: Caller) -> None:
    called.answers()
    called.presses("2")
    called.is_told("goodbye")
    assert not called.is_up
    assert ticket_of(called.number).status is Status.CLOSED


def test_a_star_says_it_again(called: Caller) -> None:
    called.answers()
    called.presses("*")
    called.is_told("over-greeting", "over-menu")
    called.hangs_up()


def test_one_waits_for_a_consultant_in_the_same_call(
    called: Caller, ania: Telephone, takes_a_call: Callable[[Telephone], None]
) -> None:
    called.answers()
    called.presses("1")
    called.is_told("consultant-connecting")
    called.is_told("consultant-waiting", callback="yes")
    assert called.is_waiting()
    takes_a_call(ania)
    assert called.is_doing(Doing.TALKING)
    ania.hangs_up()
    called.waits()
    called.is_told("goodbye-kept")
    ticket = ticket_of(called.number)
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
    assert ticket.topic is Topic.OUTAGE
    assert ticket.due_at is not None


@pytest.mark.parametrize("language", ["uk"])
class TestOf:
    def test_who_is_not_served_the_ticket_stays_open(self, called: Caller) -> None:
        called.answers()
        called.presses("1")
        called.hangs_up()
        ticket = ticket_of(called.number)
        assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
        assert ticket.left_at == "consultant/connecting"
        assert request_of(called.number).done_at is not None

    def test_who_went_elsewhere_and_hung_up_nothing_is_kept_open(self, called: Caller) -> None:
        called.answers()
        called.presses("9", "3")
        called.hangs_up()
        ticket = ticket_of(called.number)
        assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.INFORMED_OF_OUTAGE)

    def test_who_was_helped_by_the_line_the_ticket_is_resolved(self, called: Caller) -> None:
        called.answers()
        called.presses("9", "1", "2", "1")
        ticket = ticket_of(called.number)
        assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.RESOLVED_BY_LINE)
        assert ticket.topic is Topic.BASIC_PASSWORD_FORGOTTEN

    def test_who_leaves_a_message_it_belongs_to_the_ticket(self, called: Caller) -> None:
        called.answers()
        called.presses("1", "2")
        called.waits()
        called.speaks(20)
        number = ticket_of(called.number).number
        called.is_told("kept-number", number=number, due=due(called), sms="yes")
        called.hangs_up()
        assert ticket_of(called.number).outcome is Outcome.LEFT_OPEN

    def test_three_wrong_keys_lead_to_a_consultant(self, called: Caller) -> None:
        called.answers()
        called.presses("5", "5", "5")
        assert called.is_waiting()
        called.hangs_up()

    def test_it_has_turns_and_no_ticket_of_its_own(self, called: Caller) -> None:
        called.answers()
        called.presses("2")
        call = outgoing(called)
        assert call.callback_id == request_of(called.number).id
        assert (call.caller, call.language) == (called.number, "uk")
        assert (call.status, call.opening["leads_to"]) == (CallStatus.COMPLETED, "over/greeting")
        with transaction() as session:
            turns = session.scalars(select(Turn).where(Turn.call_id == call.id)).all()
            assert session.scalar(select(func.count(Ticket.id))) == 1
        assert [(turn.node, turn.input, turn.leads_to) for turn in turns] == [
            ("over/greeting", "2", "over/bye")
        ]

    def test_a_document_asked_for_twice_is_the_same(self, called: Caller) -> None:
        called.answers()
        first = called.requests[-1]
        assert called.sends_again().body == first.body
        called.presses("2")
        called.sends(first.request)
        assert noted(called.number) == ["called", "told"]


def due(caller: Caller) -> str:
    due_at = ticket_of(caller.number).due_at
    assert due_at is not None
    return due_at.date().isoformat()


def test_while_it_rings_the_line_goes_out_again(outage: Outage, olena: Caller) -> None:
    asks(outage, olena, "pl")
    again = outage.begins()
    olena.answers()
    olena.is_not_told("over-greeting")
    olena.is_told("outage-channels")
    olena.waits()
    assert noted(olena.number) == ["called", "out_again"]
    assert ticket_of(olena.number).status is Status.OPEN
    assert not outage.calls_next()
    outage.ends(again)
    assert outage.calls_next()
    olena.answers()
    olena.is_told("over-greeting")
    olena.hangs_up()
    assert noted(olena.number) == ["called", "out_again", "called", "told"]
    assert ticket_of(olena.number).status is Status.CLOSED
    with transaction() as session:
        assert session.scalar(select(func.count(Hearing.id))) == 2


def test_words_said_while_the_database_was_away_count_when_it_is_back(
    outage: Outage, settings: Settings, olena: Caller, clock: Callable[[datetime], object]
) -> None:
    """The end of the call got through first: what was said before it lay in the spool."""
    asks(outage, olena, "en")
    attempt = Attempt(request_of(olena.number).id, 1)
    entrance = Position("en", SCRIPT.also_entered[0], step=0)
    ring = Ring(olena.sid, olena.number, datetime.now(UTC), outgoing=True, attempt=attempt)
    said = Answered(ring, entrance)
    assert words.say("en", "over-greeting") in said.unlogged(line_of(settings))
    end = StatusEvent(CallStatus.COMPLETED, 1, ring.now + timedelta(seconds=20), 20)
    with transaction() as session:
        StatusCame(replace(ring, now=end.at), end).perform(session, line_of(settings))
    with transaction() as session:
        said.perform(session, line_of(settings), rows=False)
    assert noted(olena.number) == ["called", "completed", "told"]
    assert ticket_of(olena.number).status is Status.CLOSED
    clock(datetime.now(UTC) + timedelta(hours=1))
    assert not outage.calls_next()


def test_somebody_else_who_calls_from_our_number_hears_nothing_of_us(
    outage: Outage, network: Network, jan: Caller
) -> None:
    """The account may be used by other programs: their calls are none of ours."""
    status = Callback(f"{network.main.voice_url.removesuffix('/incoming')}/status", "POST")
    leg = network.new_leg(network.main.phone_number, jan.number, Direction.OUTBOUND_API, status)
    jan.answering = "at once"
    network.call_out(leg, Jump(network.main.voice_url))
    assert not jan.is_up
    assert [sent.status for sent in jan.requests] == [200, 204]
    with transaction() as session:
        assert session.scalar(select(func.count(Call.id))) == 0
        assert session.scalar(select(func.count(Ticket.id))) == 0
