"""PINs of supervisors: which are taken, which are not, and how few guesses there are."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from callcenter.people import agents, pins
from callcenter.privacy import encryption
from commands.people import user
from config import Settings
from models import Agent, PinAttempt, Role
from models.session import transaction

PIN, OTHER = "395721", "604817"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
JAN = "+48221234567"


@pytest.fixture(autouse=True)
def marek(database: Engine) -> Agent:
    with transaction() as session:
        marek = agents.add_user(session, "marek", "Marek", "not this one", Role.SUPERVISOR)
        pins.set_pin(session, marek, PIN)
    return marek


def whose(pin: str, caller: str = JAN, now: datetime = NOW) -> str | None:
    with transaction() as session:
        found = pins.check_pin(session, caller, pin, now)
        return found.login if found else None


def counted() -> int:
    with transaction() as session:
        return session.scalar(select(func.count(PinAttempt.id))) or 0


def test_a_supervisor_is_known_by_the_pin(marek: Agent) -> None:
    assert whose(PIN) == "marek"
    assert whose(OTHER) is None
    assert marek.pin
    assert marek.pin.startswith("$argon2id$")


def test_a_stolen_table_is_worth_nothing_without_the_key(settings: Settings) -> None:
    encryption.bind("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    assert whose(PIN) is None
    encryption.bind(settings.data_key)
    assert whose(PIN) == "marek"


@pytest.mark.parametrize("digits", ["", "39572", "3957211", "39572a", "٣٩٥٧٢١", "395721\n"])
def test_only_six_digits_are_a_pin(digits: str) -> None:
    assert not pins.is_pin(digits)
    with transaction() as session, pytest.raises(ValueError, match="6 digits"):
        pins.set_pin(session, session.scalars(select(Agent)).one(), digits)


@pytest.mark.parametrize(
    "pin",
    ["000000", "123456", "654321", "890123", "121212", "123123", "123321", "112233", "355355"],
)
def test_an_easy_one_is_refused_as_a_taken_one_is(marek: Agent, pin: str) -> None:
    with transaction() as session:
        ewa = agents.add_user(session, "ewa", "Ewa", "not this one", Role.SUPERVISOR)
        refusals = []
        for refused in (pin, PIN):
            with pytest.raises(ValueError, match=r"choose another one\.$") as refusal:
                pins.set_pin(session, ewa, refused)
            refusals.append(str(refusal.value))
        assert refusals[0] == refusals[1]
        assert ewa.pin is None


def test_the_own_pin_may_be_set_again(marek: Agent) -> None:
    with transaction() as session:
        pins.set_pin(session, session.scalars(select(Agent)).one(), PIN)
    assert whose(PIN) == "marek"


def test_a_consultant_has_none() -> None:
    with transaction() as session:
        ania = agents.add_user(session, "ania", "Ania", "not this one", Role.AGENT)
        with pytest.raises(ValueError, match="Only supervisors"):
            pins.set_pin(session, ania, OTHER)


def test_made_up_ones_can_be_used() -> None:
    made = {pins.new_pin() for _ in range(50)}
    assert len(made) > 40
    with transaction() as session:
        pins.set_pin(session, session.scalars(select(Agent)).one(), made.pop())


def test_many_calls_at_once_guess_no_more_than_one_after_the_other() -> None:
    with ThreadPoolExecutor(4) as callers:
        assert set(callers.map(whose, [OTHER] * 12)) == {None}
    assert counted() == pins.MOST_OF_A_CALLER
    assert whose(PIN) is None
    assert whose(PIN, "+48221234568") == "marek"


def test_a_refused_guess_does_not_lengthen_the_wait() -> None:
    for _ in range(5):
        whose(OTHER)
    later = NOW + pins.OF_A_CALLER - timedelta(seconds=1)
    assert whose(OTHER, now=later) is None
    assert whose(PIN, now=later) is None
    assert whose(PIN, now=NOW + pins.OF_A_CALLER) == "marek"


def test_old_guesses_are_not_kept() -> None:
    whose(OTHER)
    whose(OTHER, now=NOW + timedelta(days=2))
    assert counted() == 1


def test_the_telephone_is_closed_aloud(caplog: pytest.LogCaptureFixture) -> None:
    for number in range(pins.MOST_OF_ALL):
        assert caplog.messages == []
        whose(OTHER, f"+4822123{number:04}")
    assert "the telephone is closed" in caplog.messages[0]
    assert whose(PIN) is None


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def environ(self, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("CENTRALA_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("CENTRALA_DEMO", "1")
        monkeypatch.setenv("DATABASE_URL", settings.database_url)
        monkeypatch.setenv("REDIS_URL", settings.redis_url)
        monkeypatch.setenv("DATA_KEY", settings.data_key)

    def typed(self, *words: str, input: str = "", code: int = 0) -> Result:  # noqa: A002
        result = CliRunner().invoke(user, ["pin", *words], input=input)
        assert result.exit_code == code, result.output
        return result

    def has(self, database: Engine, pin: str) -> bool:
        with Session(database) as session:
            return pins.has_pin(session.scalars(select(Agent)).one(), pin)

    def test_asks_twice_and_shows_nothing(self, database: Engine) -> None:
        result = self.typed("marek", input=f"{OTHER}\n{OTHER}\n")
        assert OTHER not in result.output
        assert self.has(database, OTHER)

    def test_makes_one_up_alone_on_the_last_line(self, database: Engine) -> None:
        assert self.has(database, self.typed("Marek", "--new").output.splitlines()[-1])

    @pytest.mark.parametrize(
        ("login", "pin", "word"),
        [("nobody", OTHER, "nobody"), ("marek", "123456", "another"), ("marek", "12", "digits")],
    )
    def test_says_what_is_wrong(self, database: Engine, login: str, pin: str, word: str) -> None:
        assert word in self.typed(login, input=f"{pin}\n{pin}\n", code=1).output
        assert self.has(database, PIN)
