"""Recording of conversations: told first, agreed to with a key, paused, fetched, heard by few,
erased.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, text

import words
from callcenter import jobs
from callcenter.jobs import ringing
from callcenter.outbox.outbox import Task
from callcenter.queue import call_control
from callcenter.recordings import consent, conversation_recordings, store
from callcenter.recordings.conversation_recordings import RecordingStanding
from callcenter.tickets import lifecycle
from carrier.clocks import Doing
from carrier.webhooks import Mishap
from models import (
    Agent,
    Callback,
    Consent,
    Conversation,
    Job,
    Leg,
    Outcome,
    Purpose,
    Recording,
    Role,
    Ticket,
)
from models.session import transaction
from tests.conversations.callers import Caller
from tests.shift import Shift
from voice import execution


@pytest.fixture(autouse=True)
def recording(shift: Shift) -> Iterator[None]:
    """The operator wants talks recorded."""
    consent.bind(record_talks=True)
    yield
    consent.bind(record_talks=False)


def talks_with_ania(shift: Shift, olena: Caller, language: str = "pl") -> None:
    """Olena agrees to a recording, and Ania takes her call."""
    olena.dials_in(language, "0", "4")
    shift.works()
    shift.network.telephone("client:ania").answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)


def at_the_carrier(shift: Shift) -> list[str]:
    return [recording.status for recording in shift.network.recordings.values()]


def rows() -> list[Recording]:
    with transaction() as session:
        return list(session.query(Recording).order_by(Recording.id))


def standing() -> RecordingStanding | None:
    with transaction() as session:
        return conversation_recordings.standing(session, session.query(Conversation).one())


def test_nobody_is_asked_unless_the_operator_wants_it(shift: Shift, olena: Caller) -> None:
    consent.bind(record_talks=False)
    shift.comes("ania")
    olena.dials_in("pl", "0")
    olena.is_not_told("talk-recording-notice", **words.FACTS.variables)
    shift.works()
    shift.network.telephone("client:ania").answers()
    shift.works()
    olena.hangs_up()
    shift.works()
    assert at_the_carrier(shift) == []
    assert olena.row().recording is None


def test_told_first_then_recorded_fetched_and_kept(
    shift: Shift, olena: Caller, language: str
) -> None:
    shift.comes("ania")
    olena.dials_in(language, "0")
    olena.is_told("talk-recording-notice", **words.FACTS.variables)
    assert at_the_carrier(shift) == []
    olena.presses("4")
    olena.is_told("consultant-connecting")
    shift.works()
    assert at_the_carrier(shift) == []
    shift.network.telephone("client:ania").answers()
    shift.works()
    assert at_the_carrier(shift) == ["in-progress"]
    assert standing() is RecordingStanding.ON
    olena.speaks(20)
    olena.hangs_up()
    shift.works()
    (recording,) = rows()
    assert (recording.status, recording.talk_id) == ("completed", shift.conversations()[0].id)
    with transaction():
        assert store.sound_of(recording)


@pytest.mark.parametrize("key", ["3", ""])
def test_three_and_silence_are_no_consent(
    shift: Shift, olena: Caller, language: str, key: str
) -> None:
    """The call goes on as that of somebody who agreed, but for the recording."""
    shift.comes("ania")
    olena.dials_in(language, "0")
    if key:
        olena.presses(key)
    else:
        olena.waits()
    olena.is_told("talk-not-recorded", "consultant-connecting")
    shift.works()
    shift.network.telephone("client:ania").answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert at_the_carrier(shift) == []
    assert standing() is RecordingStanding.REFUSED
    olena.hangs_up()
    shift.works()
    assert rows() == []


@pytest.mark.parametrize("keys", ["00", "0559", "012567"])
def test_who_pressed_another_key_is_not_recorded(shift: Shift, olena: Caller, keys: str) -> None:
    """0 leads on at once; 9 to the main menu, and from there nobody is asked again."""
    shift.comes("ania")
    olena.dials_in("pl", *keys)
    if keys.endswith("9"):
        olena.presses("0")
    shift.works()
    shift.network.telephone("client:ania").answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert olena.row().recording is Consent.ASKED
    assert at_the_carrier(shift) == []
    olena.hangs_up()
    shift.works()


def test_a_recording_of_a_talk_is_no_message(shift: Shift, olena: Caller) -> None:
    """The same ticket comes of the call as without a recording."""
    ania = shift.comes("ania")
    talks_with_ania(shift, olena)
    olena.speaks(20)
    ania.hangs_up()
    shift.works()
    assert at_the_carrier(shift) == ["completed"]
    with transaction() as session:
        assert not lifecycle.message_was_left(session, olena.row())
        (recording,) = rows()
        assert store.for_announcement(session, olena.row(), recording.sid, recording.made_at) is (
            None
        )
    olena.hangs_up()
    shift.works()
    assert olena.ticket().outcome is Outcome.LEFT_OPEN


def test_paused_by_the_consultant_and_while_on_hold(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    talks_with_ania(shift, olena)
    shift.does("ania", "pause_recording", True)
    assert at_the_carrier(shift) == ["paused"]
    assert standing() is RecordingStanding.PAUSED
    shift.does("ania", "hold", True)
    shift.does("ania", "hold", False)
    assert at_the_carrier(shift) == ["paused"]
    shift.does("ania", "pause_recording", False)
    assert at_the_carrier(shift) == ["in-progress"]
    shift.does("ania", "hold", True)
    assert at_the_carrier(shift) == ["paused"]
    shift.does("ania", "hold", False)
    assert at_the_carrier(shift) == ["in-progress"]
    ania.hangs_up()
    shift.works()
    assert at_the_carrier(shift) == ["completed"]
    assert olena.is_up
    olena.hangs_up()


def test_it_follows_a_hand_over(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    tomek = shift.comes("tomek")
    talks_with_ania(shift, olena)
    shift.does("ania", "hand_over", shift.id_of("tomek"), False)
    assert at_the_carrier(shift) == ["paused"]
    tomek.answers()
    shift.works()
    assert at_the_carrier(shift) == ["in-progress"]
    olena.speaks(5)
    olena.hangs_up()
    shift.works()
    assert len(rows()) == 1


def test_a_job_that_runs_twice_begins_one(shift: Shift, olena: Caller) -> None:
    """Also where whoever began it died before it was written down."""
    shift.comes("ania")
    talks_with_ania(shift, olena)
    (conversation,) = shift.conversations()
    with transaction() as session:
        session.query(Recording).delete()
    for _ in range(2):
        with transaction() as session:
            ringing.record_conversation(session, conversation.id)
    assert at_the_carrier(shift) == ["in-progress"]
    assert len(rows()) == 1
    olena.hangs_up()
    shift.works()


def test_who_is_called_back_is_told_as_well(shift: Shift, olena: Caller) -> None:
    olena.dials_in("pl", "0")
    olena.waits()
    olena.presses("1")
    olena.hangs_up()
    ania = shift.comes("ania")
    ania.answers()
    shift.works()
    olena.answers()
    olena.is_told("desk-client-greeting")
    olena.is_told("talk-recording-notice", **words.FACTS.variables)
    assert at_the_carrier(shift) == []
    olena.presses("4")
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert at_the_carrier(shift) == ["in-progress"]
    olena.speaks(5)
    shift.does("ania", "leave")
    with transaction() as session:
        assert session.query(Callback).one().done_at
        (heard,) = conversation_recordings.of_ticket(session, session.query(Ticket).one())
        assert heard.status == "completed"


@pytest.mark.parametrize("key", ["3", "", "1", "0", "*"])
def test_whoever_is_called_back_and_does_not_agree_is_not_recorded(
    shift: Shift, olena: Caller, key: str
) -> None:
    """Also one who agreed in the call before: that was another call."""
    olena.dials_in("uk", "0", "4", "1")
    olena.hangs_up()
    ania = shift.comes("ania")
    ania.answers()
    shift.works()
    olena.answers()
    if key:
        olena.presses(key)
    else:
        olena.waits()
    olena.is_told("talk-not-recorded")
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert at_the_carrier(shift) == []
    olena.hangs_up()
    shift.works()


def test_supervisors_and_those_who_were_in_it_may_hear_it(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    shift.comes("tomek")
    shift.comes("marek", role=Role.SUPERVISOR)
    talks_with_ania(shift, olena)
    olena.speaks(5)
    olena.hangs_up()
    shift.works()
    (recording,) = rows()
    with transaction() as session:
        may = {
            agent.login: conversation_recordings.may_hear(session, agent, recording)
            for agent in session.query(Agent)
        }
        assert {leg.purpose for leg in session.query(Leg)} == {Purpose.TAKE}
    assert may == {"ania": True, "tomek": False, "marek": True}


def test_it_is_erased_here_and_at_the_carrier(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    shift.comes("ania")
    talks_with_ania(shift, olena)
    olena.speaks(5)
    olena.hangs_up()
    shift.works()
    (recording,) = rows()
    now.shift(timedelta(days=words.FACTS.talk_kept_days) - timedelta(minutes=1))
    jobs.sweep()
    shift.works()
    assert store.sound_of(recording)
    now.shift(timedelta(minutes=2))
    jobs.sweep()
    shift.works()
    assert store.sound_of(recording) is None
    assert shift.network.recordings == {}
    assert [row.status for row in rows()] == ["erased"]


def test_two_talks_of_a_call_are_two_recordings(shift: Shift, olena: Caller) -> None:
    """And the caller is not asked again."""
    ania = shift.comes("ania")
    talks_with_ania(shift, olena)
    olena.speaks(5)
    ania.hangs_up()
    shift.works()
    shift.is_available("ania")
    olena.presses("0")
    olena.is_not_told("talk-recording-notice", **words.FACTS.variables)
    shift.works()
    ania.answers()
    shift.works()
    olena.speaks(5)
    olena.hangs_up()
    shift.works()
    assert [row.talk_id for row in rows()] == [
        conversation.id for conversation in shift.conversations()
    ]
    assert at_the_carrier(shift) == ["completed", "completed"]


def test_a_lost_last_callback_is_asked_for_once_the_talk_is_over(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    shift.comes("ania")
    talks_with_ania(shift, olena)
    olena.speaks(900)
    jobs.follow_up_calls()
    shift.works()
    assert [row.status for row in rows()] == ["in-progress"]
    shift.network.post_office.faults.append(
        Mishap(lambda sent: sent.form.get("RecordingStatus") == "completed", "lost")
    )
    olena.hangs_up()
    shift.works()
    assert [row.status for row in rows()] == ["in-progress"]
    now.shift(timedelta(minutes=6))
    jobs.follow_up_calls()
    shift.works()
    (recording,) = rows()
    assert recording.status == "completed"
    assert store.sound_of(recording)


def test_an_outside_third_is_told_nothing_and_so_not_recorded(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    office = shift.network.telephone("+48225556677")
    talks_with_ania(shift, olena)
    shift.does("ania", "add_third", "+48225556677")
    assert office.is_ringing
    assert at_the_carrier(shift) == ["paused"]
    assert standing() is RecordingStanding.PAUSED
    office.answers()
    shift.works()
    assert at_the_carrier(shift) == ["paused"]
    office.hangs_up()
    shift.works()
    assert at_the_carrier(shift) == ["in-progress"]
    olena.hangs_up()
    shift.works()


def test_it_is_paused_when_the_carrier_says_so(shift: Shift, olena: Caller) -> None:
    """Until then nobody shall read out a password."""
    shift.comes("ania")
    talks_with_ania(shift, olena)
    with transaction() as session:
        leg = call_control.own_leg(session, shift.id_of("ania"))
        assert leg
        call_control.pause_recording(session, leg, True, datetime.now(UTC))
    assert at_the_carrier(shift) == ["in-progress"]
    assert standing() is RecordingStanding.PAUSING
    shift.works()
    assert at_the_carrier(shift) == ["paused"]
    assert standing() is RecordingStanding.PAUSED
    olena.hangs_up()
    shift.works()


def nobody_stops_it() -> None:
    """The jobs that were asked for are lost."""
    with transaction() as session:
        lost = session.query(Job).filter(Job.function == Task.RECORD_CONVERSATION)
        lost.update({"done_at": datetime.now(UTC)})


def test_one_that_nobody_stopped_is_stopped_by_the_sweep(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    ania = shift.comes("ania")
    talks_with_ania(shift, olena)
    olena.speaks(5)
    ania.hangs_up()
    nobody_stops_it()
    shift.works()
    assert at_the_carrier(shift) == ["in-progress"]
    now.shift(timedelta(minutes=6))
    jobs.follow_up_calls()
    shift.works()
    assert at_the_carrier(shift) == ["completed"]
    olena.hangs_up()
    shift.works()
    assert len(rows()) == 1


def test_a_second_talk_does_not_run_into_the_first_recording(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    talks_with_ania(shift, olena)
    olena.speaks(5)
    ania.hangs_up()
    nobody_stops_it()
    shift.works()
    shift.is_available("ania")
    olena.presses("0")
    shift.works()
    ania.answers()
    shift.works()
    olena.speaks(5)
    olena.hangs_up()
    shift.works()
    assert at_the_carrier(shift) == ["completed", "completed"]
    assert [row.talk_id for row in rows()] == [
        conversation.id for conversation in shift.conversations()
    ]


def test_one_that_was_begun_unheard_of_is_found_after_the_call(shift: Shift, olena: Caller) -> None:
    """The carrier's answer was lost, and then its callback too."""
    shift.comes("ania")
    talks_with_ania(shift, olena)
    olena.speaks(5)
    with transaction() as session:
        session.query(Recording).delete()
    shift.network.post_office.faults.append(
        Mishap(lambda sent: sent.form.get("RecordingStatus") == "completed", "lost")
    )
    olena.hangs_up()
    shift.works()
    assert [row.talk_id for row in rows()] == [shift.conversations()[0].id]


