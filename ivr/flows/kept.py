"""A ticket stays open: the caller learns its number, spoken twice and by SMS where possible."""

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
