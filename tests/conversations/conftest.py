"""A line with callers: telephones that talk to the whole application, and the desk's view of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, joinedload

from app import create_app
from carrier.network import Network
from carrier.telephone import Telephone
from carrier.transport import into_wsgi
from config import Settings
from models import Call, Ticket, Turn
from models.session import transaction


@pytest.fixture
def line(database: Engine, voice_only: Settings) -> Flask:
    """The line alone, as a process with SERVE=voice answers it."""
    return create_app(voice_only)


@pytest.fixture
def network(line: Flask, settings: Settings) -> Network:
    return Network(
        into_wsgi(line),
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        number=settings.twilio_number,
        server=settings.public_url,
    )


@pytest.fixture
def olena(network: Network) -> Telephone:
    """Calls from a mobile telephone."""
    return network.telephone("+48501234567")


@pytest.fixture
def jan(network: Network) -> Telephone:
    """Calls from a landline, which receives no SMS."""
    return network.telephone("+48221234567")


@pytest.fixture
def somebody(network: Network) -> Telephone:
    """Withholds the number."""
    return network.telephone("anonymous")


@contextmanager
def reading() -> Iterator[Session]:
    with transaction() as session:
        yield session


@pytest.fixture
def ticket_of() -> Callable[[Telephone], Ticket]:
    """The one ticket of the telephone's last call, as it is now."""

    def find(phone: Telephone) -> Ticket:
        with reading() as session:
            wanted = select(Ticket).join(Call).where(Call.sid == phone.sid)
            return session.scalars(wanted.options(joinedload(Ticket.related_to))).one()

    return find


@pytest.fixture
def turns_of() -> Callable[[Telephone], list[Turn]]:
    """The turns of the telephone's last call, by their steps."""

    def find(phone: Telephone) -> list[Turn]:
        with reading() as session:
            wanted = select(Turn).join(Call).where(Call.sid == phone.sid).order_by(Turn.step)
            return list(session.scalars(wanted))

    return find
