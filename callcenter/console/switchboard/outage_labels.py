"""The desk's words for announcements: scopes, templates, states, ways, and what is not taken."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from callcenter.announcements.drafts import Reason
from callcenter.calendar.local_times import TimeFault
from callcenter.console.layout.labels import Words
from callcenter.recordings.sounds import Unfit
from models import Scope, Template, Way

SCOPES: Words = {
    Scope.SWITCHBOARD: _l("Telephone switchboard"),
    Scope.SERVICE: _l("e-Customer service"),
}
CALLERS_GET: Words = {
    Scope.SWITCHBOARD: _l("Callers hear the announcement, and the call ends."),
    Scope.SERVICE: _l("Callers hear the announcement, then the menu goes on."),
}
OWN = "own"
TEMPLATES: Words = {
    Template.OUTAGE: _l("Outage"),
    Template.MAINTENANCE: _l("Maintenance"),
    OWN: _l("Own words"),
}
STATES: Words = {"on": _l("on"), "coming": _l("planned"), "over": _l("over")}
# A state is never told by its colour alone: the sign stands beside the word.
SIGNS: Mapping[Any, str] = {"on": "▲", "coming": "○", "over": "✓"}
SWITCHED: Words = {
    Way.CONSOLE: _l("on this page"),
    Way.TELEPHONE: _l("by telephone"),
    Way.COMMAND: _l("at the machine, by command"),
    Way.API: _l("through the JSON interface"),
    Way.WINDOW: _l("by its time"),
}
FAULTS: Words = {
    Reason.NO_WORDS: _l("Write the Polish text: callers hear it."),
    Reason.UNKNOWN_LANGUAGE: _l("There is no such language."),
    Reason.TOO_LONG: _l("A text has at most 600 characters."),
    Reason.UNSPEAKABLE: _l("This text has characters that no voice can say."),
    Reason.SILENT: _l("Nothing can be heard in this text: write words."),
    Reason.PERSONAL: _l("This text has a PESEL in it, and everybody would hear it: take it out."),
    Reason.TOO_MANY_WINDOWS: _l("These are too many windows."),
    Reason.ENDS_FIRST: _l("The end must be later than the start."),
    Reason.FAR_AWAY: _l("This year cannot be meant."),
    Reason.WAS_CHANGED: _l("This announcement is over, or somebody has changed it: look again."),
    TimeFault.UNREADABLE: _l("Choose a day and a time."),
    TimeFault.SKIPPED: _l(
        "This time does not exist: that night clocks are put forward over it. Choose an earlier or "
        "a later one."
    ),
    TimeFault.TWICE: _l(
        "This time comes twice: that night clocks are put back. Say whether summer or winter time "
        "is meant."
    ),
    Unfit.NOT_AUDIO: _l("This is no sound file that can be read: use WAV or MP3."),
    Unfit.TOO_LARGE: _l("This file is too large."),
    Unfit.TOO_LONG: _l("This recording is too long."),
    Unfit.TOO_SHORT: _l("This recording is too short."),
    Unfit.SILENT: _l("Nothing can be heard in this recording."),
}
CALLED_OFF = _l("called off before it began")
WERE: Words = {
    Scope.SWITCHBOARD: _l("The telephone switchboard did not work"),
    Scope.SERVICE: _l("The e-Customer service did not work"),
}
EFFECTS: Words = {
    Scope.SWITCHBOARD: _l("Nobody can be reached by telephone: callers hear this announcement."),
    Scope.SERVICE: _l("Accounts and requests of the e-Customer service do not work."),
}
