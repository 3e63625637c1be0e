"""SMS: offered where they can be received, written down in the call, sent once after it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import words
from app import bind_telephony
from callcenter import jobs
from callcenter.calendar.deadlines import spoken_day
from callcenter.recordings import store
from carrier.network import Message, Network
from carrier.process import running
from config import Settings
from models import Job, Outcome, Recording, RecordingStatus, TextMessage
from models.session import transaction
from tests.conversations.callers import Caller


@pytest.fixture
def carrier(network: Network, settings: Settings) -> Iterator[str]:
    """The carrier's REST interface behind a socket, for the worker of this test."""
    network.sms_sender = settings.sms_sender
    with running(network) as address:
        bind_telephony(replace(settings, twilio_api_base=address))
        yield address


def _works() -> None:
    """A worker does every job, twice: a job may come twice."""
    with transaction() as session:
        ids = list(session.scalars(select(Job.id)))
    for job_id in ids * 2:
        jobs.run(job_id)


@pytest.mark.parametrize(
    ("key", "purpose", "topic_text"),
    [("2", "address-basic", "sms-address-basic"), ("3", "address-both", "sms-address-both")],
)
def test_the_address_is_sent_and_the_question_asked_again(
    olena: Caller,
    carrier: str,
    language: str,
    key: str,
    purpose: str,
    topic_text: str,
) -> None:
    olena.dials_in(language, "1", key)
    olena.waits()
    olena.is_told("login-solved", sms="yes")
    olena.presses("3")
    olena.is_told("address-sent")
    olena.is_told("login-solved", sms="yes")
    olena.presses("3", "1")
    olena.is_told("goodbye-solved")
    assert [(text.purpose, text.sent_at) for text in olena.texts()] == [(purpose, None)]
    _works()
    (message,) = olena.messages
    assert message.body == words.say(language, topic_text)
    assert message.from_ == olena.network.sms_sender
    (text,) = olena.texts()
    assert text.sid == message.sid
    assert text.sent_at is not None
    assert olena.ticket().outcome == "resolved_by_line"


@pytest.mark.parametrize("number", ["+48221234567", "anonymous", "sip:jan@example.org", "112"])
def test_it_is_offered_to_mobile_numbers_only(network: Network, language: str, number: str) -> None:
    caller = Caller.of(network, number)
    caller.dials_in(language, "1", "2")
    caller.waits()
    caller.is_told("login-solved", sms="no")
    caller.does_not_hear("SMS", "text message")
    caller.presses("3")
    caller.is_told("notice-no-sms", "login-solved", sms="no")
    caller.presses("1")
    assert caller.texts() == []


def test_a_foreign_mobile_number_may_receive_one(network: Network) -> None:
    caller = Caller.of(network, "+380501234567")
    caller.dials_in("uk", "1", "2")
    caller.waits()
    caller.is_told("login-solved", sms="yes")
    caller.presses("3", "1")
    assert [text.language for text in caller.texts()] == ["uk"]


def test_the_number_of_an_open_ticket_is_sent(olena: Caller, carrier: str, language: str) -> None:
    olena.dials_in(language, "3", "2")
    olena.waits()
    olena.speaks(6)
    olena.waits()
    _works()
    (message,) = olena.messages
    ticket = olena.ticket()
    assert ticket.due_at is not None
    due = spoken_day(ticket.due_at)
    assert message.body == words.say(language, "sms-ticket-number", number=ticket.number, due=due)
    assert ticket.number in message.body
    with transaction() as session:
        undone = session.scalars(
            select(Job).where(Job.function == "send_text", Job.done_at.is_(None))
        )
        assert undone.all() == []


def test_who_hung_up_early_learns_the_number_by_sms(olena: Caller, carrier: str) -> None:
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.hangs_up(while_speaking=6)
    _works()
    assert olena.ticket().number in olena.messages[0].body


