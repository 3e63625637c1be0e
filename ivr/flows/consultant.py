"""To a consultant: the queue, the keys while waiting, and what follows if nobody answers."""

from callcenter.queue import call_control, callbacks
from callcenter.recordings import consent
from ivr.script import Can, Do, End, Flow, Lead, Menu, Record, Say, Talk, Transfer, Wait
from models import Outcome

consultant = Flow(
    "consultant",
    may_record=Do(
        consent.ask_once, ask="will_record", settled="connecting", unavailable="connecting"
    ),
    will_record=Menu(
        "talk-recording-notice",
        press={consent.AGREES: "agree", consent.REFUSES: "refuse"},
        silence="refuse",
        patience_s=4,
        otherwise="connecting",
    ),
    agree=Do(consent.agree, noted="connecting", unavailable="connecting"),
    refuse=Do(consent.refuse, noted="not_recorded", unavailable="connecting"),
    not_recorded=Lead("talk-not-recorded", then="connecting"),
    connecting=Transfer(
        "consultant-connecting",
        queue="consultants",
        wait="waiting",
        bridged="kept",
        failed="nobody",
        taken="talking",
    ),
    waiting=Wait(
        "announcements consultant-place consultant-waiting",
        press={"1": "call_back", "2": "message"},
        only_if={"1": Can.CALLBACK},
        overdue="nobody",
        longest_s=300,
    ),
    talking=Talk(parted="how_it_ended"),
    how_it_ended=Do(
        call_control.how_it_ended,
        resolved="settled",
        lost="lost",
        open="kept",
        unavailable="kept",
    ),
    lost=Lead("consultant-lost", then="connecting"),
    settled=End("goodbye-solved", outcome=Outcome.RESOLVED_BY_AGENT),
    call_back=Do(
        callbacks.ask_for_callback, kept="call_back_kept", unavailable="call_back_not_kept"
    ),
    call_back_kept=Lead("consultant-callback-kept", then="kept", earns=Outcome.LEFT_OPEN),
    call_back_not_kept=Lead("consultant-callback-not-kept", then="message"),
    message=Say("recording-notice consultant-message", then="tone"),
    tone=Record(then="kept", otherwise="connecting"),
    nobody=Say("consultant-nobody recording-notice consultant-message", then="late_tone"),
    late_tone=Record(then="kept", otherwise="unserved"),
    unserved=Lead("consultant-unserved", then="kept", earns=Outcome.LEFT_OPEN),
)
