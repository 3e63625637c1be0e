"""Explains why the carrier failed: a sentence for operators, a word for figures."""

from http import HTTPStatus

import requests
from requests.exceptions import InvalidJSONError
from twilio.base.exceptions import TwilioException

STRANGER = "what answers is not the carrier ({}): check TWILIO_API_BASE and the proxy."
UNREACHABLE = "the carrier did not answer ({}): check the network."


def why_not_done(fault: TwilioException | requests.RequestException) -> str:
    """A sentence for the operator about a fault of the carrier's client, with the remedy."""
    status = _status(fault)
    if isinstance(fault, InvalidJSONError):
        return STRANGER.format(type(fault).__name__)
    if status is None:
        return UNREACHABLE.format(type(fault).__name__)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return (
            f"the carrier is asked too much ({status}): wait a minute, and see what else uses"
            " this account."
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return (
            f"the carrier answers with a fault of its own ({status}): look at its status page and"
            " at the proxy, and try again later."
        )
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return (
            f"the carrier refuses our sign-in ({status}): check TWILIO_ACCOUNT_SID and"
            " TWILIO_AUTH_TOKEN."
        )
    return f"the carrier refuses what it was asked ({status}): check TWILIO_API_BASE."


def word_for(fault: TwilioException | requests.RequestException) -> str:
    """The fault in one of the words of /readyz and /metrics."""
    status = _status(fault)
    if isinstance(fault, InvalidJSONError):
        return "stranger"
    return "away" if status is None else word_for_status(status)


def word_for_status(status: int) -> str:
    """The word for an HTTP status: ok, busy, failing, refused (our credentials) or invalid."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "busy"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "failing"
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "refused"
    return "invalid" if status >= HTTPStatus.BAD_REQUEST else "ok"


def _status(fault: Exception) -> int | None:
    """The HTTP status of the answer; None if there was no answer.

    A failed list request has its answer as the last argument of the exception (twilio.base.page).
    """
    told = getattr(fault, "status", None)
    if told is None:
        answer = getattr(fault, "response", None)
        answer = fault.args[-1] if answer is None and fault.args else answer
        told = getattr(answer, "status_code", None)
    return told if isinstance(told, int) else None