def test_a_refused_message_is_noted_and_not_tried_again(
    network: Network, olena: Caller, carrier: str
) -> None:
    network.sms_sender = ""
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.speaks(6)
    olena.hangs_up()
    _works()
    (text,) = olena.texts()
    assert text.sid is None
    assert text.refused is not None
    assert "21606" in text.refused
    with transaction() as session:
        jobs_done = session.scalars(select(Job.done_at).where(Job.function == "send_text")).all()
        assert None not in jobs_done


def test_a_carrier_that_is_away_is_tried_again(
    olena: Caller, settings: Settings, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    network.sms_sender = settings.sms_sender
    with running(network) as address:
        pass
    bind_telephony(replace(settings, twilio_api_base=address))
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.hangs_up(while_speaking=6)
    _works()
    with transaction() as session:
        job = session.scalars(select(Job).where(Job.function == "send_text")).one()
        assert (job.done_at, job.attempts) == (None, 2)
        assert "ConnectionError" in (job.fault or "")
        assert session.scalars(select(TextMessage.sid)).all() == [None]
    with running(network) as address:
        bind_telephony(replace(settings, twilio_api_base=address))
        _works()
    assert len(olena.messages) == 1


@pytest.mark.usefixtures("carrier")
def test_one_that_was_sent_by_a_worker_who_died_is_not_sent_again(
    olena: Caller, network: Network
) -> None:
    for _ in range(2):
        olena.dials()
        olena.presses("1", "3")
        olena.waits()
        olena.presses("3", "1")
    first, second = _texts()
    jobs.run(_job_of(first.id))
    # The other one's worker hears no more than this of the carrier, and the sweep comes.
    network.send_message(Message("Centrala", olena.number, olena.messages[0].body, _now()))
    with transaction() as session:
        session.get_one(Job, _job_of(second.id)).handed_at = _now()
    _works()
    assert [text.sid for text in _texts()] == [message.sid for message in olena.messages]
    assert len(olena.messages) == 2


def _texts() -> list[TextMessage]:
    with transaction() as session:
        return list(session.scalars(select(TextMessage).order_by(TextMessage.id)))


def _job_of(text_id: int) -> int:
    of_text = select(Job.id).where(Job.function == "send_text", Job.argument == text_id)
    with transaction() as session:
        return session.scalars(of_text).one()


def _now() -> datetime:
    return datetime.now(UTC)


def test_the_recording_is_fetched_by_its_sid_and_kept_sealed(
    olena: Caller, carrier: str, settings: Settings
) -> None:
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.speaks(6)
    olena.hangs_up()
    _works()
    with transaction() as session:
        recording = session.scalars(select(Recording)).one()
    assert recording.file is not None
    sealed = (settings.home / "recordings" / recording.file).read_bytes()
    clear = store.sound_of(recording) or b""
    assert clear.startswith(b"RIFF")
    assert clear[:40] not in sealed


@pytest.mark.usefixtures("carrier")
def test_a_message_that_the_carrier_lost_keeps_its_ticket_open(
    olena: Caller, network: Network
) -> None:
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.speaks(9, then="1")
    network.recordings.clear()
    _works()
    olena.hangs_up()
    with transaction() as session:
        recording = session.scalars(select(Recording)).one()
        assert (recording.status, recording.duration_s) == (RecordingStatus.LOST, 9)
    assert olena.ticket().outcome is Outcome.LEFT_OPEN


def test_a_recording_is_erased_here_and_at_the_carrier_when_its_time_is_over(
    olena: Caller, network: Network, carrier: str, settings: Settings
) -> None:
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.speaks(6)
    olena.hangs_up()
    _works()
    with transaction() as session:
        recording = session.scalars(select(Recording)).one()
        assert recording.kept_until
        store.erase_overdue(session, recording.kept_until - timedelta(seconds=1))
        assert recording.kept_until
        store.erase_overdue(session, recording.kept_until)
    _works()
    with transaction() as session:
        erased = session.scalars(select(Recording)).one()
    assert (erased.status, erased.file) == (RecordingStatus.ERASED, None)
    assert not list((settings.home / "recordings").glob(f"{erased.sid}*"))
    assert not network.recordings
    assert olena.ticket().outcome is Outcome.LEFT_OPEN
