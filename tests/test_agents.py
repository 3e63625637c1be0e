"""People and tokens of the desk."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from callcenter.people import agents, tokens
from callcenter.people.agents import Unfit, UnfitError, Work
from callcenter.people.tokens import TokenError
from models import ApiToken, Device, Role
from models.session import transaction

PASSWORD = "zażółć gęślą jaźń"


def test_ania_is_known_by_her_password_alone(database: Engine) -> None:
    with transaction() as session:
        ania = agents.add_user(session, " Ania ", "Ania Nowak", PASSWORD, Role.AGENT)
        assert agents.check_password(session, "ANIA", PASSWORD) is ania
        assert agents.check_password(session, "ania", PASSWORD + " ") is None
        assert agents.check_password(session, "tomek", PASSWORD) is None
        assert agents.check_password(session, "ania\0", PASSWORD) is None
        assert PASSWORD not in ania.password


def test_who_left_cannot_sign_in(database: Engine) -> None:
    with transaction() as session:
        agents.add_user(session, "tomek", "Tomek", PASSWORD, Role.AGENT).active = False
        assert agents.check_password(session, "tomek", PASSWORD) is None


def test_an_old_hash_is_replaced(database: Engine) -> None:
    with transaction() as session:
        ania = agents.add_user(session, "ania", "Ania", PASSWORD, Role.AGENT)
        ania.password = old = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
        assert agents.check_password(session, "ania", PASSWORD)
        assert ania.password != old
        assert agents.check_password(session, "ania", PASSWORD)


@pytest.mark.parametrize(
    ("login", "name", "password", "word"),
    [
        ("ania", "Ania", "krótkie", "password"),
        ("", "Ania", PASSWORD, "login"),
        ("ania nowak", "Ania", PASSWORD, "login"),
        ("ania", " ", PASSWORD, "name"),
        ("marek", "Ania", PASSWORD, "taken"),
    ],
)
def test_refusals_are_sentences(
    database: Engine, login: str, name: str, password: str, word: str
) -> None:
    with transaction() as session:
        agents.add_user(session, "marek", "Marek", PASSWORD, Role.SUPERVISOR)
        with pytest.raises(ValueError, match=rf"{word}.*\.$"):
            agents.add_user(session, login, name, password, Role.AGENT)


def test_of_a_token_only_its_digest_is_kept(database: Engine) -> None:
    with transaction() as session:
        token = tokens.create_token(session, "reports", Role.SUPERVISOR)
        row = session.scalars(select(ApiToken)).one()
        assert re.fullmatch(r"ctr_[\w-]{43}", token)
        assert token.encode() not in row.digest
        assert tokens.find(session, token) is row
        assert row.role is Role.SUPERVISOR
        assert tokens.find(session, token + "x") is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"scopes": ["read", "fly"]}, "scopes"),
        ({"expires_at": datetime.now(UTC)}, "days"),
        ({"expires_at": datetime.now(UTC) + timedelta(days=4000)}, "days"),
    ],
)
def test_a_token_that_cannot_be(database: Engine, given: dict[str, Any], field: str) -> None:
    with transaction() as session, pytest.raises(TokenError) as refused:
        tokens.create_token(session, **{"name": "reports", "role": Role.AGENT, **given})
    assert refused.value.field == field


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "Password123!",
        "zaq12wsxcde3",
        "aaaaaaaaaaaa",
        "2026-11-27",
        "ania.nowak-lis",
        "Nowak-Lis2026",
        "aniaanianowak",
        "centrala2026",
        "Helpdesk2026",
        "haslohaslo1",
    ],
)
def test_what_guessers_try_first_is_no_password(database: Engine, password: str) -> None:
    with transaction() as session:
        with pytest.raises(UnfitError) as refused:
            agents.add_user(session, "ania.nowak-lis", "Ania Nowak-Lis", password, Role.AGENT)
        assert refused.value.what is Unfit.GUESSABLE
        ania = agents.add_user(session, "ania.nowak-lis", "Ania Nowak-Lis", PASSWORD, Role.AGENT)
        with pytest.raises(UnfitError):
            agents.set_password(ania, password)


def test_work_is_kept_as_the_dispatcher_reads_it(database: Engine) -> None:
    work = Work(["uk", "pl"], ["about", "login_locked"], Device.NUMBER, "22 123 45 67")
    with transaction() as session:
        olga = agents.add_user(session, "olga", "Olga", PASSWORD, Role.AGENT, work)
        assert olga.languages == ["pl", "uk"]
        assert olga.topics == ["login_locked", "about"]
        assert (olga.device, olga.address) == (Device.NUMBER, "+48221234567")
        agents.set_work(olga, Work(device=Device.BROWSER, address="of no use"))
        assert (olga.device, olga.address) == (Device.BROWSER, None)


@pytest.mark.parametrize(
    ("work", "what"),
    [
        (Work([]), Unfit.LANGUAGES),
        (Work(["pl", "de"]), Unfit.LANGUAGES),
        (Work(topics=["weather"]), Unfit.TOPICS),
        (Work(device=Device.NUMBER), Unfit.NUMBER),
        (Work(device=Device.NUMBER, address="sip:ania@example.org"), Unfit.NUMBER),
        (Work(device=Device.SIP, address="+48221234567"), Unfit.SIP),
        (Work(device=Device.SIP, address="sip:ania@example.org\n"), None),
    ],
)
def test_nobody_is_rung_where_no_telephone_is(work: Work, what: Unfit | None) -> None:
    if what is None:
        assert work.checked().address == "sip:ania@example.org"
        return
    with pytest.raises(UnfitError) as refused:
        work.checked()
    assert refused.value.what is what


def test_a_new_password_ends_the_sessions_of_the_old(database: Engine) -> None:
    with transaction() as session:
        ania = agents.add_user(session, "ania", "Ania", PASSWORD, Role.AGENT)
        salt = ania.session_salt
        agents.set_password(ania, "inne hasło, dłuższe")
        assert ania.session_salt != salt
        assert agents.check_password(session, "ania", PASSWORD) is None
        with pytest.raises(UnfitError):
            agents.set_password(ania, "krótkie")
