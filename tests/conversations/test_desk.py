"""Caller and consultant, both at the carrier's telephones: offered, taken, held, handed over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from callcenter import jobs
from callcenter.jobs import silent_calls
from callcenter.queue import call_control, presence, voicemail
from callcenter.telephony import carrier_calls
from callcenter.tickets import handling, resolutions
from callcenter.tickets.decisions import Decider, NotPossibleError
from carrier.clocks import Doing
from carrier.webhooks import Kind, Mishap, Request
from ivr.transitions import Result
from models import (
    Away,
    Call,
    Callback,
    CallStatus,
    Ended,
    Left,
    Outcome,
    Purpose,
    Role,
    State,
    Status,
    Ticket,
    Topic,
    Waiting,
)
from models.session import transaction
from tests.conversations.callers import Caller
from tests.shift import Shift


def test_a_caller_is_offered_and_taken(shift: Shift, olena: Caller, language: str) -> None:
    ania = shift.comes("ania")
    olena.dials_in(language, "1", "1")
    shift.works()
    assert ania.is_ringing
    ania.answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert ania.is_doing(Doing.CONFERRING)
    assert shift.presence("ania").state is State.ON_CALL
    with transaction() as session:
        assert session.query(Waiting).one().how is Left.BRIDGED
    shift.does("ania", "leave")
    assert shift.presence("ania").state is State.WRAPPING_UP
    olena.hears(" ".join(olena.ticket().number[:3]))
    olena.waits()
    olena.is_told("goodbye-kept")
    assert (olena.ticket().outcome, olena.ticket().status) == (Outcome.LEFT_OPEN, Status.OPEN)


def test_resolved_in_the_talk_is_a_goodbye(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    olena.dials_in("pl", "1", "1")
    shift.works()
    ania.answers()
    shift.works()
    with transaction() as session:
        ticket = session.get_one(Ticket, olena.ticket().id)
        code = resolutions.for_topic(Topic.LOGIN_LOCKED)[0]
        handling.resolve(
            session,
            ticket,
            Decider(shift.id_of("ania"), datetime.now(UTC)),
            Topic.LOGIN_LOCKED,
            code,
        )
    ania.hangs_up()
    shift.works()
    olena.is_told("goodbye-solved")
    assert olena.ticket().outcome is Outcome.RESOLVED_BY_AGENT
    assert olena.ticket().resolved_during_call
    assert shift.presence("ania").state is State.AVAILABLE


def test_who_is_free_comes_in_a_moment(
    shift: Shift, olena: Caller, jan: Caller, language: str
) -> None:
    shift.comes("ania", number="+48600111222")
    olena.dials_in(language, "1", "1")
    olena.is_told("consultant-place", place=1, minutes=0)
    jan.dials_in(language, "1", "1")
    jan.is_told("consultant-place", place=2, minutes="unknown")
    olena.hangs_up()
    jan.hangs_up()
    shift.works()


def test_declined_goes_to_the_next(shift: Shift, olena: Caller) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    olena.dials_in("pl", "0")
    shift.works()
    assert ania.is_ringing
    assert [leg.agent_id for leg in shift.legs()] == [shift.id_of("ania")]
    ania.declines()
    shift.works()
    assert tomek.is_ringing
    assert (shift.presence("ania").state, shift.presence("ania").away) == (
        State.AWAY,
        Away.DECLINED,
    )
    tomek.answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()
    shift.works()
    assert not tomek.is_up
    assert [leg.how for leg in shift.legs()] == [Ended.DECLINED, Ended.LEFT]


def test_who_accepts_and_hangs_up_at_once_costs_the_caller_no_place(
    shift: Shift, olena: Caller, jan: Caller
) -> None:
    ania = shift.comes("ania")
    olena.dials_in("pl", "0")
    jan.dials_in("pl", "0")
    shift.works()
    since = [row.since for row in _waits()]
    ania.answers()
    ania.hangs_up()
    shift.works()
    assert olena.is_waiting()
    olena.is_not_told("consultant-nobody")
    assert (shift.presence("ania").state, shift.presence("ania").away) == (
        State.AWAY,
        Away.DECLINED,
    )
    tomek = shift.comes("tomek")
    assert tomek.is_ringing
    tomek.answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert jan.is_waiting()
    assert [row.since for row in _waits()] == since
    assert [row.how for row in _waits()] == [Left.BRIDGED, None]
    assert len(shift.conversations()) == 1
    tomek.hangs_up()
    shift.works()
    assert shift.presence("tomek").state is State.WRAPPING_UP
    olena.hangs_up()
    jan.hangs_up()
    shift.works()


def test_a_caller_on_the_way_to_somebody_who_is_gone_waits_on(
    shift: Shift, olena: Caller, language: str
) -> None:
    """The carrier was asked to lead the caller to Ania just before she was gone."""
    ania = shift.comes("ania")
    olena.dials_in(language, "0")
    shift.works()
    step = olena.turns()[-1].step + 1
    ania.answers()
    ania.hangs_up()
    carrier_calls.move(olena.sid, f"/voice/{language}/consultant/connecting?try=0&step={step}")
    olena.is_told("consultant-place", place=1, minutes="unknown")
    assert olena.is_waiting()
    assert olena.turns()[-1].result == Result.GIVEN_BACK
    tomek = shift.comes("tomek")
    tomek.answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert tomek.is_doing(Doing.CONFERRING)
    with transaction() as session:
        assert session.query(Waiting).one().how is Left.BRIDGED
    shift.does("tomek", "leave")
    olena.hears(" ".join(olena.ticket().number[:3]))
    olena.hangs_up()
    shift.works()


def test_a_caller_who_leaves_the_queue_for_somebody_who_is_gone_waits_on(
    shift: Shift, olena: Caller
) -> None:
    """The words cross each other: the queue lets the caller go, and Ania is gone."""
    ania = shift.comes("ania")
    olena.dials_in("pl", "0")
    shift.works()
    ania.answers()
    ania.hangs_up()
    for result in ("redirected", "leave"):
        step = olena.turns()[-1].step
        step += 2 if olena.turns()[-1].result == Result.GIVEN_BACK else 1
        action = f"/voice/pl/consultant/connecting?step={step}"
        form = {**olena.call.fields(), "QueueResult": result}
        url = olena.network.main.voice_url.replace("/voice/incoming", action)
        answer = olena.sends(Request(Kind.VOICE, url, form))
        assert "<Enqueue" in answer.body
    olena.hangs_up()
    shift.works()
    assert [row.how for row in _waits()] == [Left.HANGUP]


def _waits() -> list[Waiting]:
    with transaction() as session:
        return list(session.query(Waiting).order_by(Waiting.id))


def test_unanswered_for_twenty_seconds_goes_to_the_next(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    olena.dials_in("pl", "0")
    shift.works()
    begun = datetime.now(UTC)
    ania.waits()
    assert datetime.now(UTC) - begun == timedelta(seconds=20)
    shift.works()
    assert tomek.is_ringing
    assert shift.presence("ania").away is Away.UNANSWERED
    olena.hangs_up()
    shift.works()


def test_a_caller_who_hangs_up_stops_the_ringing(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    olena.dials_in("pl", "0")
    shift.works()
    olena.hangs_up()
    shift.works()
    assert not ania.is_up
    assert ania.call.status == "canceled"
    assert [leg.how for leg in shift.legs()] == [Ended.WITHDRAWN]
    assert shift.presence("ania").state is State.AVAILABLE


@pytest.mark.parametrize("key", ["1", "2", "9"])
def test_who_chooses_otherwise_while_offered_stops_the_ringing(
    shift: Shift, olena: Caller, key: str
) -> None:
    ania = shift.comes("ania")
    olena.dials_in("pl", "0")
    shift.works()
    olena.presses(key)
    with transaction() as session:
        presence.be_away(session, shift.id_of("ania"), Away.BREAK, datetime.now(UTC))
    shift.works()
    assert not ania.is_up
    olena.hangs_up()
    shift.works()


def test_at_a_telephone_only_one_is_a_yes(shift: Shift, olena: Caller) -> None:
    olena.dials_in("uk", "1", "1")
    ania = shift.comes("ania", number="+48600111222")
    tomek = shift.comes("tomek", number="+48600111333")
    ania.answers()
    ania.hears("Zablokowane logowanie", "Po ukraińsku", "naciśnij 1")
    assert olena.is_waiting()
    ania.waits()
    shift.works()
    assert not ania.is_up
    tomek.answers()
    tomek.presses("1")
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()
    shift.works()
    assert not tomek.is_up
    assert shift.presence("tomek").state is State.WRAPPING_UP


def talking(shift: Shift, caller: Caller) -> None:
    caller.dials_in("pl", "0")
    shift.works()
    shift.network.telephone("client:ania").answers()
    shift.works()
    assert caller.is_doing(Doing.CONFERRING)


def is_held(shift: Shift, caller: Caller) -> bool:
    (conference,) = [one for one in shift.network.conferences if one.status != "completed"]
    return conference.participants[caller.sid].hold


def test_hold_and_back(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    talking(shift, olena)
    shift.does("ania", "hold", True)
    assert is_held(shift, olena)
    shift.does("ania", "hold", False)
    assert not is_held(shift, olena)
    olena.hangs_up()
    shift.works()


def test_handed_over_without_a_word(shift: Shift, olena: Caller) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena)
    shift.does("ania", "hand_over", shift.id_of("tomek"), False)
    assert tomek.is_ringing
    assert is_held(shift, olena)
    tomek.answers()
    shift.works()
    assert not ania.is_up
    assert not is_held(shift, olena)
    assert shift.presence("ania").state is State.WRAPPING_UP
    tomek.hangs_up()
    shift.works()
    assert not olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()


def test_handed_over_after_a_word(shift: Shift, olena: Caller) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena)
    shift.does("ania", "hand_over", shift.id_of("tomek"), True)
    tomek.answers()
    shift.works()
    assert ania.is_doing(Doing.CONFERRING)
    assert is_held(shift, olena)
    shift.does("ania", "complete")
    assert not ania.is_up
    assert not is_held(shift, olena)
    olena.hangs_up()
    shift.works()
    assert shift.presence("tomek").state is State.WRAPPING_UP


def test_the_one_who_was_asked_does_not_come(shift: Shift, olena: Caller) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena)
    shift.does("ania", "hand_over", shift.id_of("tomek"), False)
    tomek.declines()
    shift.works()
    shift.does("ania", "bring_back")
    assert not is_held(shift, olena)
    assert ania.is_doing(Doing.CONFERRING)
    olena.hangs_up()
    shift.works()


def test_an_outside_number_is_the_third(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    office = shift.network.telephone("+48225556677")
    talking(shift, olena)
    shift.does("ania", "add_third", "+48225556677")
    office.answers()
    shift.works()
    assert office.is_doing(Doing.CONFERRING)
    ania.hangs_up()
    shift.works()
    assert not office.is_up
    assert not olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()


@pytest.mark.parametrize("how", [Purpose.LISTEN, Purpose.WHISPER, Purpose.JOIN])
def test_a_supervisor_overhears(shift: Shift, olena: Caller, how: Purpose) -> None:
    ania = shift.comes("ania")
    talking(shift, olena)
    marek = shift.comes("marek", role=Role.SUPERVISOR)
    shift.supervises("marek", how)
    marek.answers()
    shift.works()
    (conference,) = shift.network.conferences
    person = conference.participants[marek.sid]
    assert person.muted is (how is Purpose.LISTEN)
    assert person.coach == (ania.sid if how is Purpose.WHISPER else "")
    olena.hangs_up()
    shift.works()
    assert not marek.is_up
    assert shift.presence("marek").state is State.AVAILABLE


def test_who_kept_the_place_is_called_when_it_is_their_turn(shift: Shift, olena: Caller) -> None:
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    ania = shift.comes("ania")
    assert ania.is_ringing
    ania.answers()
    shift.works()
    assert olena.is_ringing
    olena.answers()
    olena.is_told("desk-client-greeting")
    assert olena.is_doing(Doing.CONFERRING)
    assert ania.is_doing(Doing.CONFERRING)
    with transaction() as session:
        assert session.query(Callback).one().done_at is not None
    shift.does("ania", "leave")
    olena.is_told("goodbye-kept")
    assert not olena.is_up
    assert shift.presence("ania").state is State.WRAPPING_UP
    with transaction() as session:
        assert session.query(Ticket).one().outcome is Outcome.LEFT_OPEN


def test_a_client_who_does_not_answer_is_called_three_times(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    olena.answering = "no-answer"
    shift.network.telephone("client:ania").answering = "at once"
    shift.comes("ania")
    for _ in range(6):
        shift.works()
        now.shift(timedelta(minutes=6))
    with transaction() as session:
        callback = session.query(Callback).one()
        assert (callback.attempts, callback.done_at) == (3, None)
        changes = [note.change for note in session.query(Ticket).one().notes]
    assert changes == [{"call_back": "no-answer"}] * 3
    assert shift.presence("ania").state is State.AVAILABLE


def reaches_a_mailbox(shift: Shift, caller: Caller) -> None:
    """The caller kept the place; our call is taken by the mailbox of the telephone."""
    caller.dials_in("pl", "0", "1")
    caller.hangs_up()
    ania = shift.comes("ania")
    ania.answers()
    shift.works()
    caller.answers()
    caller.is_told("desk-client-greeting")
    shift.works()


def says_nobody_was_reached(shift: Shift, caller: Caller, note: str = "") -> None:
    with transaction() as session:
        ticket = session.query(Ticket).one()
        now = datetime.now(UTC)
        voicemail.nobody_reached(session, ticket, shift.id_of("ania"), note, now)
    shift.works()


def test_a_voice_mailbox_is_nobody_and_is_called_again(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    reaches_a_mailbox(shift, olena)
    says_nobody_was_reached(shift, olena, "Poczta głosowa")
    assert not olena.is_up
    olena.is_not_told("goodbye-kept")
    assert shift.presence("ania").state is State.AVAILABLE
    assert len(shift.legs()) == 1
    now.shift(timedelta(minutes=5, seconds=1))
    shift.works()
    ania = shift.network.telephone("client:ania")
    ania.answers()
    shift.works()
    assert olena.is_ringing
    olena.answers()
    assert olena.is_doing(Doing.CONFERRING)
    shift.does("ania", "leave")
    olena.is_told("goodbye-kept")
    with transaction() as session:
        callback, ticket = session.query(Callback).one(), session.query(Ticket).one()
        assert (callback.attempts, callback.done_at is None) == (2, False)
        assert [(note.text, note.change) for note in ticket.notes] == [
            ("Poczta głosowa", {"call_back": "voice-mail"})
        ]


def test_a_mailbox_that_hung_up_first_is_nobody_too(shift: Shift, olena: Caller) -> None:
    reaches_a_mailbox(shift, olena)
    olena.hangs_up()
    shift.works()
    assert shift.presence("ania").state is State.WRAPPING_UP
    says_nobody_was_reached(shift, olena)
    assert shift.presence("ania").state is State.AVAILABLE
    with transaction() as session:
        callback = session.query(Callback).one()
        assert (callback.attempts, callback.done_at) == (1, None)
        assert callback.next_try_at == datetime.now(UTC) + timedelta(minutes=5)
        assert session.query(Ticket).one().status is Status.OPEN
    with pytest.raises(NotPossibleError):
        says_nobody_was_reached(shift, olena)


def test_who_talks_with_a_caller_calls_nobody_back(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    talking(shift, olena)
    with pytest.raises(NotPossibleError):
        says_nobody_was_reached(shift, olena)
    assert olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()
    shift.works()


def test_a_client_whose_telephone_rings_for_ever_is_let_be(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    client_rings(shift, olena)
    now.shift(silent_calls.SILENCE - timedelta(minutes=1))
    looks_after_calls(shift)
    assert olena.is_ringing
    now.shift(timedelta(minutes=2))
    looks_after_calls(shift)
    assert not olena.is_up
    assert called_back() == (CallStatus.CANCELED, [{"call_back": "no-answer"}])


def client_rings(shift: Shift, client: Caller) -> None:
    """A client kept the place, a consultant is there, and the client's telephone rings."""
    client.dials_in("pl", "0", "1")
    client.hangs_up()
    shift.comes("ania").answers()
    shift.works()
    assert client.is_ringing


