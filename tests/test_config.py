from pathlib import Path

import pytest

from config import Settings, SettingsError
from installation.home import Home

GIVEN = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "5f2c9e01b7a84d36c0e19b5d27fa6384",
    "TWILIO_NUMBER": "+48223070000",
    "SMS_SENDER": "Centrala",
    "PUBLIC_URL": "https://line.example.org",
    "SECRET_KEY": "Zk8w-q2Lr9vT_xY5nB0cJ7hE4sGmDa1uKfPi",
    "DATA_KEY": "8n7dOq2tqzEwT0V5xkH3m1cYyR9bL6uJfPaGsWvKQ4I=",
}


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.read(environ)
    return caught.value.faults


def test_what_is_given_is_read() -> None:
    settings = Settings.read({**GIVEN, "PORT": "9000", "FALLBACK_NUMBER": "+48221112233"})
    assert settings.demo is False
    assert settings.home == Path("var").absolute()
    assert settings.public_url == "https://line.example.org"
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
    assert given.twilio_auth_token == GIVEN["TWILIO_AUTH_TOKEN"]


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
    for secret in (GIVEN["TWILIO_AUTH_TOKEN"], GIVEN["SECRET_KEY"], GIVEN["DATA_KEY"], "geheim"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("given", "missing"),
    [("TWILIO_API_KEY", "TWILIO_API_SECRET"), ("TWILIO_API_SECRET", "TWILIO_API_KEY")],
)
def test_the_key_of_the_browsers_is_whole_or_none(given: str, missing: str) -> None:
    assert faults({**GIVEN, given: "x"}) == [f"{missing} is missing: it belongs to {given}."]
    assert Settings.read(GIVEN).twilio_api_key is None


WEAK = [
    ("SECRET_KEY", "a", "is too short"),
    ("SECRET_KEY", "a" * 64, "is not random"),
    ("SECRET_KEY", "0123456789abcdef" * 4, "is not random"),
    ("SECRET_KEY", "abcdefghijklmnopqrstuvwxyz0123456789", "is not random"),
    ("SECRET_KEY", "change-me-change-me-change-me-please!", "looks like an example"),
    ("DATA_KEY", "A" * 43 + "=", "is not random"),
    ("DATA_KEY", "_" * 42 + "8=", "is not random"),
    ("DATA_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "is not random"),
    ("DATA_KEY", "YWJjZGFiY2RhYmNkYWJjZGFiY2RhYmNkYWJjZGFiY2Q=", "is not random"),
    ("DATA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "is the one of an example"),
    ("TWILIO_AUTH_TOKEN", "token", "is too short"),
    ("TWILIO_AUTH_TOKEN", "0" * 32, "is not random"),
    ("PUBLIC_URL", "http://line.example.org", "must begin with https://"),
    ("PUBLIC_URL", "", "must begin with https://"),
    ("TWILIO_API_BASE", "http://api.example.org", "must begin with https://"),
]


@pytest.mark.parametrize(("name", "value", "why"), WEAK)
def test_what_protects_nobody_is_refused_outside_a_demo(
    name: str, value: str, why: str, tmp_path: Path
) -> None:
    given = {**GIVEN, name: value}
    (told,) = faults(given)
    assert told.startswith(f"{name} {why}")
    assert told.endswith("(ALLOW_INSECURE=1 lets a laboratory use it).")
    allowed = Settings.read({**given, "ALLOW_INSECURE": "1"})
    assert [sentence.startswith(f"{name} {why}") for sentence in allowed.insecure] == [True]
    home = {"CENTRALA_DEMO": "1", "CENTRALA_HOME": str(tmp_path)}
    assert Settings.read({**given, **home}).insecure == ()


@pytest.mark.parametrize("_again", range(20))
def test_made_secrets_are_strong_enough(_again: int, tmp_path: Path) -> None:
    home = Home(tmp_path)
    names = ("SECRET_KEY", "DATA_KEY", "TWILIO_AUTH_TOKEN")
    assert not Settings.read({**GIVEN, **{name: home.secret(name) for name in names}}).insecure


def test_proxies_are_addresses_and_networks() -> None:
    settings = Settings.read({**GIVEN, "TRUSTED_PROXIES": " 10.0.0.1, fd00::/8,192.0.2.0/24 "})
    assert [str(each) for each in settings.trusted_proxies] == [
        "10.0.0.1/32",
        "fd00::/8",
        "192.0.2.0/24",
    ]
    assert Settings.read(GIVEN).trusted_proxies == ()


@pytest.mark.parametrize("given", ["proxy", "10.0.0.1/8", "10.0.0.300", "10.0.0.1;10.0.0.2", "*"])
def test_a_proxy_that_is_no_network_is_named(given: str) -> None:
    (told,) = faults({**GIVEN, "TRUSTED_PROXIES": f"127.0.0.1, {given}"})
    assert told.startswith("TRUSTED_PROXIES must be addresses or networks")
    assert repr(given) in told


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
