"""The caller cannot log in: a locked account goes to a consultant, a password gets guidance."""

from callcenter.outbound import text_messages
from ivr.script import Can, Do, End, Flow, Lead, Menu, Say
from models import Outcome, Topic

login = Flow(
    "login",
    menu=Menu(
        "login-menu",
        press={"1": "locked", "2": "basic_forgotten", "3": "both_forgotten"},
        otherwise="consultant",
    ),
    locked=Lead("login-locked", then="consultant", topic=Topic.LOGIN_LOCKED),
    basic_forgotten=Say(
        "login-basic-forgotten",
        then="solved",
        earns=Outcome.GUIDED,
        topic=Topic.BASIC_PASSWORD_FORGOTTEN,
    ),
    both_forgotten=Say(
        "login-both-forgotten",
        then="solved",
        earns=Outcome.GUIDED,
        topic=Topic.BOTH_PASSWORDS_FORGOTTEN,
    ),
    solved=Menu(
        "login-solved",
        press={"1": "bye", "2": "consultant", "3": "send_address"},
        only_if={"3": Can.SMS},
        otherwise="consultant",
    ),
    send_address=Do(
        text_messages.send_address, sent="address_sent", unavailable="address_not_sent"
    ),
    address_sent=Lead("address-sent", then="solved"),
    address_not_sent=Lead("address-not-sent", then="solved"),
    bye=End("goodbye-solved", outcome=Outcome.RESOLVED_BY_LINE),
)
