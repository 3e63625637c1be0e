"""The JSON interface, asked as another program asks it, and held against its own description."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from callcenter import api
from callcenter.api import serving
from callcenter.api.openapi import Operation
from callcenter.callers.identity import masked
from callcenter.people import attempts, tokens
from callcenter.people.attempts import Guess
from callcenter.tickets import notes
from callcenter.tickets.ticket_numbers import new_number
from models import Kind, Role, Status, Ticket, TokenScope, Topic
from models.session import transaction
from tests.console import scenes

Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Asks with a token of a supervisor, and checks each answer against the description."""
    with transaction() as session:
        token = tokens.create_token(session, "tests", Role.SUPERVISOR)
    described = description(client)

    def asked(path: str, method: str = "GET", **more: Any) -> TestResponse:
        more.setdefault("headers", {"Authorization": f"Bearer {token}"})
        answer = client.open(path, method=method, **more)
        check(described, path, method, answer)
        return answer

    return asked


def description(client: FlaskClient) -> dict[str, Any]:
    described = client.get("/api/v1/openapi.json").json
    assert isinstance(described, dict)
    return described


def check(described: dict[str, Any], path: str, method: str, answer: TestResponse) -> None:
    path = path.split("?")[0]
    templates = described["paths"]
    if path not in templates:
        path = "/api/v1/tickets/{number}" if path.startswith("/api/v1/tickets/") else path
    if method.lower() not in templates.get(path, {}):
        return
    allowed = templates[path][method.lower()]["responses"]
    assert str(answer.status_code) in allowed
    content = allowed[str(answer.status_code)]["content"]
    schema = {**content[answer.mimetype]["schema"], "components": described["components"]}
    Draft202012Validator(schema).validate(answer.json)


@pytest.fixture
def jans() -> Ticket:
    """Jan's ticket of Monday, about the ticket of a call of Olena's."""
    with transaction() as session:
        other = scenes.ticket(
            session, scenes.call(session, scenes.OLENA, language="uk"), new_number()
        )
        made = scenes.call(session, at=scenes.MONDAY + timedelta(hours=1))
        scenes.turn(session, made, 1, "main/welcome", "4", "existing/number")
        scenes.turn(session, made, 2, "account/pesel", "•••", "consultant/connecting")
        ticket = scenes.ticket(
            session, made, new_number(), Status.OPEN, Topic.EXISTING_TICKET, Kind.COMPLAINT
        )
        ticket.related_to = other
    return ticket


def test_the_description_is_sound(client: FlaskClient) -> None:
    described = description(client)
    validate(described)
    assert described["openapi"].startswith("3.1")


def test_a_ticket_has_exactly_the_fields_of_the_contract(ask: Ask, jans: Ticket) -> None:
    assert jans.related_to
    assert ask(f"/api/v1/tickets/{jans.number}").json == {
        "number": jans.number,
        "kind": "complaint",
        "topic": "existing_ticket",
        "status": "open",
        "outcome": "left_open",
        "resolved_during_call": False,
        "language": "pl",
        "caller": "+48501234567",
        "call_sid": jans.call.sid,
        "opened_at": "2026-11-23T09:15:00Z",
        "resolved_at": None,
        "due_at": "2026-12-07T09:15:00Z",
        "related_to": jans.related_to.number,
        # What the desk adds to the contract.
        "answered_at": None,
        "resolution": None,
        "assigned_to": None,
        "merged_into": None,
    }


def test_a_call_has_exactly_the_fields_of_the_contract(ask: Ask, jans: Ticket) -> None:
    answer = ask(f"/api/v1/calls?sid={jans.call.sid}").json
    assert answer == {
        "items": [
            {
                "sid": jans.call.sid,
                "caller": "+48501234567",
                "language": "pl",
                "status": "completed",
                "started_at": "2026-11-23T09:15:00Z",
                "ended_at": "2026-11-23T09:16:30Z",
                "duration_s": 90,
                "ticket": jans.number,
                "turns": [
                    {
                        "step": 1,
                        "at": "2026-11-23T09:15:09Z",
                        "node": "main/welcome",
                        "input": "4",
                        "result": "pressed",
                    },
                    {
                        "step": 2,
                        "at": "2026-11-23T09:15:18Z",
                        "node": "account/pesel",
                        "input": "•••",
                        "result": "pressed",
                    },
                ],
            }
        ],
        "next": None,
    }


def numbers(answer: TestResponse) -> list[str]:
    assert answer.json
    return [str(item["number"]) for item in answer.json["items"]]


def test_tickets_are_found_by_call_and_by_each_filter(ask: Ask, jans: Ticket) -> None:
    found = (
        f"call_sid={jans.call.sid}",
        f"caller_of={jans.number}",
        "status=open",
        "topic=existing_ticket",
        "kind=complaint",
        "language=pl",
        f"language=pl&day=2026-11-23&status=open&call_sid={jans.call.sid}",
    )
    for query in found:
        assert numbers(ask(f"/api/v1/tickets?{query}")) == [jans.number], query
    assert numbers(ask("/api/v1/tickets?day=2026-11-22")) == []
    assert numbers(ask("/api/v1/tickets?call_sid=CA0")) == []
    assert len(numbers(ask("/api/v1/tickets"))) == 2


