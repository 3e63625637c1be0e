"""The dispatcher, whatever people and callers do: nobody lost or offered twice, all in turn."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from callcenter import caller_leg, calls, changes, dispatch, legs, presence, queue, talks
from callcenter.calls import StatusEvent
from models import (
    Agent,
    Away,
    Call,
    CallStatus,
    Ended,
    Left,
    Leg,
    Presence,
    Role,
    State,
    Talk,
    Ticket,
    Turn,
    Waiting,
)
from models.session import transaction

LANGUAGES = ("pl", "en", "uk")
DEEDS = (
    "joins", "joins", "hangs up", "sits down", "sits down", "goes away",
    "accepts", "accepts", "comes", "comes", "declines", "misses", "leaves",
    "finishes", "dispatch", "dispatch",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nobody_listens(database: Engine) -> None:
    """Calls are offered when the test says so."""
    changes.bind(None)


class Floor:
    """Five people, callers as they come, and a clock that goes on by a second a deed."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        with transaction() as session:
            for table in (Leg, Talk, Waiting, Presence, Ticket, Turn, Call, Agent):
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

    def does(self, deed: str, number: int) -> None:
        self.now += timedelta(seconds=1)
        with transaction() as session:
            for agent_id in self.people:
                presence.seen(session, agent_id, self.now)
        if deed == "dispatch":
            self.dispatches()
            return
        with transaction() as session:
            if deed == "joins":
                self._joins(session, number)
            elif deed == "hangs up":
                self._hangs_up(session, number)
            elif deed == "comes":
                self._comes(session, number)
            else:
                self._person(session, deed, self.people[number % len(self.people)])

    def _joins(self, session: Session, number: int) -> None:
        call = calls.open_call(session, f"CA{len(self.calls):032}", "+48501234567", self.now)
        call.language = LANGUAGES[number % 3]
        queue.join(session, call, 2, "consultants", self.now)
        self.calls.append(call.id)

    def _hangs_up(self, session: Session, number: int) -> None:
        if self.calls:
            call_id = self.calls[number % len(self.calls)]
            call = session.get_one(Call, call_id, with_for_update=True)
            calls.apply_status(session, call, StatusEvent(CallStatus.COMPLETED, 1, self.now))

    def _comes(self, session: Session, number: int) -> None:
        """A caller whom somebody accepted is led into the conference."""
        if not self.calls:
            return
        call = session.get_one(Call, self.calls[number % len(self.calls)], with_for_update=True)
        if not caller_leg.now_talking(session, call) or calls.turn_at(session, call, 2):
            return
        turn = Turn(
            call_id=call.id, step=2, at=self.now, node="consultant/connecting",
            input="redirected", result="taken", leads_to="consultant/talking",
            language=call.language, spoken=[],
        )  # fmt: skip
        calls.record_turn(session, call, turn)

    def _person(self, session: Session, deed: str, agent_id: int) -> None:
        mine = talks.mine(session, agent_id)
        if deed == "sits down":
            presence.be_available(session, agent_id, self.now)
        elif deed == "goes away":
            presence.be_away(session, agent_id, Away.BREAK, self.now)
        elif deed == "finishes":
            presence.finished(session, agent_id, self.now)
        elif mine is None:
            return
        elif deed == "accepts":
            leg = legs.locked(session, mine.id)
            assert leg is not None
            legs.accepted(session, leg, leg.call_sid or f"CA-leg-{leg.id}", self.now)
        elif deed == "leaves" and mine.joined_at:
            talks.leave(session, mine, self.now)
        elif deed == "declines":
            talks.decline(session, mine, self.now)
        elif deed == "misses":
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
        offered = {leg.talk.waiting_id for leg in live}
        assert len(busy) == len(live)
        assert len({leg.talk_id for leg in live}) == len(live)
        waiting = [
            row
            for row in session.query(Waiting).where(Waiting.left_at.is_(None))
            if row.id not in offered
        ]
        # Whoever waits talks with nobody, and whom somebody accepted and left waits again.
        talking = {talk.waiting_id for talk in session.query(Talk) if talk.began_at}
        assert not talking & {row.id for row in waiting}
        for talk in session.query(Talk).filter(Talk.ended_at.is_(None), Talk.began_at.is_not(None)):
            assert [leg for leg in talk.legs if leg.joined_at and leg.ended_at is None]
        # Nobody waits whom somebody free could take.
        assert not [(w.id, p) for w in waiting for p in free if w.language in speaks[p]]
        for leg in (one for one in live if one.id not in before):
            assert leg.agent_id is not None
            taken = session.get_one(Waiting, leg.talk.waiting_id)
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
            for deed in ("leaves", "finishes", "sits down"):
                for number in range(len(self.people)):
                    self.does(deed, number)
            self.does("dispatch", 0)
            for number in range(len(self.people)):
                self.does("accepts", number)
            for number in range(len(self.calls)):
                self.does("comes", number)
        with transaction() as session:
            rows = session.query(Waiting).all()
            assert len(rows) == len(self.calls)
            assert {row.how for row in rows} <= {Left.BRIDGED, Left.HANGUP}
            began = session.query(Talk).where(Talk.began_at.is_not(None)).count()
            assert began == len([row for row in rows if row.how is Left.BRIDGED])


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 9)), max_size=40))
def test_nobody_is_lost_or_offered_twice(database: Engine, deeds: list[tuple[str, int]]) -> None:
    floor = Floor()
    for deed, number in deeds:
        floor.does(deed, number)
    floor.nobody_is_lost()
