"""Reads and checks the fields of the desk's form, and words the faults of each field."""

from datetime import date, datetime

from flask import abort, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import FURTHEST, end_of_day, is_working_day
from callcenter.console.desk.desk_form import FIELDS
from callcenter.console.forms.forms import LONGEST_NOTE
from callcenter.console.layout import labels, shown
from callcenter.privacy.visible_text import normal_newlines
from callcenter.tickets import resolutions
from callcenter.tickets.decisions import Conflict
from models import Agent, Topic


def typed() -> dict[str, str]:
    """The posted fields of FIELDS, each cut to LONGEST_NOTE characters; missing ones are empty."""
    return {name: normal_newlines(request.form.get(name, ""))[:LONGEST_NOTE] for name in FIELDS}


def is_too_long() -> bool:
    return len(normal_newlines(request.form.get("text", ""))) > LONGEST_NOTE


def person(session: Session, written: str) -> int | None:
    """The id of the chosen person; None if nobody is chosen. Aborts with 422 for an unknown id."""
    if not written:
        return None
    is_id = written.isascii() and written.isdigit() and len(written) < 10
    found = session.get(Agent, int(written)) if is_id else None
    return found.id if found else abort(422)


def faults(now: datetime, *, with_day: bool) -> dict[str, str]:
    """A sentence for each field that is missing or wrong, by field, in the order of the form.

    The due date is checked only with `with_day`.
    """
    given, found = typed(), dict[str, str]()
    topic = given["topic"] if given["topic"] in set(Topic) else ""
    if not topic:
        found["topic"] = _("Choose a topic.")
    if given["resolution"] not in (resolutions.for_topic(Topic(topic)) if topic else ()):
        found["resolution"] = _("Choose a resolution of this topic.")
    if is_too_long():
        found["text"] = _("A note has at most 10,000 characters.")
    if with_day and (wrong := _wrong_day(given["due"], now)):
        found["due"] = wrong
    return found


def _wrong_day(written: str, now: datetime) -> str:
    if not _is_day_to_come(written, now):
        return str(_("Choose a day that is not over."))
    day = date.fromisoformat(written)
    if day > now.date() + FURTHEST:
        return str(_("This day is too far away."))
    return "" if is_working_day(day) else str(_("This is no working day."))


def _is_day_to_come(written: str, now: datetime) -> bool:
    try:
        return end_of_day(date.fromisoformat(written)) > now
    except (ValueError, OverflowError):
        return False


def sentence(why: Exception) -> str:
    """A sentence that says who changed what meanwhile, or why the decision is refused."""
    if not isinstance(why, Conflict):
        return str(shown.word(str(why), labels.REASONS))
    did = shown.word(why.what, labels.ACTIONS)
    sentence = _(
        "%(who)s changed this ticket meanwhile: %(did)s. Nothing you typed is lost: look at it,"
        " then save again.",
        who=why.who or _("the line"),
        did=did,
    )
    return str(sentence)
