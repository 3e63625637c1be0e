"""Callers of the line: telephones that know their language and can look what became of a call."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

import words
from carrier.network import Network
from carrier.telephone import Telephone
from carrier.webhooks import Kind
from models import Call, TextMessage, Ticket, Turn
from models.session import transaction

KEY_OF = {"pl": "", "en": "8", "uk": "7"}


@dataclass(eq=False)
class Caller(Telephone):
    """A telephone in the hand of somebody who speaks ``language``."""

    language: str = "pl"

    @classmethod
    def of(cls, network: Network, number: str) -> "Caller":
        caller = cls(network, number)
        network.telephones[number] = caller
        return caller

    def dials_in(self, language: str, *keys: str) -> None:
        """Call for the first time, choose the language, then press keys."""
        self.language = language
        self.dials()
        self.presses(KEY_OF[language], *keys)

    def is_told(self, *messages: str, **variables: str | int) -> None:
        """Each message was spoken in the caller's language since the caller last did something."""
        self.hears(*(self._words(message, variables) for message in messages))

    def is_not_told(self, *messages: str, **variables: str | int) -> None:
        self.does_not_hear(*(self._words(message, variables) for message in messages))

    def _words(self, message: str, variables: dict[str, str | int]) -> str:
        return words.say(self.language, message, **variables)

    def ticket(self) -> Ticket:
        """The one ticket of the last call, as it is now."""
        with transaction() as session:
            wanted = select(Ticket).join(Call).where(Call.sid == self.sid)
            return session.scalars(wanted.options(joinedload(Ticket.related_to))).one()

    def turns(self) -> list[Turn]:
        """The turns of the last call, by their steps."""
        with transaction() as session:
            wanted = select(Turn).join(Call).where(Call.sid == self.sid).order_by(Turn.step)
            return list(session.scalars(wanted))

    def row(self) -> Call:
        """The last call in the call log."""
        with transaction() as session:
            return session.scalars(select(Call).where(Call.sid == self.sid)).one()

    def texts(self) -> list[TextMessage]:
        """The SMS that the last call asked for, sent or not."""
        with transaction() as session:
            wanted = select(TextMessage).join(Ticket, Ticket.id == TextMessage.ticket_id)
            of_call = wanted.join(Call, Call.id == Ticket.call_id).where(Call.sid == self.sid)
            return list(session.scalars(of_call.order_by(TextMessage.id)))

    def is_waiting(self) -> bool:
        """Whether the caller waits for a consultant: in the carrier's queue, hearing our loop."""
        asked = [sent for sent in self.requests if sent.request.kind in (Kind.VOICE, Kind.WAIT)]
        is_queued = self.network.queue("consultants").position(self.call) > 0
        return self.is_up and is_queued and asked[-1].request.kind is Kind.WAIT
