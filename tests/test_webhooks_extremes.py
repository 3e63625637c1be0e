"""No signed request is a fault of ours: every address of the line with values nobody expects.

The carrier signs whatever a caller's telephone sends: names, SIP headers, keys. So a signature says
who asks, and nothing about the values.
"""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import func, select

from carrier import grammar
from config import Settings
from ivr.flows import SCRIPT
from models import Call, Ticket
from models.session import transaction
from tests.test_webhooks import FORM, MENU, Post, posting

VALUES = (
    *("", " ", "\0", "a\nb", "\u202e", "\u200b", "²", "٣", "½", "+1", "-1", "12.5", "1e999", "NaN"),
    *("2147483648", "9223372036854775808", "9" * 400, "x" * 5000, "🙂" * 99, "{}", "[" * 500),
    *("Mon, 01 Jan 0001 00:00:00 +0000", "Fri, 31 Dec 9999 23:59:59 -1400", "../../etc/passwd"),
    *("https://elsewhere.example.org/x.wav", "sip:a@b;c", "<Response/>", "%00%ff", "null"),
)
RECORDING = "RE" + "3" * 32
ANSWER = {**FORM, "Digits": "1"}
# What the carrier may send to each address, beside what it always sends.
ADDRESSES = {
    "/voice/incoming": {**FORM, "CallStatus": "ringing", "StirVerstat": "", "CallerName": ""},
    MENU: {**ANSWER, "SpeechResult": "", "Confidence": "", "msg": "", "FinishedOnKey": "#"},
    "/voice/pl/consultant/transfer?try=0&step=2&since=0": {
        **FORM,
        "QueueResult": "leave",
        "QueueTime": "3",
        "QueuePosition": "1",
        "QueueSid": "QU1",
        "DialCallStatus": "completed",
        "DialCallDuration": "3",
        "DialBridged": "true",
    },
    "/voice/pl/report/describe?try=0&step=2&since=0": {
        **FORM,
        "RecordingUrl": f"https://api.twilio.com/{RECORDING}",
        "RecordingDuration": "3",
        "RecordingSid": RECORDING,
        "Digits": "hangup",
    },
    "/voice/status": {
        **FORM,
        "CallStatus": "completed",
        "CallDuration": "5",
        "SequenceNumber": "2",
        "Timestamp": "Mon, 08 Jun 2026 10:00:00 +0000",
        "ParentCallSid": "",
    },
    "/voice/recording": {
        **FORM,
        "RecordingSid": RECORDING,
        "RecordingStatus": "completed",
        "RecordingDuration": "3",
        "RecordingUrl": "https://api.twilio.com/x",
        "ErrorCode": "0",
    },
    "/voice/desk/1/answered": FORM,
    "/voice/desk/client/1/status": {**FORM, "CallStatus": "busy"},
    "/voice/desk/client/1/greeting": FORM,
    f"/voice/desk/client/{2**63}/after": FORM,
    f"/voice/desk/{'9' * 5000}/status": {**FORM, "CallStatus": "busy"},
}
QUERIES = (
    "",
    "?",
    "?try=-1&step=0",
    "?step=9999999999",
    "?try=%00&step=%C2%B2",
    "?since=zz",
    "?step=1&step=2",
)


@pytest.fixture
def post(line: Flask, settings: Settings) -> Post:
    return posting(line, settings)


def sids() -> Iterator[str]:
    for number in range(1, 10**6):
        yield f"CA{number:032x}"


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_no_value_is_a_fault(post: Post, caplog: pytest.LogCaptureFixture, address: str) -> None:
    form, sid = ADDRESSES[address], sids()
    for name in form:
        for value in VALUES:
            call = {"CallSid": next(sid)}
            answer = post(address, {**form, **call, name: value})
            assert answer.status_code in (HTTPStatus.OK, HTTPStatus.NO_CONTENT), (name, value)
            if answer.data:
                grammar.parse(answer.data, answer.content_type)
    assert "Traceback" not in caplog.text
    with transaction() as session:
        calls = session.scalar(select(func.count()).select_from(Call))
        tickets = session.scalar(select(func.count()).select_from(Ticket))
        assert calls == tickets


def test_no_place_is_a_fault(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """Each node of the script, known or not, with positions that no document of ours has."""
    sid = sids()
    places = [str(place) for place, _ in SCRIPT.places()]
    for place in (
        *places,
        "main/nowhere",
        "nowhere/menu",
        "main",
        "main/menu/more",
        "%2e%2e/x",
        "",
    ):
        for language, query in (*(("pl", query) for query in QUERIES), ("xx", ""), ("%00", "")):
            answer = post(f"/voice/{language}/{place}{query}", {**ANSWER, "CallSid": next(sid)})
            assert answer.status_code == HTTPStatus.OK, (place, query)
            grammar.parse(answer.data, answer.content_type)
    assert "Traceback" not in caplog.text
