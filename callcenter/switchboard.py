"""Announcements: made, ended and remembered; by whichever way, the same rules hold.

The rows are the truth and the audit trail; after each commit the board (callcenter.board) is
rewritten from them, and with it what every caller hears from the next second on.
"""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

import words
from callcenter import board
from callcenter.board import Board, Notice, Period
from callcenter.deadlines import WARSAW
from models import Announcement, Call, Hearing, Scope, Template, Way, Window

log = logging.getLogger(__name__)

# A session bears this mark when the board must be rewritten after its commit (callcenter.jobs).
CHANGED = "switchboard changed"
LONGEST_TEXT = 600
MOST_WINDOWS = 20


class AnnouncementError(ValueError):
    """An announcement that cannot be made: the field, and a sentence that says why."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field_name, reason


@dataclass(frozen=True)
class Wanted:
    """An announcement as somebody wants it: a template, own words, or both (the words win).

    No periods: one from now with no known end. `sounds` are content hashes by language.
    """

    scope: Scope
    template: Template | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    periods: Sequence[Period] = ()
    sounds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Maker:
    """Who switches, and by which way."""

    how: Way
    agent_id: int | None = None


def prepare(wanted: Wanted, now: datetime) -> Notice:
    """The announcement word for word as callers would hear it, made nowhere yet.

    Raises AnnouncementError.
    """
    periods = tuple(sorted(wanted.periods, key=lambda p: p.starts_at)) or (Period(now),)
    if len(periods) > MOST_WINDOWS:
        raise AnnouncementError("windows", f"At most {MOST_WINDOWS} windows.")
    for period in periods:
        if period.ends_at is not None and period.ends_at <= period.starts_at:
            raise AnnouncementError("windows", "A window ends after it starts.")
    return Notice(
        uid=secrets.token_hex(8),
        scope=wanted.scope,
        template=wanted.template,
        text=_texts(wanted, periods, now),
        periods=periods,
        sounds=dict(wanted.sounds),
        made_at=now,
    )


def _texts(wanted: Wanted, periods: tuple[Period, ...], now: datetime) -> dict[str, str]:
    own = {language: text.strip() for language, text in wanted.text.items() if text.strip()}
    if unknown := set(own) - set(words.LANGUAGES):
        raise AnnouncementError("text", f"No language {', '.join(sorted(unknown))}.")
    if any(len(text) > LONGEST_TEXT for text in own.values()):
        raise AnnouncementError("text", f"At most {LONGEST_TEXT} characters a language.")
    if wanted.template:
        return _filled(wanted.scope, wanted.template, periods, now) | own
    if "pl" not in own:
        raise AnnouncementError("text.pl", "Choose a template, or write the Polish text.")
    return own


def _filled(
    scope: Scope, template: Template, periods: tuple[Period, ...], now: datetime
) -> dict[str, str]:
    """The template's words in every language, from the times alone."""
    spans = [(period.starts_at, period.ends_at) for period in periods]
    today, message = now.astimezone(WARSAW).date(), f"announce-{scope}-{template}"
    ends = "unknown" if periods[-1].ends_at is None else "known"
    return {
        language: words.say(language, message, when=words.when(language, spans, today), ends=ends)
        for language in words.LANGUAGES
    }


def announce(session: Session, notice: Notice, maker: Maker) -> Announcement:
    """Put the prepared `notice` out. The same notice again changes nothing."""
    row = {
        "uid": notice.uid,
        "scope": notice.scope,
        "template": notice.template,
        "text": dict(notice.text),
        "sounds": dict(notice.sounds),
        "made_at": notice.made_at or datetime.now(UTC),
        "made_by_id": maker.agent_id,
        "made_how": maker.how,
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


def of_uid(session: Session, uid: str) -> Announcement:
    """The announcement `uid`. Raises NoResultFound."""
    return session.scalars(select(Announcement).where(Announcement.uid == uid)).one()


def end(session: Session, uid: str, maker: Maker, now: datetime) -> Announcement:
    """End the announcement now; ended before, it stays as it was. Raises NoResultFound."""
    going_on = (Announcement.uid == uid, Announcement.ended_at.is_(None))
    ended = {"ended_at": now, "ended_by_id": maker.agent_id, "ended_how": maker.how}
    session.execute(update(Announcement).where(*going_on).values(ended))
    _refresh_after(session)
    return of_uid(session, uid)


def notice_of(made: Announcement) -> Notice:
    """The row as the board has it."""
    return Notice(
        uid=made.uid,
        scope=made.scope,
        text=made.text,
        periods=tuple(Period(window.starts_at, window.ends_at) for window in made.windows),
        sounds=made.sounds,
        template=made.template,
        made_at=made.made_at,
        ended_at=made.ended_at,
    )


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


def refresh(session: Session, shared: Board, now: datetime) -> None:
    """Bring the board and the rows together: what only one of them knows, both know after it.

    Call it inside `shared.writing()`, in a transaction of its own.
    """
    for notice in shared.notices():
        if notice.unsaved:
            _save(session, notice)
    session.info.pop(CHANGED, None)
    shared.write([notice_of(made) for made in session.scalars(_not_over(now))])


def _save(session: Session, notice: Notice) -> None:
    maker = Maker(Way.COMMAND)
    announce(session, notice, maker)
    if notice.ended_at:
        end(session, notice.uid, maker, notice.ended_at)


def _not_over(now: datetime) -> Select[Announcement]:
    ahead = select(Window.id).where(
        Window.announcement_id == Announcement.id,
        or_(Window.ends_at.is_(None), Window.ends_at > now),
    )
    going_on = (Announcement.ended_at.is_(None), ahead.exists())
    return select(Announcement).where(*going_on).order_by(Announcement.id)
