"""What supervisors do on the telephone: known by their PIN, they hear and switch announcements.

Who they are stands in the turns of the call, written by `check`. Each action looks there and at the
person's row; an action asked for without them is not done.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.actions import Action, ActionResult, Case, action
from callcenter.announcements import drafts, switchboard
from callcenter.announcements.board import board
from callcenter.announcements.drafts import AnnouncementError, Wanted
from callcenter.announcements.notices import Notice, facts_on
from callcenter.announcements.switchboard import Maker
from callcenter.people import pins
from callcenter.recordings import store
from models import Agent, Announcement, Recording, Role, Scope, Template, Way


@action(known="supervisor", stranger="")
def recognise(session: Session, case: Case) -> ActionResult:
    """Action: the supervisor whose PIN was accepted earlier in this call."""
    agent = _supervisor(session, case)
    return ActionResult("known", {"supervisor": agent.id}) if agent else ActionResult("stranger")


def _supervisor(session: Session, case: Case) -> Agent | None:
    known = session.get(Agent, case.said.get("supervisor", 0))
    return known if known and known.active and known.role is Role.SUPERVISOR else None


@action(right="supervisor", wrong="", refused="")
def check_pin(session: Session, case: Case) -> ActionResult:
    """Action: check the PIN that was just typed, and tell whose it is."""
    caller = case.call.caller
    if case.secret is None or pins.is_refused(session, caller, case.now):
        return ActionResult("refused")
    agent = pins.check_pin(session, caller, case.secret, case.now)
    return ActionResult("right", {"supervisor": agent.id}) if agent else ActionResult("wrong")


def _by_the_board(now: datetime) -> ActionResult:
    out = any(notice.scope is Scope.SWITCHBOARD for notice in board().on_now(now))
    return ActionResult("out" if out else "working")


@action(_by_the_board, out="", working="")
def is_line_out(_session: Session, case: Case) -> ActionResult:
    """Action: whether callers hear that the line itself is out."""
    return _by_the_board(case.now)


def _supervisors_action(
    **outcomes: str,
) -> Callable[[Callable[[Session, Case, Agent], ActionResult]], Action]:
    """An action that is done only for a supervisor whom this call's turns know."""

    def make(does: Callable[[Session, Case, Agent], ActionResult]) -> Action:
        def checked(session: Session, case: Case) -> ActionResult:
            agent = _supervisor(session, case)
            return does(session, case, agent) if agent else ActionResult("unavailable")

        return action(**outcomes)(checked)

    return make


@_supervisors_action(told="on")
def anything_on(_session: Session, case: Case, _agent: Agent) -> ActionResult:
    """Action: whether callers hear anything now."""
    return ActionResult("told", {"on": "yes" if board().on_now(case.now) else "no"})


def draft(scope: Scope) -> Action:
    """An action: the outage template of `scope`, prepared and not yet out."""

    @_supervisors_action(drafted="scope text draft sound", on_already="")
    def prepare(_session: Session, case: Case, _agent: Agent) -> ActionResult:
        notice = drafts.prepare(_wanted(scope), case.now)
        if notice.fact in {other.fact for other in facts_on(board().notices(), case.now)}:
            return ActionResult("on_already")
        return ActionResult("drafted", _draft(notice, case))

    return prepare


def recorded_draft(scope: Scope) -> Action:
    """An action: the same, to be told in the supervisor's own voice, whatever is out already."""

    @_supervisors_action(drafted="scope text draft sound")
    def prepare(_session: Session, case: Case, _agent: Agent) -> ActionResult:
        return ActionResult("drafted", _draft(drafts.prepare(_wanted(scope), case.now), case))

    return prepare


def _wanted(scope: Scope) -> Wanted:
    return Wanted(scope, Template.OUTAGE)


def _draft(notice: Notice, case: Case) -> dict[str, str]:
    """Keep the draft until it is published, under the uid that it will have then."""
    text = notice.text[case.call.language]
    return {"scope": notice.scope, "text": text, "draft": secrets.token_hex(8), "sound": ""}


