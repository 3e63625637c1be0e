"""What those who run the line ask of it: is it alive, is each part there, how much does it do."""

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from functools import cache

import redis
from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

PATIENCE_SECONDS = 1.0

Check = Callable[[], None]

_requests = Counter(
    "centrala_requests", "Requests answered, by endpoint and status.", ["endpoint", "status"]
)
_seconds = Histogram(
    "centrala_request_seconds",
    "Time to answer a request, by endpoint.",
    ["endpoint"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15),
)


def create(database_url: str, redis_url: str) -> Blueprint:
    """`/healthz`, `/readyz` and `/metrics`."""
    pages = Blueprint("operation", __name__)
    checks = {"database": _database(database_url), "redis": _redis(redis_url)}
    pool = ThreadPoolExecutor(len(checks) * 2, thread_name_prefix="ready")

    @pages.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @pages.get("/readyz")
    def readyz() -> Response:
        """200 whatever is missing: a process that can say so can answer calls."""
        parts = _parts(checks, pool)
        whole = all(state == "ok" for state in parts.values())
        return jsonify(status="ok" if whole else "degraded", parts=parts)

    @pages.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)

    return pages


def _parts(checks: Mapping[str, Check], pool: ThreadPoolExecutor) -> dict[str, str]:
    """Each part's state in a word. A part that hangs costs no more than our patience."""
    asked = {name: pool.submit(check) for name, check in checks.items()}
    until = time.monotonic() + PATIENCE_SECONDS
    return {name: _state(answer, until) for name, answer in asked.items()}


def _state(answer: Future[None], until: float) -> str:
    try:
        answer.result(max(0.0, until - time.monotonic()))
    except TooSlow:
        answer.cancel()
        return "hangs"
    except (SQLAlchemyError, redis.RedisError, OSError):
        return "away"
    return "ok"


def _database(url: str) -> Check:
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 2})

    def check() -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    return check


def _redis(url: str) -> Check:
    def check() -> None:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()

    return check


def _registry() -> CollectorRegistry:
    """Of all processes where they share a folder, else of this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def measure(app: Flask) -> None:
    """Count and time every request of `app`."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        answered, took = counters(endpoint, response.status_code)
        answered.inc()
        if "began" in g:
            took.observe(time.perf_counter() - g.began)
        return response


@cache
def counters(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    """Those of one endpoint and status: to look them up costs more than to count."""
    return _requests.labels(endpoint, status), _seconds.labels(endpoint)
