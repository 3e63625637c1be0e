"""Whatever a conversation asks for or is told of, done twice, told twice, or told backwards: one
history.

Jobs are done again as by a worker that died before its commit; webhooks are sent again as the
carrier sends them when it did not hear the answer.
"""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Select, select, update

from callcenter import jobs
from carrier.clocks import Doing
from carrier.telephone import Telephone
from models import (
    Base,
    Call,
    Callback,
    Conversation,
    Job,
    Leg,
    Outcome,
    Presence,
    State,
    TextMessage,
    Ticket,
    TicketNote,
    Turn,
    Waiting,
)
from models.session import transaction
from tests.conversations.callers import Caller
from tests.shift import Shift

HISTORY = (
    Conversation, Leg, Waiting, Turn, Call, Ticket, TicketNote, Presence, Callback, TextMessage
)  # fmt: skip
NOT_HISTORY = {"seen_at", "status_sequence"}


def history() -> list[tuple[object, ...]]:
    """All that the rows say, but for signs of life."""
    with transaction() as session:
        return [row for table in HISTORY for row in map(tuple, session.execute(_columns(table)))]


def _columns(table: type[Base]) -> Select[*tuple[object, ...]]:
    columns = [one for one in table.__table__.columns if one.name not in NOT_HISTORY]
    return select(*columns).order_by(*table.__table__.primary_key)


def all_again(shift: Shift, *telephones: Telephone) -> None:
    """Each job and each webhook so far, forwards and backwards: nothing becomes of it."""
    before, doing = history(), [telephone.is_up for telephone in telephones]
    calls = len(shift.network.calls)
    _jobs_again()
    assert history() == before
    sent = sorted(
        (exchange for one in telephones for exchange in one.requests),
        key=shift.network.post_office.sent.index,
    )
    for exchange in (*sent, *reversed(sent)):
        answer = telephones[0].sends(exchange.request)
        assert answer.status in (200, 204)
    assert history() == before
    shift.works()
    assert history() == before
    assert [telephone.is_up for telephone in telephones] == doing
    assert len(shift.network.calls) == calls


def _jobs_again() -> None:
    with transaction() as session:
        session.execute(update(Job).values(done_at=None, handed_at=datetime.now(UTC)))
        ids = session.scalars(select(Job.id).order_by(Job.id)).all()
    for job_id in (*ids, *ids):
        jobs.run(job_id)
    with transaction() as session:
        assert session.scalars(select(Job).where(Job.done_at.is_(None))).all() == []
        assert session.scalars(select(Job).where(Job.fault.is_not(None))).all() == []


def test_a_talk_with_everything_in_it(shift: Shift, olena: Caller) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    olena.dials_in("pl", "1", "1")
    shift.works()
    ania.answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    all_again(shift, olena, ania)
    assert olena.is_doing(Doing.CONFERRING)
    assert ania.is_doing(Doing.CONFERRING)
    shift.does("ania", "hold", True)
    shift.does("ania", "hand_over", shift.id_of("tomek"), True)
    tomek.answers()
    shift.works()
    all_again(shift, olena, ania, tomek)
    shift.does("ania", "complete")
    shift.does("tomek", "leave")
    all_again(shift, olena, ania, tomek)
    olena.waits()
    shift.works()
    all_again(shift, olena, ania, tomek)
    assert (len(shift.conversations()), len(shift.legs())) == (1, 2)
    assert olena.ticket().outcome is Outcome.LEFT_OPEN
    assert {shift.presence(one).state for one in ("ania", "tomek")} == {State.WRAPPING_UP}


def test_a_talk_that_is_lost(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    olena.dials_in("pl", "1", "1")
    shift.works()
    ania.answers()
    shift.works()
    ania.hangs_up()
    shift.works()
    assert olena.is_waiting()
    all_again(shift, olena, ania)
    tomek = shift.comes("tomek")
    tomek.answers()
    shift.works()
    all_again(shift, olena, ania, tomek)
    assert olena.is_doing(Doing.CONFERRING)
    assert (len(shift.conversations()), len(shift.legs())) == (2, 2)
    olena.hangs_up()
    shift.works()


def test_a_call_back(shift: Shift, olena: Caller) -> None:
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    shift.works()
    ania = shift.comes("ania")
    all_again(shift, olena, ania)
    ania.answers()
    shift.works()
    all_again(shift, olena, ania)
    olena.answers()
    shift.works()
    all_again(shift, olena, ania)
    assert olena.is_doing(Doing.CONFERRING)
    ania.hangs_up()
    shift.works()
    all_again(shift, olena, ania)
    assert (len(shift.conversations()), len(shift.legs())) == (1, 1)


def test_a_caller_who_hangs_up_first(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    olena.dials_in("pl", "0")
    shift.works()
    ania.answers()
    shift.works()
    olena.hangs_up()
    shift.works()
    all_again(shift, olena, ania)
    assert not ania.is_up


@pytest.mark.parametrize("whose", ["ania", "olena"])
def test_a_worker_that_died_before_it_wrote_whom_it_rang_rings_nobody_twice(
    shift: Shift, olena: Caller, whose: str
) -> None:
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    ania = shift.comes("ania")
    if whose == "olena":
        ania.answers()
        shift.works()
        assert olena.is_ringing
    calls = len(shift.network.calls)
    with transaction() as session:
        if whose == "ania":
            session.execute(update(Leg).values(call_sid=None))
        else:
            session.execute(update(Conversation).values(call_id=None))
    _jobs_again()
    assert len(shift.network.calls) == calls
    rung = ania if whose == "ania" else olena
    with transaction() as session:
        known = Leg.call_sid if whose == "ania" else Call.sid
        assert rung.sid in session.scalars(select(known)).all()
    rung.answers()
    shift.works()
    assert ania.is_up
    ania.hangs_up()
    shift.works()
    if olena.is_up:
        olena.hangs_up()
        shift.works()
