"""The dispatcher, whatever people and callers do: nobody lost or offered twice, all in turn."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from callcenter.calls import call_log
from callcenter.calls.call_log import StatusEvent
from callcenter.outbox import dispatch_signal
from callcenter.queue import call_control, caller_leg, dispatch, legs, positions, presence
from models import (
    Agent,
    Away,
    Call,
    CallStatus,
    Conversation,
    Ended,
    Left,
    Leg,
    Presence,
    Role,
    State,
    Ticket,
    Turn,
    Waiting,
)
from models.session import transaction

LANGUAGES = ("pl", "en", "uk")
ACTIONS = (
    "joins", "joins", "hangs up", "sits down", "sits down", "goes away",
    "accepts", "accepts", "comes", "comes", "declines", "misses", "leaves",
    "finishes", "dispatch", "dispatch",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nobody_listens(database: Engine) -> None:
    """Calls are offered when the test says so."""
    dispatch_signal.bind(None)


class Floor:
    """Five people, callers as they come, and a clock that goes on by a second an action."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        with transaction() as session:
            for table in (Leg, Conversation, Waiting, Presence, Ticket, Turn, Call, Agent):
                session.query(table).delete()
            people = [
                Agent(
                    login=f"p{number}", name="P", role=Role.AGENT, password="x", active=True,
                    created_at=self.now, session_salt="x", languages=list(languages),
                )
                for number, languages in enumerate(
                    [("pl",), ("pl", "en"), ("pl", "uk"), LANGUAGES, ("en", "uk")]
                )
            ]  # fmt: skip
            session.add_all(people)
            session.flush()
            self.people = [person.id for person in people]
        self.calls: list[int] = []

    def does(self, action: str, number: int) -> None:
        self.now += timedelta(seconds=1)
        with transaction() as session:
            for agent_id in self.people:
                presence.seen(session, agent_id, self.now)
        if action == "dispatch":
            self.dispatches()
            return
        with transaction() as session:
            if action == "joins":
                self._joins(session, number)
            elif action == "hangs up":
                self._hangs_up(session, number)
            elif action == "comes":
                self._comes(session, number)
            else:
                self._person(session, action, self.people[number % len(self.people)])

    def _joins(self, session: Session, number: int) -> None:
        call = call_log.open_call(session, f"CA{len(self.calls):032}", "+48501234567", self.now)
        call.language = LANGUAGES[number % 3]
        positions.join(session, call, 2, "consultants", self.now)
        self.calls.append(call.id)

    def _hangs_up(self, session: Session, number: int) -> None:
        if self.calls:
            call_id = self.calls[number % len(self.calls)]
            call = session.get_one(Call, call_id, with_for_update=True)
            call_log.apply_status(session, call, StatusEvent(CallStatus.COMPLETED, 1, self.now))

    def _comes(self, session: Session, number: int) -> None:
        """A caller whom somebody accepted is led into the conference."""
        if not self.calls:
            return
        call = session.get_one(Call, self.calls[number % len(self.calls)], with_for_update=True)
        if not caller_leg.now_talking(session, call) or call_log.turn_at(session, call, 2):
            return
        turn = Turn(
            call_id=call.id, step=2, at=self.now, node="consultant/connecting",
            input="redirected", result="taken", leads_to="consultant/talking",
            language=call.language, spoken=[],
        )  # fmt: skip
        call_log.record_turn(session, call, turn)

    def _person(self, session: Session, action: str, agent_id: int) -> None:
        mine = call_control.own_leg(session, agent_id)
        if action == "sits down":
            presence.be_available(session, agent_id, self.now)
        elif action == "goes away":
            presence.be_away(session, agent_id, Away.BREAK, self.now)
        elif action == "finishes":
            presence.finished(session, agent_id, self.now)
        elif mine is None:
            return
        elif action == "accepts":
            leg = legs.locked(session, mine.id)
            assert leg is not None
            legs.accepted(session, leg, leg.call_sid or f"CA-leg-{leg.id}", self.now)
        elif action == "leaves" and mine.joined_at:
            call_control.leave(session, mine, self.now)
        elif action == "declines":
            call_control.decline(session, mine, self.now)
        elif action == "misses":
            leg = legs.locked(session, mine.id)
            assert leg is not None
            legs.missed(session, leg, Ended.UNANSWERED, self.now)

    def dispatches(self) -> None:
        """Three dispatchers at once; then what must be so after them."""
        with transaction() as session:
            before = set(session.scalars(select(Leg.id)))

        def once(_: int) -> int:
            with transaction() as session:
                return dispatch.dispatch(session, self.now)

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(once, range(3)))
        # One of those who came too late may have been the only one who saw all.
        once(0)
        with transaction() as session:
            self.is_fair(session, before)

    def is_fair(self, session: Session, before: set[int]) -> None:
        idle = {row.agent_id: row.idle_since for row in session.query(Presence)}
        speaks = {row.id: row.languages for row in session.query(Agent)}
        live = session.scalars(select(Leg).where(Leg.ended_at.is_(None))).all()
        busy = {leg.agent_id for leg in live}
        free = [
            row.agent_id
            for row in session.query(Presence)
            if row.state is State.AVAILABLE and row.agent_id not in busy
        ]
        offered = {leg.conversation.waiting_id for leg in live}
        assert len(busy) == len(live)
        assert len({leg.talk_id for leg in live}) == len(live)
        waiting = [
            row
            for row in session.query(Waiting).where(Waiting.left_at.is_(None))
            if row.id not in offered
        ]
        # Whoever waits talks with nobody, and whom somebody accepted and left waits again.
        talking = {
            conversation.waiting_id
            for conversation in session.query(Conversation)
            if conversation.began_at
        }
        assert not talking & {row.id for row in waiting}
        for conversation in session.query(Conversation).filter(
            Conversation.ended_at.is_(None), Conversation.began_at.is_not(None)
        ):
            assert [leg for leg in conversation.legs if leg.joined_at and leg.ended_at is None]
        # Nobody waits whom somebody free could take.
        assert not [(w.id, p) for w in waiting for p in free if w.language in speaks[p]]
        for leg in (one for one in live if one.id not in before):
            assert leg.agent_id is not None
            taken = session.get_one(Waiting, leg.conversation.waiting_id)
            assert taken.language in speaks[leg.agent_id]
            earlier = [w for w in waiting if (w.since, w.id) < (taken.since, taken.id)]
            assert not [w for w in earlier if w.language in speaks[leg.agent_id]]
            assert not [
                p for p in free if idle[p] < idle[leg.agent_id] and taken.language in speaks[p]
            ]

    def nobody_is_lost(self) -> None:
        """Every caller waits, talks, talked, or is gone; who waits is taken once people come."""
        for _ in range(60):
            with transaction() as session:
                still = session.query(Waiting).where(Waiting.left_at.is_(None)).count()
            if not still:
                break
            for action in ("leaves", "finishes", "sits down"):
                for number in range(len(self.people)):
                    self.does(action, number)
            self.does("dispatch", 0)
            for number in range(len(self.people)):
                self.does("accepts", number)
            for number in range(len(self.calls)):
                self.does("comes", number)
        with transaction() as session:
            rows = session.query(Waiting).all()
            assert len(rows) == len(self.calls)
            assert {row.how for row in rows} <= {Left.BRIDGED, Left.HANGUP}
            began = session.query(Conversation).where(Conversation.began_at.is_not(None)).count()
            assert began == len([row for row in rows if row.how is Left.BRIDGED])


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 9)), max_size=40))
def test_nobody_is_lost_or_offered_twice(database: Engine, actions: list[tuple[str, int]]) -> None:
    floor = Floor()
    for action, number in actions:
        floor.does(action, number)
    floor.nobody_is_lost()
