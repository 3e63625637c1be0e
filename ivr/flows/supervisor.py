"""The hidden key #: a supervisor enters the personal PIN before switching anything."""

from callcenter.announcements import telephone_switching
from callcenter.people.pins import DIGITS, is_pin
from ivr.script import Again, Ask, Do, Flow, Lead
from models import Kind, Outcome

supervisor = Flow(
    "supervisor",
    recognise=Do(
        telephone_switching.recognise, known="switching", stranger="pin", unavailable="turned_away"
    ),
    pin=Ask(
        "supervisor-pin",
        digits=DIGITS,
        into="pin",
        secret=True,
        check=is_pin,
        wrong="supervisor-pin-wrong",
        then="check",
        otherwise="turned_away",
    ),
    check=Do(
        telephone_switching.check_pin,
        right="greeting",
        wrong=Again("pin", "supervisor-pin-wrong"),
        refused="refused",
        unavailable="turned_away",
    ),
    greeting=Lead(
        "supervisor-greeting", then="switching", earns=Outcome.INTERNAL, kind=Kind.INTERNAL
    ),
    refused=Lead("supervisor-pin-refused", then="turned_away"),
    turned_away=Do(
        telephone_switching.is_line_out,
        out="outage",
        working="consultant",
        unavailable="consultant",
    ),
)
