"""The list of calls, with filters, one page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Interval, exists, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from callcenter.tickets.paging import PAGE, Page, Place, hours_of
from models import Agent, Call, CallStatus, Conversation, Leg, Outcome, Ticket, Waiting


@dataclass(frozen=True)
class WantedCalls:
    """The filters of the list; None leaves a filter out.

    Days are whole days in Warsaw. `ours` are outgoing calls. `waited_s`: waited longer than this
    for a consultant, in seconds.
    """

    first: date | None = None
    last: date | None = None
    language: str | None = None
    status: CallStatus | None = None
    outcome: Outcome | None = None
    agent: int | None = None
    waited_s: int | None = None
    ours: bool | None = None


def find(
    session: Session, wanted: WantedCalls, now: datetime, after: Place | None = None
) -> Page[Call]:
    """One page of calls, newest first; `after` is the `next` of the previous page."""
    query = select(Call).where(*_conditions(wanted, now))
    if after:
        query = query.where(tuple_(Call.started_at, Call.id) < (after.at, after.id))
    query = query.order_by(Call.started_at.desc(), Call.id.desc()).limit(PAGE + 1)
    rows = session.scalars(query).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], Place(last.started_at, last.id) if last else None)


def _conditions(wanted: WantedCalls, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.first:
        found.append(Call.started_at >= hours_of(wanted.first)[0])
    if wanted.last:
        found.append(Call.started_at < hours_of(wanted.last)[1])
    if wanted.language:
        found.append(Call.language == wanted.language)
    if wanted.status:
        found.append(Call.status == wanted.status)
    if wanted.ours is not None:
        found.append(Call.callback_id.is_not(None) if wanted.ours else Call.callback_id.is_(None))
    return found + _beside(wanted, now)


def _beside(wanted: WantedCalls, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions on the call's ticket, conversations and waits."""
    found: list[ColumnElement[bool]] = []
    if wanted.outcome:
        found.append(exists().where(Ticket.call_id == Call.id, Ticket.outcome == wanted.outcome))
    if wanted.agent is not None:
        talked = exists().where(Conversation.call_id == Call.id, Leg.talk_id == Conversation.id)
        found.append(talked.where(Leg.agent_id == wanted.agent, Leg.joined_at.is_not(None)))
    if wanted.waited_s is not None:
        waited = func.coalesce(Waiting.left_at, now) - Waiting.since
        longer = waited > timedelta(seconds=wanted.waited_s)
        found.append(exists().where(Waiting.call_id == Call.id, longer))
    return found


def waits_of(session: Session, calls: Sequence[Call], now: datetime) -> Mapping[int, timedelta]:
    """The total time that each caller waited for consultants, by call id."""
    waited = func.sum(type_coerce(func.coalesce(Waiting.left_at, now) - Waiting.since, Interval()))
    rows = select(Waiting.call_id, waited.label("span")).where(
        Waiting.call_id.in_([call.id for call in calls])
    )
    return {row.call_id: row.span for row in session.execute(rows.group_by(Waiting.call_id))}


def consultants_of(session: Session, calls: Sequence[Call]) -> Mapping[int, list[str]]:
    """The names of the consultants who spoke in each call, in order, by call id."""
    query = (
        select(Conversation.call_id, Agent.name)
        .join(Leg, Leg.talk_id == Conversation.id)
        .join(Agent, Agent.id == Leg.agent_id)
        .where(Conversation.call_id.in_([call.id for call in calls]), Leg.joined_at.is_not(None))
        .order_by(Leg.joined_at, Leg.id)
    )
    found: dict[int, list[str]] = {}
    for call_id, name in session.execute(query):
        if call_id and name not in found.setdefault(call_id, []):
            found[call_id].append(name)
    return found
