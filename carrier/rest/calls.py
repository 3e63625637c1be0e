"""Calls: make one, end or redirect one, list them; and the account itself."""

from typing import Any

from flask import request

from carrier.call import Call, Callback, Direction, HungUp, Status
from carrier.line import Jump, Redirected
from carrier.rest.desk import (
    API_VERSION,
    Shape,
    day,
    must_be_callable,
    must_be_ours,
    network,
    page,
    path,
    routes,
)
from carrier.rest.errors import invalid, not_found, too_many
from carrier.rest.parameters import PAGES, choice, day_filter, honours, method, number, on_days

LONGEST_RING_S = 600
OF_DOCUMENT = ("Url", "Method", "Twiml")
OF_FALLBACK = ("FallbackUrl", "FallbackMethod")
OF_STATUS = ("StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent")


def shape(call: Call) -> Shape:
    """A call as the carrier describes it."""
    here = path(f"/Calls/{call.sid}")
    ended = call.ended_at is not None
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "parent_call_sid": call.parent_sid or None,
        "from": call.from_,
        "from_formatted": call.from_,
        "to": call.to,
        "to_formatted": call.to,
        "phone_number_sid": network().main.sid,
        "status": call.status.value,
        "direction": call.direction.value,
        "date_created": day(call.created_at),
        "date_updated": day(call.ended_at or call.answered_at or call.created_at),
        "start_time": day(call.answered_at or (call.ended_at if ended else None)),
        "end_time": day(call.ended_at),
        "duration": str(call.duration) if ended else None,
        "price": None,
        "price_unit": "USD",
        "answered_by": None,
        "forwarded_from": None,
        "caller_name": None,
        "group_sid": None,
        "trunk_sid": None,
        "queue_time": "0",
        "api_version": API_VERSION,
        "uri": f"{here}.json",
        "subresource_uris": {
            name: f"{here}/{name.title().replace('_', '')}.json"
            for name in ("notifications", "recordings", "payments", "events", "streams")
        },
    }


@routes.get("/<account>.json")
def fetch_account() -> Shape:
    """The account."""
    account = network()
    made = day(account.main.created_at or account.clock.now())
    return {
        "sid": account.account_sid,
        "friendly_name": "Centrala",
        "status": "active",
        "type": "Full",
        "owner_account_sid": account.account_sid,
        "auth_token": account.auth_token,
        "date_created": made,
        "date_updated": made,
        "uri": f"/{API_VERSION}/Accounts/{account.account_sid}.json",
        "subresource_uris": {"calls": path("/Calls.json"), "messages": path("/Messages.json")},
    }


@routes.get("/<account>/Calls.json")
@honours("To", "From", "ParentCallSid", "Status", *on_days("StartTime", "EndTime"), *PAGES)
def list_calls() -> Shape:
    """Calls, the newest first."""
    status = choice("Status", list(Status))
    began, ended = day_filter("StartTime"), day_filter("EndTime")
    chosen = [
        call
        for call in reversed(list(network().calls.values()))
        if _is_of(call)
        and status in (None, call.status.value)
        and began(call.answered_at or call.created_at)
        and ended(call.ended_at)
    ]
    return page("calls", chosen, shape)


def _is_of(call: Call) -> bool:
    wanted = {"To": call.to, "From": call.from_, "ParentCallSid": call.parent_sid}
    return all(request.args.get(name) in (None, "", value) for name, value in wanted.items())


@routes.get("/<account>/Calls/<sid>.json")
def fetch_call(sid: str) -> Shape:
    """One call."""
    return shape(find(sid))


def find(sid: str) -> Call:
    """A call by its sid. Raises RestError with status 404."""
    call = network().calls.get(sid)
    if call is None:
        raise not_found(path(f"/Calls/{sid}.json"))
    return call


@routes.post("/<account>/Calls.json")
@honours("To", "From", "Timeout", *OF_DOCUMENT, *OF_FALLBACK, *OF_STATUS)
def make_call() -> tuple[Shape, int]:
    """Make a call: it rings at a telephone of the network."""
    to = must_be_callable(request.form.get("To", ""))
    from_ = must_be_ours(request.form.get("From", ""))
    jump = _jump()
    account = network()
    if not account.may_create_call():
        raise too_many()
    callback, rings_for = callback_of(), rings_of()
    call = account.new_leg(from_, to, Direction.OUTBOUND_API, callback, rings_for)
    call.fallback_url = request.form.get("FallbackUrl", "")
    call.fallback_method = method("FallbackMethod")
    answer = shape(call)
    account.call_out(call, jump)
    return answer, 201


def rings_of() -> float:
    """How long a telephone rings by the form, in seconds."""
    return float(number("Timeout", 60, LONGEST_RING_S))


def callback_of() -> Callback:
    """The status callback that a form requests."""
    events = frozenset(request.form.getlist("StatusCallbackEvent")) or frozenset({"completed"})
    by = method("StatusCallbackMethod")
    return Callback(request.form.get("StatusCallback", ""), by, events)


def _jump() -> Jump:
    if twiml := request.form.get("Twiml"):
        return Jump("", twiml=twiml)
    url = request.form.get("Url", "")
    if not url.startswith(("http://", "https://")):
        raise invalid(21205, f"Url is not a valid URL: {url}")
    return Jump(url, method("Method"))


@routes.post("/<account>/Calls/<sid>.json")
@honours("Status", *OF_DOCUMENT, *OF_FALLBACK, *OF_STATUS[:2])
def change_call(sid: str) -> Shape:
    """End a call, or give it another document."""
    call = find(sid)
    wanted = request.form.get("Status")
    if not call.is_up:
        if wanted is None:
            raise invalid(21220, "Call is not in-progress. Cannot redirect.")
        return shape(call)
    event: Any = Redirected(_jump()) if wanted is None else _end(call, wanted)
    _change_addresses(call)
    network().clock.tell(call, event)
    return shape(call)


def _change_addresses(call: Call) -> None:
    """Change the addresses for the call's failures and its end, if the form has them."""
    form = request.form
    if "FallbackUrl" in form:
        call.fallback_url, call.fallback_method = form["FallbackUrl"], method("FallbackMethod")
    if "StatusCallback" in form:
        by = method("StatusCallbackMethod")
        call.callback = Callback(form["StatusCallback"], by, call.callback.events)


def _end(call: Call, wanted: str) -> HungUp:
    if wanted not in ("completed", "canceled"):
        raise invalid(21218, f"Invalid Status: {wanted}")
    if wanted == "canceled" and call.status is Status.IN_PROGRESS:
        raise invalid(21220, "Invalid call state: in-progress")
    return HungUp("ended by the account", Status.CANCELED)
