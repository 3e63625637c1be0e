"""The line itself is out: the message, the channels that still work, and a callback afterwards.

There is no menu. Supervisors can enter their PIN here, so that an outage started by telephone can
be ended by telephone.
"""

from callcenter.queue import callbacks
from ivr.script import Can, Do, End, Flow, Lead, Menu
from models import Outcome, Topic

outage = Flow(
    "outage",
    message=Menu(
        "announcements outage-channels outage-callback",
        press={"1": "call_me"},
        hidden={"#": "supervisor"},
        only_if={"1": Can.CALLBACK},
        otherwise="bye",
        silence="bye",
        languages="message",
        bulletin=True,
        earns=Outcome.INFORMED_OF_OUTAGE,
        topic=Topic.OUTAGE,
    ),
    call_me=Do(
        callbacks.ask_for_call_after_outage,
        kept="call_kept",
        over="call_kept",
        unavailable="call_not_kept",
    ),
    call_kept=Lead("outage-callback-kept", then="bye"),
    call_not_kept=Lead("outage-callback-not-kept", then="bye"),
    bye=End("goodbye", outcome=Outcome.INFORMED_OF_OUTAGE),
)
