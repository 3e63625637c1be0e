"""Recorded announcements: what is taken, what it becomes, what is refused and why."""

import io
import math
import struct
import wave
from array import array
from itertools import pairwise
from pathlib import Path
from random import Random

import lameenc
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.recordings import sounds
from callcenter.recordings.sounds import LONGEST_S, SoundError, Unfit
from models import Scope, Way
from models.session import transaction
from tests.switched import announced


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    sounds.bind(tmp_path)
    return tmp_path / "sounds"


def tone(seconds: float, rate: int = 8000, loudness: int = 8000, pitch: int = 440) -> "array[int]":
    frames = range(round(seconds * rate))
    return array("h", (round(loudness * math.sin(math.tau * pitch * i / rate)) for i in frames))


def wav(samples: "array[int]", rate: int = 8000, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", one) * channels for one in samples))
    return out.getvalue()


def mp3(samples: "array[int]", rate: int) -> bytes:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(rate)
    encoder.set_channels(1)
    return bytes(encoder.encode(samples.tobytes()) + encoder.flush())


def kept(name: str) -> tuple[int, int, int, float]:
    with wave.open(str(sounds.path(name))) as file:
        seconds = file.getnframes() / file.getframerate()
        return file.getframerate(), file.getnchannels(), file.getsampwidth(), seconds


TAKEN = {
    "as the carrier records": wav(tone(2)),
    "a studio's WAV": wav(tone(2, 48000), 48000, channels=2),
    "a dictaphone's WAV": wav(tone(2, 22050), 22050),
    "MP3": mp3(tone(2, 44100), 44100),
    "MP3 of low rate": mp3(tone(2, 16000), 16000),
}


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
def test_it_becomes_what_telephones_play(data: bytes) -> None:
    rate, channels, width, seconds = kept(sounds.keep(data))
    assert (rate, channels, width) == (8000, 1, 2)
    assert seconds == pytest.approx(2, abs=0.1)


def test_the_voice_in_it_stays_the_same() -> None:
    with wave.open(str(sounds.path(sounds.keep(mp3(tone(2, 44100), 44100))))) as file:
        heard = array("h", file.readframes(file.getnframes()))
    middle = heard[4000:12000]
    crossings = sum(a < 0 <= b for a, b in pairwise(middle))
    assert crossings == pytest.approx(440, abs=2)
    assert max(middle) == pytest.approx(8000, rel=0.1)


def test_the_same_recording_is_the_same_sound(folder: Path) -> None:
    first, again, other = (sounds.keep(wav(tone(1, pitch=p))) for p in (440, 440, 550))
    assert first == again != other
    assert sorted(file.stem for file in folder.iterdir()) == sorted({first, other})
    assert sounds.is_kept(first)
    assert not sounds.is_kept("0" * 32)


def _with(data: bytes, at: int, form: str, value: int) -> bytes:
    """A WAV file with another number at a place in its header."""
    return data[:at] + struct.pack(form, value) + data[at + struct.calcsize(form) :]


SECOND = wav(tone(1))
REFUSED = [
    (b"", Unfit.NOT_AUDIO),
    (b"%PDF-1.7 no sound at all" * 100, Unfit.NOT_AUDIO),
    (Random(7).randbytes(100_000), Unfit.NOT_AUDIO),
    (_with(SECOND, 22, "<H", 65535), Unfit.NOT_AUDIO),
    (_with(SECOND, 24, "<I", 4_000_000_000), Unfit.NOT_AUDIO),
    (_with(SECOND, 24, "<I", 1), Unfit.TOO_LONG),
    (_with(SECOND, 40, "<I", 0), Unfit.TOO_SHORT),
    (SECOND[:44], Unfit.TOO_SHORT),
    (wav(tone(0.3)), Unfit.TOO_SHORT),
    (wav(tone(LONGEST_S + 0.5)), Unfit.TOO_LONG),
    (b"RIFF" + bytes(sounds.LARGEST_BYTES), Unfit.TOO_LARGE),
    (wav(array("h", bytes(32000))), Unfit.SILENT),
    (wav(tone(3, loudness=60)), Unfit.SILENT),
    (mp3(tone(3, 44100, loudness=1), 44100), Unfit.SILENT),
]


@pytest.mark.parametrize(("data", "reason"), REFUSED)
def test_refusals_have_a_reason(data: bytes, reason: Unfit, folder: Path) -> None:
    with pytest.raises(SoundError, match=r"^[A-Z].*\.$") as refusal:
        sounds.keep(data)
    assert refusal.value.reason is reason
    assert not folder.exists()


def test_the_longest_announcement_is_taken() -> None:
    assert kept(sounds.keep(wav(tone(LONGEST_S))))[3] == LONGEST_S


def test_a_voice_after_a_long_pause_is_no_silence() -> None:
    late = array("h", bytes(2 * 8000 * 50)) + tone(0.5, loudness=1000)
    assert kept(sounds.keep(wav(late)))[3] == 50.5


def test_a_header_that_promises_gigabytes_gives_what_there_is() -> None:
    endless = _with(_with(SECOND, 4, "<I", 0xFFFFFFFF), 40, "<I", 0xFFFFFFFF)
    assert kept(sounds.keep(endless))[3] == 1


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_damage_is_refused_or_heard_and_never_more(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([SECOND, TAKEN["MP3"]]))
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 20)) if damaged else 0):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        name = sounds.keep(bytes(damaged))
    except SoundError:
        return
    assert kept(name)[3] <= LONGEST_S


