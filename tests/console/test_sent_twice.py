"""What is sent twice is done once; what was typed when a session ended comes back."""

import re
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from callcenter.outbox import idempotency
from callcenter.people import tokens
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, Announcement, Role, SentForm, Status, TicketNote, Topic
from models.session import transaction
from tests.conftest import PUBLIC_URL
from tests.console import scenes
from tests.console.conftest import Desk


@pytest.fixture
def number(signed_out: Desk) -> str:
    with transaction() as session:
        made = scenes.call(session)
        return scenes.ticket(session, made, new_number(), Status.OPEN, Topic.LOGIN_LOCKED).number


def _notes() -> list[str]:
    with transaction() as session:
        found = select(TicketNote.text).where(TicketNote.text != "").order_by(TicketNote.id)
        return list(session.scalars(found))


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found
    return found[1]


def _of_page(page: str, once: bool) -> dict[str, str]:
    """What each form of this rendering sends by itself."""
    token = {"csrf_token": _hidden(page, "csrf_token")}
    return token | ({"once": _hidden(page, "once")} if once else {})


ADDS = [
    ("/tickets/{}", {"what": "note", "version": "0"}),
    ("/tickets/{}/notes", {"version": "0"}),
    ("/desk/work/{}/note", {"version": "0"}),
]


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize(("path", "more"), ADDS)
def test_a_note_sent_twice_stands_once(
    signed_out: Desk, number: str, path: str, more: dict[str, str], once: bool
) -> None:
    signed_out.signs_in("ania")
    form = _of_page(signed_out.get(f"/tickets/{number}").text, once) | more
    for text in ("raz", "raz", "inne", "raz"):
        answer = signed_out.post_bare(path.format(number), {**form, "text": text})
        assert answer.status_code == 303
    assert _notes() == ["raz", "inne"]


def test_the_same_note_from_another_rendering_is_another_note(
    signed_out: Desk, number: str
) -> None:
    signed_out.signs_in("ania")
    for _ in range(2):
        form = _of_page(signed_out.get(f"/tickets/{number}").text, once=True)
        signed_out.post_bare(f"/tickets/{number}/notes", {**form, "text": "nie odebrał"})
    assert _notes() == ["nie odebrał"] * 2


def test_four_at_once_are_one_note(signed_out: Desk, app: Flask, number: str) -> None:
    signed_out.signs_in("ania")
    form = _of_page(signed_out.get(f"/tickets/{number}").text, once=True)
    cookie = signed_out.client.get_cookie("centrala", domain="centrala.example.org")
    assert cookie
    codes: list[int] = []

    def send() -> None:
        browser = app.test_client()
        browser.set_cookie("centrala", cookie.value, domain="centrala.example.org")
        answer = Desk(browser).post_bare(f"/tickets/{number}/notes", {**form, "text": "naraz"})
        codes.append(answer.status_code)

    together = [Thread(target=send) for _ in range(4)]
    for each in together:
        each.start()
    for each in together:
        each.join()
    assert (codes, _notes()) == ([303] * 4, ["naraz"])


