"""The PESEL typed at `2 3` is seen once by who handles the ticket, and erased with the matter."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from callcenter import jobs
from callcenter.console.layout.labels import ACTIONS
from callcenter.people import tokens
from callcenter.privacy import encryption
from callcenter.queue import merging
from callcenter.tickets import handling
from callcenter.tickets.decisions import Decider, DecisionKind
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, Leg, Purpose, Role, Status, Ticket, TicketNote, Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk

PESEL = "44051401359"
BUTTON = '/pesel"'


@pytest.fixture
def number(signed_out: Desk) -> str:
    """An open ticket with a PESEL, whose caller talks with Ania."""
    with transaction() as session:
        made = scenes.call(session)
        ticket = scenes.ticket(session, made, new_number(), Status.OPEN, Topic.PESEL_EXISTS)
        ticket.pesel = encryption.seal(PESEL.encode())
        scenes.rings(session, "ania", ticket.number)
        session.execute(update(Leg).values(joined_at=datetime.now(UTC)))
        return ticket.number


def _ticket(number: str) -> Ticket:
    with transaction() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def _seen() -> list[int | None]:
    with transaction() as session:
        seen = select(TicketNote.author_id).where(
            TicketNote.change["did"].astext == DecisionKind.SAW_PESEL.value
        )
        return list(session.scalars(seen))


def test_who_handles_it_sees_it_once(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("ania")
    assert BUTTON in signed_out.get("/desk").text
    assert BUTTON in signed_out.get(f"/tickets/{number}").text
    assert PESEL not in signed_out.get(f"/tickets/{number}").text
    shown = signed_out.post(f"/tickets/{number}/pesel", {})
    assert (shown.status_code, PESEL in shown.text) == (200, True)
    assert shown.headers["Cache-Control"] == "no-store"
    again = signed_out.post(f"/tickets/{number}/pesel", {})
    assert (again.status_code, PESEL in again.text) == (403, False)
    page = signed_out.get(f"/tickets/{number}").text
    assert BUTTON not in page
    assert BUTTON not in signed_out.get("/desk").text
    assert str(ACTIONS[DecisionKind.SAW_PESEL]) in page or "PESEL podany" in page
    assert len(_seen()) == 1


def test_nobody_else_sees_it(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("marek")
    assert BUTTON not in signed_out.get(f"/tickets/{number}").text
    assert signed_out.post(f"/tickets/{number}/pesel", {}).status_code == 403
    with transaction() as session:
        session.execute(update(Leg).values(purpose=Purpose.LISTEN))
    signed_out.post("/sign-out", {})
    signed_out.signs_in("ania")
    assert signed_out.post(f"/tickets/{number}/pesel", {}).status_code == 403
    assert signed_out.get(f"/tickets/{number}/pesel").status_code == 405
    assert signed_out.post_bare(f"/tickets/{number}/pesel", {}).status_code == 400
    assert _seen() == []


def test_who_the_ticket_is_with_sees_it(signed_out: Desk, number: str) -> None:
    with transaction() as session:
        marek = session.scalar(select(Agent.id).where(Agent.login == "marek"))
        session.execute(update(Ticket).values(assigned_to_id=marek))
    signed_out.signs_in("marek")
    assert PESEL in signed_out.post(f"/tickets/{number}/pesel", {}).text


def test_no_program_reads_it(signed_out: Desk, number: str) -> None:
    with transaction() as session:
        token = tokens.create_token(session, "tests", Role.SUPERVISOR)
    answer = signed_out.client.get(
        f"/api/v1/tickets/{number}", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200
    assert "pesel" not in answer.json  # type: ignore[operator]
    assert PESEL not in answer.text


def test_it_is_erased_when_the_ticket_is_finished(signed_out: Desk, number: str) -> None:
    with transaction() as session:
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        by = Decider(ania.id, datetime.now(UTC))
        handling.resolve(session, ticket, by, Topic.PESEL_EXISTS, "pesel_freed")
    assert _ticket(number).pesel is None


@pytest.mark.parametrize(
    ("status", "age", "is_kept"),
    [
        (Status.OPEN, timedelta(days=20), True),
        (Status.OPEN, timedelta(days=31), False),
        (Status.CLOSED, timedelta(minutes=5), True),
        (Status.CLOSED, timedelta(hours=2), False),
        (Status.RESOLVED, timedelta(hours=2), False),
    ],
)
def test_the_sweep_erases_what_nobody_needs(
    signed_out: Desk, number: str, status: Status, age: timedelta, is_kept: bool
) -> None:
    opened = datetime.now(UTC) - age
    with transaction() as session:
        session.execute(update(Ticket).values(status=status, opened_at=opened))
    jobs.sweep()
    assert (_ticket(number).pesel is not None) is is_kept


def test_a_merge_takes_it_along(signed_out: Desk, number: str) -> None:
    with transaction() as session:
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        made = scenes.call(session, at=scenes.MONDAY - timedelta(days=1))
        older = scenes.ticket(session, made, new_number(), Status.OPEN, Topic.PESEL_EXISTS)
        younger = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        merging.merge(session, younger, Decider(ania.id, datetime.now(UTC)), older)
    assert _ticket(number).pesel is None
    kept = _ticket(older.number).pesel
    assert kept
    assert encryption.unseal(kept).decode() == PESEL
