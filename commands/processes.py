"""The processes of the Procfile. Each stops at SIGTERM, and each can be started by itself."""

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callcenter.offline.log_throttle import LogThrottle
from commands import environment, output
from config import Settings
from observability import logs

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger(__name__)
throttled = LogThrottle(log)

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is ours alone
WEB_PROCESSES = 2
MOST_CONNECTIONS = 8192
OTHER_FILES = 256
BACKLOG = 2048
SWEEP_SECONDS = 5.0
LOOK_SECONDS = 1.0
OFFER_SECONDS = 0.5
QUEUE_AWAY_SECONDS = 4.0
BEAT_SECONDS = 5.0


@click.command()
def web() -> None:
    """Serve the line and the console."""
    output.ignore_faults()
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server import Server

    from serving.gate import HEAD_SECONDS

    settings = Settings.read(os.environ)
    _share_metrics(settings)
    with environment.servers():
        Server(
            "app:gate_from_environment",
            factory=True,
            address=settings.bind,
            port=settings.port,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=WEB_PROCESSES,
            backlog=BACKLOG,
            backpressure=_connections(),
            http1_settings=HTTP1Settings(header_read_timeout=int(HEAD_SECONDS * 1000)),
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=3,
        ).serve()


def _connections() -> int:
    """How many connections a process may hold. Each is a file; half-sent requests are many."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(allowed - OTHER_FILES, OTHER_FILES)


def _share_metrics(settings: Settings) -> None:
    """Let all processes count together; call this before the first counter is created.

    The counts of dead processes are deleted. In a container an old process may have had our pid.
    """
    import psutil

    folder = metrics_folder(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        counted_by = old.stem.rpartition("_")[2]
        is_ours = counted_by == str(os.getpid())
        if is_ours or not counted_by.isdecimal() or not psutil.pid_exists(int(counted_by)):
            old.unlink(missing_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def metrics_folder(settings: Settings) -> Path:
    """The folder of the shared counters.

    It is in memory: counters are mapped files, and a full disk under one would kill its process. A
    demo leaves nothing outside its home.
    """
    if settings.demo or not os.access(MEMORY, os.W_OK):
        return settings.home / "metrics"
    home = sha256(str(settings.home.resolve()).encode()).hexdigest()[:16]
    folder = MEMORY / f"centrala-{os.getuid()}-{home}"
    # Anybody can create a folder there; one of another user is not used.
    is_anothers = folder.exists() and folder.stat().st_uid != os.getuid()
    return settings.home / "metrics" if is_anothers else folder


@click.command()
def work() -> None:
    """Perform jobs, such as sending SMS and fetching recordings."""
    output.ignore_faults()
    from rq import SimpleWorker

    logs.to_stderr()
    settings = Settings.read(os.environ)
    _share_metrics(settings)
    import app
    from callcenter.outbox import outbox

    with environment.servers():
        app.bind(settings)
        app.bind_telephony(settings)
        queue = outbox.bind(settings.redis_url)
        threading.Thread(target=_beat, args=["worker"], daemon=True).start()
        _await_redis(queue.connection)
        SimpleWorker([queue], connection=queue.connection).work(logging_level="WARNING")


def _beat(name: str) -> None:
    from callcenter.offline import heartbeats

    while True:
        heartbeats.beat(name)
        time.sleep(BEAT_SECONDS)


def _await_redis(connection: "Redis") -> None:
    """Wait for Redis: a worker registers there, and would end if it cannot."""
    from redis import RedisError

    while True:
        try:
            connection.ping()
        except RedisError as fault:
            log.warning("the queue is away: %s", type(fault).__name__)
            time.sleep(1)
        else:
            return


@click.command()
def schedule() -> None:
    """Send due jobs to the queue every few seconds; after an outage, place the callbacks."""
    output.ignore_faults()
    logs.to_stderr()
    settings = Settings.read(os.environ)
    _share_metrics(settings)
    import app
    from commands import carrier_watch

    stop = threading.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stop.set())
    with environment.servers():
        app.bind(settings)
        app.bind_telephony(settings)
        threading.Thread(
            target=carrier_watch.watch_until, args=[stop, settings], daemon=True
        ).start()
        threading.Thread(target=_offer_calls_until, args=[stop], daemon=True).start()
        threading.Thread(target=_see_to_conversations_until, args=[stop], daemon=True).start()
        _tick_until(stop, settings)


def _offer_calls_until(stop: threading.Event) -> None:
    """Offer calls. It has a thread of its own, so that nothing slow delays a caller."""
    from sqlalchemy.exc import SQLAlchemyError

    from callcenter import background, jobs

    while not stop.wait(OFFER_SECONDS):
        background.offer_calls()
        try:
            jobs.follow_up_presence()
        except SQLAlchemyError as fault:
            throttled.warning("nobody looks after the desk", fault)


def _see_to_conversations_until(stop: threading.Event) -> None:
    """Perform urgent jobs. It has a thread of its own, because the carrier is asked here."""
    from sqlalchemy.exc import SQLAlchemyError

    from callcenter import jobs

    while not stop.wait(OFFER_SECONDS):
        try:
            jobs.do_urgent()
        except SQLAlchemyError as fault:
            throttled.warning("nobody sees to the talks", fault)


def _tick_until(stop: threading.Event, settings: Settings) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from callcenter import jobs
    from callcenter.offline import heartbeats
    from callcenter.outbox import outbox

    calls_a_second = settings.callbacks_per_second
    swept = time.monotonic()
    reached = time.monotonic()
    written = time.monotonic()
    pause = LOOK_SECONDS
    has_noted_key = False
    while not stop.wait(pause):
        heartbeats.beat("scheduler")
        if outbox.is_reachable():
            reached = time.monotonic()
        if time.monotonic() - written >= SWEEP_SECONDS:
            written = time.monotonic()
            _write_fallback(settings)
        try:
            if time.monotonic() - reached >= QUEUE_AWAY_SECONDS:
                jobs.do_without_queue()
            called = jobs.call_back(calls_a_second)
            pause = min(1 / calls_a_second, LOOK_SECONDS) if called else LOOK_SECONDS
            if time.monotonic() - swept >= SWEEP_SECONDS:
                swept = time.monotonic()
                has_noted_key = has_noted_key or _note_key()
                _note_secret_key(settings)
                jobs.sweep()
                jobs.follow_up_calls()
        except SQLAlchemyError as fault:
            throttled.warning("the database gives no jobs", fault)


def _note_secret_key(settings: Settings) -> None:
    from callcenter.privacy import secret_key
    from models.session import transaction

    with transaction() as session:
        if not secret_key.note(session, settings.secret_key, datetime.now(UTC)):
            throttled.error(secret_key.ANOTHER)


def _note_key() -> bool:
    """Register the DATA_KEY. Another key is logged once, where operators look; calls go on."""
    from callcenter.privacy import data_key
    from models.session import transaction

    with transaction() as session:
        if not data_key.note(session, datetime.now(UTC)):
            log.error("%s", data_key.ANOTHER)
    return True


def _write_fallback(settings: Settings) -> None:
    """Write the document for the carrier's fallback address from the current board."""
    from sqlalchemy.exc import SQLAlchemyError

    from callcenter import background
    from commands import fallback

    with suppress(SQLAlchemyError):  # without the database the board's file is used as it is
        background.refresh_board()
    try:
        fallback.write(settings.home / fallback.NAME, settings)
    except OSError as fault:
        log.warning("the fallback document could not be written: %s", fault)


@click.command()
def carrier() -> None:
    """The demo's telephone network."""
    output.ignore_faults()
    from carrier import process

    process.serve(Settings.read(os.environ))
