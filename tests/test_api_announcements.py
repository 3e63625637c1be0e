"""Announcements through the JSON interface, as another program switches them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from callcenter import background
from callcenter.announcements.board import board
from callcenter.people import tokens
from carrier.telephone import Telephone
from commands import doctor
from commands.doctor_findings import Finding
from config import Settings
from models import Announcement, Role, Way
from models.session import transaction
from tests.test_api import check, description

Ask = Callable[..., TestResponse]

PATH = "/api/v1/announcements"
NOON = datetime(2016, 2, 24, 11, 0, tzinfo=UTC)
SOURCE = {
    "scope": "switchboard",
    "template": "maintenance",
    "windows": [
        {"starts_at": "2016-02-24T07:30:00+01:00", "ends_at": "2016-02-24T09:30:00+01:00"},
        {"starts_at": "2016-02-24T12:00:00+01:00", "ends_at": "2016-02-24T13:00:00+01:00"},
    ],
}


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Asks with a token of a role, and checks each answer against the description."""
    with transaction() as session:
        made = {role: tokens.create_token(session, f"the {role}'s", role) for role in Role}
    described = description(client)

    def asked(
        method: str, path: str = PATH, body: Any = None, role: Role | None = Role.SUPERVISOR
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {made[role]}"} if role else {}
        answer = client.open(path, method=method, json=body, headers=headers)
        known = path.partition("?")[0]
        template = known if known == PATH else PATH + "/{uid}"
        check(described, template, method, answer)
        return answer

    return asked


@pytest.fixture
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def make(ask: Ask, **body: Any) -> dict[str, Any]:
    answer = ask("POST", body={"scope": "switchboard", **body})
    assert answer.status_code == 201, answer.text
    assert answer.json
    return dict(answer.json)


def test_an_outage_from_now_on(ask: Ask, noon: Any) -> None:
    made = make(ask, template="outage")
    assert set(made) == {"id", "scope", "text", "windows", "state", "heard", "updates"}
    assert made["windows"] == [{"starts_at": "2016-02-24T11:00:00Z", "ends_at": None}]
    assert (made["scope"], made["state"], made["heard"]) == ("switchboard", "on", 0)
    assert set(made["text"]) == {"pl", "en", "uk"}
    assert [notice.uid for notice in board().on_now(NOON)] == [made["id"]]
    assert ask("GET", f"{PATH}/{made['id']}", role=Role.AGENT).json == made


def test_callers_hear_it_though_the_boards_file_cannot_be_read(
    ask: Ask, client: FlaskClient, phone: Telephone, settings: Settings
) -> None:
    in_the_way = settings.home / "switchboard.json"
    in_the_way.mkdir()
    try:
        made = make(ask, template="outage")
        phone.dials()
        phone.hears(made["text"]["pl"])
        ready, status = client.get("/readyz").json, client.get("/status.json").json
        assert ready
        assert (ready["status"], ready["parts"]["board"]) == ("degraded", "unreadable")
        assert status
        assert [each["id"] for each in status["current"]] == [made["id"]]
        with pytest.raises(Finding, match="move it away"):
            doctor._board(settings)
        ask("DELETE", f"{PATH}/{made['id']}")
        assert board().on_now(datetime.now(UTC)) == ()
    finally:
        in_the_way.rmdir()
    background.refresh_board()
    doctor._board(settings)


def test_the_announcement_with_two_windows(ask: Ask, noon: Any) -> None:
    made = make(ask, **SOURCE)
    assert [window["starts_at"] for window in made["windows"]] == [
        "2016-02-24T06:30:00Z",
        "2016-02-24T11:00:00Z",
    ]
    assert "od 07:30 do 09:30 oraz od 12:00 do 13:00" in made["text"]["pl"]
    assert made["state"] == "on"
    noon.shift(timedelta(hours=-1))
    assert ask("GET", f"{PATH}/{made['id']}").json["state"] == "coming"  # type: ignore[index]


def test_own_words_win_over_the_template(ask: Ask) -> None:
    made = make(ask, template="outage", text={"pl": " Nie działa. ", "en": None})
    assert made["text"]["pl"] == "Nie działa."
    assert "out of order" in made["text"]["en"]
    assert make(ask, text={"pl": "Nie działa."})["text"] == {"pl": "Nie działa."}


def test_a_past_window_is_taken(ask: Ask) -> None:
    past = [{"starts_at": "2016-04-11T07:00:00Z", "ends_at": "2016-04-11T08:00:00Z"}]
    assert make(ask, template="maintenance", windows=past)["state"] == "over"


def test_null_is_now_and_not_known(ask: Ask, noon: Any) -> None:
    made = make(ask, template="outage", windows=[{"starts_at": None, "ends_at": None}])
    assert made["windows"] == [{"starts_at": "2016-02-24T11:00:00Z", "ends_at": None}]
    assert make(ask, template="outage", windows=None, text=None)["state"] == "on"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text.pl"),
        ({"scope": "line", "template": "outage"}, "scope"),
        ({"template": "strike"}, "template"),
        ({"text": {"en": "Out of order."}}, "text.pl"),
        ({"text": {"pl": "   "}}, "text.pl"),
        ({"text": {"pl": "a" * 601}}, "text.pl"),
        ({"text": {"pl": "Nie działa.\x00"}}, "text.pl"),
        ({"text": {"pl": "Nie działa.", "de": "Kaputt."}}, "text.de"),
        ({"text": "Nie działa."}, "text"),
        ({"template": "outage", "windows": [{"ends_at": "2016-01-01T00:00:00Z"}]}, 0),
        ({"template": "outage", "windows": [{}, {"starts_at": "tomorrow"}]}, "windows.1.starts_at"),
        ({"template": "outage", "windows": [{"starts_at": "2016-02-24T07:30"}]}, None),
        ({"template": "outage", "windows": [{"ends_at": "9999-12-31T23:59:59-23:00"}]}, 0),
        ({"template": "outage", "windows": [{"until": None}]}, "windows.0.until"),
        ({"template": "outage", "windows": [{}] * 21}, "windows"),
        ({"template": "outage", "surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_field_is_named(ask: Ask, body: dict[str, Any], field: str | int | None) -> None:
    wanted = {0: "windows.0.ends_at", None: "windows.0.starts_at"}.get(field, field)  # type: ignore[arg-type]
    answer = ask("POST", body={"scope": "switchboard", **body})
    assert answer.status_code == 422
    assert answer.json
    assert [fault["field"] for fault in answer.json["errors"]] == [wanted]
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("body", ["outage", [], None, 7])
def test_what_is_no_announcement_is_refused(ask: Ask, body: Any) -> None:
    assert ask("POST", body=body).status_code == 422


def test_ending_keeps_it_and_can_be_repeated(ask: Ask, noon: Any) -> None:
    made = make(ask, template="outage")
    path = f"{PATH}/{made['id']}"
    assert ask("DELETE", path).json == {**made, "state": "over"}
    assert board().notices() == ()
    noon.shift(timedelta(minutes=5))
    assert ask("DELETE", path).json == {**made, "state": "over"}
    with transaction() as session:
        row = session.query(Announcement).one()
    assert (row.ended_at, row.ended_how, row.ended_by) == (NOON, Way.API, "the supervisor's")
    assert (row.made_at, row.made_how, row.made_by) == (NOON, Way.API, "the supervisor's")


@pytest.mark.parametrize("uid", ["5f3a9c04d1e2b687", "nothing", "%00", "ż"])
def test_an_unknown_one_is_nowhere(ask: Ask, uid: str) -> None:
    assert ask("GET", f"{PATH}/{uid}").status_code == 404
    assert ask("DELETE", f"{PATH}/{uid}").status_code == 404


def test_programs_of_agents_read_and_do_not_switch(ask: Ask) -> None:
    made = make(ask, template="outage")
    refused = ask("POST", body={"scope": "service", "template": "outage"}, role=Role.AGENT)
    assert refused.status_code == 403
    assert ask("DELETE", f"{PATH}/{made['id']}", role=Role.AGENT).status_code == 403
    assert ask("GET", role=Role.AGENT).status_code == 200
    for method, path in (("POST", PATH), ("GET", PATH), ("DELETE", f"{PATH}/{made['id']}")):
        assert ask(method, path, role=None).status_code == 401
    assert len(board().on_now(datetime.now(UTC))) == 1


def test_lists_by_state_lead_through_all(ask: Ask, noon: Any) -> None:
    later = [{"starts_at": "2016-02-25T07:00:00Z", "ends_at": "2016-02-25T08:00:00Z"}]
    past = [{"starts_at": "2016-02-23T07:00:00Z", "ends_at": "2016-02-23T08:00:00Z"}]
    by_state = {
        "on": [make(ask, template="outage"), make(ask, scope="service", template="outage")],
        "coming": [make(ask, template="maintenance", windows=later)],
        "over": [make(ask, template="maintenance", windows=past)],
    }
    for state, made in by_state.items():
        items = ask("GET", f"{PATH}?state={state}").json["items"]  # type: ignore[index]
        assert items == made[::-1], state
    found, onward = [], f"{PATH}?limit=1"
    while onward:
        answer = ask("GET", onward).json
        assert answer
        found += answer["items"]
        onward = answer["next"]
    assert len({item["id"] for item in found}) == len(found) == 4
    assert ask("GET", f"{PATH}?state=off").status_code == 422


@pytest.mark.parametrize("body", ["{not json", "[]", '"outage"', ""])
def test_a_body_that_is_no_object_is_told_in_plain_words(client: FlaskClient, body: str) -> None:
    with transaction() as session:
        token = tokens.create_token(session, "marks", Role.SUPERVISOR)
    answer = client.post(
        PATH,
        data=body,
        headers={"Authorization": f"Bearer {token}"},
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert "The body must be a JSON object." in answer.text
