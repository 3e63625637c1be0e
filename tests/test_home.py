import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from installation.home import Home, HomeError

USE_AND_DIE = """
import os, sys
from pathlib import Path
from installation.home import Home
with Home(Path(sys.argv[1])).servers():
    print("up", flush=True)
    sys.stdin.read()
"""


USE_AND_FORK = """
import multiprocessing, sys, time
from pathlib import Path
from installation.home import Home
with Home(Path(sys.argv[1])).servers():
    forked = multiprocessing.get_context("fork").Process(target=time.sleep, args=[60])
    forked.start()
    print(forked.pid, flush=True)
    sys.stdin.read()
"""


def put(home: Home, value: str) -> None:
    with psycopg.connect(home.database_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])
    with redis.Redis.from_url(home.redis_url) as client:
        client.rpush("kept", value)


def kept(home: Home) -> tuple[list[str], list[str]]:
    with psycopg.connect(home.database_url.replace("+psycopg", "")) as connection:
        rows = [str(row[0]) for row in connection.execute("SELECT value FROM kept")]
    with redis.Redis.from_url(home.redis_url) as client:
        return rows, [value.decode() for value in client.lrange("kept", 0, -1)]


def servers_of(home: Home) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(home.path) in part for part in process.info["cmdline"] or [])
        and process.info["cmdline"][0].endswith(("postgres", "valkey-server"))
    ]