@pytest.mark.parametrize("name", ["", "../secrets", "0" * 31, "0" * 33, "A" * 32, "0" * 32 + "\n"])
def test_only_names_of_sounds_are_names(name: str) -> None:
    assert not sounds.is_kept(name)
    with pytest.raises(ValueError, match="no name"):
        sounds.path(name)


@pytest.mark.usefixtures("database")
def test_a_discarded_sound_is_gone_unless_an_announcement_has_it(folder: Path) -> None:
    sounds.bind(folder.parent)
    played, discarded = sounds.keep(SECOND), sounds.keep(wav(tone(1, pitch=300)))
    announced(Scope.SERVICE, Way.CONSOLE, sounds={"pl": played})
    with transaction() as session:
        for name in (played, discarded):
            sounds.discard(session, name)
            sounds.discard(session, name)
    assert [file.stem for file in folder.iterdir()] == [played]


class TestTheAddress:
    @pytest.fixture
    def name(self, app: Flask, folder: Path) -> str:
        sounds.bind(folder.parent)
        return sounds.keep(SECOND)

    def test_plays_without_a_signature(self, client: FlaskClient, name: str) -> None:
        answer = client.get(f"/sounds/{name}.wav")
        assert (answer.status_code, answer.content_type) == (200, "audio/wav")
        assert answer.data == sounds.path(name).read_bytes()
        assert not answer.headers.getlist("Set-Cookie")

    def test_may_be_kept_for_ever(self, client: FlaskClient, name: str) -> None:
        answer = client.get(f"/sounds/{name}.wav")
        assert answer.headers["ETag"] == f'"{name}"'
        assert answer.cache_control.immutable
        assert answer.cache_control.max_age == 365 * 24 * 3600
        again = client.get(f"/sounds/{name}.wav", headers={"If-None-Match": f'"{name}"'})
        assert (again.status_code, again.data) == (304, b"")

    def test_gives_a_part(self, client: FlaskClient, name: str) -> None:
        answer = client.get(f"/sounds/{name}.wav", headers={"Range": "bytes=44-143"})
        assert answer.status_code == 206
        assert answer.data == sounds.path(name).read_bytes()[44:144]

    @pytest.mark.parametrize("other", ["0" * 32, "nothing", "..%2Fsecrets", "%00"])
    def test_knows_nothing_else(self, client: FlaskClient, name: str, other: str) -> None:
        assert client.get(f"/sounds/{other}.wav").status_code == 404

    def test_is_served_where_the_line_is(self, line: Flask, name: str) -> None:
        assert line.test_client().get(f"/sounds/{name}.wav").status_code == 200