@_supervisors_action(ready="played sound", unfit="unfit", late="", missing="")
def listen(session: Session, case: Case, _agent: Agent) -> ActionResult:
    """Action: the message just recorded, if it is here and can be played."""
    recording = _recording(session, case)
    if recording is None or recording.status in store.GONE:
        return ActionResult("missing")
    if recording.unfit:
        return ActionResult("unfit", {"unfit": recording.unfit})
    if recording.sound:
        return ActionResult(
            "ready", {"played": f"sound:{recording.sound}", "sound": recording.sound}
        )
    return ActionResult("late")


def _recording(session: Session, case: Case) -> Recording | None:
    sid = case.said.get("recording")
    return store.for_announcement(session, case.call, sid, case.now) if sid else None


@_supervisors_action(dropped="")
def discard_draft(session: Session, case: Case, _agent: Agent) -> ActionResult:
    """Action: forget the message just recorded. Nothing went out."""
    if recording := _recording(session, case):
        store.discard(session, recording)
    return ActionResult("dropped")


@_supervisors_action(out="", on_already="")
def publish(session: Session, case: Case, agent: Agent) -> ActionResult:
    """Action: publish what was heard: the template, or its recording in this language."""
    maker, scope = Maker(Way.TELEPHONE, agent.id), Scope(case.said["scope"])
    sound = case.said["sound"]
    voice = {case.call.language: sound} if sound else {}
    prepared = drafts.prepare(replace(_wanted(scope), sounds=voice), case.now)
    notice = replace(prepared, uid=case.said["draft"])
    made = switchboard.announce(session, notice, maker)
    if made.uid == notice.uid:
        return ActionResult("out")
    if not voice:
        return ActionResult("on_already")
    return _give_voice(session, made, notice, maker)


def _give_voice(session: Session, out: Announcement, notice: Notice, maker: Maker) -> ActionResult:
    """Add this recording to an announcement with the same words that is on already."""
    before = switchboard.notice_of(out)
    spoken = replace(notice, periods=before.periods, sounds={**before.sounds, **notice.sounds})
    now = notice.made_at
    if now is None:
        return ActionResult("unavailable")
    try:
        switchboard.change(session, out.uid, spoken, maker, now)
    except AnnouncementError:
        return ActionResult("unavailable")
    return ActionResult("out")


@_supervisors_action(found="ending played", none="")
def first_on(_session: Session, case: Case, _agent: Agent) -> ActionResult:
    """Action: the most urgent of what callers hear now."""
    return _chosen([*facts_on(board().notices(), case.now)])


@_supervisors_action(found="ending played", none="")
def next_on(_session: Session, case: Case, _agent: Agent) -> ActionResult:
    """Action: the announcement after the one that was told last."""
    on = [*facts_on(board().notices(), case.now)]
    last = next((at for at, one in enumerate(on) if one.uid == case.said["ending"]), len(on))
    return _chosen(on[last + 1 :])


def _chosen(ahead: list[Notice]) -> ActionResult:
    if not ahead:
        return ActionResult("none")
    return ActionResult("found", {"ending": ahead[0].uid, "played": f"announcement:{ahead[0].uid}"})


@_supervisors_action(ended="", over="")
def end(session: Session, case: Case, agent: Agent) -> ActionResult:
    """Action: end the announcement that was told, and whatever else tells the same fact now."""
    on = [notice for notice in board().notices() if notice.state(case.now) == "on"]
    facts = {notice.fact for notice in on if notice.uid == case.said["ending"]}
    uids = [notice.uid for notice in on if notice.fact in facts]
    rows = select(Announcement.uid).where(Announcement.uid.in_(uids))
    going_on = session.scalars(rows.where(Announcement.ended_at.is_(None)).order_by("id")).all()
    for uid in going_on:
        switchboard.end(session, uid, Maker(Way.TELEPHONE, agent.id), case.now)
    return ActionResult("ended" if going_on else "over")
