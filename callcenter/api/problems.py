"""Faults as problem documents (RFC 9457)."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    ServiceUnavailable,
    TooManyRequests,
    UnprocessableEntity,
)

from callcenter.api.schemas import Fault, Problem
from models.session import DatabaseAway

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout, DatabaseAway)


class WrongFields(UnprocessableEntity):
    """A question with fields that cannot be accepted, each named."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in faults))
        self.faults = faults


def tell(pages: Blueprint) -> None:
    """Answer with problems whatever `pages` cannot answer."""
    pages.register_error_handler(HTTPException, problem)
    for away in DATABASE_AWAY:
        pages.register_error_handler(away, _without_database)


def problem(fault: HTTPException) -> Response:
    """The fault as a document, with the headers that its status asks for."""
    status = fault.code or 500
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=fault.description or "",
        errors=fault.faults if isinstance(fault, WrongFields) else (),
    )
    answer = Response(problem.model_dump_json(), status, content_type="application/problem+json")
    if isinstance(fault, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(fault.valid_methods or ())
    if isinstance(fault, TooManyRequests) and fault.retry_after:
        answer.headers["Retry-After"] = str(fault.retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="centrala"'
    return answer


def _without_database(_fault: Exception) -> Response:
    return problem(ServiceUnavailable("The database does not answer."))