@pytest.fixture
def anias(jans: Ticket) -> Ticket:
    """Jan's ticket is with Ania since yesterday, and was to be answered by now."""
    with transaction() as session:
        ticket = session.get_one(Ticket, jans.id)
        ania = scenes.ania(session)
        ticket.assigned_to_id = ania.id
        ticket.due_at = datetime.now(UTC) - timedelta(hours=1)
        for text in ("Zażółć gęślą jaźń", "Hasło zmienione"):
            notes.add_note(session, ticket, ania.id, text, scenes.MONDAY)
    return jans


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("assigned_to=ania", True),
        ("assigned_to=ania&status=resolved", False),
        ("due=late", True),
        ("due=late&assigned_to=ania&topic=existing_ticket", True),
        ("due=today", False),
        ("due=week", False),
    ],
)
def test_tickets_are_found_by_who_sees_to_them_and_by_when(
    ask: Ask, anias: Ticket, query: str, is_found: bool
) -> None:
    assert numbers(ask(f"/api/v1/tickets?{query}")) == [anias.number] * is_found


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ({"words": "zolc gesla"}, False),
        ({"words": "zazolc gesla"}, True),
        ({"words": "hasło jaźń"}, True),
        ({"words": "hasło nieznane"}, False),
        ({"words": "hasło", "caller": "501 234 567"}, True),
        ({"words": "hasło", "caller": "601 000 000"}, False),
        ({"words": "hasło", "due": "late", "assigned_to": "ania"}, True),
        ({"words": "hasło", "status": "resolved"}, False),
    ],
)
def test_words_are_posted(ask: Ask, anias: Ticket, asked: dict[str, str], is_found: bool) -> None:
    answer = ask("/api/v1/tickets/find", "POST", json=asked)
    assert numbers(answer) == [anias.number] * is_found


def test_the_next_page_of_words_has_them_sealed(ask: Ask, anias: Ticket) -> None:
    with transaction() as session:
        for number in range(51):
            at = scenes.MONDAY + timedelta(minutes=number)
            ticket = scenes.ticket(session, scenes.call(session, at=at), new_number())
            notes.add_note(session, ticket, None, "Hasło", scenes.MONDAY)
    first = ask("/api/v1/tickets/find", "POST", json={"words": "hasło"}).json
    assert first
    assert "has" not in first["next"].partition("words=")[2][:4].lower()
    second = ask(first["next"])
    assert len({item["number"] for item in first["items"]} | {*numbers(second)}) == 52


@pytest.mark.parametrize("path", ["/api/v1/tickets", "/api/v1/calls"])
def test_next_leads_through_all(ask: Ask, jans: Ticket, path: str) -> None:
    def pages() -> Iterator[dict[str, Any]]:
        onward: str | None = f"{path}?limit=1"
        while onward:
            answer = ask(onward).json
            assert answer
            yield from answer["items"]
            onward = answer["next"]

    assert len([json.dumps(item) for item in pages()]) == 2


