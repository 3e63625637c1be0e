"""A trial: a fleet calls, something breaks, it comes back, and the dust settles."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter import telephony
from callcenter.jobs import silent_calls, silent_recordings
from callcenter.outbox import outbox
from callcenter.telephony import carrier_calls, carrier_recordings
from carrier.call import Direction
from models import Call, Job, Recording, Ticket
from models.call import FINAL
from tests.faults.account import Account, account
from tests.faults.fleet import GUIDED, REASONS, Fleet, asking_about
from tests.faults.stack import Stack
from tests.patience import eventually

DUST_SECONDS: Final = 90.0
# Calls are looked after once nothing was heard of them for a while; here that while is passed over.
PATIENCE_SECONDS: Final = 8.0


@dataclass
class Trial:
    """What happens to one stack and its fleet."""

    stack: Stack
    fleet: Fleet
    looked_after: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, stack: Stack, size: int) -> "Trial":
        """A fleet of that size, one of whom has a ticket to complain about."""
        fleet = Fleet(stack.network, stack.wire, size)
        leg = fleet.one_calls(GUIDED)
        assert eventually(lambda: _number(stack, leg.sid) is not None), stack.said()
        fleet.reasons = (*REASONS, asking_about(_number(stack, leg.sid) or ""))
        return cls(stack, fleet)

    @contextmanager
    def calls(self) -> Iterator[Fleet]:
        """While this lasts everybody calls: before, during and after what is broken in it."""
        self.fleet.goes_out()
        assert self.fleet.goes_on(self.fleet.size * 4), self.stack.said()
        yield self.fleet
        assert self.fleet.goes_on(self.fleet.size * 6), self.stack.said()
        self.fleet.comes_home()

    def account(self, fault: str) -> Account:
        """Once the dust has settled: what agrees and what does not."""
        eventually(self._has_settled, DUST_SECONDS)
        return account(fault, self.stack)

    def _has_settled(self) -> bool:
        if any((self.stack.home / "spool").glob("*.spool")):
            return False
        with Session(self.stack.engine) as session:
            undone = session.scalar(select(func.count()).where(Job.done_at.is_(None)))
            unheard = session.scalar(select(func.count()).where(Recording.status == "in-progress"))
            up = session.scalar(select(func.count()).where(Call.status.not_in(FINAL)))
            lost = self._unheard_of(session) | self._messages_unheard_of(session)
            if up or lost or unheard:
                self._look_after_calls(session)
        return not (undone or unheard or up or lost)

    def _unheard_of(self, session: Session) -> set[str]:
        """The inbound calls of which no webhook arrived."""
        made = list(self.stack.network.calls.values())
        rang = {leg.sid for leg in made if leg.direction is Direction.INBOUND}
        return rang - set(session.scalars(select(Call.sid)))

    def _messages_unheard_of(self, session: Session) -> set[str]:
        """The messages of which no webhook arrived."""
        made = list(self.stack.network.recordings.values())
        left = {recording.sid for recording in made if recording.seconds}
        return left - set(session.scalars(select(Recording.sid)))

    def _look_after_calls(self, session: Session) -> None:
        """Do what the scheduler would do a few minutes later."""
        now = time.monotonic()
        if not self.looked_after:
            self.looked_after.append(now)
        if now - self.looked_after[-1] > PATIENCE_SECONDS:
            self.looked_after.append(now)
            outbox.bind(self.stack.redis_url)
            later = datetime.now(UTC) + silent_calls.SILENCE * 2
            silent_calls.enqueue_checks(session, later)
            silent_recordings.enqueue_checks(session, later)
            telephony.bind(self.stack.account)
            since = later - silent_calls.LOOKED_BACK
            silent_calls.reconcile(session, carrier_calls.list_inbound(since), later)
            silent_recordings.reconcile(session, carrier_recordings.list_messages(since), later)
            session.commit()


def _number(stack: Stack, sid: str) -> str | None:
    """The number of a call's ticket, once it has an outcome."""
    wanted = select(Ticket.number).join(Ticket.call).where(Call.sid == sid)
    with Session(stack.engine) as session:
        return session.scalar(wanted.where(Ticket.outcome.is_not(None)))
