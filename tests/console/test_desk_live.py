"""A desk is never left behind: whatever changes while it is drawn is seen the next time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update

from callcenter.queue import presence
from models import Agent, Away, Presence
from models.session import transaction
from tests.console.conftest import Desk

WORDS = {Away.MEAL: "posiłek", Away.TRAINING: "szkolenie"}


@pytest.fixture(params=["ania", "marek"])
def mate(desk: Desk, request: pytest.FixtureRequest) -> int:
    """Somebody who is away, as Ania sees among her team: she herself, or Marek."""
    with transaction() as session:
        mate = session.scalars(select(Agent.id).where(Agent.login == request.param)).one()
        # Seen to be here already, so that no request locks the row for a sign of life.
        presence.of(session, mate).seen_at = datetime.now(UTC) + timedelta(hours=1)
    return mate


class Between:
    """The mate goes elsewhere just before a statement of the request."""

    def __init__(self, database: Engine, mate: int) -> None:
        self.database, self.mate = database, mate
        self.at = self.statements = 0
        self.busy = False
        self.now = Away.MEAL

    @contextmanager
    def before(self, statement: int) -> Iterator[None]:
        self.at, self.statements = statement, 0
        event.listen(self.database, "before_cursor_execute", self._counts)
        try:
            yield
        finally:
            event.remove(self.database, "before_cursor_execute", self._counts)

    def _counts(self, *_statement: Any) -> None:
        if self.busy:
            return
        self.statements += 1
        if self.statements == self.at:
            self.goes()

    def goes(self) -> None:
        self.now = Away.TRAINING if self.now is Away.MEAL else Away.MEAL
        self.busy = True
        with self.database.connect() as other, other.begin():
            where = Presence.agent_id == self.mate
            other.execute(update(Presence).where(where).values(away=self.now))
        self.busy = False


@pytest.mark.parametrize("address", ["/desk", "/desk/live?v=none"])
def test_whatever_changes_while_it_is_drawn_is_seen_next(
    desk: Desk, database: Engine, mate: int, address: str
) -> None:
    between = Between(database, mate)
    statement = 0
    while statement <= between.statements:
        statement += 1
        with between.before(statement):
            page = desk.get(address)
        assert page.status_code == 200
        version = page.headers.get("Desk-Version") or _version(page.text)
        if desk.get(f"/desk/live?v={version}").status_code == 204:
            assert WORDS[between.now] in _shown(page.text, mate), statement
    assert statement > 5


def _version(page: str) -> str:
    found = re.search(r'data-version="(\w+)"', page)
    assert found
    return found[1]


def _shown(page: str, mate: int) -> str:
    found = re.search(rf'<li id="mate-{mate}".*?</li>', page, re.DOTALL)
    assert found
    return found[0]
