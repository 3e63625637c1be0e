import io
import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from callcenter.offline import heartbeats
from config import Settings
from observability import logs


@contextmanager
def serving(settings: Settings) -> Iterator[Flask]:
    made = create_app(replace(settings, serve="voice"))
    yield made
    made.extensions["database"].dispose()


def test_each_part_is_told_by_name(line: Flask) -> None:
    for name in ("worker", "scheduler"):
        heartbeats.beat(name)
    answer = line.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json
    assert answer.json["status"] == "ok", answer.json
    assert set(answer.json["parts"]) == {
        *("database", "redis", "spool", "worker", "scheduler", "jobs", "carrier", "board", "disk")
    }
    assert line.test_client().get("/healthz").status_code == 200


def test_a_part_that_is_away_is_told_and_calls_go_on(settings: Settings) -> None:
    nowhere = "postgresql+psycopg://desk@127.0.0.1:1/centrala"
    with serving(replace(settings, database_url=nowhere, redis_url="redis://127.0.0.1:1")) as app:
        answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json
    assert answer.json["status"] == "degraded"
    parts = answer.json["parts"]
    assert (parts["database"], parts["redis"]) == ("away", "away")


def test_a_part_that_hangs_does_not_hang_us(settings: Settings, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / ".s.PGSQL.5432"))
        silent.listen()
        hung = f"postgresql+psycopg://postgres@/centrala?host={tmp_path}&port=5432"
        began = time.monotonic()
        with serving(replace(settings, database_url=hung)) as app:
            answer = app.test_client().get("/readyz")
    assert answer.json
    parts = answer.json["parts"]
    assert (parts["database"], parts["redis"]) == ("hangs", "ok")
    assert time.monotonic() - began < 10


def test_requests_are_counted(line: Flask) -> None:
    client = line.test_client()
    client.get("/healthz")
    client.post("/voice/incoming")
    counted = client.get("/metrics").text
    assert 'centrala_requests_total{endpoint="voice.refused",status="403"}' in counted
    assert 'centrala_requests_total{endpoint="operation.healthz",status="200"}' in counted
    assert 'centrala_request_seconds_bucket{endpoint="operation.healthz"' in counted
    for name in ("spool_records", "jobs_waiting", "database_circuit_open", "announcements_on"):
        assert f"centrala_{name} 0.0" in counted


COUNT = """
from prometheus_client import Counter
Counter("centrala_requests", "Requests.", ["endpoint", "status"]).labels("torn", 200).inc(7)
"""


def test_damaged_counters_are_left_out_and_told_once(
    line: Flask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    subprocess.run([sys.executable, "-c", COUNT], check=True)
    (whole,) = tmp_path.glob("counter_*.db")
    written = whole.read_bytes()
    (tmp_path / "counter_1.db").write_bytes(written[:40])
    (tmp_path / "counter_2.db").write_bytes(written[:24] + bytes(len(written) - 24))
    (tmp_path / "histogram_3.db").write_bytes(b"not counters")
    (tmp_path / "counter_4.db").touch()
    for _ in range(2):
        told = line.test_client().get("/metrics")
        assert told.status_code == 200
        assert 'centrala_requests_total{endpoint="torn",status="200"} 7.0' in told.text
        assert "centrala_spool_records 0.0" in told.text
    damaged = [record.getMessage() for record in caplog.records if "damaged" in record.msg]
    assert [Path(said.split()[-2]).name for said in damaged] == [
        "counter_1.db",
        "counter_2.db",
        "histogram_3.db",
    ]


def test_a_folder_of_counters_that_was_removed_comes_back(
    line: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "metrics"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    told = line.test_client().get("/metrics")
    assert (told.status_code, folder.is_dir()) == (200, True)
    folder.rmdir()
    folder.touch()
    told = line.test_client().get("/metrics")
    assert told.status_code == 200
    assert "centrala_spool_records 0.0" in told.text


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("a call from +48501234567 began", "a call from ••• began"),
        ("PESEL 44051401359 is taken", "PESEL ••• is taken"),
        ("sip:jan@example.org rang", "••• rang"),
        ("ticket 17 of call CA00112233445566778899aabbccddeeff", None),
        ("at 2026-11-23 06:44:36 it took 1234 ms", None),
    ],
)
def test_logs_hold_nothing_personal(said: str, written: str | None) -> None:
    assert logs.masked(said) == (written or said)


def test_a_line_for_machines_names_the_call(written: io.StringIO) -> None:
    with logs.speaking_of("CA1"):
        logging.getLogger("ivr").warning("%s found", "+48501234567")
    logging.getLogger("ivr").warning("%s lost", "+48501234567")
    found, lost = map(json.loads, written.getvalue().splitlines())
    assert (found["call_sid"], found["level"]) == ("CA1", "warning")
    assert lost["message"] == "••• lost"
    assert "call_sid" not in lost


def test_it_names_no_call_that_a_stranger_made_up(line: Flask, written: io.StringIO) -> None:
    line.test_client().post("/voice/status", data={"CallSid": "CA1", "From": "+48501234567"})
    (refused,) = map(json.loads, written.getvalue().splitlines())
    assert refused["level"] == "warning"
    assert "call_sid" not in refused


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What machines read of what is logged."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Structured())
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


TOKEN = "a-token-of-the-monitoring"
PROXIED = ({"X-Forwarded-For": "192.0.2.1"}, {"Forwarded": "for=192.0.2.1"}, {"Via": "1.1 proxy"})


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_this_machine_is_told_to_nobody_else(settings: Settings, path: str) -> None:
    with serving(replace(settings, metrics_token=TOKEN)) as app:
        client = app.test_client()

        def status(address: str = "127.0.0.1", **headers: str) -> int:
            around = {"REMOTE_ADDR": address}
            return client.get(path, headers=headers, environ_base=around).status_code

        assert [status(here) for here in ("127.0.0.1", "::1", "::ffff:127.0.0.1")] == [200] * 3
        assert [status(there) for there in ("192.0.2.1", "2001:db8::1", "")] == [401] * 3
        assert [status(**header) for header in PROXIED] == [401] * 3
        assert status("192.0.2.1", Authorization=f"Bearer {TOKEN}") == 200
        assert status("192.0.2.1", Authorization="Bearer another") == 401
        assert status("192.0.2.1", Authorization=f"Basic {TOKEN}") == 401
        assert client.get("/healthz", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200
    with serving(settings) as app:
        there = {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer "}
        assert app.test_client().get(path, environ_base=there).status_code == 401


def test_figures_are_told_under_names_of_this_machine_only(line: Flask) -> None:
    """Another site can lead a name of its own here; its page would read what is answered."""
    client = line.test_client()
    for here in ("http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"):
        assert client.get("/metrics", base_url=here).status_code == 200, here
    for elsewhere in (
        "http://rebound.example.net",
        "http://localhost.example.net",
        "http://10.0.0.1",
    ):
        for path in ("/metrics", "/readyz"):
            assert client.get(path, base_url=elsewhere).status_code == 401, (elsewhere, path)