def test_who_left_before_the_caller_came_hears_nothing_of_it(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    tomek = shift.comes("tomek")
    talks_with_ania(shift, olena)
    shift.does("ania", "hand_over", shift.id_of("tomek"), False)
    tomek.answers()
    shift.works()
    olena.speaks(5)
    olena.hangs_up()
    shift.works()
    (recording,) = rows()
    with transaction() as session:
        session.query(Leg).filter(Leg.agent_id == shift.id_of("ania")).update(
            {"ended_at": recording.made_at - timedelta(seconds=1)}
        )
    with transaction() as session:
        may = {
            agent.login: conversation_recordings.may_hear(session, agent, recording)
            for agent in session.query(Agent)
        }
    assert may == {"ania": False, "tomek": True}


def test_a_client_on_the_way_in_gets_there_without_the_database(
    shift: Shift, olena: Caller, database: Engine
) -> None:
    olena.dials_in("pl", "0", "3", "1")
    olena.hangs_up()
    ania = shift.comes("ania")
    ania.answers()
    shift.works()
    olena.answers()
    with pytest.MonkeyPatch.context() as short, database.begin() as other:
        short.setattr(execution, "DATABASE_S", 0.3)
        other.execute(text("LOCK TABLE talks"))
        olena.waits()
    assert olena.is_doing(Doing.CONFERRING)
    shift.works()
    assert at_the_carrier(shift) == []
    olena.hangs_up()
    shift.works()
