"""What all REST routes share: the account, authentication, pages of a list."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from hmac import compare_digest
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlencode

import phonenumbers
from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from carrier.network import Network
from carrier.rest import parameters
from carrier.rest.errors import RestError, invalid, not_found, too_many

API_VERSION: Final = "2010-04-01"
LARGEST_PAGE: Final = 1000
MOST_PAGES: Final = 10**6
NOT_FOUND: Final = 404
NOT_ALLOWED: Final = 405

Shape = dict[str, Any]
T = TypeVar("T")

routes = Blueprint("rest", __name__, url_prefix=f"/{API_VERSION}/Accounts")


def network() -> Network:
    """The network that this process serves."""
    return cast(Network, current_app.extensions["network"])


@routes.before_request
def sign_in() -> None:
    """Authenticate the request. Raises RestError for others than the account."""
    given = request.authorization
    account = network()
    if (
        given is None
        or not compare_digest(given.username or "", account.account_sid)
        or not compare_digest(given.password or "", account.auth_token)
    ):
        raise RestError(401, 20003, "Authenticate")
    if (request.view_args or {}).pop("account", account.account_sid) != account.account_sid:
        raise not_found(request.path)


@routes.before_request
def _insist_on_known_parameters() -> None:
    parameters.insist_on_known(current_app.view_functions[str(request.endpoint)])


@routes.before_request
def _allow_no_burst() -> None:
    """Limit requests for lists; each page counts."""
    is_list = (request.endpoint or "").startswith(f"{routes.name}.list_")
    if is_list and (wait := network().seconds_until_list()):
        raise too_many(again_after=wait)


@routes.before_request
def _refuse_changes() -> None:
    """Refuse as many changes as a test wants, as too many. Creating has its own rate limit."""
    account = network()
    if request.method == "POST" and (request.view_args or {}) and account.changes_to_refuse:
        account.changes_to_refuse -= 1
        raise too_many()


@routes.errorhandler(RestError)
def refuse(error: RestError) -> Response:
    """A refusal in the carrier's words."""
    response = error.response()
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def answer_all_in_json(app: Flask) -> None:
    """Make the application answer all errors in the carrier's JSON, never in HTML."""
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _fail)


def _refuse_http(error: HTTPException) -> Response:
    """An error for an unknown route or method; without authentication it reveals nothing."""
    try:
        if request.path.startswith(f"{routes.url_prefix}/"):
            sign_in()
        return refuse(_refusal(error))
    except RestError as refusal:
        return refuse(refusal)


def _refusal(error: HTTPException) -> RestError:
    if error.code == NOT_FOUND:
        return not_found(request.path)
    if error.code == NOT_ALLOWED:
        return RestError(NOT_ALLOWED, 20004, "Method not allowed")
    return RestError(error.code or 500, parameters.UNKNOWN, error.description or error.name)


def _fail(fault: Exception) -> Response:
    """A fault of this program, reported as an internal error of the carrier."""
    current_app.logger.error("%s %s", request.method, request.path, exc_info=fault)
    return refuse(RestError(500, 20500, "An internal server error has occurred"))


def path(rest: str) -> str:
    """The address of a resource, without a host."""
    return f"/{API_VERSION}/Accounts/{network().account_sid}{rest}"


def day(moment: datetime | None) -> str | None:
    """A time in the carrier's form: RFC 2822, in UTC, whole seconds."""
    return format_datetime(moment.astimezone(UTC)) if moment else None


def page(key: str, things: Sequence[T], shape: Callable[[T], Shape]) -> Shape:
    """One page of a list, by PageSize and Page; ``next_page_uri`` is the next page."""
    size = parameters.number("PageSize", 50, LARGEST_PAGE, 1)
    number = parameters.number("Page", 0, MOST_PAGES)
    start = number * size
    some = things[start : start + size]
    has_more = start + size < len(things)
    return {
        key: [shape(thing) for thing in some],
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start + len(some) - 1, start),
        "uri": _page_uri(number, size),
        "first_page_uri": _page_uri(0, size),
        "previous_page_uri": _page_uri(number - 1, size) if number else None,
        "next_page_uri": _page_uri(number + 1, size) if has_more else None,
    }


def _page_uri(number: int, size: int) -> str:
    kept = {name: value for name, value in request.args.items() if not name.startswith("Page")}
    return f"{request.path}?{urlencode({**kept, 'PageSize': size, 'Page': number})}"


def is_number(number: str) -> bool:
    """Whether a text is a plausible E.164 number."""
    if not number.startswith("+"):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def is_landline(number: str) -> bool:
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind == phonenumbers.PhoneNumberType.FIXED_LINE


def must_be_callable(to: str) -> str:
    """A number, sip: or client: address that can be called. Raises RestError."""
    if not to:
        raise invalid(21201, "No 'To' number is specified")
    if not is_number(to) and not to.startswith(("sip:", "client:")):
        raise invalid(21211, f"The phone number you are attempting to call, {to}, is not valid.")
    return to


def must_be_ours(from_: str) -> str:
    """A caller's number that the account may show. Raises RestError."""
    if not from_:
        raise invalid(21213, "No 'From' number is specified")
    if from_ not in network().numbers and not from_.startswith(("sip:", "client:")):
        raise invalid(
            21210,
            f"The source phone number provided, {from_}, is not yet verified for your account.",
        )
    return from_
