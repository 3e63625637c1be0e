"""Enqueue, Leave and Dial > Queue: waiting, and being taken out of it."""

import pytest

from carrier.clocks import Doing
from carrier.telephone import Telephone
from carrier.webhooks import Exchange, Kind
from tests.carrier.house import House

ENQUEUE = '<Enqueue action="/voice/left" waitUrl="/voice/wait">clerks</Enqueue>'
ROUND = (
    "<Say>Please wait.</Say>"
    '<Gather numDigits="1" action="/voice/waitkey" actionOnEmptyResult="false" timeout="10"/>'
)


@pytest.fixture(autouse=True)
def line(house: House) -> None:
    house.plays("/voice/incoming", ENQUEUE)
    house.plays("/voice/wait", ROUND)
    house.plays("/voice/waitkey", "<Leave/>")
    house.plays("/voice/left", "<Say>Left the queue.</Say>")
    house.plays("/dial", '<Dial action="/after"><Queue url="/whisper">clerks</Queue></Dial>')
    house.plays("/whisper", "<Say>Connecting you.</Say>")
    house.plays("/after", "<Say>That was a caller.</Say>")


def _of(phone: Telephone, path: str) -> list[Exchange]:
    return [sent for sent in phone.requests if sent.url.endswith(path)]


def test_the_wait_document_is_asked_for_again_each_round(house: House, jan: Telephone) -> None:
    jan.dials()
    jan.waits(2)
    rounds = _of(jan, "/voice/wait")
    assert [sent.form["QueuePosition"] for sent in rounds] == ["1", "1", "1"]
    assert int(rounds[2].form["QueueTime"]) > int(rounds[1].form["QueueTime"]) > 0
    assert rounds[0].request.kind is Kind.WAIT
    assert {"QueueSid", "AvgQueueTime", "CurrentQueueSize"} <= set(rounds[0].form)


def test_a_wait_document_without_a_question_loops_too(house: House, jan: Telephone) -> None:
    house.plays("/music", '<Pause length="3"/>')
    house.plays("/voice/other", '<Enqueue waitUrl="/music">clerks</Enqueue>')
    house.network.main.voice_url = "http://localhost:8000/voice/other"
    jan.dials()
    jan.waits(3)
    assert len(_of(jan, "/music")) == 4


def test_a_key_can_lead_out_of_the_queue(house: House, jan: Telephone) -> None:
    jan.dials()
    jan.presses("2")
    jan.hears("Left the queue")
    assert _of(jan, "/voice/left")[0].form["QueueResult"] == "leave"
    assert house.network.queue("clerks").members == []


def test_a_hang_up_in_the_queue_is_told(house: House, jan: Telephone) -> None:
    jan.dials()
    jan.hangs_up()
    left = _of(jan, "/voice/left")[0]
    assert left.form["QueueResult"] == "hangup"
    assert left.form["CallStatus"] == "completed"


def test_a_full_queue_takes_nobody(house: House, jan: Telephone) -> None:
    house.network.queue("clerks").max_size = 0
    jan.dials()
    assert _of(jan, "/voice/left")[0].form["QueueResult"] == "queue-full"


def _ania_dials_the_queue(house: House) -> Telephone:
    ania = house.network.telephone("+48221110001")
    house.network.main.voice_url = "http://localhost:8000/dial"
    ania.dials()
    return ania


def test_a_consultant_takes_the_caller_out_and_hangs_up(house: House, jan: Telephone) -> None:
    jan.dials()
    jan.waits()
    ania = _ania_dials_the_queue(house)
    jan.hears("Connecting you")
    assert jan.is_doing(Doing.TALKING)
    assert ania.is_doing(Doing.TALKING)
    ania.hangs_up()
    jan.hears("Left the queue")
    assert _of(jan, "/voice/left")[0].form["QueueResult"] == "bridged"
    assert not ania.is_up


def test_a_caller_hangs_up_on_a_consultant(house: House, jan: Telephone) -> None:
    jan.dials()
    ania = _ania_dials_the_queue(house)
    jan.hangs_up()
    ania.hears("That was a caller")
    assert _of(ania, "/after")[0].form["DialCallStatus"] == "completed"


def test_a_consultant_waits_for_a_caller(house: House, jan: Telephone) -> None:
    ania = _ania_dials_the_queue(house)
    assert ania.is_doing(Doing.DIALLING)
    house.network.main.voice_url = "http://localhost:8000/voice/incoming"
    jan.dials()
    assert jan.is_doing(Doing.TALKING)


def test_nobody_comes(house: House) -> None:
    ania = _ania_dials_the_queue(house)
    ania.waits()
    assert _of(ania, "/after")[0].form["DialCallStatus"] == "no-answer"
