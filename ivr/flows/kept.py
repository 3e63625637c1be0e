"""The ticket stays open: the caller hears its number twice, and gets it by SMS if possible."""

from callcenter.tickets import caller_actions
from ivr.script import Do, End, Flow, Say
from models import Outcome

kept = Flow(
    "kept",
    keep=Do(caller_actions.keep_open, kept="number", unavailable="number_follows"),
    number=Say("kept-number", then="bye"),
    number_follows=Say("kept-number-follows", then="bye"),
    bye=End("goodbye-kept", outcome=Outcome.LEFT_OPEN),
)