def test_a_decision_sent_twice_is_one_and_no_conflict(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("ania")
    page = signed_out.get(f"/tickets/{number}").text
    form = _of_page(page, once=True) | {"what": "resolve", "version": "0", "text": "Koniec"}
    form |= {"topic": "login_locked", "resolution": "unlocked"}
    assert [signed_out.post_bare(f"/tickets/{number}", form).status_code for _ in range(2)] == [
        303
    ] * 2
    assert _notes() == ["Koniec"]


def test_what_was_refused_may_be_sent_again(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("ania")
    form = _of_page(signed_out.get(f"/tickets/{number}").text, once=True)
    form |= {"what": "assign", "version": "7", "text": "później"}
    for _ in range(2):
        assert signed_out.post_bare(f"/tickets/{number}", form).status_code == 409
    with transaction() as session:
        assert session.scalar(select(func.count(SentForm.id))) == 0


def test_a_person_added_twice_is_one(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    form = _of_page(signed_out.get("/people/new").text, once=True) | {
        "login": "olga",
        "name": "Olga",
        "password": scenes.PASSWORD,
        "role": "agent",
        "languages": "pl",
        "device": "browser",
    }
    assert [signed_out.post_bare("/people/new", form).status_code for _ in range(2)] == [303] * 2
    with transaction() as session:
        assert session.scalar(select(func.count()).where(Agent.login == "olga")) == 1


def test_a_program_that_asks_again_is_answered_as_before(client: FlaskClient) -> None:
    with transaction() as session:
        token = tokens.create_token(session, "tests", Role.SUPERVISOR)

    def ask(text: str, key: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        body: dict[str, Any] = {"scope": "service", "text": {"pl": text}}
        return client.post("/api/v1/announcements", json=body, headers=headers)

    first = ask("Awaria.", "k-1")
    client.delete(
        f"/api/v1/announcements/{first.json['id']}",  # type: ignore[index]
        headers={"Authorization": f"Bearer {token}"},
    )
    again = ask("Awaria.", "k-1")
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert ask("Inna.", "k-1").status_code == 422
    assert ask("Awaria.", "ż").status_code == 422
    assert ask("Awaria.", "k-2").json != first.json
    with transaction() as session:
        assert session.scalar(select(func.count(Announcement.id))) == 2


def test_a_mark_is_forgotten_after_its_time(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("ania")
    form = _of_page(signed_out.get(f"/tickets/{number}").text, once=True)
    signed_out.post_bare(f"/tickets/{number}/notes", {**form, "text": "raz"})
    with transaction() as session:
        [row] = session.scalars(select(SentForm))
        idempotency.forget_old(session, row.at + idempotency.KEPT)
        assert session.scalar(select(func.count(SentForm.id))) == 1
        idempotency.forget_old(session, row.at + 2 * idempotency.KEPT)
        assert session.scalar(select(func.count(SentForm.id))) == 0


def _end_session() -> None:
    with transaction() as session:
        session.execute(update(Agent).values(session_salt="another"))


FORMS = [
    ("/tickets/{}", {"what": "note", "version": "0", "text": "Długa <notatka>\r\n\r\nżółta"}),
    ("/desk/work/{}/note", {"version": "0", "text": "Przy stanowisku"}),
    ("/switchboard/confirm", {"until": "open", "text_pl": "Awaria"}),
    (
        "/people/new",
        {"login": "olga", "name": "Olga", "languages": "pl", "password": "tajne hasło"},
    ),
]


@pytest.mark.parametrize("forgotten", [True, False])
@pytest.mark.parametrize(("path", "typed"), FORMS)
def test_what_was_typed_comes_back_after_signing_in(
    signed_out: Desk, number: str, path: str, typed: dict[str, str], forgotten: bool
) -> None:
    signed_out.signs_in("marek")
    form = _of_page(signed_out.get(f"/tickets/{number}").text, once=True)
    if forgotten:
        signed_out.client.delete_cookie("centrala", domain="centrala.example.org")
    else:
        _end_session()
    asked = signed_out.post_bare(path.format(number), {**form, **typed})
    assert asked.status_code == 401
    assert "tajne" not in asked.text
    credentials = {**_of_page(asked.text, once=False), "kept": _hidden(asked.text, "kept")}
    wrong = signed_out.post_bare("/", {**credentials, "login": "marek", "password": "nie to"})
    assert _hidden(wrong.text, "kept") == credentials["kept"]
    credentials |= {"login": "marek", "password": scenes.PASSWORD}
    back = signed_out.post_bare("/", credentials)
    assert back.status_code == 200
    assert f'action="{path.format(number)}"' in back.text
    assert "tajne" not in back.text
    assert _notes() == []
    if "text" in typed:
        again = {**typed, **_of_page(back.text, once=True)}
        assert signed_out.post_bare(path.format(number), again).status_code == 303
        assert _notes() == [typed["text"].replace("\r\n", "\n")]


def test_a_form_of_an_old_tab_is_shown_again_to_who_is_signed_in(
    signed_out: Desk, number: str
) -> None:
    signed_out.signs_in("ania")
    typed = {"what": "note", "version": "0", "text": "Ze starej karty", "csrf_token": "dawny"}
    back = signed_out.post_bare(f"/tickets/{number}", typed)
    assert (back.status_code, _notes()) == (400, [])
    assert "Ze starej karty" in back.text
    fresh = {**typed, "csrf_token": _hidden(back.text, "csrf_token")}
    assert signed_out.post_bare(f"/tickets/{number}", fresh).status_code == 303
    assert _notes() == ["Ze starej karty"]


def test_nobody_else_is_shown_what_was_typed(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("ania")
    form = _of_page(signed_out.get(f"/tickets/{number}").text, once=True)
    _end_session()
    asked = signed_out.post_bare(f"/tickets/{number}/notes", {**form, "text": "tajemnica Ani"})
    kept = _hidden(asked.text, "kept")
    signs_in = {**_of_page(asked.text, once=False), "kept": kept, "password": scenes.PASSWORD}
    marek = signed_out.post_bare("/", {**signs_in, "login": "marek"})
    assert (marek.status_code, "tajemnica" in marek.text) == (303, False)


def test_no_other_browser_and_no_other_site_brings_a_form(
    signed_out: Desk, app: Flask, number: str
) -> None:
    typed = {"text": "podrzucone"}
    asked = signed_out.post_bare(f"/tickets/{number}/notes", typed)
    kept = _hidden(asked.text, "kept")
    other = Desk(app.test_client())
    token = _hidden(other.get("/").text, "csrf_token")
    signs_in = {"kept": kept, "login": "ania", "password": scenes.PASSWORD, "csrf_token": token}
    assert other.post_bare("/", signs_in).status_code == 303
    foreign = app.test_client().post(
        f"/tickets/{number}/notes",
        data=typed,
        base_url=PUBLIC_URL,
        headers={"Origin": "https://evil.example"},
    )
    assert (foreign.status_code, 'name="kept"' in foreign.text) == (400, False)
