"""`centrala doctor`: finds wrong settings, and says in one sentence how to fix each."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import redis
from alembic.script import ScriptDirectory
from sqlalchemy import text

import app
import migrations
from callcenter.announcements import board
from callcenter.offline import heartbeats, spool
from callcenter.privacy import data_key, secret_key
from commands import doctor_carrier, environment
from commands.doctor_findings import TIMEOUT_S, Blocking, Check, Finding, Unseen, reading
from config import Settings
from migrations import server
from migrations.server import UnfitServerError

LEAST_FREE_GB = 1


# Powers of a role beyond its own schema, under PostgreSQL's names.
POWERS = text("""
SELECT power FROM pg_roles, unnest(
    ARRAY['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS'],
    ARRAY[rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls]
) AS given (power, has) WHERE rolname = current_user AND has
UNION ALL
SELECT rolname FROM pg_roles
WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program',
                  'pg_read_all_data', 'pg_write_all_data')
  AND pg_has_role(current_user, oid, 'USAGE') AND NOT (
    SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
""")


@click.command()
def doctor() -> None:
    """Check everything that can be set wrong; the exit code is 1 if something is."""
    settings = environment.settings()
    with environment.servers():
        app.bind(settings)
        app.bind_telephony(settings)
        blocked: set[str] = set()
        well = [_is_well(check, settings, blocked) for check in _checks(settings)]
    raise SystemExit(0 if all(well) else 1)


def _is_well(check: Check, settings: Settings, blocked: set[str]) -> bool:
    """Print the result of one check; False if something is wrong or could not be checked.

    A check with a Blocking fault is added to `blocked`, and so are the checks that depend on it.
    """
    if check.after in blocked:
        blocked.add(check.name)
        click.echo(f"– {check.name}: cannot be looked at before the fault above is mended.")
        return False
    try:
        check.look(settings)
    except Finding as what:
        click.echo(f"✗ {check.name}: {what}")
        if isinstance(what, Blocking):
            blocked.add(check.name)
        return False
    except Unseen as what:
        click.echo(f"? {check.name}: {what}")
        return True
    click.echo(f"✓ {check.name}")
    return True


def _checks(settings: Settings) -> Iterator[Check]:
    yield Check("time zone", _time_zone)
    if not settings.demo:
        yield Check("secrets and addresses", _secure)
    yield Check("disk", _disk)
    yield Check("database", _database)
    yield Check("migrations", _migrations, after="database")
    yield Check("keys", _keys, after="migrations")
    yield Check("Redis", _redis)
    yield Check("board", _board)
    yield Check("spool", _spool)
    yield Check("worker", lambda _: _alive("worker", "centrala work"))
    yield Check("scheduler", lambda _: _alive("scheduler", "centrala schedule"))
    yield Check("public address", doctor_carrier.public_address)
    yield Check("carrier's credentials and clock", doctor_carrier.carrier)
    yield Check("webhooks", doctor_carrier.webhooks, after="carrier's credentials and clock")
    if not settings.demo:
        yield Check(
            "fallback address",
            doctor_carrier.fallback_address,
            after="carrier's credentials and clock",
        )
        yield Check("fallback number", doctor_carrier.fallback_number)
        yield Check("browsers", doctor_carrier.browsers, after="migrations")


def _time_zone(_settings: Settings) -> None:
    try:
        ZoneInfo("Europe/Warsaw")
    except ZoneInfoNotFoundError as fault:
        raise Finding("Europe/Warsaw is not known here: install the package tzdata.") from fault


def _secure(settings: Settings) -> None:
    if settings.insecure:
        raise Finding(f"for a laboratory only (ALLOW_INSECURE): {' '.join(settings.insecure)}")


def _disk(settings: Settings) -> None:
    free_gb = shutil.disk_usage(settings.home).free / 2**30
    if free_gb < LEAST_FREE_GB:
        raise Finding(f"only {free_gb:.1f} GB are free in {settings.home}: make room.")


def _database(settings: Settings) -> None:
    try:
        with reading(settings) as rows:
            server.check(rows.get_bind())  # type: ignore[arg-type]
    except UnfitServerError as fault:
        raise Blocking(str(fault)) from fault
    with reading(settings) as rows:
        powers = list(rows.scalars(POWERS))
        is_read_only = rows.scalar(text("SHOW transaction_read_only")) == "on"
        is_synced = rows.scalar(text("SHOW synchronous_commit")) != "off"
    if powers and not settings.demo:
        raise Finding(
            f"its user may do more than the line needs ({', '.join(powers)}): name a role in"
            " DATABASE_URL that owns nothing but its schema (docs/operations.md)."
        )
    if is_read_only:
        raise Finding(
            "it takes no rows: name the primary in DATABASE_URL, or end its read-only mode."
        )
    if not is_synced:
        raise Finding("synchronous_commit is off, so a crash loses calls: turn it on.")


def _migrations(settings: Settings) -> None:
    head = ScriptDirectory.from_config(migrations.config(settings.database_url)).get_current_head()
    with reading(settings) as rows:
        has_history = rows.scalar(text("SELECT to_regclass('alembic_version')")) is not None
        here = rows.scalar(text("SELECT version_num FROM alembic_version")) if has_history else None
    if here != head:
        raise Blocking(
            f"the database is at {here or 'nothing'}, not {head}: run `centrala db upgrade`."
        )


def _keys(settings: Settings) -> None:
    with reading(settings) as rows:
        fits = data_key.is_right(rows)
        is_shared = secret_key.is_shared(rows, settings.secret_key, datetime.now(UTC))
    if fits is False:
        raise Finding(data_key.ANOTHER)
    if not is_shared:
        raise Finding(secret_key.ANOTHER)
    if fits is None:
        raise Unseen("no key was noted yet: the scheduler does so, and `centrala db upgrade`.")


def _redis(settings: Settings) -> None:
    try:
        with redis.Redis.from_url(
            settings.redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        ) as client:
            client.ping()
            kept, policy = _keeping(client)
    except redis.RedisError as fault:
        why = type(fault).__name__
        raise Finding(f"it does not answer ({why}): check REDIS_URL and the server.") from fault
    if not kept:
        raise Finding("it forgets at a restart: set `appendonly yes`.")
    if policy != "noeviction":
        raise Finding(f"it throws keys away ({policy}): set `maxmemory-policy noeviction`.")


def _keeping(client: "redis.Redis") -> tuple[bool, str]:
    """The persistence of Redis, and what it does when its memory is full.

    It is read by INFO, because hosted servers forbid CONFIG. Some forbid or shorten INFO too.
    """
    try:
        told = client.info("persistence") | client.info("memory")
        return bool(told["aof_enabled"]), str(told["maxmemory_policy"])
    except (redis.ResponseError, KeyError) as fault:
        raise Unseen(
            "it answers, but does not tell how it is set: see to it where it is hosted that "
            "`appendonly` is `yes` and `maxmemory-policy` is `noeviction`."
        ) from fault


def _board(_settings: Settings) -> None:
    if mend := board.board().mend():
        raise Finding(mend)
    if board.board().condition() == "unsaved":
        raise Finding("it holds what no row does: that goes in when the database answers.")


def _spool(_settings: Settings) -> None:
    faults = list(_faults_of_the_spool(spool.spool()))
    if faults:
        raise Finding(" ".join(faults))


def _faults_of_the_spool(kept: spool.Spool) -> Iterator[str]:
    waiting, sealed = kept.size().records, kept.unopened()
    if waiting > sealed:
        more = waiting - sealed
        yield f"{more} records wait: they go in when the database answers a web process."
    if sealed:
        yield (
            f"{sealed} records were sealed by another DATA_KEY: set that one and start the web "
            "processes again, or, if it is lost for good, move their files away."
        )
    aside = kept.put_aside()
    if torn := aside.get(spool.DAMAGED):
        yield (
            f"{torn} records in spool/{spool.DAMAGED} could not be opened: start the web processes "
            "again with the DATA_KEY of their time; what remains then is torn, move it away."
        )
    if refused := aside.get(spool.REFUSED):
        yield (
            f"{refused} records in spool/{spool.REFUSED} could not be performed: mend what the log "
            "says of them, and rename the file to spool/again.spool."
        )


def _alive(name: str, command: str) -> None:
    if not heartbeats.is_alive(name):
        raise Finding(f"it was not heard of lately: start `{command}`.")
