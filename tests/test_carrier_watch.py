"""A carrier that does not do what it is asked is seen by those who run the line."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
from flask import Flask
from prometheus_client import REGISTRY

import app
from callcenter import telephony
from carrier.network import Network
from carrier.process import running
from commands import carrier_watch
from config import Settings
from tests.test_commands import answering


def carrier_of(line: Flask) -> str:
    answer = line.test_client().get("/readyz")
    assert answer.json
    return str(answer.json["parts"]["carrier"])


def counted(answer: str) -> float:
    labels = {"method": "GET", "answer": answer}
    return REGISTRY.get_sample_value("centrala_carrier_requests_total", labels) or 0.0


@pytest.mark.parametrize(
    ("status", "body", "word", "sentence"),
    [
        (429, "{}", "busy", "asked too much (429)"),
        (500, "{}", "failing", "fault of its own (500)"),
        (503, "{}", "failing", "fault of its own (503)"),
        (401, "{}", "refused", "refuses our sign-in (401)"),
        (200, "<html>", "stranger", "is not the carrier"),
        (None, "", "away", "did not answer"),
    ],
)
def test_a_carrier_that_does_not_do_what_it_is_asked(
    line: Flask,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int | None,
    body: str,
    word: str,
    sentence: str,
) -> None:
    monkeypatch.setattr(telephony, "BACK_OFF_S", ())
    before = counted(word)
    nowhere = nullcontext("http://127.0.0.1:1")
    with nowhere if status is None else answering(body, status) as base:
        app.bind_telephony(replace(settings, twilio_api_base=base))
        carrier_watch.ask(settings, webhooks_too=False)
    assert carrier_of(line) == word
    assert sentence in caplog.text
    assert counted(word) == before + 1


def test_the_webhooks_of_our_number_are_looked_at(
    line: Flask, settings: Settings, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    with running(network) as base:
        app.bind_telephony(replace(settings, twilio_api_base=base))
        carrier_watch.ask(settings, webhooks_too=True)
        assert carrier_of(line) == "ok"
        assert not caplog.records
        network.main.voice_url = "https://elsewhere.example.org/voice"
        carrier_watch.ask(settings, webhooks_too=True)
    assert f"set it to {settings.public_url}/voice/incoming" in caplog.text
    assert carrier_of(line) == "ok"
