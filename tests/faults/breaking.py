"""What can break, and how it comes back. Each is a block in which it is broken."""

import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Final

import psutil

from carrier.transport import Answer, Timeouts, Transport, Unreachable
from commands.processes import WEB_PROCESSES
from tests.faults.stack import fill
from tests.faults.trial import Trial
from tests.patience import eventually
from tests.test_gate import HALF_SENT, HELD, held, is_closed

Fault = Callable[[Trial], AbstractContextManager[None]]

READ_ONLY: Final = "ALTER DATABASE centrala SET default_transaction_read_only = {}"
END_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
GROWING: Final = ("calls", "turns", "tickets")
DATABASE_CRASHES: Final = 4
WEB_KILLS: Final = 6
KILLED_AFTER: Final = 20
# Granian gives up when the same process dies twice within this time, and is started anew.
CRASH_LOOP_SECONDS: Final = 6.0
LOST_SHARE: Final = 0.3


@contextmanager
def nothing(_trial: Trial) -> Iterator[None]:
    """All is as it should be: what is tried is in the stack."""
    yield


# The database --------------------------------------------------------------------------------


@contextmanager
def database_stopped(trial: Trial) -> Iterator[None]:
    trial.stack.postgres.stops()
    yield
    trial.stack.postgres.starts()


@contextmanager
def database_paused(trial: Trial) -> Iterator[None]:
    with trial.stack.postgres.paused():
        yield


@contextmanager
def database_killed(trial: Trial) -> Iterator[None]:
    trial.stack.postgres.is_killed()
    yield
    trial.stack.postgres.starts()


@contextmanager
def database_crashes(trial: Trial) -> Iterator[None]:
    """Again and again, as soon as it serves."""
    for _ in range(DATABASE_CRASHES):
        trial.stack.postgres.crashes()
        trial.fleet.goes_on(KILLED_AFTER)
    yield


@contextmanager
def database_read_only(trial: Trial) -> Iterator[None]:
    trial.stack.does(READ_ONLY.format("on"), END_OTHERS)
    yield
    trial.stack.does("SET default_transaction_read_only = off", READ_ONLY.format("off"), END_OTHERS)


@contextmanager
def disk_full(trial: Trial) -> Iterator[None]:
    """No room for rows, and soon none for the log of writes: then PostgreSQL ends itself."""
    assert trial.stack.disk
    trial.stack.does(*(f"ALTER TABLE {table} SET (fillfactor = 10)" for table in GROWING))
    ballast = fill(trial.stack.disk)
    yield
    ballast.unlink()
    trial.stack.postgres.starts()


@contextmanager
def database_and_spool_away(trial: Trial) -> Iterator[None]:
    """The database hangs, and there is no room for what is kept meanwhile."""
    ballast = fill(trial.stack.home / "spool")
    with trial.stack.postgres.paused():
        yield
    ballast.unlink()


# The clock -----------------------------------------------------------------------------------


@contextmanager
def clock_set_back(trial: Trial) -> Iterator[None]:
    """By an hour, for every process of ours; then set right."""
    clock = trial.stack.folder / "clock"
    clock.write_text("-3600\n")
    yield
    clock.write_text("+0\n")


# The queue, and those who work for it ---------------------------------------------------------


@contextmanager
def redis_killed(trial: Trial) -> Iterator[None]:
    trial.stack.redis.is_killed()
    yield
    trial.stack.redis.starts()


@contextmanager
def redis_paused(trial: Trial) -> Iterator[None]:
    with trial.stack.redis.paused():
        yield


@contextmanager
def redis_back_empty(trial: Trial) -> Iterator[None]:
    trial.stack.redis.is_killed()
    yield
    shutil.rmtree(trial.stack.folder / "redis")
    trial.stack.redis.starts()


@contextmanager
def worker_killed_in_a_job(trial: Trial) -> Iterator[None]:
    """Twice: the carrier has taken an SMS, and who sent it dies before it hears so."""
    killed: list[int] = []

    def kill(path: str) -> None:
        if path.endswith("/Messages.json") and len(killed) < 2:
            worker = trial.stack.process("work")
            worker.kill()
            killed.append(worker.pid)

    trial.stack.carrier_did.append(kill)
    yield
    assert eventually(lambda: len(killed) == 2, 90)


@contextmanager
def scheduler_killed(trial: Trial) -> Iterator[None]:
    trial.stack.process("schedule").kill()
    trial.stack.process("work").kill()
    yield


# The web -------------------------------------------------------------------------------------


