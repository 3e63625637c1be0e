"""No request is a fault of ours: every route with values that nobody expects.

The routes are those of the application itself, so that a new one is tried from its first day.
"""

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from callcenter.people import tokens
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, Role, Status, Topic
from models.session import transaction
from tests.conftest import PUBLIC_URL
from tests.console import scenes
from tests.console.conftest import Desk

# As they stand in an address or a form, %-encoded bytes included that are no UTF-8.
HOSTILE = [
    quote(text)
    for text in (
        *("", " ", "\0", "a\nb", "a\r\nb", "\u202e", "\u200b", "²", "٣", "½", "1_0", "+1", "0x10"),
        *("-1", "0", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 400),
        *("1e400", "NaN", "-Infinity", "1" + "0" * 5000, "null", "{}", "[" * 2000, "{" * 2000),
        *("0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "-0001-01-01", "0000-00-00"),
        *("0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59:59.999999-14:00"),
        *("../../etc/passwd", "<script>", "' OR 1=1 --", "%", "{{7*7}}", "x" * 10_001, "🙂" * 99),
        *("99999999999999999999.99999999999999999999", "0.0", "253402300799999999.1", "open"),
    )
] + [quote_from_bytes(raw) for raw in (b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf0\x9f")]

# What forms and addresses take, with a value that is well-formed: so each field is reached.
FIELDS = {
    "what": "resolve",
    "version": "0",
    "text": "Notatka",
    "topic": "login_locked",
    "resolution": "unlocked",
    "due_on": "",
    "due": "2030-01-07",
    "to": "",
    "assigned_to": "",
    "text_wanted": "y",
    "other": "",
    "saved": "",
    "once": "x",
    "kept": "",
    "next": "/desk",
    "words": "hasło",
    "number": "",
    "caller": "",
    "anything": "",
    "status": "open",
    "kind": "",
    "language": "pl",
    "day": "2026-11-23",
    "person": "",
    "after": "0.0",
    "caller_of": "",
    "login": "olga",
    "name": "Olga",
    "password": "dość długie hasło",
    "role": "agent",
    "languages": "pl",
    "topics": "about",
    "device": "browser",
    "address": "",
    "active": "y",
    "current": "x",
    "shortcuts": "y",
    "on": "1",
    "first": "1",
    "theme": "dark",
    "back": "/",
    "until": "time",
    "shift_ends_at": "2026-11-27T22:00",
    "ends_at": "2030-01-07T10:00",
    "scope": "service",
    "template": "own",
    "text_pl": "Awaria",
    "text_en": "",
    "text_uk": "",
    "start": "time",
    "starts_at": "2026-11-27T10:00",
    "from_2": "",
    "to_2": "",
    "from_3": "",
    "to_3": "",
    "replaces": "",
    "prepared": "",
    "spoken_pl": "",
    "limit": "5",
    "ticket": "",
    "v": "x",
    "from": "2026-11-01",
    "days": "7",
    "call_sid": "CA1",
    "sid": "CA1",
    "state": "on",
    "mood": "x",
    "away": "break",
    "lang": "pl",
    "since": "0",
    "step": "1",
}
GROUPS = """
access accessibility api calls cards demo_people desk desk_calls desk_work flows found ledger
many media operation people phone prepared reports saved_filters softphone status switchboard
tickets tokens
""".split()  # noqa: SIM905 - a page of names is read as words
# So many of the hostile values are tried in each place; which ones is the same in every run.
TRIED = 20
# They end the session, or do not end at all.
APART = {"access.sign_out"}


def _paths(rule: Rule, known: dict[str, str], chance: random.Random) -> Iterator[str]:
    """The address with what it names, and with each hostile value in each of its places."""
    names = sorted(rule.arguments)
    values = {name: known.get(name, "1") for name in names}
    yield _filled(rule, values)
    for name in names:
        for hostile in chance.sample(HOSTILE, TRIED):
            if hostile:
                yield _filled(rule, values | {name: hostile})


def _filled(rule: Rule, values: dict[str, str]) -> str:
    path = rule.rule
    for name, value in values.items():
        start = path.index("<")
        end = path.index(">")
        assert path[start:end].endswith(name) or len(values) > 1
        path = path.replace(_place(path, name), value)
    return path


def _place(path: str, name: str) -> str:
    return next(f"<{part}>" for part in _places(path) if part.split(":")[-1] == name)


def _places(path: str) -> Iterator[str]:
    for piece in path.split("<")[1:]:
        yield piece.split(">")[0]


def _forms(chance: random.Random) -> Iterator[str]:
    """All fields hostile at once; then one after another among well-formed ones; odd names."""
    for hostile in HOSTILE:
        if len(hostile) < 1000:
            yield "&".join(f"{name}={hostile}" for name in FIELDS)
    for name in FIELDS:
        for hostile in chance.sample(HOSTILE, 2):
            rest = urlencode({key: value for key, value in FIELDS.items() if key != name})
            yield f"{rest}&{name}={hostile}"
    yield "&".join(f"{name}={value}" for name in FIELDS for value in ("a", "b"))
    yield "&&==&%00=%00&[]=1&a[b][c]=1&%ff=%ff&" + "x=1&" * 200


@pytest.fixture
def known(signed_out: Desk) -> dict[str, str]:
    """What addresses name, and is there."""
    with transaction() as session:
        made = scenes.call(session)
        ticket = scenes.ticket(session, made, new_number(), Status.OPEN, Topic.LOGIN_LOCKED)
        marek = session.scalars(select(Agent).where(Agent.login == "marek")).one()
        return {
            "number": ticket.number,
            "other": ticket.number,
            "agent_id": str(marek.id),
            "kind": "csv",
            "how": "listen",
            "language": "pl",
        }


@pytest.fixture
def bearer(signed_out: Desk) -> str:
    with transaction() as session:
        return tokens.create_token(session, "tests", Role.SUPERVISOR)


def _signed_in(signed_out: Desk, client: FlaskClient) -> str:
    signed_out.signs_in("marek")
    page = signed_out.get("/tickets").text
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def _is_answered(answer_code: int, sent: str) -> None:
    # 503 is the demo telephone's own word: no telephone network runs beside these tests.
    away = answer_code == 503 and sent.startswith(("POST /phone", "GET /phone"))
    assert answer_code < 500 or away, sent[:300]


def test_every_group_of_routes_is_tried(app: Flask) -> None:
    assert {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()} == set(GROUPS)


@pytest.mark.parametrize("group", GROUPS)
def test_no_route_is_a_fault(
    app: Flask, signed_out: Desk, known: dict[str, str], bearer: str, group: str
) -> None:
    chance = random.Random(group)
    token = _signed_in(signed_out, signed_out.client)
    headers = {"Referer": f"{PUBLIC_URL}/", "X-CSRFToken": token}
    if group == "api":
        headers["Authorization"] = f"Bearer {bearer}"
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] != group or rule.endpoint in APART:
            continue
        paths = [*_paths(rule, known, chance)]
        for method in sorted((rule.methods or set()) & {"GET", "POST", "DELETE"}):
            for path in paths:
                answer = signed_out.client.open(
                    path, method=method, base_url=PUBLIC_URL, headers=headers, buffered=True
                )
                _is_answered(answer.status_code, f"{method} {path}")
            # What only reads takes few of the fields: the first tries reach all of them at once.
            forms = [*_forms(chance)]
            for form in chance.sample(forms, 60 if method == "POST" else TRIED):
                answer = signed_out.client.open(
                    paths[0] if method == "POST" else f"{paths[0]}?{form}",
                    method=method,
                    base_url=PUBLIC_URL,
                    headers=headers,
                    buffered=True,
                    data=form if method == "POST" else None,
                    content_type="application/x-www-form-urlencoded",
                )
                _is_answered(answer.status_code, f"{method} {paths[0]} {form}")


WINDOWS: list[Any] = [
    [{"starts_at": "0001-01-01T00:00:00+14:00"}],
    [{"starts_at": "9999-12-31T23:59:59-14:00"}],
    [{"starts_at": "0001-01-01T00:00:00Z", "ends_at": "9999-12-31T23:59:59Z"}],
    [{"starts_at": 1e308}],
    [{"starts_at": -(10**400)}],
    [{"starts_at": "2026-11-27T10:00:00"}],
    {"starts_at": {}},
]
BODIES = [
    *(b"", b"null", b"[]", b"1", b'"x"', b"{", b"\xff", b"\x00", b'{"a":1,"a":2}', b"NaN"),
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"scope":"service","text":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    *(
        json.dumps({"scope": "service", "text": {"pl": "Awaria"}, "windows": windows}).encode()
        for windows in WINDOWS
    ),
    b'{"scope":"service","text":{"pl":"\\ud800"}}',
    b'{"scope":"service","text":{"pl":"\\u0000"}}',
    b'{"scope":"service","text":{"pl":NaN}}',
    b'{"scope":"service","text":{"pl":1e999}}',
    b'{"\\ud800":1}',
    b'{"words":"\\ud800"}',
    b'{"words":"haslo\\ud800"}',
    b'{"caller":"\\ud800"}',
    b'{"caller":"sip:\\ud800@x"}',
    b'{"words":"x","assigned_to":"\\ud800"}',
    b'{"words":"x","assigned_to":"\\u0000"}',
    b'{"words":"x","day":"0001-01-01"}',
    b'{"words":"x","day":"9999-12-31"}',
    b'{"words":"x","day":1e400}',
    b'{"words":"x","words":"y"}',
    b'{"scope":"service","text":{"pl":' + b"9" * 5000 + b"}}",
]


@pytest.mark.parametrize("path", ["/api/v1/announcements", "/api/v1/tickets/find"])
def test_no_body_is_a_fault(client: FlaskClient, bearer: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    for body in BODIES:
        answer = client.post(path, data=body, headers=headers)
        _is_answered(answer.status_code, body.decode("latin1"))
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json", body[:80]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "0001-01-02", "9999-12-30"])
def test_the_ends_of_the_calendar_are_days(client: FlaskClient, bearer: str, day: str) -> None:
    headers = {"Authorization": f"Bearer {bearer}"}
    for path in (f"/api/v1/tickets?day={day}", f"/api/v1/tickets?day={day}&due=late"):
        answer = client.get(path, headers=headers)
        assert answer.status_code in (200, 422), path


def test_a_line_break_counts_as_one_character(signed_out: Desk, known: dict[str, str]) -> None:
    """A browser sends CR LF for what its counter counts as one."""
    signed_out.signs_in("ania")
    lines = "\r\n".join(["x"] * 5_000)
    assert len(lines) > 10_000 >= len(lines.replace("\r\n", "\n"))
    note = f"/tickets/{known['number']}"
    typed = {"what": "note", "version": "0", "text": lines}
    assert signed_out.post(note, typed).status_code == 303
    assert signed_out.post(note, typed | {"text": lines + "xx"}).status_code == 422
    work = f"/desk/work/{known['number']}"
    assert signed_out.post(f"{work}/note", {"text": lines + "x"}).status_code == 303
    assert signed_out.post(f"{work}/note", {"text": lines + "xx"}).status_code == 422
