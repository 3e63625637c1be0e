"""Who is left with a caller has the ticket in hand, however they came into the conversation."""

from callcenter.tickets import handling, resolutions
from callcenter.tickets.decisions import Decider
from carrier.clocks import Doing
from models import Purpose, Role, State, Status, Ticket, Topic
from models.session import transaction
from tests.conversations.callers import Caller
from tests.shift import Shift


def talking(shift: Shift, caller: Caller) -> None:
    caller.dials_in("pl", "1", "1")
    shift.works()
    shift.network.telephone("client:ania").answers()
    shift.works()
    assert caller.is_doing(Doing.CONFERRING)


def comes_as_a_third(shift: Shift, login: str) -> None:
    shift.does("ania", "add_third", shift.id_of(login))
    shift.network.telephone(f"client:{login}").answers()
    shift.works()


def is_held(shift: Shift, caller: Caller) -> bool:
    (conference,) = shift.network.conferences
    return conference.participants[caller.sid].hold


def test_a_third_who_remains_wraps_up(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    shift.comes("tomek")
    talking(shift, olena)
    comes_as_a_third(shift, "tomek")
    shift.does("ania", "leave")
    assert olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()
    shift.works()
    for login in ("ania", "tomek"):
        assert shift.presence(login).state is State.WRAPPING_UP
        assert shift.presence(login).ticket_id == olena.ticket().id
    _resolves(shift, olena, "tomek")
    assert olena.ticket().status is Status.RESOLVED
    assert olena.ticket().resolved_during_call


def _resolves(shift: Shift, caller: Caller, login: str) -> None:
    with transaction() as session:
        ticket = session.get_one(Ticket, caller.ticket().id)
        by = Decider(shift.id_of(login), shift.network.clock.now())
        code = resolutions.for_topic(Topic.LOGIN_LOCKED)[0]
        handling.resolve(session, ticket, by, Topic.LOGIN_LOCKED, code)


def test_a_third_who_leaves_first_has_nothing_to_finish(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    shift.comes("tomek")
    talking(shift, olena)
    comes_as_a_third(shift, "tomek")
    shift.does("tomek", "leave")
    assert shift.presence("tomek").state is State.AVAILABLE
    olena.hangs_up()
    shift.works()
    assert shift.presence("ania").state is State.WRAPPING_UP


def test_a_third_is_not_asked_to_finish_what_the_taker_finishes(
    shift: Shift, olena: Caller
) -> None:
    shift.comes("ania")
    shift.comes("tomek")
    talking(shift, olena)
    comes_as_a_third(shift, "tomek")
    olena.hangs_up()
    shift.works()
    assert shift.presence("ania").state is State.WRAPPING_UP
    assert shift.presence("tomek").state is State.AVAILABLE


def test_who_was_only_asked_has_nothing_to_finish(shift: Shift, olena: Caller) -> None:
    """Tomek spoke with Ania alone when the caller hung up."""
    shift.comes("ania")
    tomek = shift.comes("tomek")
    talking(shift, olena)
    shift.does("ania", "hand_over", shift.id_of("tomek"), True)
    tomek.answers()
    shift.works()
    olena.hangs_up()
    shift.works()
    assert shift.presence("ania").state is State.WRAPPING_UP
    assert shift.presence("tomek").state is State.AVAILABLE


def test_a_supervisor_who_joined_and_remains_wraps_up(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    talking(shift, olena)
    marek = shift.comes("marek", role=Role.SUPERVISOR)
    shift.supervises("marek", Purpose.JOIN)
    marek.answers()
    shift.works()
    shift.does("ania", "leave")
    assert olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()
    shift.works()
    assert shift.presence("marek").state is State.WRAPPING_UP


def test_a_third_remains_when_the_handover_comes_to_nothing(shift: Shift, olena: Caller) -> None:
    shift.comes("ania")
    shift.comes("tomek")
    marek = shift.comes("marek", role=Role.SUPERVISOR)
    talking(shift, olena)
    comes_as_a_third(shift, "tomek")
    shift.does("ania", "hand_over", shift.id_of("marek"), False)
    shift.does("ania", "leave")
    marek.declines()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert not is_held(shift, olena)
    olena.hangs_up()
    shift.works()
    assert shift.presence("tomek").state is State.WRAPPING_UP
