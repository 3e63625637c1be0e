"""People's telephones: the HTTP interface, real time, and the telephone in the terminal."""

import io
import threading
import time
import wave
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from carrier import process, terminal
from carrier.call import Callback, Direction
from carrier.clocks import RealClock
from carrier.line import Jump
from carrier.network import Network
from carrier.sound import tone
from tests.carrier.house import House

MENU = (
    '<Gather numDigits="1" finishOnKey="" action="/voice/chosen" actionOnEmptyResult="true">'
    '<Say language="pl-PL">Aby nagrać wiadomość, naciśnij 1.</Say></Gather>'
)
RECORD = '<Record action="/voice/recorded" maxLength="60" finishOnKey="#"/>'


@pytest.fixture
def base(house: House) -> Iterator[str]:
    """A carrier process in this one, calling the house over a socket."""
    house.plays("/voice/incoming", MENU)
    house.plays("/voice/chosen", RECORD)
    house.plays("/voice/recorded", '<Say language="pl-PL">Dziękujemy.</Say>')
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    network = Network(clock=RealClock(), server=f"http://127.0.0.1:{server.server_port}")
    network.people_may_answer = True
    house.network = network
    with process.running(network) as base:
        yield base
    server.shutdown()
    server.server_close()
    thread.join()


def _await(base: str, sid: str, kind: str) -> dict[str, Any]:
    """The first event of that kind, which must come soon."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        state = requests.get(f"{base}/phones/{sid}", timeout=5).json()
        for event in state["events"]:
            if event["kind"] == kind:
                found: dict[str, Any] = event
                return found
        time.sleep(0.02)
    raise AssertionError(f"no {kind} in {state}")


def _post(base: str, path: str, **body: object) -> requests.Response:
    return requests.post(f"{base}/phones{path}", json=body, timeout=5)


def test_a_call_by_hand(base: str, house: House) -> None:
    sid = _post(base, "", **{"from": "+48501234567", "pace": "none"}).json()["id"]
    assert _await(base, sid, "speech")["text"].startswith("Aby nagrać")
    _await(base, sid, "gather")
    assert _post(base, f"/{sid}/keys", digits="1").status_code == 200
    _await(base, sid, "recording")
    _post(base, f"/{sid}/speak", seconds=2)
    _post(base, f"/{sid}/keys", digits="#")
    assert _await(base, sid, "recorded")["seconds"] == 2
    assert _await(base, sid, "ended")["status"] == "completed"
    assert _post(base, f"/{sid}/keys", digits="1").status_code == 409


def test_speech_takes_its_time_and_a_key_interrupts_it(base: str) -> None:
    sid = _post(base, "", **{"from": "anonymous"}).json()["id"]
    _await(base, sid, "speech")
    state = requests.get(f"{base}/phones/{sid}", timeout=5).json()
    assert state["speaking"]["language"] == "pl-PL"
    _post(base, f"/{sid}/keys", digits="1")
    _await(base, sid, "recording")
    _post(base, f"/{sid}/hangup")
    _await(base, sid, "ended")


def test_a_microphones_file_is_kept(base: str, house: House) -> None:
    sid = _post(base, "", **{"from": "+48501234567", "pace": "none"}).json()["id"]
    _await(base, sid, "gather")
    _post(base, f"/{sid}/keys", digits="1")
    _await(base, sid, "recording")
    sound = tone(1.0)
    wav = {"Content-Type": "audio/wav"}
    requests.post(f"{base}/phones/{sid}/speak", data=sound, headers=wav, timeout=5)
    _post(base, f"/{sid}/keys", digits="#")
    recorded = _await(base, sid, "recorded")
    time.sleep(1.2)
    assert house.network.recordings[recorded["sid"]].sound == sound


def test_a_talk_is_recorded_as_long_as_it_took(base: str, house: House) -> None:
    network = house.network
    account = (network.account_sid, network.auth_token)
    calls = f"{base}/2010-04-01/Accounts/{network.account_sid}/Calls"
    room = "<Response><Dial><Conference>room</Conference></Dial></Response>"
    jan, ania = (
        network.new_leg("+48222222222", to, Direction.OUTBOUND_API, Callback())
        for to in ("+48501234567", "client:ania")
    )
    for leg in (jan, ania):
        network.call_out(leg, Jump("", twiml=room))
        _await(base, leg.sid, "ringing")
        _post(base, f"/{leg.sid}/answer")
        _await(base, leg.sid, "conference")
    begun = requests.post(f"{calls}/{jan.sid}/Recordings.json", auth=account, timeout=5).json()
    time.sleep(0.3)
    _post(base, f"/{ania.sid}/speak", seconds=0.4)
    time.sleep(0.6)
    _post(base, f"/{jan.sid}/hangup")
    _await(base, jan.sid, "ended")
    time.sleep(1.2)
    recording = network.recordings[begun["sid"]]
    assert recording.status == "completed"
    assert 0.9 < recording.seconds < 10
    with wave.open(io.BytesIO(recording.sound)) as file:
        frames = file.readframes(file.getnframes())
    spoken = frames.strip(b"\0")
    assert abs(len(spoken) / 16000 - 0.4) < 0.01
    assert frames.index(spoken) / 16000 >= 0.3


def test_a_telephone_rings_and_is_answered(base: str, house: House) -> None:
    network = house.network
    to = Direction.OUTBOUND_API
    leg = network.new_leg("+48222222222", "+48501234567", to, Callback())
    network.call_out(leg, Jump("", twiml="<Response><Say>You asked for us.</Say></Response>"))
    _await(base, leg.sid, "ringing")
    found = _post(base, "/mine", number="+48501234567").json()["phones"]
    assert [phone["id"] for phone in found] == [leg.sid]
    assert _post(base, f"/{leg.sid}/answer").status_code == 200
    assert _await(base, leg.sid, "speech")["text"] == "You asked for us."


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {"from": "nobody"}, 422),
        ("", {"from": "+48501234567", "to": "+48999999999"}, 404),
        ("/CA0/keys", {"digits": "1"}, 404),
    ],
)
def test_what_cannot_be_is_told(base: str, path: str, body: dict[str, str], status: int) -> None:
    assert _post(base, path, **body).status_code == status


def test_a_foreign_page_makes_no_calls(base: str) -> None:
    assert requests.post(f"{base}/phones", data="x", timeout=5).status_code == 415
    elsewhere = {"Host": "evil.example"}
    answer = requests.post(f"{base}/phones", json={}, headers=elsewhere, timeout=5)
    assert answer.status_code == 403


def test_the_terminal_presses_the_keys_it_was_given(base: str) -> None:
    lines: list[str] = []
    assert terminal.place_call(base, "+48501234567", ["1"], lines.append) == 0
    text = "\n".join(lines)
    assert "[pl-PL] Aby nagrać" in text
    assert "> 1" in text
    assert "(recorded 4 s)" in text
    assert "[pl-PL] Dziękujemy." in text
    assert lines[-1].startswith("Call CA")


def test_the_terminal_hangs_up_when_its_keys_are_used_up(base: str, house: House) -> None:
    house.plays("/voice/other", MENU.replace("chosen", "other"))
    house.network.main.voice_url = house.network.main.voice_url.replace("incoming", "other")
    lines: list[str] = []
    terminal.place_call(base, "+48501234567", ["3"], lines.append)
    assert "(hangs up)" in lines


def test_the_terminal_hears_guidance_to_its_end(base: str, house: House) -> None:
    house.plays(
        "/voice/guided",
        '<Gather timeout="1" action="/voice/never"><Say>Guidance.</Say></Gather>'
        "<Redirect>/voice/incoming</Redirect>",
    )
    house.network.main.voice_url = house.network.main.voice_url.replace("incoming", "guided")
    lines: list[str] = []
    terminal.place_call(base, "+48501234567", ["1"], lines.append)
    assert lines.index("[en-US] Guidance.") < lines.index("> 1")
    assert "[pl-PL] Dziękujemy." in lines


def test_the_terminal_reads_keys_by_hand(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    lines: list[str] = []
    assert terminal.place_call(base, "+48501234567", [], lines.append) == 0
    assert any("hung up" in line for line in lines)


def test_the_terminal_says_when_nobody_is_there() -> None:
    lines: list[str] = []
    assert terminal.place_call("http://127.0.0.1:9", "anonymous", ["1"], lines.append) == 1
    assert "no carrier" in lines[0]
