"""Record: the tone, the voice, the action, and the file that comes later."""

import io
import wave

from carrier.telephone import Telephone
from carrier.webhooks import Kind
from tests.carrier.house import House

RECORD = (
    "<Say>After the tone.</Say>"
    '<Record action="/voice/recorded" maxLength="120" finishOnKey="#"'
    ' recordingStatusCallback="/voice/recording"'
    ' recordingStatusCallbackEvent="in-progress completed absent"/>'
    "<Say>Nothing recorded.</Say>"
)


def test_a_message_ends_with_silence_and_its_file_comes_later(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", RECORD)
    house.plays("/voice/recorded", "<Say>Thank you.</Say>")
    jan.dials()
    jan.speaks(seconds=7)
    jan.hears("Thank you")
    action = next(sent for sent in jan.requests if sent.url.endswith("/voice/recorded"))
    assert action.form["RecordingDuration"] == "7"
    told = [sent.form["RecordingStatus"] for sent in jan.requests if _is_recording(sent.url)]
    assert told == ["in-progress", "completed"]
    recording = house.network.recordings[action.form["RecordingSid"]]
    with wave.open(io.BytesIO(recording.sound)) as file:
        assert file.getnframes() / file.getframerate() == 7


def _is_recording(url: str) -> bool:
    return url.endswith("/voice/recording")


def test_a_key_ends_a_message(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", RECORD)
    house.plays("/voice/recorded", "<Say>Thank you.</Say>")
    jan.dials()
    jan.speaks(seconds=3, then="#")
    assert jan.requests[2].form["Digits"] == "#"


def test_a_hang_up_in_a_message_still_asks_for_the_action(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", RECORD)
    house.plays("/voice/recorded", "<Say>Thank you.</Say>")
    jan.dials()
    jan.hangs_up(while_speaking=4)
    action = next(sent for sent in jan.requests if sent.url.endswith("/voice/recorded"))
    assert action.form["Digits"] == "hangup"
    assert action.form["CallStatus"] == "completed"
    assert action.form["RecordingDuration"] == "4"


def test_silence_is_no_message(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", RECORD)
    jan.dials()
    jan.waits()
    jan.hears("Nothing recorded")
    assert jan.requests[-1].form["RecordingStatus"] == "absent"


def test_callbacks_can_be_held_back_and_come_in_any_order(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", RECORD)
    house.plays("/voice/recorded", "<Hangup/>")
    office = house.network.post_office
    office.holding = True
    jan.dials()
    jan.speaks(seconds=2)
    kinds = [request.kind for request in office.held]
    assert sorted(kinds) == [Kind.RECORDING, Kind.RECORDING, Kind.STATUS]
    for request in reversed(office.held[:]):
        assert office.deliver(request).status == 204
