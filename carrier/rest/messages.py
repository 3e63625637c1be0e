"""Messages: send an SMS to a telephone of the network."""

from flask import request

from carrier.network import Message
from carrier.rest.desk import (
    API_VERSION,
    Shape,
    day,
    is_landline,
    is_number,
    network,
    page,
    path,
    routes,
)
from carrier.rest.errors import invalid, not_found
from carrier.rest.parameters import PAGES, day_filter, honours, on_days

LONGEST_BODY = 1600
LETTERS_A_SEGMENT = 67


def shape(message: Message, status: str = "") -> Shape:
    """A message as the carrier describes it."""
    here = path(f"/Messages/{message.sid}")
    return {
        "sid": message.sid,
        "account_sid": network().account_sid,
        "messaging_service_sid": None,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "status": status or message.status,
        "direction": "outbound-api",
        "num_segments": str(-(-len(message.body) // LETTERS_A_SEGMENT) or 1),
        "num_media": "0",
        "error_code": None,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "date_created": day(message.created_at),
        "date_updated": day(message.created_at),
        "date_sent": None if status else day(message.created_at),
        "api_version": API_VERSION,
        "uri": f"{here}.json",
        "subresource_uris": {"media": f"{here}/Media.json", "feedback": f"{here}/Feedback.json"},
    }


@routes.post("/<account>/Messages.json")
@honours("To", "From", "Body")
def send_message() -> tuple[Shape, int]:
    """Send an SMS; the answer says "queued", as the carrier's does."""
    to, from_, body = _to(), _from(), _body()
    message = Message(from_, to, body, network().clock.now())
    network().send_message(message)
    return shape(message, "queued"), 201


def _to() -> str:
    to = request.form.get("To", "")
    if not to:
        raise invalid(21604, "A 'To' phone number is required.")
    if not is_number(to):
        raise invalid(21211, f"Invalid 'To' Phone Number: {to}")
    if is_landline(to):
        raise invalid(21614, f"'To' number is not a valid mobile number: {to}")
    return to


def _from() -> str:
    """The sender: a name or a number of the account. A landline must be the configured sender."""
    from_ = request.form.get("From", "")
    if not from_:
        raise invalid(21603, "A 'From' phone number is required.")
    account = network()
    is_name = not from_.startswith("+") and len(from_) <= 11
    is_own = from_ == account.sms_sender or (from_ in account.numbers and not is_landline(from_))
    if not is_name and not is_own:
        raise invalid(21606, f"The 'From' phone number provided ({from_}) cannot send SMS.")
    return from_


def _body() -> str:
    body = request.form.get("Body", "")
    if not body:
        raise invalid(21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise invalid(21617, "The concatenated message body exceeds the 1600 character limit")
    return body


@routes.get("/<account>/Messages.json")
@honours("To", "From", *on_days("DateSent"), *PAGES)
def list_messages() -> Shape:
    """Messages, the newest first."""
    to, from_ = request.args.get("To"), request.args.get("From")
    sent = day_filter("DateSent")
    chosen = [
        message
        for message in reversed(network().messages)
        if to in (None, message.to) and from_ in (None, message.from_) and sent(message.created_at)
    ]
    return page("messages", chosen, shape)


@routes.get("/<account>/Messages/<sid>.json")
def fetch_message(sid: str) -> Shape:
    """One message."""
    for message in network().messages:
        if message.sid == sid:
            return shape(message)
    raise not_found(path(f"/Messages/{sid}.json"))
