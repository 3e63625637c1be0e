"""What stands around every operation: token, role, question, transaction, JSON."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, request
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, Unauthorized

from callcenter import agents
from callcenter.answers import Fault
from callcenter.api.openapi import Operation
from callcenter.api.problems import WrongFields
from models import ApiToken, Role
from models.session import transaction

LARGEST_BODY = 256 * 1024
RANKS = {Role.AGENT: 1, Role.SUPERVISOR: 2}


def view_of(operation: Operation) -> Callable[..., Response]:
    """The view that answers a request with the operation; it takes the parts of its path."""

    def view(**named: str) -> Response:
        return _perform(operation, named)

    return view


def _perform(operation: Operation, named: dict[str, str]) -> Response:
    request.max_content_length = LARGEST_BODY
    with transaction() as session:
        g.token = allow(session, _bearer(), operation.least)
        if operation.asks:
            answer = operation.function(session, _question(operation.asks), **named)
        else:
            answer = operation.function(session, **named)
    return Response(answer.model_dump_json(), operation.status, content_type="application/json")


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


def _posted() -> object:
    """What was posted as JSON. Raises RequestEntityTooLarge before more than may be is read."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _question(asks: type[BaseModel]) -> BaseModel:
    asked: Any = request.args.to_dict() if request.method == "GET" else _posted()
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
