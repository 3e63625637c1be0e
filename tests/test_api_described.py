"""What the description of the JSON interface says is what the interface does, whatever is sent.

Schemathesis makes requests from the description, fitting ones and others. For each answer it checks
the status, the content type and the schema that the description names; none may be a 5xx.
"""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from callcenter.people import tokens
from models import Role, Status
from models.session import transaction
from tests.console import scenes

# A number without its check digit fits the description and names no ticket; and who tries many
# wrong tokens is made to wait, whatever comes next.
BEYOND_A_SCHEMA: list[CheckFunction] = [positive_data_acceptance, ignored_auth]
# The same requests in each run.
BUDGET = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AGENT, None])
def test_every_answer_is_as_described(app: Flask, role: Role | None) -> None:
    with transaction() as session:
        token = tokens.create_token(session, "tests", role) if role else "none"
        scenes.ticket(session, scenes.call(session), "482915306", Status.OPEN)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == len({operation.label for operation in operations}) >= 7

    for operation in operations:

        @given(case=operation.as_strategy())
        @BUDGET
        def ask(case: Case[Any]) -> None:
            allowed = {"Authorization": f"Bearer {token}"}
            case.call_and_validate(headers=allowed, excluded_checks=BEYOND_A_SCHEMA)

        ask()
