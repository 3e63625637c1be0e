"""`centrala doctor` with one thing after the other set wrong; test_running has it on a demo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine, NullPool, create_engine, text

import app
from callcenter import telephony
from callcenter.calls import call_log
from callcenter.offline import spool
from callcenter.offline.spool import RecordRefused
from callcenter.privacy import data_key, encryption, secret_key
from callcenter.tickets import lifecycle
from carrier.network import Network
from carrier.process import running
from commands import doctor, doctor_carrier, doctor_findings
from commands.doctor_findings import Finding, Unseen
from config import Settings
from models import DataKey
from models.session import transaction
from tests.test_commands import answering

SET_RELEASE = text("UPDATE alembic_version SET version_num = :release")


def test_parts_that_are_away_are_told_in_sentences(settings: Settings, database: Engine) -> None:
    away = replace(
        settings,
        database_url="postgresql+psycopg://desk@127.0.0.1:1/centrala",
        redis_url="redis://127.0.0.1:1",
    )
    for look in (doctor._database, doctor._migrations, doctor._redis):
        with pytest.raises(Finding, match="does not answer"):
            look(away)


def test_a_database_of_another_release(settings: Settings, database: Engine) -> None:
    doctor._migrations(settings)
    with _at_release(database, "0001"), pytest.raises(Finding, match="run `centrala db upgrade`"):
        doctor._migrations(settings)


@contextmanager
def _at_release(database: Engine, release: str) -> Iterator[None]:
    with database.begin() as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(SET_RELEASE, {"release": release})
    try:
        yield
    finally:
        with database.begin() as connection:
            connection.execute(SET_RELEASE, {"release": before})


def test_a_redis_that_forgets(settings: Settings, database: Engine) -> None:
    with redis.Redis.from_url(settings.redis_url) as client:
        before = client.config_get("appendonly")["appendonly"]
        client.config_set("appendonly", "no")
        try:
            with pytest.raises(Finding, match="appendonly yes"):
                doctor._redis(settings)
        finally:
            client.config_set("appendonly", before)


ANOTHER_KEY = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="


@contextmanager
def limited_to(settings: Settings, *rights: str) -> Iterator[Settings]:
    """A Redis whose host leaves its users these rights only."""
    with redis.Redis.from_url(settings.redis_url) as client:
        client.execute_command("ACL", "SETUSER", "tenant", "on", ">word", "~*", "+@all", *rights)
        try:
            yield replace(settings, redis_url=f"{settings.redis_url}&username=tenant&password=word")
        finally:
            client.execute_command("ACL", "DELUSER", "tenant")


def test_a_redis_that_lets_nobody_configure_it(settings: Settings, database: Engine) -> None:
    with limited_to(settings, "-config") as tenant:
        doctor._redis(tenant)
    with limited_to(settings, "-config", "-info") as tenant:
        with pytest.raises(Unseen, match="see to it where it is hosted that `appendonly`"):
            doctor._redis(tenant)
        assert doctor._is_well(doctor_findings.Check("Redis", doctor._redis), tenant, set())


def test_another_key_before_anything_is_sealed(settings: Settings, database: Engine) -> None:
    with pytest.raises(Unseen, match="no key was noted yet"):
        doctor._keys(settings)
    with transaction() as session:
        assert data_key.note(session, datetime.now(UTC))
        assert data_key.note(session, datetime.now(UTC))
    doctor._keys(settings)
    encryption.bind(ANOTHER_KEY)
    with pytest.raises(
        Finding, match=r"set that one again, or.*`centrala db upgrade --new-data-key`"
    ):
        doctor._keys(settings)
    with transaction() as session:
        assert not data_key.note(session, datetime.now(UTC))
        assert session.query(DataKey).count() == 1
        data_key.change(session, datetime.now(UTC))
    doctor._keys(settings)
    encryption.bind(settings.data_key)
    with pytest.raises(Finding, match="DATA_KEY"):
        doctor._keys(settings)


def test_another_key_than_what_is_kept_was_sealed_by(settings: Settings, database: Engine) -> None:
    """As in a database that is older than the notes."""
    with transaction() as session:
        call = call_log.open_call(session, "CA1", "withheld", datetime.now(UTC))
        lifecycle.of_call(session, call).pesel = encryption.seal(b"44051401359")
    doctor._keys(settings)
    encryption.bind(ANOTHER_KEY)
    with pytest.raises(Finding, match="DATA_KEY"):
        doctor._keys(settings)
    with transaction() as session:
        assert not data_key.note(session, datetime.now(UTC))


def test_what_cannot_be_looked_at_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    away = replace(settings, database_url="postgresql+psycopg://desk@127.0.0.1:1/centrala")
    checks = [check for check in doctor._checks(away) if check.name in ("migrations", "keys")]
    blocked: set[str] = set()
    assert [doctor._is_well(check, away, blocked) for check in checks] == [False, False]
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("✗ migrations: it does not answer")
    assert second == "– keys: cannot be looked at before the fault above is mended."


def test_a_spool_that_waits_for_another_key(
    settings: Settings, database: Engine, tmp_path: Path
) -> None:
    kept = spool.bind(tmp_path)
    doctor._spool(settings)
    kept.keep(b"record")
    with pytest.raises(Finding, match=r"^1 records wait: they go in when the database answers"):
        doctor._spool(settings)
    encryption.bind(ANOTHER_KEY)
    with pytest.raises(Finding, match=r"^1 records were sealed by another DATA_KEY: set that one"):
        doctor._spool(settings)
    kept.close()


def test_a_spool_in_which_something_was_put_aside(
    settings: Settings, database: Engine, tmp_path: Path
) -> None:
    kept = spool.bind(tmp_path)

    def refuses(record: bytes) -> None:
        raise RecordRefused(record)

    kept.keep(b"record")
    kept.drain(refuses)
    with pytest.raises(Finding, match=r"^1 records in spool/refused.lines .* spool/again.spool.$"):
        doctor._spool(settings)
    (tmp_path / "spool" / "refused.lines").unlink()
    (tmp_path / "spool" / "again.spool").write_bytes(b"torn")
    assert kept.drain(refuses) == 0
    with pytest.raises(Finding, match=r"^1 records in spool/damaged.lines .* move it away.$"):
        doctor._spool(settings)


def test_the_carrier_is_asked(settings: Settings, network: Network) -> None:
    with running(network) as base:
        app.bind_telephony(replace(settings, twilio_api_base=base))
        doctor_carrier.carrier(settings)
        doctor_carrier.webhooks(settings)
        with pytest.raises(Finding, match="centrala fallback"):
            doctor_carrier.fallback_address(settings)
        network.main.voice_fallback_url = "https://elsewhere.example.org/fallback.xml"
        doctor_carrier.fallback_address(settings)
        network.main.status_callback = ""
        with pytest.raises(Finding, match="status callback"):
            doctor_carrier.webhooks(settings)
        app.bind_telephony(replace(settings, twilio_api_base=base, twilio_auth_token="8" * 32))
        with pytest.raises(Finding, match="TWILIO_ACCOUNT_SID"):
            doctor_carrier.carrier(settings)
    app.bind_telephony(replace(settings, twilio_api_base="http://127.0.0.1:1"))
    with pytest.raises(Finding, match="did not answer"):
        doctor_carrier.carrier(settings)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (429, r"asked too much \(429\): wait a minute"),
        (500, r"fault of its own \(500\)"),
        (503, r"fault of its own \(503\)"),
        (418, r"refuses what it was asked \(418\)"),
    ],
)
def test_a_carrier_that_answers_with_a_refusal(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, status: int, sentence: str
) -> None:
    """By the request of our own and by the lists of the official client."""
    monkeypatch.setattr(telephony, "BACK_OFF_S", ())
    with answering('{"code": 20001, "message": "no", "status": 0}', status) as base:
        app.bind_telephony(replace(settings, twilio_api_base=base))
        for look in (
            doctor_carrier.carrier,
            doctor_carrier.webhooks,
            doctor_carrier.fallback_address,
        ):
            with pytest.raises(Finding, match=sentence):
                look(settings)


def test_a_full_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE_GB", 10**9)
    with pytest.raises(Finding, match="make room"):
        doctor._disk(replace(settings, home=tmp_path))


def test_a_machine_with_another_secret_key(settings: Settings, database: Engine) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        assert secret_key.note(session, settings.secret_key, now - timedelta(seconds=5))
        assert not secret_key.note(session, "the key of a second machine", now)
    with pytest.raises(Finding, match="give all machines the same"):
        doctor._keys(settings)
    changed = now + secret_key.FORGOTTEN_AFTER + timedelta(seconds=1)
    with transaction() as session:
        assert secret_key.note(session, "a key that all machines were given", changed)


@pytest.mark.parametrize("power", ["CREATEROLE", "CREATEDB", "BYPASSRLS", "pg_read_server_files"])
def test_a_database_user_who_may_do_more_than_the_line_needs(
    settings: Settings, database: Engine, power: str
) -> None:
    give = f"GRANT {power} TO" if power.startswith("pg_") else "ALTER ROLE"
    take = f"REVOKE {power} FROM" if power.startswith("pg_") else "ALTER ROLE"
    word = "" if power.startswith("pg_") else power
    superuser = create_engine(
        settings.database_url.replace("//centrala@", "//postgres@"), poolclass=NullPool
    )
    with superuser.begin() as connection:
        connection.execute(text(f"{give} centrala {word}"))
    try:
        with pytest.raises(Finding, match=f"more than the line needs .*{power}"):
            doctor._database(replace(settings, demo=False))
    finally:
        with superuser.begin() as connection:
            connection.execute(text(f"{take} centrala {'NO' + word if word else ''}"))
