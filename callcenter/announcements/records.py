"""Queries of announcements: lists by state, calls that heard them, their audit trail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from callcenter.announcements.notices import State
from callcenter.announcements.switchboard import notice_of
from callcenter.tickets.paging import PAGE, Page, Place
from models import Agent, Announcement, Hearing, Way, Window

HISTORY = timedelta(days=90)
LAST_ACTIONS = 10


@dataclass(frozen=True)
class HistoryEntry:
    """An entry of the audit trail. `who` is None if it is no longer known."""

    at: datetime
    began: bool
    who: str | None
    how: Way
    made: Announcement


def find(
    session: Session,
    now: datetime,
    state: State | None = None,
    after: Place | None = None,
    size: int = PAGE,
) -> Page[Announcement]:
    """Announcements, the newest first; `after` is the `next` of the page before."""
    query = select(Announcement).order_by(Announcement.made_at.desc(), Announcement.id.desc())
    if state:
        query = query.where(_in_state(state, now))
    if after:
        query = query.where(tuple_(Announcement.made_at, Announcement.id) < (after.at, after.id))
    rows = session.scalars(query.limit(size + 1)).all()
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], Place(last.made_at, last.id) if last else None)


def _in_state(state: State, now: datetime) -> ColumnElement[bool]:
    """The same states as Notice.state, for the rows."""
    going_on = or_(Announcement.ended_at.is_(None), Announcement.ended_at > now)
    covered = _has(Window.starts_at <= now, _ends_after(now))
    ahead = _has(Window.starts_at > now)
    return {
        "on": and_(going_on, covered),
        "coming": and_(going_on, ~covered, ahead),
        "over": or_(~going_on, and_(~covered, ~ahead)),
    }[state]


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Window.id).where(Window.announcement_id == Announcement.id, *conditions).exists()


def _ends_after(moment: datetime) -> ColumnElement[bool]:
    return or_(Window.ends_at.is_(None), Window.ends_at > moment)


def current(session: Session, now: datetime) -> Sequence[Announcement]:
    """Those that are on or coming, in the order in which they were made."""
    rows = select(Announcement).where(~_in_state("over", now)).order_by(Announcement.id)
    return session.scalars(rows).all()


def past(session: Session, now: datetime) -> Sequence[Announcement]:
    """Those that ended in the last 90 days, the latest first."""
    recent = or_(
        Announcement.ended_at > now - HISTORY,
        and_(Announcement.ended_at.is_(None), _has(_ends_after(now - HISTORY))),
    )
    rows = session.scalars(select(Announcement).where(_in_state("over", now), recent))
    return sorted(rows, key=lambda made: notice_of(made).over_at or now, reverse=True)


def heard(session: Session, rows: Iterable[Announcement]) -> dict[str, int]:
    """In how many calls each of `rows` was played, by uid."""
    uids = {made.id: made.uid for made in rows}
    counted = (
        select(Hearing.announcement_id, func.count())
        .where(Hearing.announcement_id.in_(uids))
        .group_by(Hearing.announcement_id)
    )
    counts = {uids[id_]: count for id_, count in session.execute(counted)}
    return {uid: counts.get(uid, 0) for uid in uids.values()}


def makers(session: Session, rows: Iterable[Announcement]) -> dict[str, str]:
    """Who made each of `rows`, by uid, where somebody is known to have."""
    ids = {made.made_by_id for made in rows if made.made_by_id}
    agents = {
        agent.id: agent.name for agent in session.scalars(select(Agent).where(Agent.id.in_(ids)))
    }
    who = {made.uid: agents.get(made.made_by_id or 0) or made.made_by for made in rows}
    return {uid: name for uid, name in who.items() if name}


def history(session: Session) -> list[HistoryEntry]:
    """The last actions, the newest first."""
    maker, ender = aliased(Agent), aliased(Agent)
    query = (
        select(Announcement, maker.name, ender.name)
        .outerjoin(maker, maker.id == Announcement.made_by_id)
        .outerjoin(ender, ender.id == Announcement.ended_by_id)
        .order_by(func.greatest(Announcement.made_at, Announcement.ended_at).desc())
        .limit(LAST_ACTIONS)
    )
    found: list[HistoryEntry] = []
    for made, made_by, ended_by in session.execute(query):
        found.append(HistoryEntry(made.made_at, True, made_by or made.made_by, made.made_how, made))
        if made.ended_at and made.ended_how:
            who = ended_by or made.ended_by
            found.append(HistoryEntry(made.ended_at, False, who, made.ended_how, made))
    return sorted(found, key=lambda action: (action.at, not action.began), reverse=True)[
        :LAST_ACTIONS
    ]
