"""Sign-in and access: who may open the desk, and what every page checks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select, update

from callcenter.console import BLUEPRINTS
from callcenter.console.sign_in import access
from callcenter.console.sign_in.own_paths import own_path
from callcenter.people import agents, attempts
from callcenter.people.attempts import Guess
from models import Agent
from models.session import transaction
from serving.clients import read_networks
from tests.console import scenes
from tests.console.conftest import Desk


def test_every_page_asks_who_is_there(app: Flask, signed_out: Desk) -> None:
    ours = {pages.name for pages in BLUEPRINTS}
    asked = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in ours or rule.endpoint in access.PUBLIC:
            continue
        path = re.sub("<int:[a-z_]+>", "1", rule.rule.replace("<number>", "482915306"))
        path = path.replace("<other>", "482915306").replace("<how>", "listen")
        shows = "GET" in (rule.methods or ())
        answer = signed_out.get(path) if shows else signed_out.post(path, {}, page="/")
        asked.add(rule.endpoint)
        assert answer.status_code == 302, path
        # The short address of one's own page leads to it, and it asks.
        assert answer.location.startswith("/people/me" if path == "/me" else "/?next="), path
    assert {"desk.overview", "tickets.show", "tickets.add_note", "calls.index"} <= asked


def test_ania_signs_in_and_out(signed_out: Desk) -> None:
    answer = signed_out.signs_in("ania")
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert "Ania Nowak" in signed_out.get("/desk").text
    assert signed_out.get("/").location == "/desk"
    assert signed_out.post("/sign-out", {}).location == "/"
    assert signed_out.get("/desk").status_code == 302


@pytest.mark.parametrize("login", ["ania", "nobody", "ania\0"])
def test_a_wrong_password_tells_nothing_about_the_login(signed_out: Desk, login: str) -> None:
    answer = signed_out.signs_in(login, "wrong password")
    assert answer.status_code == 422
    assert answer.text.count("Login lub hasło jest nieprawidłowe.") == 2
    assert 'href="#password"' in answer.text


def test_guessing_is_stopped_and_signing_in_is_not(signed_out: Desk) -> None:
    for _guess in range(5):
        assert signed_out.signs_in("ania", "guess guess").status_code == 422
    refused = signed_out.signs_in("ania")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    assert f"Spróbuj ponownie za {refused.headers['Retry-After']} s." in refused.text
    assert 'value="ania"' in refused.text
    assert signed_out.signs_in("marek").status_code == 303


def test_nobody_is_locked_out_by_others(serve: Callable[..., Flask], signed_out: Desk) -> None:
    """Guesses from elsewhere, however many, refuse nobody who has the password."""
    behind = serve(trusted_proxies=read_networks("127.0.0.1"))

    def at(address: str) -> Desk:
        return Desk(behind.test_client(), {"X-Forwarded-For": f"6.6.6.6, {address}"})

    known = at("192.0.2.1")
    assert known.signs_in("ania").status_code == 303
    known.post("/sign-out", {})
    with transaction() as session:
        for of in ((Guess.ACCOUNT, "ania"), (Guess.ADDRESS, "192.0.2.1")):
            for _wrong in range(attempts.ATTACKED_AFTER):
                attempts._count(session, attempts.key(*of), datetime.now(UTC))
    attacker = at("192.0.2.1")
    assert attacker.signs_in("ania", "guess guess").status_code == 422
    refused = attacker.signs_in("ania", "guess guess")
    assert refused.status_code == 429, "an attacked account leaves one attempt"
    assert known.signs_in("ania").status_code == 303, "a known browser, the attacker's address"
    assert at("192.0.2.2").signs_in("ania").status_code == 303, "another address"
    assert at("192.0.2.1").signs_in("marek").status_code == 303, "another person there"


def test_sign_in_needs_no_redis(serve: Callable[..., Flask]) -> None:
    signed_out = Desk(serve(redis_url="redis://127.0.0.1:1/0").test_client())
    with transaction() as session:
        scenes.ania(session)
    assert signed_out.signs_in("ania").status_code == 303


def test_a_cookie_kept_from_before_signing_out_opens_nothing(desk: Desk) -> None:
    kept = desk.client.get_cookie("centrala", "centrala.example.org")
    assert kept
    desk.post("/sign-out", {})
    desk.client.set_cookie("centrala", kept.value, domain="centrala.example.org", secure=True)
    assert desk.get("/desk").status_code == 302


def test_a_new_password_ends_other_browsers_alone(desk: Desk, app: Flask) -> None:
    other = Desk(app.test_client())
    assert other.signs_in("ania").status_code == 303
    fields = {"device": "browser", "current": scenes.PASSWORD, "password": "brzoza komin lustro"}
    assert desk.post("/people/me", fields, "/people/me").status_code == 303
    assert other.get("/desk").status_code == 302
    assert desk.get("/desk").status_code == 200
    assert other.signs_in("ania", "brzoza komin lustro").status_code == 303


def test_the_password_now_cannot_be_guessed_in_an_open_session(desk: Desk) -> None:
    fields = {"device": "browser", "current": "guess guess", "password": "brzoza komin lustro"}
    for _guess in range(5):
        assert desk.post("/people/me", fields, "/people/me").status_code == 422
    fields["current"] = scenes.PASSWORD
    refused = desk.post("/people/me", fields, "/people/me")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"]
    assert desk.post("/people/me", {"device": "browser"}, "/people/me").status_code == 303


def test_who_is_let_in_again_has_no_old_session(desk: Desk) -> None:
    for active in (False, True):
        with transaction() as session:
            ania = session.scalars(select(Agent)).first()
            assert ania
            agents.set_person(session, ania, ania.name, ania.role, active=active)
    assert desk.get("/desk").status_code == 302


def test_a_form_of_another_site_is_refused(desk: Desk) -> None:
    answer = desk.post_bare("/sign-out", {})
    assert answer.status_code == 400
    assert "formularz" in answer.text
    assert desk.get("/desk").status_code == 200


ELSEWHERE = (
    "https://elsewhere.example.org/",
    "//elsewhere.example.org/",
    "///elsewhere.example.org",
    "////elsewhere.example.org",
    "/\\elsewhere.example.org",
    "/\t/elsewhere.example.org",
    "/%09/elsewhere.example.org",
    "/%2509/elsewhere.example.org",
    "/%2f/elsewhere.example.org",
    "/%5Celsewhere.example.org",
    "/tickets//elsewhere.example.org",
    "/desk\r\nLocation: https://elsewhere.example.org",
    "/desk?x=1\n",
    " /desk",
    "\x00/desk",
    "\\/elsewhere.example.org",
    "javascript:alert(1)",
    "desk",
    "?x",
    "",
)


@pytest.mark.parametrize("path", ["/tickets?status=open", "/desk", "/tickets/482915306#note", "/"])
def test_a_path_of_this_house_is_one(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nothing_leads_elsewhere(signed_out: Desk, wanted: str) -> None:
    assert own_path(wanted) is None
    given = {"login": "ania", "password": scenes.PASSWORD}
    assert signed_out.post("/?" + urlencode({"next": wanted}), given, "/").location == "/desk"
    answer = signed_out.post("/look", {"language": "pl", "back": wanted}, "/desk")
    assert answer.location == "/"


@pytest.mark.parametrize("change", [{"session_salt": "new"}, {"active": False}])
def test_a_change_of_the_person_ends_sessions(desk: Desk, change: dict[str, object]) -> None:
    with transaction() as session:
        session.execute(update(Agent).values(change))
    assert desk.get("/desk").status_code == 302


def test_the_session_cookie_is_for_this_site_alone(signed_out: Desk) -> None:
    cookie = signed_out.get("/").headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_polish_first_english_by_switch(desk: Desk) -> None:
    assert "<h1>Pulpit</h1>" in desk.get("/desk").text
    answer = desk.post("/look", {"language": "en", "back": "/desk"})
    assert (answer.status_code, answer.location) == (303, "/desk")
    page = desk.get("/desk").text
    assert "<h1>Desk</h1>" in page
    assert '<html lang="en"' in page


def test_dark_by_switch(signed_out: Desk) -> None:
    assert 'data-theme="auto"' in signed_out.get("/").text
    assert (
        signed_out.post("/look", {"theme": "dark", "back": "//x.example.org"}, "/").location == "/"
    )
    assert 'data-theme="dark"' in signed_out.get("/").text


def test_no_page_runs_foreign_code_or_is_kept(desk: Desk) -> None:
    for path in ("/desk", "/tickets", "/calls", "/flows", "/tickets/000000000"):
        answer = desk.get(path)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?! src=\"/assets/)", answer.text)
        assert "</script>" not in answer.text.replace("defer></script>", "")
        assert "style=" not in answer.text


def test_the_demo_says_so_on_every_page(desk: Desk, serve: Callable[..., Flask]) -> None:
    for path in ("/desk", "/tickets", "/calls", "/flows", "/nowhere"):
        assert "Wersja pokazowa" in desk.get(path).text
    assert "Wersja pokazowa" not in Desk(serve(demo=False).test_client()).get("/").text


EVERYBODY = {
    *("access.sign_in", "access.look", "access.static"),
    *("accessibility.declaration", "accessibility.static"),
    *("status.show", "status.data", "status.feed", "media.sound"),
    *("operation.healthz", "operation.metrics", "operation.readyz", "api.description"),
    *("phone.show", "phone.dial", "phone.listen", "phone.act", "phone.mine"),
    *("phone.ticket", "phone.static", "phone.say", "demo_people.sign_in", "demo_people.static"),
}
SUPERVISORS = {
    *("people.index", "people.add", "people.change"),
    *("desk_calls.supervise", "desk_calls.send_away"),
    *("switchboard.change", "switchboard.ask_to_end", "switchboard.end"),
    *("switchboard.announce", "switchboard.confirm", "switchboard.update"),
    *("tokens.index", "tokens.create", "tokens.revoke"),
}


def asked_for(desk: Desk, app: Flask) -> dict[tuple[str, str], int]:
    """The status that each address gives, by endpoint and method."""
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in EVERYBODY or rule.endpoint.startswith(("api.", "access.sign_out")):
            continue
        path = re.sub("<int:[a-z_]+>", "1", rule.rule.replace("<how>", "listen"))
        path = re.sub("<[a-z_]+>", "482915306", path.replace("<kind>", "csv"))
        for method in {"GET", "POST"} & (rule.methods or set()):
            answer = desk.get(path) if method == "GET" else desk.post(path, {}, page="/nowhere")
            found[rule.endpoint, method] = answer.status_code
    return found


@pytest.mark.parametrize("login", [None, "ania", "marek"])
def test_each_address_is_open_to_its_roles_only(
    app: Flask, signed_out: Desk, login: str | None
) -> None:
    """A guard whose answer is dropped would open one here."""
    if login:
        assert signed_out.signs_in(login).status_code == 303
    found = asked_for(signed_out, app)
    assert {endpoint for endpoint, _ in found} >= SUPERVISORS
    shut = {None: {*found}, "marek": set()}.get(
        login, {asked for asked in found if asked[0] in SUPERVISORS}
    )
    refused = {asked for asked, status in found.items() if status in (302, 401, 403)}
    assert {asked for asked in shut if found[asked] not in (302, 403)} == set()
    if login:
        assert {asked for asked in refused if found[asked] == 403} == shut


@pytest.mark.parametrize("public_url", ["https://desk.example.org", "http://localhost"])
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/desk", "/nowhere", "/sounds/x.wav", "/sounds/a/b", "/voice/incoming", "/healthz"),
        *("/metrics", "/assets/console.css", "/assets/none", "/status.json", "/api/v1/tickets"),
        *("/api/v1/nowhere", "/status.rss", "/phone"),
    ],
)
def test_every_answer_has_the_headers(
    serve: Callable[..., Flask], public_url: str, path: str
) -> None:
    client = serve(public_url=public_url).test_client()
    for method in ("GET", "POST", "PUT"):
        with client.open(path, method=method) as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "microphone=()" in headers["Permissions-Policy"]
        assert ("Strict-Transport-Security" in headers) is public_url.startswith("https")


def test_the_desk_may_use_the_microphone(desk: Desk) -> None:
    assert "microphone=(self)" in desk.get("/desk").headers["Permissions-Policy"]
