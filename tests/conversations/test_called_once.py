"""Who asked twice about one matter to be called back is called once."""

from datetime import UTC, datetime

import time_machine

from callcenter.queue import merging
from callcenter.tickets.decisions import Decider
from carrier.clocks import Doing
from models import Callback, State, Ticket
from models.session import transaction
from tests.conversations.callers import Caller
from tests.shift import Shift


def keeps_the_place(caller: Caller) -> None:
    caller.dials_in("pl", "0", "1")
    caller.hangs_up()


def are_one_matter(shift: Shift, caller: Caller, login: str) -> None:
    with transaction() as session:
        of_caller = session.query(Ticket).where(Ticket.caller == caller.number)
        older, younger = of_caller.order_by(Ticket.id)
        merging.merge(session, younger, Decider(shift.id_of(login), datetime.now(UTC)), older)
    shift.works()


def tickets() -> list[Ticket]:
    with transaction() as session:
        found = session.query(Ticket).order_by(Ticket.id).all()
        for ticket in found:
            _ = [note.change for note in ticket.notes]
        return found


def test_two_calls_of_one_matter_are_answered_by_one(
    shift: Shift, olena: Caller, jan: Caller, now: time_machine.Traveller
) -> None:
    for caller in (olena, jan, olena):
        keeps_the_place(caller)
        now.shift(60)
    shift.comes("marek", languages=("en",))
    are_one_matter(shift, olena, "marek")
    older = tickets()[0]
    ania = shift.comes("ania")
    ania.answers()
    shift.works()
    assert olena.is_ringing
    assert not jan.is_up
    olena.answers()
    assert olena.is_doing(Doing.CONFERRING)
    shift.does("ania", "leave")
    olena.hangs_up()
    assert shift.presence("ania").ticket_id == older.id
    shift.is_available("ania")
    ania.answers()
    shift.works()
    assert jan.is_ringing
    jan.answers()
    jan.hangs_up()
    shift.works()
    shift.is_available("ania")
    assert not ania.is_ringing
    with transaction() as session:
        assert all(callback.done_at for callback in session.query(Callback))
    assert [note.change for note in tickets()[2].notes][-1] == {"call_back": "withdrawn"}


def test_a_call_that_rings_somebody_of_the_desk_is_withdrawn_with_its_ringing(
    shift: Shift, olena: Caller
) -> None:
    keeps_the_place(olena)
    keeps_the_place(olena)
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    assert ania.is_ringing
    assert tomek.is_ringing
    shift.comes("marek", languages=("en",))
    are_one_matter(shift, olena, "marek")
    assert ania.is_ringing
    assert not tomek.is_up
    assert shift.presence("tomek").state is State.AVAILABLE
    ania.declines()
    shift.works()


def test_a_call_that_is_made_is_not_withdrawn(shift: Shift, olena: Caller) -> None:
    keeps_the_place(olena)
    keeps_the_place(olena)
    shift.comes("marek", languages=("en",))
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    tomek.answers()
    shift.works()
    assert olena.is_ringing
    are_one_matter(shift, olena, "marek")
    assert not ania.is_ringing
    olena.answers()
    assert olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()
    shift.works()
    assert shift.presence("tomek").state is State.WRAPPING_UP
    with transaction() as session:
        assert all(callback.done_at for callback in session.query(Callback))
