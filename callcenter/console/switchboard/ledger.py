"""The outage ledger's page: who heard an announcement, when, who asked for a call, the list."""

from datetime import UTC, datetime, timedelta

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_percent, format_timedelta
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import NoResultFound

from callcenter.announcements import ledger, records, switchboard
from callcenter.announcements.ledger import Stage
from callcenter.console.calls.calls import place
from callcenter.console.layout.labels import Words
from callcenter.console.people.people import pages_for
from callcenter.reporting.proportions import Proportion
from models import Role
from models.session import transaction

CALL_BACKS: Words = {
    Stage.WAITING: _l("to be called"),
    Stage.CALLING: _l("being called"),
    Stage.TOLD: _l("told by telephone"),
    Stage.TEXTED: _l("told by SMS"),
    Stage.UNREACHED: _l("not reached: for a consultant"),
    Stage.BY_CONSULTANT: _l("called by a consultant"),
}

pages = pages_for(Role.AGENT, "ledger")
# It stands under the page that lists the announcements.
pages.url_prefix = "/switchboard"


@pages.get("/<uid>")
def show(uid: str) -> ResponseReturnValue:
    after = place(request.args.get("after"))
    with transaction() as session:
        try:
            made = switchboard.of_uid(session, uid)
        except NoResultFound:
            abort(404)
        return render_template(
            "switchboard/ledger.html",
            made=made,
            notice=switchboard.notice_of(made),
            now=datetime.now(UTC),
            after=after,
            maker=records.makers(session, [made]).get(uid),
            counts=ledger.counts(session, made),
            stages=Stage,
            call_backs=CALL_BACKS,
            chart=ledger.chart(session, made),
            page=ledger.lines(session, made, after),
        )


@pages.app_template_filter()
def share(given: Proportion) -> str:
    """A percentage; `—` where there is nothing to count."""
    return "—" if given.value is None else str(format_percent(given.value))


@pages.app_template_filter()
def interval(given: Proportion) -> str:
    """The two ends of its interval: `19–68%`."""
    if given.interval is None:
        return "—"
    low, high = given.interval
    return f"{round(100 * low)}–{format_percent(round(high, 2))}"


@pages.app_template_filter()
def span(width: timedelta) -> str:
    """A length of time in words: `30 minut`."""
    return str(format_timedelta(width))
