"""Dial: other telephones, whispers, conferences; and calls that the account itself makes."""

import pytest

from carrier.call import Callback, Direction
from carrier.clocks import Doing
from carrier.line import Jump
from carrier.telephone import Telephone
from tests.carrier.house import House

FALLBACK = "+48225550000"


@pytest.fixture(autouse=True)
def line(house: House) -> None:
    house.plays("/after", "<Say>Back again.</Say>")


def _dials(house: House, jan: Telephone, twiml: str) -> None:
    house.plays("/voice/incoming", twiml)
    jan.dials()


def _dial_status(jan: Telephone) -> str:
    sent = next(sent for sent in jan.requests if sent.url.endswith("/after"))
    return sent.form["DialCallStatus"]


DIAL = f'<Dial action="/after" timeout="20" callerId="+48222222222">{FALLBACK}</Dial>'


def test_a_dialled_telephone_rings_is_answered_and_parts(house: House, jan: Telephone) -> None:
    desk = house.network.telephone(FALLBACK)
    _dials(house, jan, DIAL)
    assert desk.is_ringing
    assert desk.call.from_ == "+48222222222"
    desk.answers()
    assert jan.is_doing(Doing.TALKING)
    desk.hangs_up()
    jan.hears("Back again")
    assert _dial_status(jan) == "completed"
    assert desk.call.parent_sid == jan.sid


@pytest.mark.parametrize("end", ["busy", "no-answer", "failed"])
def test_a_dialled_telephone_is_not_answered(house: House, jan: Telephone, end: str) -> None:
    house.network.telephone(FALLBACK).answering = end
    _dials(house, jan, DIAL)
    assert _dial_status(jan) == end


def test_a_number_where_nobody_is_does_not_answer(house: House, jan: Telephone) -> None:
    _dials(house, jan, DIAL)
    assert _dial_status(jan) == "no-answer"
    assert jan.network.clock.now() is not None


def test_the_caller_waits_in_vain(house: House, jan: Telephone) -> None:
    desk = house.network.telephone(FALLBACK)
    _dials(house, jan, DIAL)
    jan.waits()
    assert _dial_status(jan) == "no-answer"
    assert not desk.is_up
    assert desk.call.status == "no-answer"


def test_the_caller_hangs_up_while_it_rings(house: House, jan: Telephone) -> None:
    desk = house.network.telephone(FALLBACK)
    _dials(house, jan, DIAL)
    jan.hangs_up()
    assert desk.call.status == "canceled"


def test_a_whisper_can_decline(house: House, jan: Telephone) -> None:
    house.plays(
        "/whisper", '<Gather numDigits="1" action="/take"><Say>A caller.</Say></Gather><Hangup/>'
    )
    house.plays("/take", "<Say>Taken.</Say>")
    desk = house.network.telephone(FALLBACK)
    twiml = f'<Dial action="/after"><Number url="/whisper">{FALLBACK}</Number></Dial>'
    _dials(house, jan, twiml)
    desk.answers()
    desk.hears("A caller")
    desk.waits()
    assert not desk.is_up
    jan.hears("Back again")


def test_the_first_of_several_takes_the_call(house: House, jan: Telephone) -> None:
    ania, tomek = (house.network.telephone(name) for name in ("client:ania", "sip:tomek@desk"))
    _dials(house, jan, "<Dial><Client>ania</Client><Sip>sip:tomek@desk</Sip></Dial>")
    assert ania.is_ringing
    tomek.answers()
    assert ania.call.status == "canceled"
    jan.hangs_up()
    assert tomek.call.status == "completed"


def test_a_conference_ends_with_the_one_who_ends_it(house: House, jan: Telephone) -> None:
    room = '<Dial action="/after"><Conference endConferenceOnExit="{}">room</Conference></Dial>'
    house.plays("/voice/incoming", room.format("false"))
    house.plays("/ania", room.format("true"))
    ania = house.network.telephone("client:ania")
    jan.dials()
    house.network.main.voice_url = "http://localhost:8000/ania"
    ania.dials()
    assert house.network.conference("room").status == "in-progress"
    ania.hangs_up()
    jan.hears("Back again")


def test_a_call_of_the_accounts_own_tells_its_events(house: House, jan: Telephone) -> None:
    house.plays("/callback", "<Say>You asked to be called.</Say>")
    events = frozenset({"initiated", "ringing", "answered", "completed"})
    callback = Callback("http://localhost:8000/voice/status", "POST", events)
    network = house.network
    leg = network.new_leg("+48222222222", jan.number, Direction.OUTBOUND_API, callback)
    network.call_out(leg, Jump("http://localhost:8000/callback"))
    jan.answers()
    jan.hears("asked to be called")
    told = [sent for sent in jan.requests if sent.url.endswith("status")]
    states = ["initiated", "ringing", "in-progress", "completed"]
    assert [sent.form["CallStatus"] for sent in told] == states
    assert [sent.form["SequenceNumber"] for sent in told] == ["0", "1", "2", "3"]
    assert told[0].form["Direction"] == "outbound-api"
