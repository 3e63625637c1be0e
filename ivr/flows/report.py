"""Reporting an error or an irregularity: to a consultant now, or as a message after the tone."""

from ivr.script import Flow, Lead, Menu, Record, Say
from models import Topic

report = Flow(
    "report",
    menu=Menu(
        "report-menu",
        press={"1": "talk", "2": "describe"},
        otherwise="consultant",
    ),
    talk=Lead("report-talk", then="consultant", topic=Topic.ERROR_REPORT),
    describe=Say("recording-notice report-describe", then="tone", topic=Topic.ERROR_REPORT),
    tone=Record(then="kept", otherwise="consultant"),
)
