"""Supervisors switch announcements by telephone. Each is heard once before it goes out."""

from callcenter.announcements import telephone_switching
from ivr.script import Again, Do, Flow, Lead, Menu, Record, Say
from models import Outcome, Scope
from words.facts import FACTS

switching = Flow(
    "switching",
    look=Do(telephone_switching.anything_on, told="state", unavailable="not_possible"),
    state=Say("supervisor-state announcements", then="menu"),
    menu=Menu(
        "supervisor-menu",
        press={"1": "line_out", "2": "service_out", "3": "first", "4": "whose", "5": "look"},
        otherwise="consultant",
    ),
    not_possible=Lead("supervisor-not-possible", then="menu"),
    # From a template: heard, confirmed, switched on.
    line_out=Do(
        telephone_switching.draft(Scope.SWITCHBOARD),
        drafted="confirm",
        on_already="on_already",
        unavailable="not_possible",
    ),
    service_out=Do(
        telephone_switching.draft(Scope.SERVICE),
        drafted="confirm",
        on_already="on_already",
        unavailable="not_possible",
    ),
    confirm=Menu(
        "supervisor-will-hear supervisor-text supervisor-follows supervisor-confirm",
        press={"1": "put_out", "2": "dropped"},
        otherwise="consultant",
    ),
    put_out=Do(
        telephone_switching.publish,
        out="is_out",
        on_already="on_already",
        unavailable="not_possible",
    ),
    is_out=Lead("supervisor-is-out", then="menu"),
    on_already=Lead("supervisor-on-already", then="menu"),
    dropped=Lead("supervisor-dropped", then="menu"),
    # The announcements that are on: each is read out, and ended or skipped.
    first=Do(
        telephone_switching.first_on, found="ending", none="none_on", unavailable="not_possible"
    ),
    ending=Menu(
        "supervisor-ending played supervisor-end",
        press={"1": "end", "2": "next"},
        otherwise="consultant",
    ),
    next=Do(
        telephone_switching.next_on, found="ending", none="no_more", unavailable="not_possible"
    ),
    end=Do(telephone_switching.end, ended="is_ended", over="was_over", unavailable="not_possible"),
    none_on=Lead("supervisor-none-on", then="menu"),
    no_more=Lead("supervisor-no-more", then="menu"),
    is_ended=Lead("supervisor-is-ended", then="menu"),
    was_over=Lead("supervisor-was-over", then="menu"),
    # In the supervisor's own voice: recorded, fetched, played back, kept or discarded.
    whose=Menu(
        "supervisor-whose", press={"1": "for_line", "2": "for_service"}, otherwise="consultant"
    ),
    for_line=Do(
        telephone_switching.recorded_draft(Scope.SWITCHBOARD),
        drafted="speak",
        unavailable="not_possible",
    ),
    for_service=Do(
        telephone_switching.recorded_draft(Scope.SERVICE),
        drafted="speak",
        unavailable="not_possible",
    ),
    speak=Say("supervisor-record", then="tone"),
    tone=Record(
        then="listen",
        otherwise="consultant",
        earns=Outcome.INTERNAL,
        longest_s=FACTS.announcement_seconds,
    ),
    listen=Do(
        telephone_switching.listen,
        ready="heard",
        unfit="unfit",
        late=Again("moment", "supervisor-not-here-yet"),
        missing="not_here",
        unavailable="not_possible",
    ),
    moment=Menu("supervisor-moment", press={"2": "drop"}, silence="listen", otherwise="not_here"),
    heard=Menu(
        "supervisor-will-hear played supervisor-follows supervisor-keep",
        press={"1": "put_out", "2": "again", "3": "drop"},
        otherwise="consultant",
    ),
    drop=Do(telephone_switching.discard_draft, dropped="dropped", unavailable="not_possible"),
    again=Do(telephone_switching.discard_draft, dropped="speak", unavailable="not_possible"),
    unfit=Lead("supervisor-unfit", then="menu"),
    not_here=Lead("supervisor-not-here", then="forget"),
    forget=Do(telephone_switching.discard_draft, dropped="menu", unavailable="not_possible"),
)
