"""Announcements put out by somebody, for tests that are about what follows."""

from collections.abc import Mapping
from datetime import UTC, datetime

from callcenter.announcements import drafts, switchboard
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.notices import Notice
from callcenter.announcements.switchboard import Maker
from models import Scope, Template, Way
from models.session import transaction


def announced(
    scope: Scope, how: Way, text: str = "", sounds: Mapping[str, str] | None = None
) -> Notice:
    """The announcement as it is out from now on: the outage template, or that Polish text."""
    own = {"pl": text} if text else {}
    wanted = Wanted(scope, None if text else Template.OUTAGE, own, sounds=sounds or {})
    with transaction() as session:
        notice = drafts.prepare(wanted, datetime.now(UTC))
        switchboard.announce(session, notice, Maker(how))
    return notice
