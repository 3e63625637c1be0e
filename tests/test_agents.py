"""People and tokens of the desk."""

import re

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from callcenter import agents
from models import ApiToken, Role
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
        token = agents.create_token(session, "reports", Role.SUPERVISOR)
        row = session.scalars(select(ApiToken)).one()
        assert re.fullmatch(r"ctr_[\w-]{43}", token)
        assert token.encode() not in row.digest
        assert agents.token_role(session, token) is row
        assert row.role is Role.SUPERVISOR
        assert agents.token_role(session, token + "x") is None
        row.revoked_at = row.created_at
        assert agents.token_role(session, token) is None
