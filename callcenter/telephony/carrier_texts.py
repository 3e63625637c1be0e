"""SMS at the carrier. Only workers import this module."""

from datetime import datetime

from twilio.base.exceptions import TwilioRestException

from callcenter import telephony

LAST_TEXTS = 20


def send(to: str, body: str) -> str:
    """Send an SMS to the E.164 number `to`; return the carrier's sid of the message.

    Raises RefusedError if the carrier or the dial policy refuses it. After TwilioRestException or a
    requests exception it may have been sent: look for it with `find` before a retry.
    """
    sender = telephony.bound_account().sms_sender
    try:
        message = telephony.client().messages.create(to=to, from_=sender, body=body)
    except TwilioRestException as fault:
        if telephony.is_refusal(fault):
            raise telephony.RefusedError(fault) from fault
        raise
    return str(message.sid)


def find(to: str, body: str, since: datetime) -> list[str]:
    """The sids of SMS to `to` with the text `body`, made at `since` or later, the newest first."""
    return [
        str(text.sid)
        for text in telephony.client().messages.list(to=to, limit=LAST_TEXTS)
        if text.body == body and telephony.is_after(text.date_created, since)
    ]