def test_a_caller_is_posted(ask: Ask, jans: Ticket) -> None:
    answer = ask("/api/v1/tickets/find", "POST", json={"caller": "501 234 567"})
    assert numbers(answer) == [jans.number]
    assert numbers(ask("/api/v1/tickets/find", "POST", json={"caller": "601 000 000"})) == []


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ctr_guess", "Basic YTpi", "bearer \0"]
)
def test_no_token_no_answer(client: FlaskClient, jans: Ticket, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for path in ("/api/v1/tickets", f"/api/v1/tickets/{jans.number}", "/api/v1/calls"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_every_operation_asks_for_a_token(client: FlaskClient) -> None:
    for operation in api.OPERATIONS:
        path = api.ROOT + operation.path.replace("<number>", "482915306")
        assert client.open(path, method=operation.method).status_code == 401, path


def bearer(token: str) -> dict[str, dict[str, str]]:
    return {"headers": {"Authorization": f"Bearer {token}"}}


def token_of(role: Role, *scopes: TokenScope) -> str:
    with transaction() as session:
        return tokens.create_token(session, "a program", role, scopes)


@pytest.mark.parametrize("operation", api.OPERATIONS, ids=lambda each: each.name)
def test_each_operation_asks_for_its_scope(ask: Ask, operation: Operation) -> None:
    path = api.ROOT + operation.path.replace("<number>", "482915306").replace("<uid>", "x")
    others = [scope for scope in TokenScope if scope != operation.scope]
    told = ask(path, operation.method, **bearer(token_of(Role.SUPERVISOR, *others)))
    assert (told.status_code, told.mimetype) == (403, "application/problem+json")
    assert told.json
    assert told.json["detail"] == f"This needs a token with the scope {operation.scope}."
    allowed = ask(path, operation.method, **bearer(token_of(Role.AGENT, operation.scope)))
    assert allowed.status_code not in (401, 403)


def test_the_role_implies_scopes(database: Engine) -> None:
    with transaction() as session:
        agent, supervisor = (
            tokens.find(session, tokens.create_token(session, "x", role)) for role in Role
        )
    assert agent
    assert supervisor
    assert agent.scopes == ["read", "annotate"]
    assert supervisor.scopes == ["read", "annotate", "announce", "script", "admin"]


def test_an_agents_token_sees_masked_numbers(ask: Ask, jans: Ticket) -> None:
    agents_own = bearer(token_of(Role.AGENT))
    hidden = "••••••••567"
    assert masked("+48501234567") == hidden
    ticket = ask(f"/api/v1/tickets/{jans.number}", **agents_own).json
    assert ticket
    assert ticket["caller"] == hidden
    calls = ask(f"/api/v1/calls?sid={jans.call.sid}", **agents_own).json
    assert calls
    assert calls["items"][0]["caller"] == hidden
    found = ask("/api/v1/tickets/find", "POST", json={"caller": "501 234 567"}, **agents_own)
    assert {item["caller"] for item in (found.json or {})["items"]} == {hidden}
    for path in ("/api/v1/tickets", "/api/v1/calls"):
        assert "501234567" not in ask(path, **agents_own).text


@pytest.mark.parametrize("end", ["expired", "revoked"])
def test_a_token_that_ended_opens_nothing_and_is_counted(ask: Ask, end: str) -> None:
    token, now = token_of(Role.SUPERVISOR), datetime.now(UTC)
    with transaction() as session:
        row = tokens.find(session, token)
        assert row
        if end == "revoked":
            assert tokens.revoke(session, row.id, now) is row
        else:
            row.expires_at = now
    told = ask("/api/v1/tickets", **bearer(token))
    assert told.status_code == 401
    assert told.json
    assert told.json["detail"] == f"This token is {end}."
    with transaction() as session:
        row = tokens.find(session, token)
        assert row
        assert (row.refused, row.used_at) == (1, None)


def test_wrong_tokens_hold_up_no_right_one(ask: Ask) -> None:
    for _wrong in range(serving.FREE_WRONG):
        assert ask("/api/v1/tickets", **bearer("ctr_guess")).status_code == 401
    told = ask("/api/v1/tickets", **bearer("ctr_guess"))
    assert told.status_code == 429
    assert told.json
    assert f"again in {told.headers['Retry-After']} seconds" in told.json["detail"]
    assert ask("/api/v1/tickets").status_code == 200
    with transaction() as session:
        assert attempts.failures_of(session, Guess.TOKEN) == serving.FREE_WRONG


def test_the_last_use_is_noted_now_and_then(ask: Ask) -> None:
    token, seen = token_of(Role.AGENT), []
    for _use in range(2):
        assert ask("/api/v1/tickets", **bearer(token)).status_code == 200
        with transaction() as session:
            row = tokens.find(session, token)
            assert row
            seen.append(row.used_at)
    assert seen[0] is not None
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/tickets?status=burning", "status"),
        ("/api/v1/tickets?day=yesterday", "day"),
        ("/api/v1/tickets?after=1", "after"),
        ("/api/v1/tickets?limit=0", "limit"),
        ("/api/v1/tickets?limit=1000", "limit"),
        ("/api/v1/tickets?caller=%2B48501234567", "caller"),
        ("/api/v1/tickets?caller_of=123456789", "caller_of"),
        ("/api/v1/tickets?call_sid=%00", "call_sid"),
        ("/api/v1/tickets?assigned_to=nobody", "assigned_to"),
        ("/api/v1/tickets?assigned_to=%00", "assigned_to"),
        ("/api/v1/tickets?due=yesterday", "due"),
        ("/api/v1/tickets?words=has%C5%82o", "words"),
        ("/api/v1/calls?sid=" + "C" * 65, "sid"),
    ],
)
def test_a_wrong_field_is_named(ask: Ask, path: str, field: str) -> None:
    answer = ask(path)
    assert answer.status_code == 422
    assert answer.json
    assert [each["field"] for each in answer.json["errors"]] == [field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"json": {"caller": "Jan"}}, "caller"),
        ({"json": {}}, "caller"),
        ({"json": {"words": ""}}, "words"),
        ({"json": {"words": "hasło", "assigned_to": "nobody"}}, "assigned_to"),
        ({"json": []}, "body"),
        ({"data": "not json"}, "body"),
    ],
)
def test_a_wrong_body_is_named(ask: Ask, body: dict[str, Any], field: str) -> None:
    answer = ask("/api/v1/tickets/find", "POST", **body)
    assert answer.status_code == 422
    assert answer.json
    assert [each["field"] for each in answer.json["errors"]] == [field]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/tickets/000000000", 404),
        ("GET", "/api/v1/tickets/x%00", 404),
        ("GET", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/tickets", 405),
    ],
)
def test_faults_are_problems(ask: Ask, method: str, path: str, status: int) -> None:
    answer = ask(path, method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json
    assert answer.json["status"] == status