@contextmanager
def web_killed(trial: Trial) -> Iterator[None]:
    """The processes that answer, one by one, each in the middle of whatever it does."""
    for _ in range(WEB_KILLS):
        oldest = min(trial.stack.web_workers(), key=psutil.Process.create_time)
        oldest.kill()
        trial.fleet.goes_on(KILLED_AFTER)
        assert eventually(lambda: len(trial.stack.web_workers()) == WEB_PROCESSES, 30)
        time.sleep(CRASH_LOOP_SECONDS / WEB_PROCESSES)
    yield


@contextmanager
def web_killed_too_often(trial: Trial) -> Iterator[None]:
    """All that answer at once, and again as soon as there is one: their parent gives up."""
    for _ in range(2):
        for worker in trial.stack.web_workers():
            worker.kill()
        assert eventually(lambda: bool(trial.stack.web_workers()), 60)
    yield
    assert eventually(trial.stack.is_ready, 60)


@contextmanager
def web_paused(trial: Trial) -> Iterator[None]:
    """One of the processes that answer stands still for three seconds, three times."""
    for _ in range(3):
        worker = trial.stack.web_workers()[-1]
        worker.suspend()
        time.sleep(3)
        worker.resume()
        trial.fleet.goes_on(20)
    yield


@contextmanager
def half_sent_held(trial: Trial) -> Iterator[None]:
    """Strangers hold 500 sockets with half a request on each, and open another for each closed."""
    over = threading.Event()

    def hold(sent: list[bytes]) -> None:
        while not over.is_set():
            with held(trial.stack.port, sent, HELD // len(HALF_SENT)) as sockets:
                while not over.wait(0.5) and not all(is_closed(one) for one in sockets):
                    pass

    crowd = [threading.Thread(target=hold, args=[[sent]]) for sent in HALF_SENT.values()]
    for strangers in crowd:
        strangers.start()
    yield
    over.set()
    for strangers in crowd:
        strangers.join()


@contextmanager
def everything_killed(trial: Trial) -> Iterator[None]:
    """As when the power fails: all of ours, PostgreSQL and Redis, and then all starts again."""
    trial.stack.is_killed()
    trial.stack.postgres.is_killed()
    trial.stack.redis.is_killed()
    yield
    trial.stack.postgres.starts()
    trial.stack.redis.starts()
    trial.stack.starts()


# The wire ------------------------------------------------------------------------------------


@contextmanager
def callbacks_lost(trial: Trial) -> Iterator[None]:
    """The carrier loses first webhooks, statuses and recordings on their way to us."""
    mind = random.Random(trial.fleet.seed)

    def losing(there: Transport) -> Transport:
        def send(
            method: str, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
        ) -> Answer:
            may_be_lost = url.endswith(("/voice/status", "/voice/recording", "/voice/incoming"))
            if may_be_lost and mind.random() < LOST_SHARE:
                raise Unreachable("lost by the carrier")
            return there(method, url, headers, body, timeouts)

        return send

    with trial.stack.wire.treated(losing):
        yield


@contextmanager
def webhooks_doubled(trial: Trial) -> Iterator[None]:
    """Every second webhook comes again, up to a second later: behind others, or beside them."""
    mind = random.Random(trial.fleet.seed)

    def doubling(there: Transport) -> Transport:
        def send(
            method: str, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
        ) -> Answer:
            if method == "POST" and mind.random() < 0.5:
                trial.stack.network.clock.later(
                    mind.choice((0, mind.random())),
                    lambda: _again(there, method, url, headers, body, timeouts),
                )
            return there(method, url, headers, body, timeouts)

        return send

    with trial.stack.wire.treated(doubling):
        yield


def _again(there: Transport, *sent: object) -> None:
    with suppress(Exception):
        there(*sent)  # type: ignore[arg-type]


HOLDING: Final[Mapping[str, Fault]] = {
    "PostgreSQL stopped": database_stopped,
    "PostgreSQL paused (SIGSTOP)": database_paused,
    "PostgreSQL killed (-9)": database_killed,
    "PostgreSQL crashes, four times": database_crashes,
    "PostgreSQL read-only": database_read_only,
    "Redis killed (-9)": redis_killed,
    "Redis paused (SIGSTOP)": redis_paused,
    "Redis back empty": redis_back_empty,
    "worker killed (-9) in a job": worker_killed_in_a_job,
    "scheduler and worker killed (-9)": scheduler_killed,
    "web process paused (SIGSTOP)": web_paused,
    "500 half-sent requests held": half_sent_held,
    "webhooks doubled and late": webhooks_doubled,
}
BREAKING: Final[Mapping[str, Fault]] = {
    "web processes killed (-9)": web_killed,
    "web processes killed in a loop": web_killed_too_often,
    "everything killed (-9)": everything_killed,
    "callbacks lost by the carrier": callbacks_lost,
}
