"""What everybody can read without signing in: what is out, what is planned, what was.

What is on and what comes is read from the board, so these pages answer with the database away; the
history alone is missing then. No cookie is read or set, so any cache may keep an answer for a
moment. Templates are rendered without what the desk's pages share, which would ask who is there.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import force_locale
from pydantic import BaseModel

import words
from callcenter.announcements import records, scope_history, switchboard, updates
from callcenter.announcements.board import board
from callcenter.announcements.notices import Notice
from callcenter.announcements.scope_history import Day, actual_times
from callcenter.api.announcement_schemas import AnnouncementAnswer
from callcenter.console.switchboard import outage_labels
from models import Scope, Template, Update
from models.session import DatabaseAway, circuit, transaction
from words import FACTS

KEPT_S = 5
LIMIT_S = 2
LANGUAGES = ("pl", "en", "uk")

pages = Blueprint("status", __name__)


@dataclass(frozen=True)
class Known:
    """What can be told now; `complete` is false while the history cannot be read."""

    now: datetime
    current: Sequence[Notice]
    coming: Sequence[Notice]
    past: Sequence[Notice]
    heard: Mapping[str, int]
    complete: bool
    updates: Mapping[str, Sequence[Update]] = field(default_factory=dict)

    @property
    def line_is_out(self) -> bool:
        return any(notice.scope is Scope.SWITCHBOARD for notice in self.current)

    @property
    def all(self) -> Sequence[Notice]:
        return [*self.current, *self.coming, *self.past]


class StatusAnswer(BaseModel):
    current: Sequence[AnnouncementAnswer]
    coming: Sequence[AnnouncementAnswer]
    past: Sequence[AnnouncementAnswer]


def _known(now: datetime) -> Known:
    on_board = board().notices()
    known = Known(now, _current(now), _coming(on_board, now), [], {}, complete=False)
    with suppress(DatabaseAway):
        if not circuit.is_open:
            return _with_history(known)
    return replace(known, past=[each for each in on_board if each.state(now) == "over"])


def _current(now: datetime) -> Sequence[Notice]:
    """What is on, as calls hear it; what they do not hear twice is not read twice either."""
    return board().on_now(now)


def _coming(notices: Sequence[Notice], now: datetime) -> Sequence[Notice]:
    coming = [notice for notice in notices if notice.state(now) == "coming"]
    return sorted(coming, key=lambda notice: notice.period(now).starts_at)


def _with_history(known: Known) -> Known:
    with transaction(LIMIT_S) as session:
        rows = [*records.current(session, known.now), *records.past(session, known.now)]
        heard = records.heard(session, rows)
        told = updates.of(session, rows)
        notices = [switchboard.notice_of(made) for made in rows]
    over = [notice for notice in notices if notice.state(known.now) == "over"]
    return replace(known, past=over, heard=heard, complete=True, updates=told)


@pages.get("/status")
def show() -> Response:
    """The page, in the language of `?language=` (pl, en, uk), else in the browser's."""
    return _rendered("status/status.html", "text/html")


@pages.get("/status.rss")
def feed() -> Response:
    """The same for feed readers. Source: https://www.rssboard.org/rss-specification"""
    return _rendered("status/status.rss.xml", "application/rss+xml")


def _rendered(template: str, kind: str) -> Response:
    language = _language()
    known = _known(datetime.now(UTC))
    with force_locale(language):
        text = current_app.jinja_env.get_template(template).render(
            known=known,
            language=language,
            facts=FACTS,
            outage=outage_labels,
            demo=current_app.config["DEMO"],
            public_url=current_app.config["PUBLIC_URL"],
            really=actual_times,
            called_off=_called_off,
            is_repeated=_is_repeated,
            bars=_bars(known),
            mail_date=format_datetime,
            style=url_for("access.static", filename="console.css"),
        )
    response = _kept_for_a_moment(Response(text, content_type=f"{kind}; charset=utf-8"))
    response.vary.add("Accept-Language")
    return response


def _language() -> str:
    asked = request.args.get("language", "")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _bars(known: Known) -> Mapping[Scope, Sequence[Day]]:
    """The days of each scope; nothing while the history cannot be read."""
    if not known.complete:
        return {}
    return {scope: scope_history.days(known.all, scope, known.now) for scope in Scope}


def _is_repeated(notice: Notice) -> bool:
    """Whether its words tell times that clocks in Warsaw show twice."""
    moments = [at for period in notice.periods for at in (period.starts_at, period.ends_at) if at]
    is_told = notice.template == Template.MAINTENANCE
    return is_told and any(words.season("pl", at) for at in moments)


def _called_off(notice: Notice) -> bool:
    """Whether it was ended before it began."""
    return not actual_times(notice)


@pages.get("/status.json")
def data() -> Response:
    """The same for programs, in the words of the JSON interface."""
    known = _known(datetime.now(UTC))

    def answers(notices: Sequence[Notice]) -> list[AnnouncementAnswer]:
        return [
            AnnouncementAnswer.of(
                each, known.now, known.heard.get(each.uid), known.updates.get(each.uid, ())
            )
            for each in notices
        ]

    answer = StatusAnswer(
        current=answers(known.current), coming=answers(known.coming), past=answers(known.past)
    )
    response = Response(answer.model_dump_json(), content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return _kept_for_a_moment(response)


def _kept_for_a_moment(response: Response) -> Response:
    # Who reloads sees the truth; what stands between us and a crowd may answer for a moment.
    response.headers["Cache-Control"] = f"public, max-age=0, s-maxage={KEPT_S}"
    response.add_etag()
    response.make_conditional(request)
    return response
