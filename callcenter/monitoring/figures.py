"""Figures for /metrics: what the line has done and what waits, counted in the rows.

Totals of rows ever written are the database's own counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from callcenter.outbound import dial_policy
from models import Call, Job, Ticket
from models.call import FINAL

COUNTED = ("calls", "turns", "tickets", "text_messages")
DAY = timedelta(days=1)
_WRITTEN = text(
    "SELECT relname, n_tup_ins FROM pg_stat_user_tables"
    " WHERE schemaname = current_schema() AND relname = ANY(:names)"
)


@dataclass(frozen=True)
class Figures:
    """`written` are rows ever added, by table; `outcomes` are of tickets of the last day.

    `refused` are calls and SMS that were refused today, by service and reason.
    """

    written: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    calls_up: int = 0
    jobs_waiting: int = 0
    jobs_failed: int = 0
    refused: Mapping[tuple[str, str], int] = field(default_factory=dict)


def count(session: Session, now: datetime) -> Figures:
    """The figures at `now`."""
    undone = Job.done_at.is_(None)
    outcomes = select(Ticket.outcome, func.count()).where(Ticket.opened_at > now - DAY)
    up = select(func.count()).select_from(Call).where(Call.status.not_in(FINAL))
    waiting = select(func.count()).select_from(Job).where(undone)
    return Figures(
        written={
            row.relname: row.n_tup_ins for row in session.execute(_WRITTEN, {"names": [*COUNTED]})
        },
        outcomes={
            outcome.value if outcome else "none_yet": many
            for outcome, many in session.execute(outcomes.group_by(Ticket.outcome))
        },
        calls_up=session.scalar(up) or 0,
        jobs_waiting=session.scalar(waiting) or 0,
        jobs_failed=session.scalar(waiting.where(Job.fault.is_not(None))) or 0,
        refused=dial_policy.refused_today(session, now),
    )
