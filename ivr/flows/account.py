"""Requests about an account: prepared by the line, finished by a consultant in the same call."""

from callcenter.privacy.pesel import is_pesel
from callcenter.tickets import caller_actions
from ivr.script import Ask, Do, Flow, Lead, Menu
from models import Topic

account = Flow(
    "account",
    menu=Menu(
        "account-menu",
        press={"1": "email_basic", "2": "email_both", "3": "pesel_exists"},
        otherwise="consultant",
    ),
    email_basic=Lead(
        "account-service-out account-email-basic",
        then="consultant",
        topic=Topic.EMAIL_CHANGE_BASIC_FORGOTTEN,
    ),
    email_both=Lead(
        "account-service-out account-email-both",
        then="consultant",
        topic=Topic.EMAIL_CHANGE_BOTH_FORGOTTEN,
    ),
    pesel_exists=Lead(
        "account-service-out account-pesel-exists", then="pesel", topic=Topic.PESEL_EXISTS
    ),
    pesel=Ask(
        "account-pesel",
        digits=11,
        into="pesel",
        secret=True,
        check=is_pesel,
        wrong="account-pesel-wrong",
        then="note",
        otherwise="consultant",
    ),
    note=Do(caller_actions.note_pesel, noted="prepared", unavailable="consultant"),
    prepared=Lead("account-pesel-noted", then="consultant"),
)