@contextmanager
def dies_in(home: Home, program: str = USE_AND_DIE) -> Iterator[str]:
    """What somebody says who works in the home, and is killed in the end."""
    user = subprocess.Popen(
        [sys.executable, "-c", program, str(home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with user:
        assert user.stdout
        yield user.stdout.readline()
        user.kill()


def test_the_next_start_finds_all_data(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.servers():
        put(home, "zażółć")
    assert not servers_of(home)
    with home.servers():
        assert kept(home) == (["zażółć"], ["zażółć"])


def test_the_last_to_leave_stops_the_servers(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.servers():
        put(home, "first")
        with Home(tmp_path / "home").servers():
            put(home, "second")
        put(home, "third")
    assert not servers_of(home)


def test_a_start_after_everything_was_killed(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with dies_in(home):
        put(home, "before")
        time.sleep(1.1)  # what Redis appends is on disk after a second at most
        for process in servers_of(home):
            process.kill()
    # The number that the dead PostgreSQL left behind now belongs to somebody who lives.
    left = home.path / "postgres" / "postmaster.pid"
    left.write_text(left.read_text().replace(left.read_text().split()[0], str(os.getpid()), 1))
    with home.servers():
        assert kept(home) == (["before"], ["before"])


def test_a_start_while_parts_of_a_killed_server_live_on(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with dies_in(home):
        put(home, "before")
        time.sleep(1.1)  # what Redis appends is on disk after a second at most
        found = [one for one in servers_of(home) if one.name() == "postgres"]
        postmaster = min(found, key=psutil.Process.create_time)
        busy = postmaster.children()[0]
        busy.suspend()
        for process in servers_of(home):
            process.kill()
    try:
        with home.servers():
            assert kept(home) == (["before"], ["before"])
        assert not busy.is_running()
    finally:
        if busy.is_running():
            busy.kill()


def test_what_a_killed_user_forked_counts_no_more(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with dies_in(home, USE_AND_FORK) as said:
        forked = psutil.Process(int(said))
    try:
        with home.servers():
            assert servers_of(home)
        assert forked.is_running()
        assert not servers_of(home)
    finally:
        forked.kill()


def test_a_killed_user_counts_no_more(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with dies_in(home):
        pass
    with home.servers():
        put(home, "served by what was left running")
    assert not servers_of(home)


def test_a_home_may_lie_deep_and_behind_closed_folders(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = Home(closed / ("long, long and with spaces " * 5) / "home")
    with home.servers():
        put(home, "deep")
        assert kept(home) == (["deep"], ["deep"])
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert not home.is_demo
    token = home.secret("TWILIO_AUTH_TOKEN")
    assert Home(tmp_path / "home").secret("TWILIO_AUTH_TOKEN") == token
    assert home.secret("SECRET_KEY") != token
    assert stat.S_IMODE((home.path / "secrets.json").stat().st_mode) == 0o600


def test_a_home_that_cannot_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(HomeError, match="cannot be used"), Home(tmp_path / "file").servers():
        pass


LOST = ("", "-5\n", "9" * 30, "\xff\n")


def programs_of(home: Home) -> list[tuple[int, str]]:
    """Those that serve, without what they forked."""
    servers = servers_of(home)
    return sorted((one.pid, one.name()) for one in servers if one.parent() not in servers)


def note(file: Path, written: str | None) -> None:
    """Damage what a server wrote down; None: a folder stands in its place."""
    if written is None:
        file.unlink()
        file.mkdir()
    else:
        file.write_text(written, "latin-1")


@pytest.mark.parametrize("written", [*LOST, None], ids=repr)
@pytest.mark.parametrize("file", ["postgres/postmaster.pid", "redis/valkey.pid"])
def test_a_server_that_lost_its_number_is_used(
    tmp_path: Path, file: str, written: str | None
) -> None:
    home = Home(tmp_path / "home")
    with home.servers(durable=False):
        put(home, "before")
        before = programs_of(home)
        with psycopg.connect(home.database_url.replace("+psycopg", "")) as connected:
            note(home.path / file, written)
            with Home(tmp_path / "home").servers(durable=False):
                assert programs_of(home) == before
                assert kept(home) == (["before"], ["before"])
            connected.execute("SELECT 1")
    assert not servers_of(home)


def test_a_postgres_that_lost_its_number_is_given_it_back(tmp_path: Path) -> None:
    """It ends by itself within a minute where the file names another, or none."""
    home = Home(tmp_path / "home")
    file = home.path / "postgres" / "postmaster.pid"
    with home.servers(redis=False, durable=False):
        ((postmaster, _),) = programs_of(home)
        file.unlink()
        with home.servers(redis=False, durable=False):
            assert file.read_text().split()[0] == str(postmaster)
            assert file.stat().st_uid == file.parent.stat().st_uid
    assert not file.exists()


def test_a_home_has_one_set_of_servers_however_it_is_spelled(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (tmp_path / "link").symlink_to(tmp_path)
    with home.servers(durable=False):
        before = programs_of(home)
        with Home(tmp_path / "link" / "home").servers(durable=False):
            assert programs_of(home) == before
    assert not servers_of(home)


def test_a_folder_where_a_number_belongs_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.servers(durable=False):
        pass
    (home.path / "postgres" / "postmaster.pid").mkdir()
    with pytest.raises(HomeError, match=r"postmaster\.pid"), home.servers(durable=False):
        pass
    assert not servers_of(home)


def test_a_log_with_a_foreign_byte_hides_no_fault(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.servers(redis=False, durable=False):
        pass
    (home.path / "logs" / "postgres.log").write_bytes(b"caf\xe9\n")
    (home.path / "postgres" / "PG_VERSION").write_text("9.6\n")
    told = r"PostgreSQL does not start: .*FATAL: .*incompatible"
    with pytest.raises(HomeError, match=told), home.servers(redis=False, durable=False):
        pass


FORBIDDEN = [
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO '/tmp/written-by-sql'",
    "CREATE TEMP TABLE taken (line text); COPY taken FROM '/etc/passwd'",
    "CREATE TEMP TABLE taken (line text); COPY taken FROM PROGRAM 'id'",
    "SELECT lo_import('/etc/passwd')",
    "CREATE ROLE another LOGIN SUPERUSER",
    "CREATE DATABASE another",
    "ALTER ROLE centrala SUPERUSER",
    "ALTER SYSTEM SET archive_command = 'id'",
    "CREATE EXTENSION file_fdw",
    "CREATE FUNCTION c() RETURNS int LANGUAGE c AS '/lib/libc.so.6', 'getpid'",
    "SET ROLE postgres",
]


def test_the_application_is_an_ordinary_role_of_its_database(server_home: Home) -> None:
    url = server_home.database_url.replace("+psycopg", "")
    for sentence in FORBIDDEN:
        with (
            psycopg.connect(url, autocommit=True) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(sentence)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another account")
def test_root_starts_no_server_as_root(server_home: Home) -> None:
    servers = servers_of(server_home)
    assert {server.name() for server in servers} >= {"postgres", "valkey-server"}
    for server in servers:
        status = Path(f"/proc/{server.pid}/status").read_text()
        assert 0 not in server.uids()
        assert "CapEff:\t0000000000000004" in status  # CAP_DAC_READ_SEARCH
        assert "CapBnd:\t0000000000000004" in status


def test_what_an_older_release_made_as_superuser_is_handed_over(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    superuser = home.superuser_url.replace("+psycopg", "")
    with home.servers(redis=False), psycopg.connect(superuser) as connection:
        connection.execute("ALTER SCHEMA public OWNER TO postgres")
        connection.execute("CREATE TABLE old (id bigint GENERATED ALWAYS AS IDENTITY, value text)")
        connection.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    with home.servers(redis=False):
        url = home.database_url.replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute("INSERT INTO old (value) VALUES ('kept')")
            connection.execute("ALTER TABLE old ADD COLUMN new text")
            connection.execute("DROP FUNCTION one()")
