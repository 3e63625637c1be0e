"""An existing ticket: its state and due date, a complaint, or a further explanation."""

from callcenter.tickets import caller_actions
from callcenter.tickets.ticket_numbers import is_number
from ivr.script import Again, Ask, Do, End, Flow, Menu, Record, Say
from models import Kind, Outcome, Topic

existing = Flow(
    "existing",
    number=Ask(
        "existing-number",
        digits=9,
        into="ticket",
        check=is_number,
        wrong="existing-number-wrong",
        then="find",
        otherwise="consultant",
        topic=Topic.EXISTING_TICKET,
    ),
    find=Do(
        caller_actions.look_up,
        found="state",
        missing=Again("number", "existing-number-unknown"),
        unavailable="consultant",
    ),
    state=Say("existing-state", then="choose", earns=Outcome.GUIDED),
    choose=Menu(
        "existing-choose",
        press={"1": "complain", "2": "enquire"},
        otherwise="consultant",
    ),
    complain=Do(
        caller_actions.may_object,
        allowed="complaint",
        still_open="still_open",
        too_late="too_late",
        unavailable="consultant",
    ),
    enquire=Do(
        caller_actions.may_object,
        allowed="clarification",
        still_open="still_open",
        too_late="too_late",
        unavailable="consultant",
    ),
    still_open=Menu(
        "existing-still-open", press={"1": "consultant", "2": "bye"}, otherwise="consultant"
    ),
    too_late=Menu(
        "existing-too-late", press={"1": "consultant", "2": "bye"}, otherwise="consultant"
    ),
    complaint=Say("recording-notice existing-complaint", then="complaint_tone"),
    complaint_tone=Record(then="kept", otherwise="consultant", kind=Kind.COMPLAINT),
    clarification=Say("recording-notice existing-clarification", then="clarification_tone"),
    clarification_tone=Record(then="kept", otherwise="consultant", kind=Kind.CLARIFICATION),
    bye=End("goodbye", outcome=Outcome.GUIDED),
)
