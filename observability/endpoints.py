"""The endpoints for operators: liveness, readiness and metrics."""

import hmac
import logging
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from callcenter.announcements.board import board
from callcenter.monitoring import figures, readiness
from callcenter.monitoring.figures import Figures
from callcenter.offline import heartbeats
from callcenter.offline.spool import spool
from models.session import circuit, transaction
from observability import metering
from serving import clients

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
FIGURES_SECONDS = 5.0

_requests = Counter(
    "centrala_requests", "Requests answered, by endpoint and status.", ["endpoint", "status"]
)
_seconds = Histogram(
    "centrala_request_seconds",
    "Time to answer a request, by endpoint.",
    ["endpoint"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15),
)


def create(token: str | None = None) -> Blueprint:
    """`/healthz` for everybody; `/readyz` and `/metrics` for this machine and with `token`."""
    pages = Blueprint("operation", __name__)
    line = LineCollector()

    @pages.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @pages.get("/readyz")
    def readyz() -> Response:
        """Always 200, whatever is missing: a process that can answer this can answer calls."""
        _insist(token)
        states = readiness.look()
        waiting = spool().size()
        whole = all(state == "ok" for state in states.values())
        return jsonify(
            status="ok" if whole else "degraded",
            parts=states,
            spool={"records": waiting.records, "bytes": waiting.bytes},
        )

    @pages.get("/metrics")
    def metrics() -> Response:
        _insist(token)
        written = generate_latest(_registry(line))
        return Response(written, content_type=CONTENT_TYPE_LATEST)

    return pages


def _insist(token: str | None) -> None:
    """Admit this machine and holders of the token. Raises Unauthorized for all others."""
    given = request.authorization
    shown = given.token or "" if given and given.type == "bearer" else ""
    if token and hmac.compare_digest(shown.encode(), token.encode()):
        return
    if not clients.is_of_this_machine(request.environ):
        raise Unauthorized(
            "Ask from the machine itself, or send METRICS_TOKEN: Authorization: Bearer …",
            www_authenticate=WWWAuthenticate("bearer", {"realm": "centrala"}),
        )


def _registry(line: "LineCollector") -> CollectorRegistry:
    """The metrics of all processes that share the folder, else of this one; plus the line's."""
    registry = CollectorRegistry()
    registry.register(line)
    if metering.is_shared():
        _Readable(registry)
    else:
        registry.register(_Everything())
    return registry


class _Readable(MultiProcessCollector):
    """The counts of all processes, without files that a crash or a full disk damaged."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)  # type: ignore[no-untyped-call]

    def collect(self) -> list[Metric]:
        try:
            return list(super().collect())  # type: ignore[no-untyped-call]
        except Exception:  # the library raises all kinds of exceptions
            found = sorted(Path(os.environ[metering.FOLDER]).glob("*.db"))
            whole = [str(path) for path in found if _is_whole(path)]
            return list(self.merge(whole, accumulate=True))  # type: ignore[no-untyped-call]


def _is_whole(path: Path) -> bool:
    try:
        MultiProcessCollector.merge([str(path)])  # type: ignore[no-untyped-call]
    except Exception as fault:
        if path.exists() and path.stat().st_size:  # else it was just created or removed
            _tell_of_damage(path, type(fault).__name__)
        return False
    return True


@cache
def _tell_of_damage(path: Path, why: str) -> None:
    """Log a damaged file once a process: metrics are requested every few seconds."""
    log.warning("counters are damaged and are left out: %s (%s)", path, why)


class _Everything(Collector):
    """The counts of this process."""

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()


class LineCollector(Collector):
    """Metrics computed on request: rows, jobs, the spool, the board, the circuit breaker."""

    def __init__(self) -> None:
        self._figures = Figures()
        self._counted: float | None = None

    def collect(self) -> Iterator[Metric]:
        yield from _of_the_machine()
        yield from _of_the_rows(self._known())

    def _known(self) -> Figures:
        """The figures; the last known ones while the database is away."""
        now = time.monotonic()
        if not circuit.is_open and (self._counted is None or now - self._counted > FIGURES_SECONDS):
            try:
                with transaction(PATIENCE_SECONDS) as session:
                    self._figures = figures.count(session, datetime.now(UTC))
                self._counted = now
            except SQLAlchemyError:
                pass
        return self._figures


def _of_the_machine() -> Iterator[Metric]:
    waiting, now = spool().size(), datetime.now(UTC)
    yield _gauge("spool_records", "Records that wait for the database.", waiting.records)
    yield _gauge("spool_bytes", "Bytes of these records.", waiting.bytes)
    yield _gauge("database_circuit_open", "1 while calls go on without it.", circuit.is_open)
    on = board().on_now(now)
    yield _gauge("announcements_on", "Announcements that callers hear now.", len(on))
    if (age := board().age_s()) is not None:
        yield _gauge("board_age_seconds", "Since the board was last compared with the rows.", age)
    for name in ("worker", "scheduler"):
        alive = heartbeats.is_alive(name)
        yield _gauge(f"{name}_alive", "1 while it was at work in the last half minute.", alive)


def _of_the_rows(known: Figures) -> Iterator[Metric]:
    for table, many in known.written.items():
        name = f"centrala_{table}_written"
        yield CounterMetricFamily(name, f"Rows ever added to {table}.", value=many)
    tickets = GaugeMetricFamily(
        "centrala_tickets_of_a_day", "Tickets of the last 24 hours.", labels=["outcome"]
    )
    for outcome, many in known.outcomes.items():
        tickets.add_metric([outcome], many)
    yield tickets
    refused = GaugeMetricFamily(
        "centrala_outgoing_refused_today",
        "Calls and SMS refused by the rule against toll fraud since midnight in Warsaw.",
        labels=["service", "reason"],
    )
    for labels, many in known.refused.items():
        refused.add_metric([*labels], many)
    yield refused
    yield _gauge("calls_up", "Calls that are not over.", known.calls_up)
    yield _gauge("jobs_waiting", "Jobs that are not done.", known.jobs_waiting)
    yield _gauge(
        "jobs_failed", "Of these, jobs that failed and are tried again.", known.jobs_failed
    )


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"centrala_{name}", what, value=float(value))


def measure(app: Flask) -> None:
    """Count and time every request of `app`."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        if "began" in g:
            took = time.perf_counter() - g.began
            count(request.endpoint or "none", response.status_code, took)
        return response


def count(endpoint: str, status: int, took_s: float) -> None:
    """Count an answered request and its time. A full disk must not stop the answer."""
    try:
        answered, seconds = counters(endpoint, status)
        answered.inc()
        seconds.observe(took_s)
    except OSError:
        log.exception("a request was not counted")


@cache
def counters(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    """The counters of one endpoint and status, cached: looking them up costs more than counting."""
    return _requests.labels(endpoint, status), _seconds.labels(endpoint)
