from pathlib import Path

import pytest

from config import Settings, SettingsError

GIVEN = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token of the account",
    "TWILIO_NUMBER": "+48223070000",
    "SMS_SENDER": "Centrala",
    "SECRET_KEY": "signs the cookies",
    "DATA_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.read(environ)
    return caught.value.faults


def test_what_is_given_is_read() -> None:
    settings = Settings.read({**GIVEN, "PORT": "9000", "FALLBACK_NUMBER": "+48221112233"})
    assert settings.demo is False
    assert settings.home == Path("var").absolute()
    assert settings.public_url == "http://localhost:9000"
    assert settings.serve == "all"
    assert settings.twilio_api_base == "https://api.twilio.com"
    assert settings.fallback_number == "+48221112233"
    assert settings.voices["pl"] == "Polly.Ola-Neural"


@pytest.mark.parametrize(("given", "read"), [("", 1), ("5", 5), ("0.25", 0.25), ("100", 100)])
def test_the_pace_of_calls_is_read(given: str, read: float) -> None:
    settings = Settings.read({**GIVEN, "CALLBACKS_PER_SECOND": given})
    assert settings.callbacks_per_second == read


@pytest.mark.parametrize("given", ["0", "-1", "101", "1e3", "nan", "fast", "1,5", "٣"])
def test_a_pace_that_cannot_be_kept_is_refused(given: str) -> None:
    told = faults({**GIVEN, "CALLBACKS_PER_SECOND": given})
    assert told == [f"CALLBACKS_PER_SECOND must be a number above 0, at most 100, not {given!r}."]


def test_a_demo_makes_what_is_missing_and_keeps_it(tmp_path: Path) -> None:
    environ = {"CENTRALA_DEMO": "1", "CENTRALA_HOME": str(tmp_path / "home"), "PORT": "9000"}
    first, second = Settings.read(environ), Settings.read(environ)
    assert first == second
    assert first.twilio_account_sid.startswith("AC")
    assert first.twilio_api_base == "http://127.0.0.1:9001"
    given = Settings.read({**environ, **GIVEN})
    assert given.demo is True
    assert given.twilio_auth_token == "token of the account"


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    told = faults(
        {
            "CENTRALA_HOME": str(tmp_path / "home"),
            "PORT": "none",
            "PUBLIC_URL": "centrala.example.org",
            "SERVE": "tea",
            "DATABASE_URL": "mysql://localhost/x",
            "REDIS_URL": "amqp://localhost",
            "TWILIO_NUMBER": "22 307 00 00",
            "FALLBACK_NUMBER": "112",
            "DATA_KEY": "short",
        }
    )
    assert [sentence.split()[0] for sentence in told] == [
        "PORT",
        "DATABASE_URL",
        "REDIS_URL",
        "PUBLIC_URL",
        "SERVE",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_NUMBER",
        "SMS_SENDER",
        "FALLBACK_NUMBER",
        "SECRET_KEY",
        "DATA_KEY",
    ]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_taken(scheme: str) -> None:
    settings = Settings.read({**GIVEN, "DATABASE_URL": f"{scheme}://desk@db.example.org/centrala"})
    assert settings.database_url == "postgresql+psycopg://desk@db.example.org/centrala"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80.5", "²"])
def test_a_port_is_a_number_in_its_range(port: str) -> None:
    assert faults({**GIVEN, "PORT": port}) == [
        f"PORT must be a number from 1 to 65535, not {port!r}."
    ]


def test_the_slash_at_the_end_of_an_address_is_dropped() -> None:
    settings = Settings.read({**GIVEN, "PUBLIC_URL": "https://centrala.example.org/line/"})
    assert settings.public_url == "https://centrala.example.org/line"


@pytest.mark.parametrize(
    "address", ["https://", "ftp://example.org", "https://x?y=1", "http://x:y"]
)
def test_an_address_must_be_one(address: str) -> None:
    assert faults({**GIVEN, "PUBLIC_URL": address})[0].startswith("PUBLIC_URL must be an address")


def test_secrets_do_not_show(tmp_path: Path) -> None:
    shown = repr(Settings.read({**GIVEN, "DATABASE_URL": "postgresql://desk:geheim@db/centrala"}))
    for secret in ("token of the account", "signs the cookies", GIVEN["DATA_KEY"], "geheim"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("given", "missing"),
    [("TWILIO_API_KEY", "TWILIO_API_SECRET"), ("TWILIO_API_SECRET", "TWILIO_API_KEY")],
)
def test_the_key_of_the_browsers_is_whole_or_none(given: str, missing: str) -> None:
    assert faults({**GIVEN, given: "x"}) == [f"{missing} is missing: it belongs to {given}."]
    assert Settings.read(GIVEN).twilio_api_key is None


@pytest.mark.parametrize("given", ["0.0.0.0", "::", "127.0.0.1", "::1", "192.0.2.7"])  # noqa: S104
def test_it_listens_where_it_is_told_to(given: str) -> None:
    assert Settings.read({**GIVEN, "BIND": given}).bind == given
    assert Settings.read(GIVEN).bind == "127.0.0.1"


@pytest.mark.parametrize("given", ["localhost:80", "everywhere", "1.2.3", "*"])
def test_where_it_listens_is_an_ip_address(given: str) -> None:
    (told,) = faults({**GIVEN, "BIND": given})
    assert told.startswith("BIND must be an IP address")


def test_a_demo_is_reached_from_this_machine_only(tmp_path: Path) -> None:
    (told,) = faults({"CENTRALA_DEMO": "1", "CENTRALA_HOME": str(tmp_path), "BIND": "0.0.0.0"})  # noqa: S104
    assert told.startswith("BIND must be a loopback address in demo mode")


@pytest.mark.parametrize("given", ["short", "has a blank in it, see", "żółwżółwżółwżółw"])
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused(given: str) -> None:
    (told,) = faults({**GIVEN, "METRICS_TOKEN": given})
    assert told.startswith("METRICS_TOKEN must be at least 16 letters")
    assert given not in told
