"""What stands around every operation: token, role, question, transaction, JSON."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Response, g, request
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, Unauthorized

from callcenter import agents
from callcenter.answers import Fault
from callcenter.api import repeating
from callcenter.api.openapi import Operation
from callcenter.api.problems import WrongFields
from models import ApiToken, Role
from models.session import transaction

RANKS = {Role.AGENT: 1, Role.SUPERVISOR: 2}


def view_of(operation: Operation) -> Callable[..., Response]:
    """The view that answers a request with the operation; it takes the parts of its path."""

    def view(**named: str) -> Response:
        return _perform(operation, named)

    return view


def _perform(operation: Operation, named: dict[str, str]) -> Response:
    with transaction() as session:
        g.token = allow(session, _bearer(), operation.least)
        adds = operation.status == HTTPStatus.CREATED
        if adds and (before := repeating.answered_before(session)):
            return before
        if operation.asks:
            answer = operation.function(session, _question(operation.asks), **named)
        else:
            answer = operation.function(session, **named)
        body = answer.model_dump_json()
        response = Response(body, operation.status, content_type="application/json")
        if adds:
            repeating.remember(session, response)
    return response


def _bearer() -> str:
    given = request.authorization
    return given.token or "" if given and given.type == "bearer" else ""


def allow(session: Session, bearer: str, least: Role) -> ApiToken:
    """The token. Raises Unauthorized for an unknown one, Forbidden for one of too little right."""
    token = agents.token_role(session, bearer)
    if token is None:
        raise Unauthorized("Send a known token: Authorization: Bearer …")
    if RANKS[token.role] < RANKS[least]:
        raise Forbidden(f"This needs the role {least}.")
    return token


def _question(asks: type[BaseModel]) -> BaseModel:
    asked: Any = request.args.to_dict() if request.method == "GET" else _body()
    if not isinstance(asked, dict):
        raise WrongFields(Fault(field="body", message="The body must be a JSON object."))
    try:
        return asks.model_validate(asked)
    except ValidationError as fault:
        raise WrongFields(
            *(
                Fault(field=".".join(map(str, each["loc"])) or "body", message=each["msg"])
                for each in fault.errors()
            )
        ) from fault


def _body() -> Any:
    """The body as JSON; None for what is none, or is nested deeper than anybody means."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None
