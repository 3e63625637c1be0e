"""The labels of kinds, topics, states and outcomes on the pages."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l

import words
from callcenter.calendar.deadlines import Due
from callcenter.outbound.dial_policy import Refusal
from callcenter.recordings.conversation_recordings import RecordingStanding
from callcenter.tickets.decisions import DecisionKind, Reason
from callcenter.tickets.full_text import Unasked
from callcenter.tickets.resolutions import Resolution
from ivr.transitions import Result
from models import (
    Away,
    CallStatus,
    Device,
    Kind,
    Left,
    Outcome,
    Purpose,
    Ring,
    Role,
    State,
    Status,
    Topic,
)

Words = Mapping[Any, LazyString]


def _name_of(topic: Topic) -> str:
    """As the word files name it, in the page's language."""
    return words.topic(str(get_locale() or "pl"), topic.value)


STATUSES: Words = {
    Status.OPEN: _l("open"),
    Status.RESOLVED: _l("resolved"),
    Status.CLOSED: _l("closed"),
}
# A state is never told by its colour alone: the sign stands beside the word.
SIGNS: Mapping[Any, str] = {Status.OPEN: "○", Status.RESOLVED: "✓", Status.CLOSED: "–"}
KINDS: Words = {
    Kind.INCIDENT: _l("notification"),
    Kind.SERVICE_REQUEST: _l("service request"),
    Kind.COMPLAINT: _l("complaint"),
    Kind.CLARIFICATION: _l("request for further explanation"),
    Kind.INFORMATION: _l("information"),
    Kind.OUTAGE: _l("outage"),
    Kind.INTERNAL: _l("internal"),
    Kind.UNKNOWN: _l("not known yet"),
}
TOPICS: Words = {topic: LazyString(_name_of, topic) for topic in Topic}
OUTCOMES: Words = {
    Outcome.RESOLVED_BY_LINE: _l("resolved by the line"),
    Outcome.RESOLVED_BY_AGENT: _l("resolved by a consultant"),
    Outcome.GUIDED: _l("heard the guidance"),
    Outcome.LEFT_OPEN: _l("left open"),
    Outcome.ABANDONED: _l("hung up before help"),
    Outcome.INFORMED_OF_OUTAGE: _l("informed of the outage"),
    Outcome.INTERNAL: _l("internal"),
}
# Short ones: a list of them is read at a glance while somebody talks.
RESOLUTIONS: Words = {
    Resolution.UNLOCKED: _l("log-in unlocked"),
    Resolution.PASSWORD_CHANGED: _l("password changed"),
    Resolution.EMAIL_CHANGED: _l("e-mail changed"),
    Resolution.ACCOUNT_MADE: _l("account created"),
    Resolution.PESEL_FREED: _l("PESEL released"),
    Resolution.OLD_ACCOUNT_FOUND: _l("existing account found"),
    Resolution.SENT_TO_PAGE: _l("sent to the web page"),
    Resolution.SENT_TO_OFFICE: _l("sent to a customs office"),
    Resolution.IDENTITY_IN_DOUBT: _l("identity not confirmed"),
    Resolution.FAULT_MENDED: _l("fault mended"),
    Resolution.NO_FAULT: _l("works as it should"),
    Resolution.ANOTHER_WAY: _l("another way shown"),
    Resolution.KNOWN_OUTAGE: _l("known outage"),
    Resolution.STATE_TOLD: _l("state of the ticket told"),
    Resolution.EXPLAINED: _l("explained"),
    Resolution.COMPLAINT_GRANTED: _l("complaint granted"),
    Resolution.COMPLAINT_REFUSED: _l("complaint refused"),
    Resolution.NOT_OURS: _l("not a matter of ours"),
    Resolution.CALLER_GONE: _l("caller hung up"),
    Resolution.OTHER: _l("other, see the note"),
    Resolution.NEEDS_SPECIALIST: _l("waits for a specialist"),
    Resolution.NEEDS_CALLER: _l("waits for the caller"),
    Resolution.NEEDS_SERVICE: _l("waits for e-Klient"),
    Resolution.CALL_PROMISED: _l("a call was promised"),
    Resolution.OUT_OF_TIME: _l("wrap-up time ran out"),
}
ACTIONS: Words = {
    DecisionKind.RESOLVED: _l("resolved it during the call"),
    DecisionKind.LEFT_OPEN: _l("left it open"),
    DecisionKind.OUT_OF_TIME: _l("did not finish in time: left open"),
    DecisionKind.ANSWERED: _l("answered it"),
    DecisionKind.REOPENED: _l("reopened it"),
    DecisionKind.ASSIGNED: _l("gave it to somebody"),
    DecisionKind.TOPIC_SET: _l("changed the topic"),
    DecisionKind.DUE_SET: _l("changed the day it is due"),
    DecisionKind.RELATED: _l("tied it to a ticket"),
    DecisionKind.MERGED: _l("merged it into an older ticket"),
    DecisionKind.TOOK_IN: _l("merged a later ticket into it"),
    DecisionKind.LISTENED: _l("listened to the recording of a talk"),
    DecisionKind.SAW_PESEL: _l("saw the PESEL that the caller typed"),
}
UNASKED: Words = {
    Unasked.NOTHING: _l("Type a word: there is no letter and no digit."),
    Unasked.TOO_MANY: _l("At most 16 words are searched for at once."),
}
REASONS: Words = {
    Reason.ITSELF: _l("A ticket cannot be tied to itself, or merged with itself."),
    Reason.CALL_LASTS: _l("The call still lasts: finish it first."),
    Reason.IS_MERGED: _l("This ticket was merged into another: work on that one."),
    Reason.NOT_OPEN: _l("This ticket is not open: reopen it first, or save the note alone."),
    Reason.IS_OPEN: _l("This ticket is open already."),
    Reason.NO_SUCH_RESOLUTION: _l("This resolution does not belong to the topic."),
    Reason.NO_CALL_BACK: _l("You are calling nobody back about this ticket."),
    Reason.HOUSES_OWN: _l("A ticket of the house's own call is nobody's matter."),
}
FIELDS: Words = {
    "status": _l("Status"),
    "topic": _l("Topic"),
    "resolution": _l("Resolution"),
    "due_at": _l("Due"),
    "assigned_to": _l("With"),
    "related_to": _l("About the ticket"),
    "merged_into": _l("Merged into"),
    "took_in": _l("Merged ticket"),
}
BOARDS: Words = {
    Due.LATE: _l("late"),
    Due.TODAY: _l("today"),
    Due.WEEK: _l("within five working days"),
}
CALL_STATUSES: Words = {
    CallStatus.QUEUED: _l("queued"),
    CallStatus.RINGING: _l("ringing"),
    CallStatus.IN_PROGRESS: _l("in progress"),
    CallStatus.COMPLETED: _l("completed"),
    CallStatus.BUSY: _l("busy"),
    CallStatus.FAILED: _l("failed"),
    CallStatus.NO_ANSWER: _l("not answered"),
    CallStatus.CANCELED: _l("cancelled"),
}
LEFT: Words = {
    Left.BRIDGED: _l("taken by a consultant"),
    Left.MESSAGE: _l("left a message"),
    Left.CALLBACK: _l("asked to be called back"),
    Left.MENU: _l("went back to the menu"),
    Left.TIMEOUT: _l("nobody came"),
    Left.HANGUP: _l("hung up"),
    Left.FAULT: _l("the queue failed"),
}
LANGUAGES: Words = {"pl": _l("Polish"), "en": _l("English"), "uk": _l("Ukrainian")}
ROLES: Words = {Role.AGENT: _l("consultant"), Role.SUPERVISOR: _l("supervisor")}
RESULTS: Words = {
    Result.PRESSED: _l("chosen"),
    Result.TYPED: _l("typed"),
    Result.HEARD: _l("heard to the end"),
    Result.SKIPPED: _l("cut short"),
    Result.RECORDED: _l("message recorded"),
    Result.CONSULTANT: _l("wants a consultant"),
    Result.MAIN_MENU: _l("back to the main menu"),
    Result.REPEAT: _l("wants to hear it again"),
    Result.LANGUAGE: _l("changes the language"),
    Result.SILENCE: _l("no answer"),
    Result.WRONG_KEY: _l("this key leads nowhere here"),
    Result.TOO_FEW_DIGITS: _l("too few digits"),
    Result.REFUSED: _l("not accepted"),
    Result.NOTHING_RECORDED: _l("nothing was recorded"),
    Result.BRIDGED: _l("talked with a consultant"),
    Result.TAKEN: _l("taken by a consultant"),
    Result.GIVEN_BACK: _l("back in the queue: the consultant was gone"),
    Result.PARTED: _l("the talk is over"),
    Result.QUEUE_FAILED: _l("the queue failed"),
    Result.LEFT_QUEUE: _l("left the queue"),
    Result.OVERDUE: _l("nobody came in time"),
    Result.HUNG_UP: _l("hung up"),
    Result.LOST: _l("came after the end of the call"),
}
# What the line itself writes on a ticket: the name of the change, and its words.
CHANGES: Words = {"call_back": _l("Our call"), "talk": _l("Talk")}
CALL_BACK_STEPS: Words = {
    "called": _l("called"),
    "told": _l("answered, and told that the line works again"),
    "out_again": _l("answered, but the line was out again"),
    "completed": _l("answered, but heard nothing"),
    "busy": _l("busy"),
    "no-answer": _l("not answered"),
    "voice-mail": _l("a voice mailbox answered"),
    "failed": _l("failed"),
    "canceled": _l("cancelled"),
    "withdrawn": _l("withdrawn: one call is enough"),
    "lost": _l("the consultant was lost: called again"),
    "broken": _l("the consultant was lost"),
    "refused": _l("the carrier does not call this number"),
    "texted": _l("SMS sent in place of the call"),
    "unreached": _l("not reached, and no SMS possible: a consultant must call"),
}
STATES: Words = {
    State.AVAILABLE: _l("takes calls"),
    State.ON_CALL: _l("on a call"),
    State.WRAPPING_UP: _l("finishing a ticket"),
    State.AWAY: _l("away"),
}
# As with tickets: a state is a sign and a word, its colour is only the third.
STATE_SIGNS: Mapping[Any, str] = {
    State.AVAILABLE: "●",
    State.ON_CALL: "☎",
    State.WRAPPING_UP: "✎",
    State.AWAY: "○",
}
AWAYS: Words = {
    Away.BREAK: _l("break"),
    Away.MEAL: _l("meal"),
    Away.PAPERWORK: _l("paperwork"),
    Away.TRAINING: _l("training"),
    Away.UNANSWERED: _l("did not answer"),
    Away.DECLINED: _l("declined a call"),
    Away.GONE: _l("not at the desk"),
    Away.SIGNED_OUT: _l("signed out"),
}
PURPOSES: Words = {
    Purpose.TAKE: _l("a call from the queue"),
    Purpose.HANDOVER: _l("handed over"),
    Purpose.CONSULT: _l("asked before it is handed over"),
    Purpose.THIRD: _l("third in the call"),
    Purpose.LISTEN: _l("listens"),
    Purpose.WHISPER: _l("whispers to the consultant"),
    Purpose.JOIN: _l("joined as supervisor"),
}
# The carrier's words for a recording, and ours.
RECORDINGS: Words = {
    "in-progress": _l("being recorded"),
    "paused": _l("recording paused"),
    "completed": _l("being fetched"),
    "absent": _l("nothing was recorded"),
    "lost": _l("the carrier has lost it"),
    "erased": _l("erased after the retention time"),
}
RECORDED: Words = {
    RecordingStanding.SOON: _l("will be recorded in a moment"),
    RecordingStanding.ON: _l("is recorded"),
    RecordingStanding.PAUSING: _l("the recording is being paused"),
    RecordingStanding.PAUSED: _l("recording paused"),
    RecordingStanding.REFUSED: _l("the caller wants no recording"),
}
RECORDED_SIGNS: Mapping[Any, str] = {
    RecordingStanding.SOON: "○",
    RecordingStanding.ON: "●",
    RecordingStanding.PAUSING: "●",
    RecordingStanding.PAUSED: "‖",
    RecordingStanding.REFUSED: "⊘",
}
# Filled in with names: who is asked has to know it before deciding.
IN_HAND: LazyString = _l(
    "%(who)s has this ticket in hand now: in a call, or finishing it. Nothing you typed is lost:"
    " press again to decide all the same."
)
RINGS: Words = {
    Ring.DOUBLE: _l("a double tone"),
    Ring.BELL: _l("a bell"),
    Ring.SOFT: _l("a soft tone"),
    Ring.RISING: _l("a rising tone"),
}
DEVICES: Words = {
    Device.BROWSER: _l("this browser"),
    Device.NUMBER: _l("a telephone number"),
    Device.SIP: _l("a SIP telephone"),
}

# Why the line does not call or text a number: see callcenter.outbound.dial_policy.
REFUSALS: Words = {
    Refusal.NO_NUMBER: _l("This is no telephone number."),
    Refusal.INVALID: _l("There is no such telephone number."),
    Refusal.OUR_OWN: _l("This is the line's own number."),
    Refusal.COUNTRY: _l("Numbers of this country are not called."),
    Refusal.NUMBER_TYPE: _l("Numbers of this kind are not called: they may cost a lot."),
    Refusal.PER_NUMBER: _l("The limit of today for this number is reached."),
    Refusal.PER_PREFIX: _l("The limit of today for numbers like this one is reached."),
    Refusal.PER_DAY: _l("The limit of today is reached."),
}
