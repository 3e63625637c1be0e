"""Makes, changes and ends announcements; page, telephone, command and API share these rules.

The rows are the truth and the audit trail; after each commit the board
(callcenter.announcements.board) is rewritten from them, and with it what every caller hears from
the next second on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.announcements import board
from callcenter.announcements.drafts import AnnouncementError, Reason
from callcenter.announcements.notices import Notice, Period
from models import Announcement, Call, Callback, Hearing, Way, Window

# The mark of a session after whose commit the board is rewritten (callcenter.background).
CHANGED = "switchboard changed"
_ONE_AT_A_TIME = 0x5C4A11
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Maker:
    """Who makes the change, and through which channel. `name` is for those without an account."""

    how: Way
    agent_id: int | None = None
    name: str | None = None


def announce(session: Session, notice: Notice, maker: Maker) -> Announcement:
    """Publish the prepared `notice`. Returns the announcement that is on afterwards.

    The same notice again changes nothing, and neither does another one of the same words for the
    same time: who sends a wanted state twice, or from two places at once, gets it once.
    """
    session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    return _same(session, notice) or _put(session, notice, maker)


def _same(session: Session, notice: Notice) -> Announcement | None:
    going_on = (Announcement.ended_at.is_(None), Announcement.scope == notice.scope)
    rows = session.scalars(select(Announcement).where(*going_on, Announcement.text == notice.text))
    return next((made for made in rows if is_announced(notice_of(made), notice)), None)


def is_announced(made: Notice, wanted: Notice) -> bool:
    """Whether `made` has the same words for the same time as the wanted one."""
    now = max(each.made_at or _LONG_AGO for each in (made, wanted))
    ours, theirs = ([_ahead(p, now) for p in each.periods] for each in (made, wanted))
    same_words = (made.scope, dict(made.text)) == (wanted.scope, dict(wanted.text))
    return made.ended_at is None and same_words and ours == theirs


def _ahead(period: Period, now: datetime) -> Period:
    """The rest of the period; its beginning no longer matters once it has begun."""
    return Period(now, period.ends_at) if period.covers(now) else period


def _put(session: Session, notice: Notice, maker: Maker) -> Announcement:
    row = {
        "uid": notice.uid,
        "scope": notice.scope,
        "template": notice.template,
        "text": dict(notice.text),
        "sounds": dict(notice.sounds),
        "made_at": notice.made_at or datetime.now(UTC),
        "made_by_id": maker.agent_id,
        "made_by": maker.name,
        "made_how": maker.how,
        "replaces_id": _id_of(session, notice.replaces),
    }
    new = insert(Announcement).values(row).on_conflict_do_nothing(index_elements=["uid"])
    if made_id := session.scalar(new.returning(Announcement.id)):
        for period in notice.periods:
            window = Window(
                announcement_id=made_id, starts_at=period.starts_at, ends_at=period.ends_at
            )
            session.add(window)
        session.flush()
        _refresh_after(session)
    return of_uid(session, notice.uid)


def _id_of(session: Session, uid: str | None) -> int | None:
    return session.scalar(select(Announcement.id).where(Announcement.uid == uid)) if uid else None


def change(session: Session, uid: str, notice: Notice, maker: Maker, now: datetime) -> Announcement:
    """Put `notice` out in the place of the announcement `uid`, which ends with it.

    Who asked for a call when that one is over gets it when the new one is. The same notice again
    changes nothing. Raises AnnouncementError when `uid` is over or was changed otherwise.
    """
    old = session.scalars(
        select(Announcement).where(Announcement.uid == uid).with_for_update()
    ).one()
    is_known = _id_of(session, notice.uid) is not None
    if not is_known and notice_of(old).state(now) == "over":
        raise AnnouncementError("replaces", Reason.WAS_CHANGED)
    end(session, uid, maker, now)
    made = announce(session, replace(notice, replaces=uid), maker)
    waiting = (Callback.announcement_id == old.id, Callback.done_at.is_(None))
    session.execute(update(Callback).where(*waiting).values(announcement_id=made.id))
    return made


def of_uid(session: Session, uid: str) -> Announcement:
    """The announcement `uid`. Raises NoResultFound."""
    return session.scalars(select(Announcement).where(Announcement.uid == uid)).one()


def end(session: Session, uid: str, maker: Maker, now: datetime) -> Announcement:
    """End the announcement now; ended before, it stays as it was. Raises NoResultFound."""
    going_on = (Announcement.uid == uid, Announcement.ended_at.is_(None))
    ended = {
        "ended_at": now,
        "ended_by_id": maker.agent_id,
        "ended_by": maker.name,
        "ended_how": maker.how,
    }
    newly = update(Announcement).where(*going_on).values(ended).returning(Announcement.id)
    if session.scalar(newly):
        _refresh_after(session)
    return of_uid(session, uid)


def notice_of(made: Announcement) -> Notice:
    """The row as a notice of the board."""
    return Notice(
        uid=made.uid,
        scope=made.scope,
        text=made.text,
        periods=_periods_of(made),
        sounds=made.sounds,
        template=made.template,
        made_at=made.made_at,
        ended_at=made.ended_at,
        replaces=made.replaces.uid if made.replaces else None,
        before=_periods_of(made.replaces) if made.replaces else (),
    )


def _periods_of(made: Announcement) -> tuple[Period, ...]:
    return tuple(Period(window.starts_at, window.ends_at) for window in made.windows)


def notices(session: Session, uids: Sequence[str]) -> dict[str, Notice]:
    """The announcements `uids`, by uid: from the board, or from the rows once they are over."""
    known = {one.uid: one for one in board.board().notices() if one.uid in uids}
    if missing := [uid for uid in uids if uid not in known]:
        rows = select(Announcement).where(Announcement.uid.in_(missing))
        known |= {made.uid: notice_of(made) for made in session.scalars(rows)}
    return known


def heard_by(session: Session, uids: Sequence[str], call: Call, now: datetime) -> None:
    """Note that the announcements were played in `call`."""
    if not uids:
        return
    for made_id in session.scalars(select(Announcement.id).where(Announcement.uid.in_(uids))):
        row = {"announcement_id": made_id, "call_id": call.id, "at": now}
        session.execute(insert(Hearing).values(row).on_conflict_do_nothing())


def already_heard(session: Session, call: Call) -> set[str]:
    """The uids of what was played in `call`."""
    heard = select(Announcement.uid).join(Hearing).where(Hearing.call_id == call.id)
    return set(session.scalars(heard))


def calls_that_heard(session: Session, made: Announcement) -> int:
    """In how many calls the announcement was played."""
    count = select(func.count()).where(Hearing.announcement_id == made.id)
    return session.scalar(count) or 0


def _refresh_after(session: Session) -> None:
    session.info[CHANGED] = True


def reconcile(session: Session, known: Iterable[Notice], now: datetime) -> list[Notice]:
    """What the board must hold at `now`. Saves entries made without the database as rows first."""
    for notice in known:
        if notice.unsaved:
            _save(session, notice)
    session.info.pop(CHANGED, None)
    return [notice_of(made) for made in session.scalars(_not_over(now))]


def _save(session: Session, notice: Notice) -> None:
    maker = Maker(Way.COMMAND, name=notice.by)
    _put(session, notice, maker)
    if notice.ended_at:
        end(session, notice.uid, maker, notice.ended_at)


def _not_over(now: datetime) -> Select[Announcement]:
    ahead = select(Window.id).where(
        Window.announcement_id == Announcement.id,
        or_(Window.ends_at.is_(None), Window.ends_at > now),
    )
    going_on = (Announcement.ended_at.is_(None), ahead.exists())
    return select(Announcement).where(*going_on).order_by(Announcement.id)
