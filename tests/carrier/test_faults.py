"""What the carrier does when the server fails it."""

import pytest

from carrier.grammar import TwimlError, parse
from carrier.telephone import Telephone
from carrier.webhooks import Kind
from tests.carrier.house import House

FAULTY = [
    ("<Shout>hi</Shout>", 12200),
    ('<Say volume="3">hi</Say>', 12200),
    ("<Say></Say>", 12200),
    ('<Gather numDigits="none"/>', 12200),
    ("<Gather><Record/></Gather>", 12200),
    ("<Gather><Gather/></Gather>", 12200),
    ('<Pause length="-1"/>', 12200),
    ('<Redirect method="PUT">/x</Redirect>', 12200),
    ("<Dial/>", 12200),
    ('<Say voice="Polly.Ewa">' + "a" * 3001 + "</Say>", 13521),
    ('<Say voice="Google.uk-UA-Standard-A">' + "я" * 800 + "</Say>", 13521),
    ("<Say>" + "word " * 14000 + "</Say>", 11750),
    ("<Say>unclosed", 12100),
]


@pytest.mark.parametrize(("document", "code"), FAULTY)
def test_the_grammar_is_strict(document: str, code: int) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(f"<Response>{document}</Response>".encode(), "text/xml; charset=utf-8")
    assert refused.value.code == code


def test_a_well_formed_document_is_read() -> None:
    say = '<Say voice="Google.uk-UA-Standard-A" language="uk-UA">' + "я" * 740 + "</Say>"
    (verb,) = parse(f"<Response>{say}</Response>".encode(), "application/xml")
    assert verb.name == "Say"


def test_plain_text_is_refused() -> None:
    with pytest.raises(TwimlError, match="12300"):
        parse(b"<Response/>", "text/plain")


def test_a_failing_server_is_an_application_error(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Say>hi</Say>", status=500)
    jan.dials()
    jan.hears("an application error has occurred")
    assert not jan.is_up
    assert [fault.code for fault in jan.errors] == [11200]
    assert jan.requests[-1].request.kind is Kind.STATUS


def test_the_fallback_is_told_why(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Shout/>")
    house.plays("/fallback", "<Say>Please call later.</Say>")
    house.network.main.voice_fallback_url = "http://localhost:8000/fallback"
    jan.dials()
    jan.hears("Please call later")
    form = jan.requests[1].form
    assert form["ErrorCode"] == "12200"
    assert form["ErrorUrl"] == "http://localhost:8000/voice/incoming"


def test_a_circle_of_redirects_is_cut(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Redirect>/voice/incoming</Redirect>")
    jan.dials()
    assert [fault.code for fault in jan.errors] == [11215]


def test_a_connect_time_out_is_tried_once_more_with_the_same_token(
    house: House, jan: Telephone
) -> None:
    house.plays("/voice/incoming", "<Say>Here.</Say>")
    jan.loses_next("connect timeout")
    jan.dials()
    jan.hears("Here")
    first, second = jan.requests[:2]
    assert first.answer is None
    assert first.request.token == second.request.token


def test_a_lost_first_webhook_leaves_only_the_end(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Say>Here.</Say>")
    jan.loses_next()
    jan.dials()
    assert [sent.status for sent in jan.requests] == [None, 204]


def test_a_lost_answer_has_reached_the_server(house: House, jan: Telephone) -> None:
    reached = []

    def answer() -> str:
        reached.append(1)
        return ""

    house.answers("/voice/incoming", answer)
    jan.loses_next("answer lost")
    jan.dials()
    assert reached == [1]
    assert jan.errors[0].code == 11205


def test_overrides_decide_on_retries(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Say>hi</Say>", status=503)
    house.network.main.voice_url += "#rc=2&rp=ct,rt,5xx"
    jan.dials()
    assert [sent.status for sent in jan.requests[:3]] == [503, 503, 503]


def test_a_missing_sound_is_a_fault_but_no_end(house: House, jan: Telephone) -> None:
    house.plays("/voice/incoming", "<Play>/missing.wav</Play><Say>Still here.</Say>")
    jan.dials()
    jan.hears("Still here")
    assert jan.errors[0].code == 11200
