"""What a request asks beside its path: heeded or refused, never passed over; refusals in JSON."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.auth import HTTPBasicAuth

from carrier import process
from tests.carrier.description import description
from tests.carrier.house import House
from tests.carrier.official import JAN, OWN

ROOT = "/2010-04-01/Accounts"
UNKNOWN = 20001


class Desk:
    """The REST interface, asked without the official client, which sends no nonsense."""

    def __init__(self, house: House, base: str) -> None:
        self.base = base
        self.sid = house.network.account_sid
        self.auth = HTTPBasicAuth(self.sid, house.network.auth_token)

    def get(self, path: str, **asked: Any) -> requests.Response:
        return requests.get(self.address(path), params=asked, auth=self.auth, timeout=5)

    def post(self, path: str, **given: Any) -> requests.Response:
        return requests.post(self.address(path), data=given, auth=self.auth, timeout=5)

    def address(self, path: str) -> str:
        return f"{self.base}{ROOT}/{self.sid}{path}"


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    """Unwatched: the description has no word for what is asked wrongly here."""
    with process.running(house.network) as base:
        yield Desk(house, base)


def _operations() -> list[tuple[str, str, str]]:
    """Each parameter that the carrier describes, of each path that is served here."""
    found = []
    for path, verbs in description()["paths"].items():
        for verb in ("get", "post"):
            operation = verbs.get(verb, {})
            names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
            body = operation.get("requestBody", {}).get("content", {})
            schema = body.get("application/x-www-form-urlencoded", {}).get("schema", {})
            found += [(verb, path, name) for name in (*names, *schema.get("properties", ()))]
    return found


def test_each_described_parameter_is_heeded_or_refused(house: House, desk: Desk) -> None:
    """Those that are taken have tests of what they do, here and in test_rest."""
    house.plays("/voice/incoming", "<Dial><Conference>room</Conference></Dial>")
    house.jan.dials()
    sids = {"CallSid": house.jan.sid, "ConferenceSid": house.network.conferences[0].sid}
    refused: dict[str, set[str]] = {"get": set(), "post": set()}
    for verb, path, name in _operations():
        here = re.sub(r"\{(\w+)\}", lambda part: sids.get(part[1], desk.sid), path)
        given = {name: "such"}
        params, data = (given, None) if verb == "get" else (None, given)
        answer = requests.request(
            verb, desk.base + here, params=params, data=data, auth=desk.auth, timeout=5
        )
        assert answer.headers["Content-Type"] == "application/json"
        if f"Parameter not taken here: {name}" in answer.text:
            assert (answer.status_code, answer.json()["code"]) == (400, UNKNOWN)
            refused[verb].add(name)
    assert refused["get"] == {"IncludeSoftDeleted"}
    assert {"Record", "TimeLimit", "MachineDetection", "Coaching", "MediaUrl"} <= refused["post"]
    assert not refused["post"] & {"To", "From", "Url", "Timeout", "Muted", "Status", "Body"}


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/Calls.json", {"Status": "gone"}),
        ("/Calls.json", {"EndTime": "yesterday"}),
        ("/Calls.json", {"PageSize": "many"}),
        ("/Calls.json", {"PageSize": "1001"}),
        ("/Calls.json", {"EndTme": "2026-01-01"}),
        ("/Conferences.json", {"Status": "gone"}),
        ("/IncomingPhoneNumbers.json", {"Origin": "moon"}),
        ("/Messages.json", {"DateSent>": "2026-13-01"}),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, path: str, asked: dict[str, str]) -> None:
    answer = desk.get(path, **asked)
    assert (answer.status_code, answer.json()["code"]) == (400, UNKNOWN)


def _sids(answer: requests.Response, key: str) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one.get("call_sid") or one["sid"] for one in answer.json()[key]]


def test_calls_are_narrowed_by_their_end(house: House, desk: Desk) -> None:
    house.plays("/voice/incoming", "<Hangup/>", "<Gather><Say>Wait.</Say></Gather>")
    house.jan.dials()
    over = house.jan.sid
    house.jan.dials()
    up = house.jan.sid
    ended = house.network.calls[over].ended_at
    assert ended
    day, moment = ended.date().isoformat(), ended.isoformat()
    for asked, found in (
        ({"EndTime": day}, [over]),
        ({"EndTime": "2001-01-01"}, []),
        ({"EndTime>": moment}, [over]),
        ({"EndTime<": moment}, [over]),
        ({"EndTime<": "2001-01-01"}, []),
        ({"StartTime>": "2001-01-01"}, [up, over]),
        ({"Status": "completed"}, [over]),
        ({}, [up, over]),
    ):
        assert _sids(desk.get("/Calls.json", **asked), "calls") == found, asked


def test_who_is_in_a_conference_is_narrowed(house: House, desk: Desk) -> None:
    house.plays(
        "/voice/incoming", '<Dial><Conference participantLabel="jan">room</Conference></Dial>'
    )
    house.jan.dials()
    ania = house.network.telephone("client:ania")
    (room,) = house.network.conferences
    here = f"/Conferences/{room.sid}/Participants"
    desk.post(f"{here}.json", To="client:ania", From=OWN, Muted="true")
    ania.answers()
    desk.post(f"{here}/jan.json", Hold="true")
    room.participants[ania.sid].coach = house.jan.sid
    for asked, found in (
        ({"Muted": "true"}, [ania.sid]),
        ({"Muted": "false"}, [house.jan.sid]),
        ({"Hold": "true"}, [house.jan.sid]),
        ({"Hold": "false"}, [ania.sid]),
        ({"Coaching": "true"}, [ania.sid]),
        ({"Coaching": "false", "Muted": "false"}, [house.jan.sid]),
        ({"Muted": "true", "Hold": "true"}, []),
    ):
        assert _sids(desk.get(f"{here}.json", **asked), "participants") == found, asked
    assert desk.get(f"{here}.json", Muted="perhaps").json()["code"] == UNKNOWN
    assert desk.post(f"{here}/jan.json", Hold="perhaps").json()["code"] == UNKNOWN


def test_conferences_and_numbers_are_narrowed(house: House, desk: Desk) -> None:
    house.plays("/voice/incoming", "<Dial><Conference>room</Conference></Dial>")
    house.jan.dials()
    (room,) = house.network.conferences
    day = room.created_at.date().isoformat()
    for path, key, asked, many in (
        ("/Conferences.json", "conferences", {"DateCreated": day}, 1),
        ("/Conferences.json", "conferences", {"DateCreated>": "2999-01-01"}, 0),
        ("/Conferences.json", "conferences", {"DateUpdated<": "2001-01-01"}, 0),
        ("/IncomingPhoneNumbers.json", "incoming_phone_numbers", {"FriendlyName": OWN}, 1),
        ("/IncomingPhoneNumbers.json", "incoming_phone_numbers", {"FriendlyName": "x"}, 0),
        ("/IncomingPhoneNumbers.json", "incoming_phone_numbers", {"Origin": "hosted"}, 0),
        ("/Recordings.json", "recordings", {"ConferenceSid": room.sid}, 0),
    ):
        assert len(_sids(desk.get(path, **asked), key)) == many, asked


def test_where_an_end_is_told_can_be_changed(house: House, desk: Desk) -> None:
    document = "<Response><Gather><Say>Wait.</Say></Gather></Response>"
    desk.post("/Calls.json", To=JAN, From=OWN, Twiml=document)
    house.jan.answers()
    elsewhere = "http://localhost:8000/voice/status?elsewhere"
    desk.post(f"/Calls/{house.jan.sid}.json", Status="completed", StatusCallback=elsewhere)
    assert house.jan.requests[-1].url == elsewhere


UNROUTED = [
    ("get", f"{ROOT}/{{sid}}/Nothing.json", 404, 20404),
    ("get", f"{ROOT}/{{sid}}/Calls", 404, 20404),
    ("get", "/2010-04-01/Accountants.json", 404, 20404),
    ("get", "/v2/Services", 404, 20404),
    ("get", "/", 404, 20404),
    ("delete", f"{ROOT}/{{sid}}/Calls.json", 405, 20004),
    ("put", f"{ROOT}/{{sid}}/Queues.json", 405, 20004),
]


@pytest.mark.parametrize(("verb", "path", "status", "code"), UNROUTED)
def test_what_no_route_answers(desk: Desk, verb: str, path: str, status: int, code: int) -> None:
    answer = requests.request(
        verb, desk.base + path.format(sid=desk.sid), auth=desk.auth, timeout=5
    )
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert set(told) == {"code", "message", "more_info", "status"}
    assert told["more_info"] == f"https://www.twilio.com/docs/errors/{code}"


def test_a_stranger_learns_of_no_route(desk: Desk) -> None:
    answer = requests.get(desk.address("/Nothing.json"), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Twilio API"'
