"""Our call after an outage: the line works again. Silence ends the call politely."""

from ivr.script import End, Flow, Menu
from models import Outcome

over = Flow(
    "over",
    greeting=Menu(
        "over-greeting over-menu",
        press={"1": "consultant", "2": "bye"},
        otherwise="consultant",
        silence="bye",
    ),
    bye=End("goodbye", outcome=Outcome.INFORMED_OF_OUTAGE),
)
