"""Dial > Conference: several legs that hear each other.

Source: Twilio's voice/twiml/conference and voice/api/conference-resource.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from carrier.call import Call, Spoke, new_sid
from carrier.call_recording import speak
from carrier.clocks import Doing, Event
from carrier.grammar import Element
from carrier.line import Line, Played
from carrier.webhooks import Kind, request

if TYPE_CHECKING:
    from carrier.network import Network


@dataclass(frozen=True)
class Removed(Event):
    """The conference has ended for this leg."""


@dataclass
class Participant:
    """A leg in a conference."""

    call: Call
    joined_at: datetime
    label: str = ""
    muted: bool = False
    hold: bool = False
    start_on_enter: bool = True
    end_on_exit: bool = False
    coach: str = ""


@dataclass
class Conference:
    """A conference as the carrier keeps it."""

    name: str
    account_sid: str
    created_at: datetime
    sid: str = field(default_factory=lambda: new_sid("CF"))
    status: str = "init"
    participants: dict[str, Participant] = field(default_factory=dict)
    updated_at: datetime | None = None
    callback_url: str = ""
    callback_method: str = "POST"
    callback_events: frozenset[str] = frozenset()
    ending_call_sid: str = ""
    sequence: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def enters(self, network: "Network", participant: Participant) -> None:
        with self.lock:
            self.participants[participant.call.sid] = participant
            begins = self.status == "init" and self._is_enough()
            if begins:
                self.status = "in-progress"
        if begins:
            self.tell(network, "conference-start", None)
        self.tell(network, "participant-join", participant)

    def _is_enough(self) -> bool:
        starters = any(person.start_on_enter for person in self.participants.values())
        return starters and len(self.participants) > 1

    def hearers(self, call: Call) -> list[Call]:
        """The legs that hear what `call` says, by hold, mute and coaching."""
        with self.lock:
            speaker = self.participants.get(call.sid)
            if speaker is None or speaker.muted or speaker.hold or self.status != "in-progress":
                return []
            others = [one for one in self.participants.values() if one is not speaker]
            return [
                one.call for one in others if not one.hold and speaker.coach in ("", one.call.sid)
            ]

    def leaves(self, network: "Network", participant: Participant) -> None:
        with self.lock:
            if self.participants.pop(participant.call.sid, None) is None:
                return
            is_over = participant.end_on_exit or not self.participants
            rest = list(self.participants.values()) if is_over else []
            self.ending_call_sid = participant.call.sid if is_over else ""
        self.tell(network, "participant-leave", participant)
        if is_over:
            self.end(network, rest)

    def end(self, network: "Network", rest: list[Participant]) -> None:
        """Remove all participants and end the conference."""
        self.status = "completed"
        self.participants.clear()
        for person in rest:
            self.tell(network, "participant-leave", person)
            network.clock.tell(person.call, Removed())
        self.tell(network, "conference-end", None)

    def tell(self, network: "Network", event: str, who: Participant | None) -> None:
        """Send a status callback, if this kind was asked for."""
        self.updated_at = network.clock.now()
        if not self.callback_url or event.rpartition("-")[2] not in self.callback_events:
            return
        self.sequence += 1
        form = {
            "AccountSid": self.account_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(self.sequence),
            "Timestamp": format_datetime(network.clock.now()),
            **(_about(who) if who else {}),
        }
        url, method = self.callback_url, self.callback_method
        network.post_office.post(request(Kind.CONFERENCE, url, form, method))


def _about(who: Participant) -> dict[str, str]:
    return {
        "CallSid": who.call.sid,
        "Muted": str(who.muted).lower(),
        "Hold": str(who.hold).lower(),
        "Coaching": str(bool(who.coach)).lower(),
        **({"CallSidToCoach": who.coach} if who.coach else {}),
        "StartConferenceOnEnter": str(who.start_on_enter).lower(),
        "EndConferenceOnExit": str(who.end_on_exit).lower(),
        **({"ParticipantLabel": who.label} if who.label else {}),
    }


def confer(line: Line, noun: Element) -> Played[dict[str, str]]:
    """Stay in a conference until it ends or the leg leaves."""
    conference = line.network.conference(noun.text)
    if noun.get("statusCallback"):
        conference.callback_url = line.address(noun.get("statusCallback"))
        conference.callback_method = noun.get("statusCallbackMethod", "POST")
        conference.callback_events = frozenset(noun.get("statusCallbackEvent").split())
    person = Participant(
        line.call,
        line.network.clock.now(),
        label=noun.get("participantLabel"),
        muted=noun.flag("muted", default=False),
        start_on_enter=noun.flag("startConferenceOnEnter", default=True),
        end_on_exit=noun.flag("endConferenceOnExit", default=False),
        coach=noun.get("coach"),
    )
    conference.enters(line.network, person)
    line.note("conference", name=conference.name)
    try:
        while line.call.sid in conference.participants:
            event = yield from line.wait(Doing.CONFERRING, None, Removed, Spoke, human=True)
            if isinstance(event, Spoke):
                hearers = conference.hearers(line.call)
                yield from speak(line, event, hearers, Doing.CONFERRING, Removed)
    finally:
        conference.leaves(line.network, person)
    return {"DialCallStatus": "completed", "DialBridged": "true"}
