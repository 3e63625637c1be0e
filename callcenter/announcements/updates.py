"""What becomes known while an announcement is on: told to readers, with the time of the next word.

Callers hear the announcement itself. Updates are for the status page, the feed and programs.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.announcements.drafts import AnnouncementError, Reason, checked_words
from models import Announcement, Update


def add(
    session: Session,
    made: Announcement,
    text: Mapping[str, str],
    next_word_at: datetime | None,
    by: int | None,
    now: datetime,
) -> Update:
    """Tell `text` (Polish at least) of the announcement. The same text again changes nothing.

    Raises AnnouncementError, naming the field.
    """
    words = checked_words(text)
    if next_word_at is not None and next_word_at <= now:
        raise AnnouncementError("next_word_at", Reason.ENDS_FIRST)
    session.execute(select(Announcement.id).where(Announcement.id == made.id).with_for_update())
    last = session.scalar(
        select(Update).where(Update.announcement_id == made.id).order_by(Update.id.desc()).limit(1)
    )
    if last and (last.text, last.next_word_at) == (words, next_word_at):
        return last
    update = Update(
        announcement_id=made.id, at=now, text=words, next_word_at=next_word_at, made_by_id=by
    )
    session.add(update)
    session.flush()
    return update


def of(session: Session, rows: Iterable[Announcement]) -> Mapping[str, Sequence[Update]]:
    """The updates of each of `rows`, by uid, the newest first."""
    uids = {made.id: made.uid for made in rows}
    found: dict[str, list[Update]] = {uid: [] for uid in uids.values()}
    query = select(Update).where(Update.announcement_id.in_(uids)).order_by(Update.id.desc())
    for update in session.scalars(query):
        found[uids[update.announcement_id]].append(update)
    return found
