"""The overview: who waits now, whom to call back, which tickets are due, the last calls."""

from datetime import UTC, datetime

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from callcenter import search
from callcenter.console.people import pages_for
from models import Call, Callback, Role, Status, Ticket, Waiting
from models.session import transaction

AT_MOST = 20
LAST_CALLS = 10

pages = pages_for(Role.AGENT, "desk")


@pages.get("")
def overview() -> ResponseReturnValue:
    with transaction() as session:
        calls = search.find_calls(session, size=LAST_CALLS).items
        return render_template(
            "console/desk.html",
            now=datetime.now(UTC),
            waiting=_waiting(session),
            callbacks=_callbacks(session),
            due=_due(session),
            calls=calls,
            tickets=search.tickets_of(session, calls),
        )


def _waiting(session: Session) -> list[tuple[Waiting, Call, Ticket | None]]:
    query = (
        select(Waiting, Call, Ticket)
        .join(Call, Call.id == Waiting.call_id)
        .outerjoin(Ticket, Ticket.call_id == Call.id)
        .where(Waiting.left_at.is_(None))
        .order_by(Waiting.since, Waiting.id)
        .limit(AT_MOST)
    )
    return [(row, call, ticket) for row, call, ticket in session.execute(query)]


def _callbacks(session: Session) -> list[tuple[Callback, Ticket]]:
    query = (
        select(Callback, Ticket)
        .join(Ticket, Ticket.id == Callback.ticket_id)
        .where(Callback.done_at.is_(None))
        .order_by(Callback.asked_at)
        .limit(AT_MOST)
    )
    return [(callback, ticket) for callback, ticket in session.execute(query)]


def _due(session: Session) -> list[Ticket]:
    query = (
        select(Ticket)
        .where(Ticket.status == Status.OPEN, Ticket.due_at.is_not(None))
        .options(joinedload(Ticket.call))
        .order_by(Ticket.due_at)
        .limit(AT_MOST)
    )
    return list(session.scalars(query))
