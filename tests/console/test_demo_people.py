"""A demo offers its people to click on; nothing else does, and nobody from elsewhere sees them."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from models import Agent
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk

OFFERED = 'name="login" value="ania"'


@pytest.fixture
def people(database: object) -> None:
    with transaction() as session:
        scenes.ania(session)
        scenes.marek(session)


def test_one_click_and_ania_is_at_the_desk(signed_out: Desk) -> None:
    assert OFFERED in signed_out.get("/").text
    answer = signed_out.post("/demo/sign-in", {"login": "ania"}, page="/")
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert "Ania Nowak" in signed_out.get("/desk").text


def test_nobody_who_was_sent_away_or_is_not_there(signed_out: Desk) -> None:
    with transaction() as session:
        session.query(Agent).filter_by(login="ania").one().active = False
    assert OFFERED not in signed_out.get("/").text
    for login in ("ania", "nobody", ""):
        assert signed_out.post("/demo/sign-in", {"login": login}, page="/").status_code == 422
    assert signed_out.get("/desk").status_code == 302


def test_a_tunnel_shows_the_demo_and_lets_nobody_in(signed_out: Desk) -> None:
    through = Desk(signed_out.client, {"X-Forwarded-For": "198.51.100.7"})
    assert OFFERED not in through.get("/").text
    assert through.post("/demo/sign-in", {"login": "ania"}, page="/").status_code == 403
    assert through.get("/desk").status_code == 302


def test_a_name_of_another_site_that_leads_here_lets_nobody_in(signed_out: Desk) -> None:
    elsewhere = "https://rebound.example.net"
    assert OFFERED not in signed_out.client.get("/", base_url=elsewhere).text
    assert OFFERED in signed_out.client.get("/", base_url="http://localhost:8000").text
    token = re.search(
        r'csrf_token" value="([^"]+)', signed_out.client.get("/", base_url=elsewhere).text
    )
    assert token
    fields = {"login": "ania", "csrf_token": token[1]}
    headers = {"Referer": f"{elsewhere}/"}
    answer = signed_out.client.post(
        "/demo/sign-in", data=fields, base_url=elsewhere, headers=headers
    )
    assert answer.status_code == 403


@pytest.mark.usefixtures("people")
def test_outside_a_demo_there_is_no_such_address(serve: Callable[..., Flask]) -> None:
    real = Desk(serve(demo=False).test_client())
    assert OFFERED not in real.get("/").text
    assert real.post("/demo/sign-in", {"login": "ania"}, page="/").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        ("en-GB,en;q=0.9", None, "en"),
        ("de,en;q=0.5,pl;q=0.4", None, "en"),
        ("de", None, "pl"),
        ("", None, "pl"),
        ("en", "pl", "pl"),
        ("pl", "en", "en"),
        ("en", "xx", "en"),
    ],
)
def test_the_console_speaks_the_browsers_language_at_first(
    signed_out: Desk, accepted: str, chosen: str | None, language: str
) -> None:
    if chosen:
        signed_out.client.set_cookie("language", chosen, domain="centrala.example.org")
    answer = Desk(signed_out.client, {"Accept-Language": accepted}).get("/")
    assert f'<html lang="{language}"' in answer.text
