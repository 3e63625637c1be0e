"""What programs may do with announcements: make them, read them, end them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import g
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from callcenter.announcements import drafts, records, switchboard, updates
from callcenter.announcements.drafts import AnnouncementError
from callcenter.announcements.switchboard import Maker
from callcenter.api.announcement_schemas import (
    AnnouncementAnswer,
    AnnouncementAsked,
    AnnouncementsAnswer,
    AnnouncementsAsked,
)
from callcenter.api.paging import next_page, repeated
from callcenter.api.problems import WrongFields
from callcenter.api.schemas import Fault
from models import Announcement, Way


def make_announcement(session: Session, asked: AnnouncementAsked) -> AnnouncementAnswer:
    """Announce an outage or maintenance: callers hear it from the next second of its windows on."""
    now = datetime.now(UTC)
    try:
        notice = drafts.prepare(asked.wanted(now), now)
    except AnnouncementError as fault:
        raise WrongFields(Fault(field=fault.field, message=fault.reason)) from fault
    return _announcements(session, [switchboard.announce(session, notice, _maker())], now)[0]


def _maker() -> Maker:
    return Maker(Way.API, name=g.token.name)


def _announcements(
    session: Session, rows: Sequence[Announcement], now: datetime
) -> list[AnnouncementAnswer]:
    heard = records.heard(session, rows)
    notices = [switchboard.notice_of(made) for made in rows]
    told = updates.of(session, rows)
    return [
        AnnouncementAnswer.of(notice, now, heard[notice.uid], told[notice.uid])
        for notice in notices
    ]


def list_announcements(session: Session, asked: AnnouncementsAsked) -> AnnouncementsAnswer:
    """Announcements, the newest first."""
    now = datetime.now(UTC)
    page = records.find(session, now, asked.state, asked.place, asked.limit)
    return AnnouncementsAnswer(
        items=_announcements(session, page.items, now),
        next=next_page("list_announcements", page.next, repeated(asked)),
    )


def get_announcement(session: Session, uid: str) -> AnnouncementAnswer:
    """One announcement."""
    return _announcements(session, [_known(session, uid)], datetime.now(UTC))[0]


def _known(session: Session, uid: str) -> Announcement:
    try:
        return switchboard.of_uid(session, uid.replace("\0", ""))
    except NoResultFound as fault:
        raise NotFound("There is no announcement with this id.") from fault


def end_announcement(session: Session, uid: str) -> AnnouncementAnswer:
    """End the announcement now; it stays in the history. One that was ended stays as it was."""
    now = datetime.now(UTC)
    _known(session, uid)
    return _announcements(session, [switchboard.end(session, uid, _maker(), now)], now)[0]
