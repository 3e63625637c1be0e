"""A call from its first document to its end, in virtual time."""

import pytest
from flask import request
from twilio.request_validator import RequestValidator

from carrier.clocks import Doing
from carrier.telephone import Telephone
from carrier.webhooks import Kind
from tests.carrier.house import House

MENU = (
    '<Gather numDigits="1" finishOnKey="" action="/voice/chosen?step=2" actionOnEmptyResult="true">'
    '<Say language="pl-PL" voice="Polly.Ewa">Aby zacząć, naciśnij 1.</Say></Gather>'
)


def test_a_menu_waits_for_its_key_and_sends_it(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", MENU)
    house.plays("/voice/chosen", "<Say>One it is.</Say><Hangup/>")

    jan.dials()
    jan.hears("naciśnij 1")
    assert jan.is_doing(Doing.GATHERING)
    assert jan.heard[0].language == "pl-PL"
    jan.presses("1")

    jan.hears("One it is")
    assert not jan.is_up
    first, chosen, status = jan.requests
    assert first.form["CallStatus"] == "ringing"
    assert chosen.url.endswith("/voice/chosen?step=2")
    assert chosen.form["Digits"] == "1"
    assert chosen.form["FinishedOnKey"] == ""
    assert chosen.form["CallStatus"] == "in-progress"
    assert status.form["CallStatus"] == "completed"
    assert status.form["SequenceNumber"] == "0"
    assert status.form["CallDuration"] == str(round(jan.seconds))


def test_keys_one_by_one_each_answer_their_own_question(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", MENU)
    house.plays("/voice/chosen", MENU, "<Say>Enough.</Say>")
    jan.dials()
    jan.presses("1", "3")
    jan.hears("Enough")


@pytest.mark.parametrize(
    ("typed", "digits", "finished_on"),
    [("123456782#", "123456782", ""), ("12#", "12", "#"), ("123456782", "123456782", "")],
)
def test_typed_digits_end_with_their_number_or_the_finish_key(
    house: House, jan: Telephone, typed: str, digits: str, finished_on: str
) -> None:
    house.plays("/voice/incoming", '<Gather numDigits="9" action="/voice/number"/>')
    house.plays("/voice/number", MENU)
    jan.dials()
    jan.types(typed)
    assert jan.requests[1].form["Digits"] == digits
    assert jan.requests[1].form["FinishedOnKey"] == finished_on


def test_silence_falls_through_unless_the_gather_asks_for_it(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", '<Gather action="/voice/never"/><Say>Nothing came.</Say>')
    jan.dials()
    jan.waits()
    jan.hears("Nothing came")


def test_silence_is_an_answer_where_the_gather_asks_for_it(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", MENU)
    house.plays("/voice/chosen", "<Hangup/>")
    jan.dials()
    jan.waits()
    assert jan.requests[1].form["Digits"] == ""


def test_one_digit_of_many_is_sent_after_silence(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", '<Gather numDigits="9" action="/voice/number"/>')
    house.plays("/voice/number", "<Hangup/>")
    jan.dials()
    jan.presses("0")
    assert jan.is_up
    jan.waits()
    assert jan.requests[1].form["Digits"] == "0"


def test_the_finish_key_is_a_digit_where_there_is_none(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", MENU)
    house.plays("/voice/chosen", "<Hangup/>")
    jan.dials()
    jan.presses("#")
    assert jan.requests[1].form["Digits"] == "#"


def test_any_key_interrupts_the_speech_of_a_gather(house: House, jan: Telephone) -> None:
    long = '<Gather numDigits="1" action="/voice/chosen"><Say>One.</Say><Say>Two.</Say></Gather>'
    house.plays("/voice/incoming", long)
    house.plays("/voice/chosen", "<Hangup/>")
    jan.interrupts("1")
    jan.dials()
    assert [piece.text for piece in jan.heard] == ["One."]
    assert jan.requests[1].form["Digits"] == "1"


def test_speech_is_an_answer_where_it_is_asked_for(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", '<Gather input="dtmf speech" action="/voice/chosen"/>')
    house.plays("/voice/chosen", "<Hangup/>")
    jan.dials()
    jan.says("konsultant")
    assert jan.requests[1].form["SpeechResult"] == "konsultant"


def test_a_caller_may_hang_up_in_the_middle_of_a_sentence(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Say>Go to the office.</Say><Redirect>/voice/after</Redirect>")
    house.plays("/voice/after", "<Say>Never.</Say>")
    jan.hangs_up_when_hearing("office")
    jan.dials()
    assert not jan.is_up
    assert [exchange.request.kind for exchange in jan.requests] == [Kind.VOICE, Kind.STATUS]


def test_every_request_is_signed_over_its_whole_address(house: House, jan: Telephone) -> None:
    verdicts = []

    def check() -> str | tuple[str, int]:
        validator = RequestValidator(house.network.auth_token)
        signature = request.headers.get("X-Twilio-Signature", "")
        verdicts.append(validator.validate(request.url, request.form, signature))
        return ("", 403) if not verdicts[-1] else ("", 204)

    house.answers("/checked", check)
    house.network.main.voice_url = "http://localhost:8000/checked?a=b#ct=2000&rt=4000"
    jan.dials()
    assert verdicts == [True]
    jan.sends(jan.requests[0].request.forged())
    jan.sends(jan.requests[0].request.unsigned())
    assert verdicts == [True, False, False]


def test_a_repeated_request_bears_the_same_token(house: House, jan: Telephone) -> None:
    tokens = []

    def answer() -> tuple[str, int]:
        tokens.append(request.headers["I-Twilio-Idempotency-Token"])
        return "", 500

    house.answers("/voice/incoming", answer)
    jan.dials()
    jan.sends_again(0)
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]


def test_a_callers_kinds_of_number(house: House) -> None:
    house.plays("/voice/incoming", "<Hangup/>")
    for number in ("anonymous", "sip:jan@example.com", "client:jan", "+442079460000"):
        phone = house.network.telephone(number)
        phone.dials()
        assert phone.requests[0].form["From"] == number
    assert phone.requests[0].form["FromCountry"] == "GB"


def test_reject_does_not_answer(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", '<Reject reason="busy"/>')
    jan.dials()
    assert jan.call.status == "busy"
    assert jan.requests[-1].form["CallDuration"] == "0"


def test_what_was_not_heard_is_said_readably(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Say>Good morning.</Say>")
    jan.dials()
    with pytest.raises(AssertionError, match=r"did not hear 'evening'(.|\n)*Good morning"):
        jan.hears("evening")
    with pytest.raises(AssertionError, match="the call is over"):
        jan.presses("1")
