"""The switchboard page: what callers hear now, what comes, who did what; and the switches.

What is sent is the state that is wanted, with the id that the announcement will have, so a double
click or a second tab changes nothing. Agents read; supervisors switch. Nothing blocks an ending.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

import words
from callcenter.announcements import drafts, records, switchboard, updates
from callcenter.announcements.board import board
from callcenter.announcements.drafts import AnnouncementError
from callcenter.announcements.notices import Notice, State, from_json, on_now, to_json
from callcenter.announcements.switchboard import Maker
from callcenter.calendar.local_times import WarsawTimeError
from callcenter.console.people.people import insist, pages_for
from callcenter.console.switchboard.outage_forms import (
    MORE_WINDOWS,
    ConfirmForm,
    OutageForm,
    SureForm,
    UpdateForm,
    filled_in,
    shift_end,
    texts,
)
from callcenter.console.switchboard.outage_labels import FAULTS
from callcenter.recordings import sounds
from callcenter.recordings.sounds import SoundError
from models import Announcement, Role, Scope, Way
from models.session import transaction

WRITING_TAKES = timedelta(hours=12)

pages = pages_for(Role.AGENT, "switchboard")


@pages.before_request
def _supervisors_switch() -> None:
    if request.endpoint != "switchboard.index":
        insist(Role.SUPERVISOR)


@pages.get("")
def index() -> ResponseReturnValue:
    return _page(OutageForm(formdata=None))


def _page(form: OutageForm) -> str:
    now = datetime.now(UTC)
    with transaction() as session:
        rows = records.current(session, now)
        notices = [switchboard.notice_of(made) for made in rows]
        told = board().on_now(now)
        if not form.shift_ends_at.data:
            form.shift_ends_at.data = shift_end(now).isoformat()
        return render_template(
            "switchboard/switchboard.html",
            now=now,
            form=form,
            told=told,
            untold=[
                each for each in _in("on", notices, now) if each.uid not in {t.uid for t in told}
            ],
            coming=_coming(notices, now),
            heard=records.heard(session, rows),
            makers=records.makers(session, rows),
            actions=records.history(session),
        )


def _in(state: State, notices: list[Notice], now: datetime) -> list[Notice]:
    return [notice for notice in notices if notice.state(now) == state]


def _coming(notices: list[Notice], now: datetime) -> list[Notice]:
    return sorted(_in("coming", notices, now), key=lambda notice: notice.period(now).starts_at)


@pages.post("/confirm")
def confirm() -> ResponseReturnValue:
    """The exact words of what was filled in, not yet said to anybody."""
    form, now = OutageForm(), datetime.now(UTC)
    if not form.validate():
        return _page(form), 422
    try:
        notice = drafts.prepare(form.wanted(now), now)
        with transaction() as session:
            before = _notice(session, form.replaces.data) if form.replaces.data else None
    except WarsawTimeError:
        return _page(form), 422
    except AnnouncementError as fault:
        form.refuse(fault)
        return _page(form), 422
    if before:
        notice = replace(notice, replaces=before.uid, before=before.periods)
    return _confirmation(notice, ConfirmForm(formdata=None))


def _confirmation(notice: Notice, form: ConfirmForm) -> str:
    now = datetime.now(UTC)
    form.prepared.data = _serializer().dumps(to_json(notice))
    if not form.errors:
        for language in words.LANGUAGES:
            form[f"text_{language}"].data = notice.text.get(language, "")
            form[f"spoken_{language}"].data = False
    return render_template(
        "switchboard/confirm.html",
        now=now,
        notice=notice,
        form=form,
        after=_after(notice),
        line=current_app.config["LINE_NUMBER"],
        already=[on for on in on_now(board().notices(), now) if on.uid != notice.replaces],
    )


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="announcement")


def _after(notice: Notice) -> Mapping[str, str]:
    """What the line says after the announcement, by language; nothing where its menu goes on."""
    if notice.scope is not Scope.SWITCHBOARD:
        return {}
    return {
        language: " ".join(
            words.say(language, message, callback="yes")
            for message in ("outage-channels", "outage-callback")
        )
        for language in words.LANGUAGES
    }


@pages.post("/announce")
def announce() -> ResponseReturnValue:
    """Put it out as it was confirmed; a new recording is heard first."""
    form = ConfirmForm()
    notice = _prepared(form.prepared.data)
    try:
        notice = drafts.reworded(notice, texts(form))
        if recorded := _recorded(form, notice):
            return _confirmation(recorded, form)
        _put_out(notice)
    except AnnouncementError as fault:
        form.refuse(fault)
        return _confirmation(notice, form), 422
    except SoundError:
        return _confirmation(notice, form), 422
    return redirect(url_for(".index", _anchor="now"), 303)


def _prepared(signed: str | None) -> Notice:
    """The announcement that this form was made for. A form that is too old, or not ours: 400."""
    try:
        age = int(WRITING_TAKES.total_seconds())
        return from_json(_serializer().loads(signed or "", max_age=age))
    except (BadData, ValueError, KeyError, TypeError):
        abort(400)


def _recorded(form: ConfirmForm, notice: Notice) -> Notice | None:
    """The notice with the recordings of the form; None when it has none that are new."""
    kept = dict(notice.sounds)
    for language in words.LANGUAGES:
        if form[f"spoken_{language}"].data:
            kept.pop(language, None)
        if file := form[f"sound_{language}"].data:
            kept[language] = _kept(form, language, file.read())
    return replace(notice, sounds=kept) if kept != notice.sounds else None


def _kept(form: ConfirmForm, language: str, data: bytes) -> str:
    try:
        return sounds.keep(data)
    except SoundError as fault:
        form[f"sound_{language}"].errors = [FAULTS[fault.reason]]
        raise


def _put_out(notice: Notice) -> None:
    now = datetime.now(UTC)
    notice = replace(notice, made_at=now)
    with transaction() as session:
        if notice.replaces:
            switchboard.change(session, notice.replaces, notice, _me(), now)
        else:
            switchboard.announce(session, notice, _me())


def _me() -> Maker:
    return Maker(Way.CONSOLE, current_user.id)


@pages.get("/<uid>/change")
def change(uid: str) -> ResponseReturnValue:
    """The form with everything that the announcement has: its time can be set anew.

    One with more windows than the form holds is changed by the API or the command that made it.
    """
    with transaction() as session:
        notice = _notice(session, uid)
    if len(notice.periods) > 1 + len(MORE_WINDOWS):
        abort(404)
    return _page(OutageForm(formdata=None, data=filled_in(notice)))


def _notice(session: Session, uid: str) -> Notice:
    try:
        return switchboard.notice_of(switchboard.of_uid(session, uid))
    except NoResultFound:
        abort(404)


@pages.get("/<uid>/end")
def ask_to_end(uid: str) -> ResponseReturnValue:
    now = datetime.now(UTC)
    with transaction() as session:
        notice = _notice(session, uid)
    form = SureForm(formdata=None)
    return render_template("switchboard/end.html", notice=notice, now=now, form=form)


@pages.post("/<uid>/end")
def end(uid: str) -> ResponseReturnValue:
    """It is over. One that was over already stays as it was."""
    with transaction() as session:
        _notice(session, uid)
        switchboard.end(session, uid, _me(), datetime.now(UTC))
    return redirect(url_for(".index", _anchor="now"), 303)


@pages.route("/<uid>/update", methods=["GET", "POST"])
def update(uid: str) -> ResponseReturnValue:
    """Tell readers of the status page what became known; callers hear the announcement itself."""
    form, now = UpdateForm(), datetime.now(UTC)
    with transaction() as session:
        notice = _notice(session, uid)
        made = switchboard.of_uid(session, uid)
        if request.method == "POST" and form.validate() and _told(session, made, form, now):
            return redirect(url_for(".index", _anchor="now"), 303)
        past = updates.of(session, [made])[uid]
        status = 422 if form.errors else 200
        return render_template(
            "switchboard/update.html", notice=notice, form=form, past=past
        ), status


def _told(session: Session, made: Announcement, form: UpdateForm, now: datetime) -> bool:
    try:
        next_word = form.next_word_at.moment(now) if form.next_word_at.data else None
        updates.add(session, made, texts(form), next_word, current_user.id, now)
    except WarsawTimeError:
        return False
    except AnnouncementError as fault:
        form.refuse(fault)
        return False
    return True
