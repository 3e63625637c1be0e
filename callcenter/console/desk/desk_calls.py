"""Views for the desk's call buttons: the own call, callbacks, and the supervisors' actions."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Session

from callcenter.callers.identity import is_number, parse_caller
from callcenter.console.desk.desk_live import answer, done
from callcenter.console.forms.row_ids import row_id
from callcenter.console.layout import shown
from callcenter.console.layout.labels import REFUSALS, Words
from callcenter.console.people.people import insist, pages_for
from callcenter.outbound import dial_policy
from callcenter.queue import call_control, presence
from models import Agent, Away, Leg, Purpose, Role

pages = pages_for(Role.AGENT, "desk_calls")
# The addresses are under the desk.
pages.url_prefix = "/desk"

Action = Callable[[Session, Leg, datetime], None]
# The sentences for the keys of call_control.NotPossibleError.
NOT_POSSIBLE: Words = {
    "not_in_a_talk": _l("You are in no call."),
    "finish_first": _l("Finish the ticket in hand first."),
    "somebody_is_asked": _l("Somebody is being asked already: take the caller back first."),
    "yourself": _l("That is yourself."),
    "not_free": _l("This person is not free now."),
    "not_there": _l("This person is not at the desk."),
    "nobody_came": _l("Nobody has come yet."),
    "not_allowed": _l("Only supervisors may do this."),
    "talk_is_over": _l("This call is over."),
    "not_recorded": _l("This call is not recorded."),
    "called_back_already": _l("Somebody calls back already."),
}
OVERHEAR = {Purpose.LISTEN.value, Purpose.WHISPER.value, Purpose.JOIN.value}


def _with_my_call(action: Action) -> ResponseReturnValue:
    """Perform the action on this person's current leg, and answer with the live parts.

    A refusal is shown as a sentence. The action is refused if the form names another leg.
    """

    def with_leg(session: Session, now: datetime) -> str | None:
        leg = call_control.own_leg(session, current_user.id)
        if leg is None:
            return str(_("This call is over."))
        if request.form.get("leg", str(leg.id)) != str(leg.id):
            return str(_("This is another call now: nothing was done."))
        action(session, leg, now)
        return None

    return _possible(with_leg)


def _possible(action: Callable[[Session, datetime], str | None]) -> ResponseReturnValue:
    try:
        return done(action)
    except call_control.NotPossibleError as why:
        return answer(shown.word(str(why), NOT_POSSIBLE))


@pages.post("/call/decline")
def decline() -> ResponseReturnValue:
    return _with_my_call(call_control.decline)


@pages.post("/call/leave")
def leave() -> ResponseReturnValue:
    return _with_my_call(call_control.leave)


@pages.post("/call/hold")
def hold() -> ResponseReturnValue:
    """Set the hold to the sent state `on`; it is no toggle, so a double press is harmless."""
    on = request.form.get("on") == "1"
    return _with_my_call(lambda session, leg, now: call_control.hold(session, leg, on, now))


@pages.post("/call/recording")
def pause_recording() -> ResponseReturnValue:
    on = request.form.get("on") == "1"
    return _with_my_call(
        lambda session, leg, now: call_control.pause_recording(session, leg, on, now)
    )


@pages.post("/call/hand-over")
def hand_over() -> ResponseReturnValue:
    to, first = request.form.get("to", type=row_id), request.form.get("first") == "1"
    if to is None:
        abort(400)
    return _with_my_call(
        lambda session, leg, now: call_control.hand_over(session, leg, to, first, now)
    )


@pages.post("/call/complete")
def complete() -> ResponseReturnValue:
    return _with_my_call(call_control.complete)


@pages.post("/call/bring-back")
def bring_back() -> ResponseReturnValue:
    return _with_my_call(call_control.bring_back)


@pages.post("/call/third")
def add_third() -> ResponseReturnValue:
    """Add a third: a person of the desk by id, or a telephone number as people write it."""
    to: int | str | None = request.form.get("to", type=row_id)
    if to is None:
        to = parse_caller(request.form.get("number"))
        if not is_number(to):
            return answer(_("Type a telephone number, such as 22 123 45 67."))
        if why := dial_policy.refusal(dial_policy.Service.CALL, to):
            return answer(str(REFUSALS[why]))
    third = to
    return _with_my_call(lambda session, leg, now: call_control.add_third(session, leg, third, now))


@pages.post("/callbacks/<int:callback_id>/call")
def call_back(callback_id: int) -> ResponseReturnValue:
    """Make a callback now, before dispatch offers it."""

    def action(session: Session, now: datetime) -> None:
        call_control.call_back_now(session, current_user.id, callback_id, now)

    return _possible(action)


@pages.post("/talks/<int:talk_id>/<how>")
def supervise(talk_id: int, how: str) -> ResponseReturnValue:
    """Listen to a conversation, whisper to its consultant, or join it."""
    _for_supervisors()
    if how not in OVERHEAR:
        abort(404)

    def action(session: Session, now: datetime) -> None:
        call_control.supervise(session, current_user.id, talk_id, Purpose(how), now)

    return _possible(action)


@pages.post("/team/<int:agent_id>/away")
def send_away(agent_id: int) -> ResponseReturnValue:
    """Set a person away, for example one who forgot to sign out."""
    _for_supervisors()

    def action(session: Session, now: datetime) -> None:
        if session.get(Agent, agent_id) is None:
            abort(404)
        presence.be_away(session, agent_id, Away.BREAK, now)

    return done(action)


def _for_supervisors() -> None:
    insist(Role.SUPERVISOR)
