"""`centrala run`: everything, started together and stopped together."""

import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import click
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

import app
import config
import migrations
from callcenter.people import agents, passwords, pins
from callcenter.people.agents import Work
from callcenter.privacy import data_key
from commands import environment, output
from commands.process_group import Together
from config import Settings
from installation.home import Home
from models import Agent, Role
from models.session import transaction

IPV6 = 6
PROCFILE = Path(__file__).parent.parent / "Procfile"
PEOPLE = {
    "ania": ("Ania", Role.AGENT, Work(["pl", "en", "uk"])),
    "tomek": ("Tomek", Role.AGENT, Work(["pl", "en"])),
    "marek": ("Marek", Role.SUPERVISOR, Work(["pl"])),
}


@dataclass(frozen=True)
class SignIns:
    """The sign-ins of the demo's people: passwords by login, and Marek's telephone PIN."""

    passwords: Mapping[str, str]
    pin: str


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Where the web answers.")
@click.option("--demo/--no-demo", default=None, help="With a telephone network of its own.")
def run(port: int | None, demo: bool | None) -> None:
    """Start everything: servers, migrations, web, worker, scheduler, and in a demo the carrier."""
    environ = _environ(port, demo)
    settings = Settings.read(environ)
    _insist_on_free_ports(settings)
    os.environ.update(environ)
    with environment.servers() as home:
        migrations.upgrade(settings.database_url)
        app.bind(settings, environment.DATABASE_SECONDS)
        _look_at_key()
        sign_ins = _make_people(home, settings) if settings.demo else None
        output.ignore_faults()
        together = Together(PROCFILE, environ, without=set() if settings.demo else {"carrier"})
        threading.Thread(target=_welcome, args=[settings, sign_ins], daemon=True).start()
        code = together.run()
    sys.exit(code)


def _environ(port: int | None, demo: bool | None) -> dict[str, str]:
    """The environment of the processes: ours, changed by the options."""
    environ = dict(os.environ)
    environ["CENTRALA_HOME"] = str(config.read_home(environ).path)
    if port is not None:
        environ["PORT"] = str(port)
    if demo is not None:
        environ["CENTRALA_DEMO"] = "1" if demo else "0"
    commands = str(Path(sys.executable).parent)
    environ["PATH"] = f"{commands}{os.pathsep}{environ.get('PATH', os.defpath)}"
    return environ


def _insist_on_free_ports(settings: Settings) -> None:
    ports = [settings.port, settings.port + 1] if settings.demo else [settings.port]
    for port in ports:
        with socket.socket(_family(settings.bind)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.bind, port))
            except OSError as fault:
                sentence = f"Port {port} is in use: stop what uses it, or choose another with PORT."
                raise click.ClickException(sentence) from fault


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _look_at_key() -> None:
    """Check the DATA_KEY. A wrong one is reported, but calls are still answered."""
    with transaction() as session:
        if not data_key.note(session, datetime.now(UTC)):
            click.echo(f"WARNING: {data_key.ANOTHER}", err=True)


def _make_people(home: Home, settings: Settings) -> SignIns:
    """The demo's people, created at its first start."""
    home.keep_port(settings.port)
    passwords = {login: home.secret(f"password of {login}", _password) for login in PEOPLE}
    with transaction() as session:
        known = {agent.login for agent in session.query(Agent)}
        for login, (name, role, work) in PEOPLE.items():
            if login not in known:
                agents.add_user(session, login, name, passwords[login], role, work)
        pin = _give_pin(session, home.secret("PIN of marek", pins.new_pin))
    return SignIns(passwords, pin)


def _give_pin(session: Session, pin: str) -> str:
    """Set Marek's PIN, unless he has another one."""
    marek = session.scalars(select(Agent).where(Agent.login == "marek")).one()
    if marek.pin is None:
        pins.set_pin(session, marek, pin)
    return pin if pins.has_pin(marek, pin) else "as you set it"


def _password() -> str:
    """A password that is short enough to type and satisfies the general rule."""
    while passwords.is_guessable(made := f"{secrets.token_hex(3)}-{secrets.token_hex(3)}"):
        pass
    return made


def _welcome(settings: Settings, sign_ins: SignIns | None) -> None:
    """Tell people where to go, once the web server answers."""
    address = f"http://{_reached_at(settings.bind)}:{settings.port}"
    while not _answers(f"{address}/readyz"):
        time.sleep(0.1)
    lines = [f"Centrala answers at {settings.public_url}"]
    if sign_ins:
        lines.append(f"The demo telephone:  {settings.public_url}/phone")
        lines.append("Call from a terminal: centrala call")
        lines.append(f"Take calls at        {settings.public_url}/desk")
        people = (f"{login} / {password}" for login, password in sign_ins.passwords.items())
        lines.append(f"Sign in at {settings.public_url}/ as  " + "   ".join(people))
        lines.append(f"Marek's PIN on the telephone, after the hidden key #:  {sign_ins.pin}")
    click.echo("\n" + "\n".join(lines) + "\n")


def _reached_at(bind: str) -> str:
    """The address at which this machine reaches what listens on `bind`."""
    address = ip_address(bind)
    if address.is_unspecified:
        return "[::1]" if address.version == IPV6 else "127.0.0.1"
    return f"[{bind}]" if address.version == IPV6 else bind


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False
