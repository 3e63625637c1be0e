"""Talks that are recorded while they go on, by order of the official client over a socket."""

import io
import wave
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests
import time_machine
from flask import request
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from carrier.call import Spoke
from carrier.clocks import VirtualClock
from carrier.sound import samples
from carrier.telephone import Telephone
from carrier.webhooks import Exchange, Kind
from tests.carrier.house import House
from tests.carrier.official import OWN, refused

TOLD = "http://localhost:8000/talk/recorded"
EVERY = ["in-progress", "completed", "absent"]
ROOM = "<Dial><Conference>room</Conference></Dial>"


class Passing:
    """Time that passes while nobody does anything."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def __call__(self, seconds: float) -> None:
        self._traveller.shift(timedelta(seconds=seconds))


@pytest.fixture
def passes(house: House) -> Iterator[Passing]:
    """A clock that stands still unless the test, or a voice, lets time pass."""
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        house.network.clock = VirtualClock(traveller.shift)
        yield Passing(traveller)


@pytest.fixture
def ania(house: House, jan: Telephone, passes: Passing) -> Telephone:
    """The consultant, who is in a conference with Jan."""
    house.plays("/voice/incoming", ROOM)
    house.answers("/talk/recorded", lambda: _accepted(house))
    ania = house.network.telephone("client:ania")
    ania.dials()
    jan.dials()
    return ania


def _accepted(house: House) -> tuple[str, int]:
    signature = request.headers.get("X-Twilio-Signature", "")
    validator = RequestValidator(house.network.auth_token)
    query = request.query_string.decode()
    url = f"{request.base_url}?{query}" if query else request.base_url
    is_signed = validator.validate(url, request.form, signature)
    return "", 204 if is_signed else 403


def _callbacks(phone: Telephone) -> list[Exchange]:
    sent = [sent for sent in phone.requests if sent.request.kind is Kind.RECORDING]
    assert {one.status for one in sent} <= {204}
    return sent


def _voices(house: House, sid: str) -> list[list[tuple[float, float]]]:
    """For each channel of a recording's file from when to when there is sound, in seconds."""
    with wave.open(io.BytesIO(house.network.recordings[sid].sound)) as file:
        channels, rate = file.getnchannels(), file.getframerate()
        frames = array("h", file.readframes(file.getnframes()))
    return [_stretches(frames[channel::channels], rate // 10) for channel in range(channels)]


def _stretches(lane: "array[int]", tenth: int) -> list[tuple[float, float]]:
    tenths = [any(lane[start : start + tenth]) for start in range(0, len(lane), tenth)]
    edges = [
        place / 10
        for place, (before, after) in enumerate(pairwise([False, *tenths, False]))
        if before != after
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))


def test_a_talk_is_recorded_until_it_is_stopped(
    house: House, client: Client, ania: Telephone, jan: Telephone, passes: Passing
) -> None:
    ania.speaks(2)
    begun = client.calls(jan.sid).recordings.create(
        recording_status_callback=TOLD, recording_status_callback_event=EVERY
    )
    assert (begun.status, begun.source, begun.track) == (
        "in-progress",
        "StartCallRecordingAPI",
        "both",
    )
    assert (begun.channels, begun.duration, begun.price_unit) == (1, None, None)
    assert (jan.is_recorded, ania.is_recorded) == (True, False)
    jan.speaks(3)
    passes(1)
    ania.speaks(4)
    stopped = client.calls(jan.sid).recordings(begun.sid).update(status="stopped")
    assert (stopped.sid, stopped.status) == (begun.sid, "stopped")
    assert (jan.is_recorded, ania.is_recorded) == (False, False)
    ania.speaks(5)
    kept = client.calls(jan.sid).recordings(begun.sid).fetch()
    assert (kept.status, kept.duration) == ("completed", "8")
    assert _voices(house, begun.sid) == [[(0, 3), (4, 8)]]
    first, last = _callbacks(jan)
    assert first.form["RecordingStatus"] == "in-progress"
    assert "RecordingDuration" not in first.form
    assert last.form == {
        "AccountSid": house.network.account_sid,
        "CallSid": jan.sid,
        "RecordingSid": begun.sid,
        "RecordingUrl": house.network.recordings[begun.sid].url,
        "RecordingStatus": "completed",
        "RecordingDuration": "8",
        "RecordingChannels": "1",
        "RecordingStartTime": f"{begun.start_time:%a, %d %b %Y %H:%M:%S} +0000",
        "RecordingSource": "StartCallRecordingAPI",
        "RecordingTrack": "both",
    }


def test_the_file_is_fetched_by_the_address_that_was_told(
    house: House, client: Client, base: str, ania: Telephone, jan: Telephone
) -> None:
    client.calls(jan.sid).recordings.create(recording_status_callback=TOLD)
    jan.speaks(2)
    jan.hangs_up()
    (told,) = _callbacks(jan)
    account = (house.network.account_sid, house.network.auth_token)
    sound = requests.get(f"{told.form['RecordingUrl']}.wav", auth=account, timeout=5).content
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() / file.getframerate() == 2


def test_the_end_of_the_call_ends_its_recording(
    house: House, client: Client, ania: Telephone, jan: Telephone, passes: Passing
) -> None:
    begun = client.calls(jan.sid).recordings.create(recording_status_callback=TOLD)
    passes(2)
    ania.speaks(1)
    passes(4)
    jan.hangs_up()
    (told,) = _callbacks(jan)
    assert (told.form["RecordingStatus"], told.form["RecordingDuration"]) == ("completed", "7")
    assert _voices(house, begun.sid) == [[(2, 3)]]


def test_nothing_recorded_is_absent(client: Client, ania: Telephone, jan: Telephone) -> None:
    begun = client.calls(jan.sid).recordings.create(
        recording_status_callback=TOLD, recording_status_callback_event=["completed absent"]
    )
    jan.hangs_up()
    (told,) = _callbacks(jan)
    assert told.form["RecordingStatus"] == "absent"
    assert told.form["ErrorCode"] == "16101"
    assert client.recordings(begun.sid).fetch().error_code == 16101


@pytest.mark.parametrize(
    ("behaviour", "seconds", "voices"),
    [({}, "12", [(0, 2), (9, 12)]), ({"pause_behavior": "skip"}, "6", [(0, 2), (3, 6)])],
)
def test_a_pause_leaves_no_word_in_the_file(
    house: House,
    client: Client,
    ania: Telephone,
    jan: Telephone,
    passes: Passing,
    behaviour: dict[str, str],
    seconds: str,
    voices: list[tuple[float, float]],
) -> None:
    begun = client.calls(jan.sid).recordings.create()
    jan.speaks(2)
    now = client.calls(jan.sid).recordings("Twilio.CURRENT")
    assert now.update(status="paused", **behaviour).status == "paused"
    assert not jan.is_recorded
    ania.speaks(6)
    assert client.calls(jan.sid).recordings(begun.sid).fetch().status == "processing"
    assert now.update(status="in-progress").status == "in-progress"
    passes(1)
    ania.speaks(3)
    jan.hangs_up()
    assert client.calls(jan.sid).recordings(begun.sid).fetch().duration == seconds
    assert _voices(house, begun.sid) == [voices]


def test_a_talk_that_ends_in_a_pause(house: House, client: Client, ania: Telephone) -> None:
    jan = house.jan
    begun = client.calls(jan.sid).recordings.create()
    jan.speaks(2)
    client.calls(jan.sid).recordings(begun.sid).update(status="paused", pause_behavior="skip")
    ania.speaks(6)
    jan.hangs_up()
    assert client.recordings(begun.sid).fetch().duration == "2"


def test_two_channels_hold_the_two_sides(
    house: House, client: Client, ania: Telephone, jan: Telephone
) -> None:
    begun = client.calls(jan.sid).recordings.create(recording_channels="dual")
    jan.speaks(2)
    ania.speaks(1)
    jan.hangs_up()
    assert begun.channels == 2
    assert _voices(house, begun.sid) == [[(0, 2)], [(2, 3)]]


@pytest.mark.parametrize(("track", "voices"), [("inbound", [(0, 2)]), ("outbound", [(2, 3)])])
def test_one_side_alone(
    house: House,
    client: Client,
    ania: Telephone,
    jan: Telephone,
    track: str,
    voices: list[tuple[float, float]],
) -> None:
    begun = client.calls(jan.sid).recordings.create(recording_track=track)
    jan.speaks(2)
    ania.speaks(1)
    jan.hangs_up()
    assert _voices(house, begun.sid) == [voices]


def test_silence_before_and_after_is_trimmed(
    house: House, client: Client, ania: Telephone, jan: Telephone, passes: Passing
) -> None:
    begun = client.calls(jan.sid).recordings.create(trim="trim-silence")
    passes(3)
    jan.speaks(1)
    passes(2)
    ania.speaks(1)
    passes(5)
    jan.hangs_up()
    assert round(house.network.recordings[begun.sid].seconds, 2) == 4
    assert _voices(house, begun.sid) == [[(0, 1), (3, 4)]]


def test_who_is_held_muted_or_whispers_is_not_in_what_others_hear(
    house: House, client: Client, ania: Telephone, jan: Telephone
) -> None:
    coach = ROOM.replace("<Conference>", f'<Conference coach="{ania.sid}">')
    marek = house.network.telephone("client:marek")
    client.calls.create(to=marek.number, from_=OWN, twiml=f"<Response>{coach}</Response>")
    marek.answers()
    of_jan = client.calls(jan.sid).recordings.create(recording_channels="dual")
    of_ania = client.calls(ania.sid).recordings.create(recording_channels="dual")
    (room,) = client.conferences.list()
    people = client.conferences(room.sid).participants
    marek.speaks(1)
    people(jan.sid).update(hold=True)
    ania.speaks(1)
    jan.speaks(1)
    people(jan.sid).update(hold=False, muted=True)
    jan.speaks(1)
    ania.speaks(1)
    client.conferences(room.sid).update(status="completed")
    assert _voices(house, of_jan.sid) == [[(2, 4)], [(4, 5)]]
    assert _voices(house, of_ania.sid) == [[(1, 2), (4, 5)], [(0, 1)]]


def test_nobody_hears_who_waits_alone(house: House, client: Client, passes: Passing) -> None:
    jan = house.jan
    house.plays("/voice/incoming", ROOM)
    jan.dials()
    begun = client.calls(jan.sid).recordings.create()
    jan.speaks(1)
    jan.hangs_up()
    assert _voices(house, begun.sid) == [[(0, 1)]]


def test_a_bridge_is_recorded_too(
    house: House, client: Client, jan: Telephone, passes: Passing
) -> None:
    house.plays("/voice/incoming", "<Dial>+48225550000</Dial>")
    desk = house.network.telephone("+48225550000")
    jan.dials()
    desk.answers()
    begun = client.calls(jan.sid).recordings.create(recording_channels="dual")
    desk.speaks(2)
    jan.speaks(1)
    desk.hangs_up()
    assert _voices(house, begun.sid) == [[(2, 3)], [(0, 2)]]


def test_a_microphones_file_is_heard(
    house: House, client: Client, base: str, ania: Telephone, jan: Telephone
) -> None:
    begun = client.calls(jan.sid).recordings.create()
    headers = {"Content-Type": "audio/wav"}
    url = f"{base}/phones/{jan.sid}/speak"
    assert requests.post(url, data=_loud_then_silent(), headers=headers, timeout=5).ok
    jan.hangs_up()
    assert client.recordings(begun.sid).fetch().duration == "2"
    assert _voices(house, begun.sid) == [[(0, 1)]]


def _loud_then_silent() -> bytes:
    """A studio's file: 48 kHz, two channels, 24 bit; sound in the first of its two seconds."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(3)
        file.setframerate(48000)
        file.writeframes((b"\0\0\x20" + b"\0\0\xe0") * 48000 + bytes(6 * 48000))
    return out.getvalue()


def test_two_who_speak_at_once_are_both_in_it(
    house: House, client: Client, jan: Telephone, passes: Passing
) -> None:
    house.network.clock = VirtualClock(lambda passed: None)
    house.plays("/voice/incoming", ROOM)
    ania = house.network.telephone("client:ania")
    ania.dials()
    jan.dials()
    begun = client.calls(jan.sid).recordings.create()
    jan.speaks(1)
    ania.speaks(1)
    passes(1)
    jan.hangs_up()
    with wave.open(io.BytesIO(house.network.recordings[begun.sid].sound)) as file:
        together = array("h", file.readframes(file.getnframes()))
    alone = samples(Spoke(1))
    assert list(together) == [2 * level for level in alone]


def test_a_second_order_makes_no_second_recording(
    client: Client, ania: Telephone, jan: Telephone
) -> None:
    first = client.calls(jan.sid).recordings.create()
    again = client.calls(jan.sid).recordings.create_with_http_info()
    assert (again.status_code, again.data.sid) == (200, first.sid)
    client.calls(jan.sid).recordings("Twilio.CURRENT").update(status="stopped")
    other = client.calls(jan.sid).recordings.create()
    assert other.sid != first.sid
    listed = client.calls(jan.sid).recordings.list()
    assert [one.sid for one in listed] == [other.sid, first.sid]


def test_a_call_that_is_not_up_is_not_recorded(
    house: House, client: Client, ania: Telephone, jan: Telephone
) -> None:
    client.calls(jan.sid).recordings.create()
    jan.hangs_up()
    with refused(21220):
        client.calls(jan.sid).recordings.create()
    with refused(20404):
        client.calls("CA" + "0" * 32).recordings.create()
    house.network.telephone("client:olga")
    ringing = client.calls.create(to="client:olga", from_=OWN, twiml="<Response/>")
    with refused(21220):
        client.calls(ringing.sid).recordings.create()


def test_orders_that_come_too_late(client: Client, ania: Telephone, jan: Telephone) -> None:
    begun = client.calls(jan.sid).recordings.create()
    client.calls(jan.sid).recordings(begun.sid).update(status="stopped")
    for status in ("paused", "in-progress", "stopped"):
        with refused(21220):
            client.calls(jan.sid).recordings(begun.sid).update(status=status)
    with refused(20404):
        client.calls(jan.sid).recordings("Twilio.CURRENT").update(status="stopped")
    with refused(20404):
        client.calls(ania.sid).recordings(begun.sid).update(status="stopped")


def test_a_message_is_no_talk(house: House, client: Client, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Record/>")
    jan.dials()
    (message,) = client.calls(jan.sid).recordings.list()
    assert (message.source, message.status) == ("RecordVerb", "processing")
    with refused(21220):
        client.calls(jan.sid).recordings(message.sid).update(status="paused")


@pytest.mark.parametrize(
    "wrong",
    [{"recording_channels": "stereo"}, {"recording_track": "none"}, {"trim": "yes"}],
)
def test_what_the_carrier_does_not_know_is_refused(
    client: Client, ania: Telephone, jan: Telephone, wrong: dict[str, Any]
) -> None:
    with refused(20001):
        client.calls(jan.sid).recordings.create(**wrong)
    begun = client.calls(jan.sid).recordings.create()
    with refused(20001):
        client.calls(jan.sid).recordings(begun.sid).update(status="completed")


def test_a_wrong_callback_is_a_fault_and_no_refusal(
    client: Client, ania: Telephone, jan: Telephone
) -> None:
    client.calls(jan.sid).recordings.create(
        recording_status_callback="/talk/recorded", recording_status_callback_event=["done"]
    )
    assert [fault.code for fault in jan.errors] == [13256, 13621]
    assert jan.is_recorded


def test_a_recording_is_deleted_as_one_of_its_call(
    client: Client, ania: Telephone, jan: Telephone
) -> None:
    begun = client.calls(jan.sid).recordings.create(recording_status_callback=TOLD)
    assert client.calls(jan.sid).recordings(begun.sid).delete()
    with refused(20404):
        client.calls(jan.sid).recordings(begun.sid).fetch()
    jan.speaks(1)
    jan.hangs_up()
    assert _callbacks(jan) == []


def test_the_callback_may_be_a_get(client: Client, ania: Telephone, jan: Telephone) -> None:
    client.calls(jan.sid).recordings.create(
        recording_status_callback=TOLD, recording_status_callback_method="GET"
    )
    jan.speaks(1)
    jan.hangs_up()
    (told,) = _callbacks(jan)
    assert told.request.method == "GET"