def looks_after_calls(shift: Shift) -> None:
    jobs.follow_up_calls()
    shift.works()


def called_back() -> tuple[CallStatus, list[dict[str, object]]]:
    with transaction() as session:
        call = session.query(Call).where(Call.callback_id.is_not(None)).one()
        return call.status, [note.change for note in session.query(Ticket).one().notes]


def test_the_lost_end_of_a_clients_call_is_asked_for(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    client_rings(shift, olena)
    shift.network.post_office.faults.append(
        Mishap(lambda sent: sent.form.get("CallStatus") == "busy", "lost")
    )
    olena.declines()
    shift.works()
    assert called_back() == (CallStatus.RINGING, [])
    now.shift(silent_calls.SILENCE + timedelta(minutes=1))
    looks_after_calls(shift)
    assert called_back() == (CallStatus.BUSY, [{"call_back": "busy"}])


def test_what_another_resolved_meanwhile_is_wrapped_up_all_the_same(
    shift: Shift, olena: Caller
) -> None:
    shift.comes("ania")
    shift.comes("marek", role=Role.SUPERVISOR)
    talking(shift, olena)
    decides(shift, "marek", handling.resolve)
    shift.does("ania", "leave")
    olena.is_told("goodbye-solved")
    assert shift.presence("ania").state is State.WRAPPING_UP
    assert shift.presence("ania").ticket_id == olena.ticket().id


def test_what_one_decided_in_the_talk_is_wrapped_up(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    talking(shift, olena)
    decides(shift, "ania", handling.leave_open)
    ania.hangs_up()
    shift.works()
    assert shift.presence("ania").state is State.AVAILABLE
    olena.hangs_up()


def test_a_call_back_about_what_was_left_open_before_is_wrapped_up(
    shift: Shift, olena: Caller
) -> None:
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    marek = shift.comes("marek", languages=("en",))
    decides(shift, "marek", handling.leave_open)
    assert not marek.is_ringing
    ania = shift.comes("ania")
    ania.answers()
    shift.works()
    olena.answers()
    olena.hangs_up()
    shift.works()
    assert shift.presence("ania").state is State.WRAPPING_UP


def decides(shift: Shift, login: str, what: Callable[..., None]) -> None:
    with transaction() as session:
        ticket = session.query(Ticket).one()
        by = Decider(shift.id_of(login), datetime.now(UTC))
        what(session, ticket, by, Topic.LOGIN_LOCKED, resolutions.for_topic(Topic.LOGIN_LOCKED)[0])


def takes_by_hand(shift: Shift, login: str) -> None:
    with transaction() as session:
        callback = session.query(Callback).one()
        call_control.call_back_now(session, shift.id_of(login), callback.id, datetime.now(UTC))
    shift.works()


def goes_away(shift: Shift, login: str) -> None:
    with transaction() as session:
        presence.be_away(session, shift.id_of(login), Away.BREAK, datetime.now(UTC))
    shift.works()


def test_who_takes_a_call_back_by_hand_and_goes_away_is_rung_no_more(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    marek = shift.comes("marek", languages=("en",))
    takes_by_hand(shift, "marek")
    assert marek.is_ringing
    now.shift(timedelta(seconds=2))
    goes_away(shift, "marek")
    assert not marek.is_up
    assert [leg.how for leg in shift.legs()] == [Ended.WITHDRAWN]
    ania = shift.comes("ania")
    assert ania.is_ringing
    ania.declines()
    shift.works()


def test_who_was_away_before_may_take_a_call_back_by_hand(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    marek = shift.comes("marek", languages=("en",))
    goes_away(shift, "marek")
    now.shift(timedelta(seconds=2))
    takes_by_hand(shift, "marek")
    now.shift(timedelta(seconds=2))
    shift.works()
    marek.answers()
    shift.works()
    assert olena.is_ringing
    olena.answers()
    olena.hangs_up()
    shift.works()


def test_wrapping_up_ends_with_its_time(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    ania = shift.comes("ania")
    talking(shift, olena)
    olena.hangs_up()
    shift.works()
    assert not ania.is_up
    for _ in range(2):
        with transaction() as session:
            presence.extend(session, shift.id_of("ania"), datetime.now(UTC))
    now.shift(timedelta(seconds=269))
    shift.looks_after_people()
    assert shift.presence("ania").state is State.WRAPPING_UP
    now.shift(timedelta(seconds=2))
    shift.looks_after_people()
    assert shift.presence("ania").state is State.AVAILABLE
    assert olena.ticket().resolution == "out_of_time"


def test_a_closed_browser_is_offered_nothing(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    ania = shift.comes("ania")
    shift.browsers.clear()
    now.shift(timedelta(seconds=16))
    olena.dials_in("pl", "0")
    shift.works()
    assert not ania.is_ringing
    shift.looks_after_people()
    assert shift.presence("ania").away is Away.GONE
    olena.hangs_up()


def test_a_closed_browser_tears_nobody_from_a_talk(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    ania = shift.comes("ania")
    talking(shift, olena)
    shift.browsers.clear()
    now.shift(timedelta(minutes=5))
    shift.looks_after_people()
    assert ania.is_doing(Doing.CONFERRING)
    assert shift.presence("ania").state is State.ON_CALL
    olena.hangs_up()
    shift.works()


def test_who_asked_first_and_hangs_up_leaves_the_caller_to_the_other(
    shift: Shift, olena: Caller
) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena)
    shift.does("ania", "hand_over", shift.id_of("tomek"), True)
    tomek.answers()
    shift.works()
    assert is_held(shift, olena)
    ania.hangs_up()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert not is_held(shift, olena)
    tomek.hangs_up()
    shift.works()
    assert shift.presence("tomek").state is State.WRAPPING_UP
    olena.hangs_up()


def test_nobody_takes_a_call_by_hand_before_the_ticket_is_finished(
    shift: Shift, olena: Caller, jan: Caller
) -> None:
    jan.dials_in("pl", "0", "1")
    jan.hangs_up()
    marek = shift.comes("marek", languages=("uk",), role=Role.SUPERVISOR)
    olena.dials_in("uk", "0")
    shift.works()
    marek.answers()
    shift.works()
    olena.hangs_up()
    shift.works()
    assert shift.presence("marek").state is State.WRAPPING_UP
    with pytest.raises(call_control.NotPossibleError, match="finish_first"):
        takes_by_hand(shift, "marek")
    assert shift.presence("marek").ticket_id is not None


def test_who_was_answered_otherwise_is_not_called_back(shift: Shift, olena: Caller) -> None:
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    shift.comes("marek", languages=("uk",))
    decides(shift, "marek", handling.resolve)
    ania = shift.comes("ania")
    assert not ania.is_ringing
    assert not olena.is_ringing
