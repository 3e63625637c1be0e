"""The desk's words for the phone script: its flows, and what leads from node to node."""

from flask_babel import lazy_gettext as _l

from callcenter.console.layout.labels import Words
from ivr.script import Can

FLOWS: Words = {
    "main": _l("Main menu"),
    "login": _l("I cannot log in"),
    "account": _l("My account"),
    "report": _l("Report an error or irregularity"),
    "existing": _l("A ticket I already have"),
    "about": _l("About the help desk"),
    "consultant": _l("To a consultant"),
    "kept": _l("The ticket stays open"),
    "outage": _l("The line is out"),
    "over": _l("Our call when the outage is over"),
    "supervisor": _l("A supervisor's PIN"),
    "switching": _l("Supervisors switch announcements"),
}
# What a key needs of the caller.
CONDITIONS: Words = {
    Can.SMS: _l("only where an SMS can be sent"),
    Can.CALLBACK: _l("only where the number can be called"),
}
# What became of an action of the line.
WAYS: Words = {
    "resolved": _l("the consultant resolved it"),
    "open": _l("it stays open"),
    "lost": _l("the consultant was lost"),
    "unavailable": _l("cannot be done now"),
    "found": _l("found"),
    "missing": _l("there is none"),
    "sent": _l("sent"),
    "kept": _l("kept"),
    "allowed": _l("allowed"),
    "still_open": _l("the ticket is still open"),
    "too_late": _l("too late"),
    "known": _l("the PIN was right before in this call"),
    "stranger": _l("no PIN was right yet"),
    "right": _l("the PIN is right"),
    "wrong": _l("the PIN is wrong"),
    "refused": _l("no PIN is taken now"),
    "out": _l("is out"),
    "working": _l("works"),
    "told": _l("told"),
    "drafted": _l("prepared"),
    "on_already": _l("is on already"),
    "none": _l("there is none"),
    "ended": _l("ended"),
    "over": _l("was over"),
    "ready": _l("ready"),
    "unfit": _l("cannot be played"),
    "late": _l("not here yet"),
    "dropped": _l("dropped"),
    "noted": _l("noted"),
    "ask": _l("to be asked first"),
    "settled": _l("nothing to ask"),
}
