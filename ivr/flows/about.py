"""About the help desk: how to reach it, when, and how long things take."""

from ivr.script import End, Flow, Menu, Say
from models import Outcome, Topic

about = Flow(
    "about",
    facts=Say(
        "about-channels about-hours about-times",
        then="enough",
        earns=Outcome.RESOLVED_BY_LINE,
        topic=Topic.ABOUT,
    ),
    enough=Menu("about-enough", press={"1": "bye", "2": "consultant"}, otherwise="consultant"),
    bye=End("goodbye", outcome=Outcome.RESOLVED_BY_LINE),
)
