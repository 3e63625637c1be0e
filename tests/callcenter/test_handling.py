"""What people decide of a ticket, and what stays of it in its history."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import answer_due
from callcenter.privacy import encryption
from callcenter.queue import merging, presence
from callcenter.tickets import handling, lifecycle, note_drafts, relations, search
from callcenter.tickets.decisions import Conflict, Decider, DecisionKind, NotPossibleError
from callcenter.tickets.ticket_numbers import new_number
from config import Settings
from models import (
    Agent,
    Announcement,
    Away,
    Call,
    Callback,
    CallStatus,
    Kind,
    Outcome,
    Presence,
    Scope,
    State,
    Status,
    TextMessage,
    Ticket,
    TicketNote,
    Topic,
    Way,
)
from models.session import transaction
from tests.console import scenes

NOW = scenes.MONDAY + timedelta(minutes=5)
LOCKED = Topic.LOGIN_LOCKED


@pytest.fixture
def session(database: Engine, settings: Settings) -> Iterator[Session]:
    encryption.bind(settings.data_key)
    with transaction() as session:
        yield session


@pytest.fixture
def ania(session: Session) -> Agent:
    return scenes.ania(session)


@pytest.fixture
def marek(session: Session) -> Agent:
    return scenes.marek(session)


@pytest.fixture
def in_call(session: Session) -> Ticket:
    """Jan talks about his locked log-in."""
    call = scenes.call(session)
    call.status, call.ended_at = CallStatus.IN_PROGRESS, None
    scenes.turn(session, call, 1, "login/menu", "1", "consultant/connecting").topic = LOCKED
    ticket = scenes.ticket(session, call, new_number(), Status.OPEN, LOCKED, Kind.SERVICE_REQUEST)
    ticket.outcome = ticket.due_at = None
    return ticket


@pytest.fixture
def left_open(session: Session) -> Ticket:
    """Jan left a message about an error on Monday."""
    return _left_open(session, scenes.MONDAY)


def _left_open(session: Session, at: datetime, caller: str = scenes.JAN) -> Ticket:
    call = scenes.call(session, caller, at)
    ticket = scenes.ticket(
        session, call, new_number(), Status.OPEN, Topic.ERROR_REPORT, Kind.INCIDENT
    )
    ticket.due_at = answer_due(ticket.opened_at)
    return ticket


def _ends(session: Session, call: Call) -> None:
    call.status, call.ended_at = CallStatus.COMPLETED, NOW + timedelta(minutes=1)
    lifecycle.settle(session, call)


def _changes(session: Session, ticket: Ticket) -> list[dict[str, Any]]:
    written = select(TicketNote).where(TicketNote.ticket_id == ticket.id).order_by(TicketNote.id)
    return [note.change for note in session.scalars(written)]


def _texts(session: Session, ticket: Ticket) -> list[str]:
    written = select(TextMessage.purpose).where(TextMessage.ticket_id == ticket.id)
    return list(session.scalars(written.order_by(TextMessage.id)))


class TestDuringTheCall:
    def test_resolved_stays_so_when_the_call_ends(
        self, session: Session, in_call: Ticket, ania: Agent
    ) -> None:
        handling.resolve(session, in_call, Decider(ania.id, NOW), LOCKED, "unlocked")
        _ends(session, in_call.call)
        assert (in_call.status, in_call.outcome) == (Status.RESOLVED, Outcome.RESOLVED_BY_AGENT)
        assert in_call.resolved_during_call
        assert in_call.resolved_at == in_call.answered_at == NOW
        assert (in_call.resolution, in_call.due_at, in_call.version) == ("unlocked", None, 1)
        assert _changes(session, in_call) == [
            {
                "did": DecisionKind.RESOLVED,
                "version": 1,
                "status": ["open", "resolved"],
                "resolution": [None, "unlocked"],
            }
        ]

    def test_resolved_while_wrapping_up_is_during_the_call(
        self, session: Session, in_call: Ticket, ania: Agent
    ) -> None:
        _ends(session, in_call.call)
        _wraps_up(session, ania, in_call)
        handling.resolve(session, in_call, Decider(ania.id, NOW), LOCKED, "unlocked")
        assert in_call.outcome is Outcome.RESOLVED_BY_AGENT
        assert in_call.resolved_during_call

    def test_left_open_is_due_on_the_tenth_working_day_and_the_number_is_sent(
        self, session: Session, in_call: Ticket, ania: Agent
    ) -> None:
        handling.leave_open(session, in_call, Decider(ania.id, NOW), LOCKED, "needs_specialist")
        _ends(session, in_call.call)
        assert (in_call.status, in_call.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
        assert in_call.due_at == answer_due(in_call.opened_at)
        assert not in_call.resolved_during_call
        assert _texts(session, in_call) == ["ticket-number"]

    def test_another_topic_makes_another_kind(
        self, session: Session, in_call: Ticket, ania: Agent
    ) -> None:
        handling.resolve(session, in_call, Decider(ania.id, NOW), Topic.ERROR_REPORT, "no_fault")
        assert (in_call.topic, in_call.kind) == (Topic.ERROR_REPORT, Kind.INCIDENT)
        assert _changes(session, in_call)[0]["topic"] == ["login_locked", "error_report"]

    @pytest.mark.parametrize("code", ["out_of_time", "fault_mended", "", "nothing"])
    def test_a_resolution_of_another_list_is_refused(
        self, session: Session, in_call: Ticket, ania: Agent, code: str
    ) -> None:
        with pytest.raises(NotPossibleError):
            handling.resolve(session, in_call, Decider(ania.id, NOW), LOCKED, code)
        assert (in_call.version, in_call.status) == (0, Status.OPEN)


def _wraps_up(session: Session, person: Agent, ticket: Ticket) -> None:
    session.add(
        Presence(
            agent_id=person.id,
            state=State.WRAPPING_UP,
            since=NOW,
            idle_since=NOW,
            ticket_id=ticket.id,
            wrap_up_until=NOW,
        )
    )
    session.flush()


class TestOutOfTime:
    def test_the_ticket_stays_open_and_what_was_typed_becomes_a_note(
        self, session: Session, in_call: Ticket, ania: Agent
    ) -> None:
        _ends(session, in_call.call)
        form = {"text": "Pan Jan, PESEL 44051401359, zażółć", "resolution": "unlocked"}
        note_drafts.save_draft(session, in_call, ania.id, form, in_call.version, NOW)
        handling.out_of_time(session, in_call, ania.id, NOW)
        assert (in_call.status, in_call.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
        assert in_call.resolution == "out_of_time"
        assert in_call.due_at == answer_due(in_call.opened_at)
        (note,) = session.scalars(select(TicketNote)).all()
        assert note.text == "Pan Jan, PESEL •••••••••••, zażółć"
        assert note.change["did"] == DecisionKind.OUT_OF_TIME
        assert note_drafts.draft_of(session, in_call.id, ania.id) is None

    def test_a_decided_ticket_stays_decided_and_the_draft_is_kept_as_a_note(
        self, session: Session, in_call: Ticket, ania: Agent
    ) -> None:
        handling.resolve(session, in_call, Decider(ania.id, NOW), LOCKED, "unlocked")
        note_drafts.save_draft(session, in_call, ania.id, {"text": "jeszcze"}, 1, NOW)
        handling.out_of_time(session, in_call, ania.id, NOW)
        assert (in_call.status, in_call.resolution) == (Status.RESOLVED, "unlocked")
        assert [note.text for note in session.scalars(select(TicketNote))] == ["", "jeszcze"]

    @pytest.mark.parametrize("who", ["the caller", "a colleague"])
    def test_while_others_see_to_the_ticket_only_the_note_is_kept(
        self, session: Session, in_call: Ticket, ania: Agent, marek: Agent, who: str
    ) -> None:
        if who == "a colleague":
            _ends(session, in_call.call)
            _wraps_up(session, marek, in_call)
        before = (in_call.status, in_call.outcome, in_call.resolution)
        note_drafts.save_draft(session, in_call, ania.id, {"text": "oddaję"}, 1, NOW)
        handling.out_of_time(session, in_call, ania.id, NOW)
        assert (in_call.status, in_call.outcome, in_call.resolution) == before
        (note,) = session.scalars(select(TicketNote)).all()
        assert (note.text, note.change) == ("oddaję", {})
        assert session.scalars(select(TextMessage)).all() == []

    def test_what_was_typed_in_a_talk_that_is_lost_is_a_note(
        self, session: Session, in_call: Ticket, ania: Agent
    ) -> None:
        _wraps_up(session, ania, in_call)
        note_drafts.save_draft(session, in_call, ania.id, {"text": "Jan, Gdynia"}, 1, NOW)
        presence.lost_call(session, ania.id, in_call.id, Away.GONE, NOW)
        (note,) = session.scalars(select(TicketNote)).all()
        assert (note.author_id, note.text) == (ania.id, "Jan, Gdynia")
        assert note.change == {"talk": "broken"}
        assert note_drafts.draft_of(session, in_call.id, ania.id) is None


class TestDrafts:
    def test_the_last_one_counts_and_each_person_has_an_own(
        self, session: Session, left_open: Ticket, ania: Agent, marek: Agent
    ) -> None:
        for text in ("z", "zażółć"):
            note_drafts.save_draft(session, left_open, ania.id, {"text": text}, 0, NOW)
        note_drafts.save_draft(session, left_open, marek.id, {"text": "inny"}, 0, NOW)
        draft = note_drafts.draft_of(session, left_open.id, ania.id)
        assert draft
        assert (draft.form, draft.version, draft.saved_at) == ({"text": "zażółć"}, 0, NOW)
        note_drafts.drop_draft(session, left_open.id, ania.id)
        assert note_drafts.draft_of(session, left_open.id, ania.id) is None
        assert note_drafts.draft_of(session, left_open.id, marek.id)


class TestAfterTheCall:
    def test_an_answer_starts_the_days_for_a_complaint_and_sends_the_sms(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        later = NOW + timedelta(days=3)
        handling.resolve(
            session,
            left_open,
            Decider(ania.id, later, note="Poprawione w wersji 12."),
            Topic.ERROR_REPORT,
            "fault_mended",
            text_wanted=True,
        )
        assert (left_open.status, left_open.resolved_during_call) == (Status.RESOLVED, False)
        assert left_open.answered_at == left_open.resolved_at == later
        assert _texts(session, left_open) == ["answered"]
        assert _changes(session, left_open)[0]["did"] == DecisionKind.ANSWERED

    def test_each_answer_has_its_sms(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        for _answer in range(2):
            handling.resolve(
                session,
                left_open,
                Decider(ania.id, NOW),
                Topic.ERROR_REPORT,
                "no_fault",
                text_wanted=True,
            )
            handling.reopen(session, left_open, Decider(ania.id, NOW))
        assert _texts(session, left_open) == ["answered", "answered.2"]

    def test_no_sms_goes_to_a_number_that_gets_none(self, session: Session, ania: Agent) -> None:
        ticket = _left_open(session, scenes.MONDAY, "+48221234567")
        handling.resolve(
            session, ticket, Decider(ania.id, NOW), Topic.ERROR_REPORT, "no_fault", text_wanted=True
        )
        assert ticket.status is Status.RESOLVED
        assert _texts(session, ticket) == []

    def test_reopened_is_due_on_the_tenth_working_day_from_then(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        later = NOW + timedelta(days=40)
        handling.resolve(
            session, left_open, Decider(ania.id, later), Topic.ERROR_REPORT, "no_fault"
        )
        handling.reopen(session, left_open, Decider(ania.id, later))
        assert (left_open.status, left_open.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
        assert left_open.due_at == answer_due(later)
        assert (left_open.resolved_at, left_open.answered_at) == (None, None)
        lifecycle.settle(session, left_open.call)
        assert left_open.status is Status.OPEN

    def test_what_is_open_is_not_reopened_and_what_is_not_is_not_answered(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        with pytest.raises(NotPossibleError):
            handling.reopen(session, left_open, Decider(ania.id, NOW))
        handling.resolve(session, left_open, Decider(ania.id, NOW), Topic.ERROR_REPORT, "no_fault")
        with pytest.raises(NotPossibleError):
            handling.resolve(session, left_open, Decider(ania.id, NOW), Topic.ERROR_REPORT, "other")
        assert left_open.version == 1

    def test_given_to_somebody_with_another_deadline(
        self, session: Session, left_open: Ticket, ania: Agent, marek: Agent
    ) -> None:
        due = answer_due(NOW) + timedelta(days=7)
        handling.leave_open(
            session,
            left_open,
            Decider(ania.id, NOW),
            Topic.ERROR_REPORT,
            "needs_specialist",
            due_at=due,
            assigned_to_id=marek.id,
        )
        assert (left_open.due_at, left_open.assigned_to_id) == (due, marek.id)
        handling.assign(session, left_open, Decider(marek.id, NOW), None)
        assert left_open.assigned_to_id is None
        assert _changes(session, left_open)[1] == {
            "did": DecisionKind.ASSIGNED,
            "version": 2,
            "assigned_to": [marek.id, None],
        }


class TestAConflict:
    def test_names_who_changed_what_meanwhile(
        self, session: Session, left_open: Ticket, ania: Agent, marek: Agent
    ) -> None:
        seen = left_open.version
        handling.assign(session, left_open, Decider(marek.id, NOW), marek.id)
        handling.resolve(session, left_open, Decider(marek.id, NOW), Topic.ERROR_REPORT, "no_fault")
        with pytest.raises(Conflict) as raised:
            handling.leave_open(
                session, left_open, Decider(ania.id, NOW, version=seen), Topic.ERROR_REPORT, "other"
            )
        assert (raised.value.who, raised.value.what) == ("Marek Wiśniewski", DecisionKind.ANSWERED)
        assert [each.change["did"] for each in raised.value.meanwhile] == ["assigned", "answered"]
        assert raised.value.version == left_open.version == 2
        assert left_open.status is Status.RESOLVED

    def test_is_none_upon_the_version_of_now(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        for version in range(3):
            handling.assign(session, left_open, Decider(ania.id, NOW, version=version), ania.id)
        assert left_open.version == 3


class TestOneMatter:
    def test_the_older_stays_whichever_is_merged(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        younger = _left_open(session, scenes.MONDAY + timedelta(days=1))
        assert merging.merge(session, left_open, Decider(ania.id, NOW), younger) is left_open
        assert younger.merged_into is left_open
        assert (younger.status, younger.due_at) == (Status.CLOSED, None)
        assert left_open.status is Status.OPEN
        assert _changes(session, younger)[0]["merged_into"] == [None, left_open.number]
        assert _changes(session, left_open)[0]["took_in"] == younger.number

    def test_the_earliest_promise_is_kept(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        younger = _left_open(session, scenes.MONDAY + timedelta(days=1))
        younger.due_at = promised = NOW + timedelta(days=2)
        merging.merge(session, younger, Decider(ania.id, NOW), left_open)
        assert left_open.due_at == promised

    def test_an_open_matter_opens_the_older_one(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        handling.resolve(session, left_open, Decider(ania.id, NOW), Topic.ERROR_REPORT, "no_fault")
        younger = _left_open(session, scenes.MONDAY + timedelta(days=1))
        due = younger.due_at
        merging.merge(session, younger, Decider(ania.id, NOW), left_open)
        assert (left_open.status, left_open.due_at) == (Status.OPEN, due)
        assert left_open.answered_at is None

    def test_who_was_merged_follows_to_the_eldest(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        second, third = (_left_open(session, NOW + timedelta(days=day)) for day in (1, 2))
        merging.merge(session, third, Decider(ania.id, NOW), second)
        merging.merge(session, third, Decider(ania.id, NOW), left_open)
        assert second.merged_into is third.merged_into is left_open

    def test_nothing_more_is_decided_of_a_merged_ticket(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        younger = _left_open(session, NOW)
        merging.merge(session, younger, Decider(ania.id, NOW), left_open)
        for to in (younger, left_open):
            with pytest.raises(NotPossibleError):
                merging.merge(session, to, Decider(ania.id, NOW), younger)
        with pytest.raises(NotPossibleError):
            handling.reopen(session, younger, Decider(ania.id, NOW))
        lifecycle.settle(session, younger.call)
        assert younger.status is Status.CLOSED

    def test_a_ticket_is_tied_to_the_one_that_stays(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        younger, about = (_left_open(session, NOW + timedelta(days=day)) for day in (1, 2))
        merging.merge(session, younger, Decider(ania.id, NOW), left_open)
        relations.relate(session, about, Decider(ania.id, NOW), younger)
        relations.relate(session, about, Decider(ania.id, NOW), None)
        tied, untied = _changes(session, about)
        assert tied["related_to"] == [None, left_open.number]
        assert untied["related_to"] == [left_open.number, None]
        with pytest.raises(NotPossibleError):
            relations.relate(session, about, Decider(ania.id, NOW), about)

    def test_one_number_is_called_once_at_its_earliest_place(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        younger = _left_open(session, NOW)
        first = _wants_a_call(session, younger, NOW)
        kept = _wants_a_call(session, left_open, NOW + timedelta(minutes=9))
        merging.merge(session, younger, Decider(ania.id, NOW), left_open)
        assert (kept.done_at, kept.waited_since) == (None, NOW)
        assert first.done_at == NOW
        assert _changes(session, younger)[-1] == {"call_back": "withdrawn"}

    def test_others_who_asked_are_called_too(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        younger = _left_open(session, NOW, scenes.OLENA)
        asked = [_wants_a_call(session, ticket, NOW) for ticket in (left_open, younger)]
        merging.merge(session, younger, Decider(ania.id, NOW), left_open)
        assert [one.done_at for one in asked] == [None, None]

    def test_a_consultants_call_is_enough_after_an_outage(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        younger = _left_open(session, NOW)
        after = _wants_a_call(session, left_open, None)
        after.announcement_id = _outage(session).id
        kept = _wants_a_call(session, younger, NOW)
        merging.merge(session, younger, Decider(ania.id, NOW), left_open)
        assert (kept.done_at, after.done_at) == (None, NOW)
        assert kept.waited_since == NOW

    def test_who_was_merged_before_is_called_once_too(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        second, third = (_left_open(session, NOW + timedelta(days=day)) for day in (1, 2))
        kept, other = _wants_a_call(session, second, NOW), _wants_a_call(session, third, NOW)
        merging.merge(session, second, Decider(ania.id, NOW), left_open)
        merging.merge(session, third, Decider(ania.id, NOW), left_open)
        assert (kept.done_at, other.done_at) == (None, NOW)

    def test_who_is_still_to_be_called_three_times_is(
        self, session: Session, left_open: Ticket, ania: Agent
    ) -> None:
        younger = _left_open(session, NOW)
        kept, other = (_wants_a_call(session, one, NOW) for one in (left_open, younger))
        kept.attempts = 3
        merging.merge(session, younger, Decider(ania.id, NOW), left_open)
        assert (kept.attempts, other.done_at) == (0, NOW)

    def test_a_call_that_lasts_is_not_merged(
        self, session: Session, left_open: Ticket, in_call: Ticket, ania: Agent
    ) -> None:
        with pytest.raises(NotPossibleError):
            merging.merge(session, in_call, Decider(ania.id, NOW), left_open)


def _wants_a_call(session: Session, ticket: Ticket, since: datetime | None) -> Callback:
    row = {"number": ticket.caller, "language": "pl", "asked_at": NOW, "waited_since": since}
    wanted = Callback(ticket_id=ticket.id, attempts=0, **row)
    session.add(wanted)
    session.flush()
    return wanted


def _outage(session: Session) -> Announcement:
    made = Announcement(uid="u", scope=Scope.SWITCHBOARD, text={}, made_at=NOW, made_how=Way.API)
    session.add(made)
    session.flush()
    return made


def test_what_a_caller_probably_calls_about_comes_first(session: Session) -> None:
    older = _left_open(session, scenes.MONDAY - timedelta(days=30))
    newer = scenes.ticket(session, scenes.call(session), new_number())
    _left_open(session, scenes.MONDAY, scenes.OLENA)
    assert search.of_caller(session, scenes.JAN, 5) == [older, newer]
    assert search.of_caller(session, scenes.JAN, 1) == [older]
    assert search.of_caller(session, "withheld", 5) == []
