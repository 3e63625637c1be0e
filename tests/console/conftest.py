"""Browsers at the desk: one without JavaScript for most tests, Chromium for what people see."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Thread
from typing import Any, Literal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app import create_app
from callcenter.offline import heartbeats
from config import Settings
from models.session import transaction
from tests.conftest import PUBLIC_URL
from tests.console import scenes

CHROMIUM = "/usr/bin/chromium"
# A machine that runs two browsers and two lines at once may be slow; what must be soon says so.
expect.set_options(timeout=20_000)

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Desk:
    """A browser at the desk: it sends forms as a page of ours would."""

    client: FlaskClient
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=PUBLIC_URL, headers=dict(self.headers))

    def post(self, path: str, fields: dict[str, Any], page: str = "/tickets") -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert token
        return self.post_bare(path, {**fields, "csrf_token": token[1]})

    def post_bare(self, path: str, fields: dict[str, Any]) -> TestResponse:
        headers = {"Referer": f"{PUBLIC_URL}/", **self.headers}
        return self.client.post(path, data=fields, base_url=PUBLIC_URL, headers=headers)

    def signs_in(self, login: str, password: str = scenes.PASSWORD, to: str = "/") -> TestResponse:
        return self.post(to, {"login": login, "password": password}, page="/")


@pytest.fixture(autouse=True)
def at_work(database: Engine) -> Iterator[None]:
    """Worker and scheduler live, as far as a page can tell."""
    over = Event()

    def beat() -> None:
        while not over.wait(heartbeats.SILENT_S / 3):
            heartbeats.beat("worker")
            heartbeats.beat("scheduler")

    for name in ("worker", "scheduler"):
        heartbeats.beat(name)
    beating = Thread(target=beat)
    beating.start()
    yield
    over.set()
    beating.join()


@pytest.fixture
def signed_out(client: FlaskClient) -> Desk:
    """A browser where nobody has signed in; Ania and Marek can."""
    with transaction() as session:
        scenes.ania(session)
        scenes.marek(session)
    return Desk(client)


@pytest.fixture
def desk(signed_out: Desk) -> Desk:
    """The browser of Ania, who has signed in."""
    assert signed_out.signs_in("ania").status_code == 303
    return signed_out


@pytest.fixture
def serve(database: Engine, settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Makes the whole application with some settings changed."""
    made: list[Flask] = []

    def make(**changed: object) -> Flask:
        made.append(create_app(replace(settings, **changed)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for app in made:
        app.extensions["database"].dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _served(settings: Settings) -> Iterator[str]:
    """One application for all browsers of this worker: making one takes longer than most tests."""
    made = create_app(replace(settings, public_url="http://localhost"))
    with answering(made) as address:
        yield address
    made.extensions["database"].dispose()


@pytest.fixture
def address(_served: str, database: Engine) -> str:
    """Where the whole application answers to a real browser."""
    return _served


@contextmanager
def answering(app: Flask) -> Iterator[str]:
    """Where `app` answers to a real browser, as long as this lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def window(
    chromium: Browser, address: str, width: int = 1366, height: int = 844, scheme: Scheme = "light"
) -> Iterator[Page]:
    """An empty page in a window of that size, of a browser that wants Polish."""
    context = chromium.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale="pl-PL",
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def sits_down(page: Page, login: str = "ania", password: str = scenes.PASSWORD) -> None:
    """Sign in, and be at the desk."""
    page.goto("/")
    page.fill("#login", login)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
