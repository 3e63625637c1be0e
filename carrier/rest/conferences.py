"""Conferences and their participants."""

from flask import request

from carrier.call import Call, Direction
from carrier.conferencing import Conference, Participant, Removed, confer
from carrier.grammar import Element
from carrier.line import Line, Played
from carrier.rest.calls import OF_STATUS, callback_of, rings_of
from carrier.rest.desk import (
    API_VERSION,
    Shape,
    day,
    must_be_callable,
    must_be_ours,
    network,
    page,
    path,
    routes,
)
from carrier.rest.errors import invalid, not_found
from carrier.rest.parameters import PAGES, choice, day_filter, honours, on_days, truth

_ATTRIBUTES = {
    "Muted": "muted",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
}
STATES = ("init", "in-progress", "completed")


def shape(conference: Conference) -> Shape:
    """A conference as the carrier describes it."""
    here = path(f"/Conferences/{conference.sid}")
    is_over = conference.status == "completed"
    return {
        "sid": conference.sid,
        "account_sid": conference.account_sid,
        "friendly_name": conference.name,
        "status": conference.status,
        "region": "us1",
        **({"reason_conference_ended": "last-participant-left"} if is_over else {}),
        "call_sid_ending_conference": conference.ending_call_sid or None,
        "date_created": day(conference.created_at),
        "date_updated": day(conference.updated_at or conference.created_at),
        "api_version": API_VERSION,
        "uri": f"{here}.json",
        "subresource_uris": {
            "participants": f"{here}/Participants.json",
            "recordings": f"{here}/Recordings.json",
        },
    }


def _participant_shape(conference: Conference, person: Participant) -> Shape:
    return {
        "account_sid": conference.account_sid,
        "call_sid": person.call.sid,
        "conference_sid": conference.sid,
        "label": person.label or None,
        "call_sid_to_coach": person.coach or None,
        "coaching": bool(person.coach),
        "muted": person.muted,
        "hold": person.hold,
        "start_conference_on_enter": person.start_on_enter,
        "end_conference_on_exit": person.end_on_exit,
        "status": "connected",
        "queue_time": None,
        "date_created": day(person.joined_at),
        "date_updated": day(person.joined_at),
        "uri": path(f"/Conferences/{conference.sid}/Participants/{person.call.sid}.json"),
    }


def _find(sid: str) -> Conference:
    """A conference by its sid, or a running one by its name."""
    for conference in reversed(network().conferences):
        if conference.sid == sid or (conference.name == sid and conference.status != "completed"):
            return conference
    raise not_found(path(f"/Conferences/{sid}.json"))


def _find_person(conference: Conference, call_sid: str) -> Participant:
    for person in list(conference.participants.values()):
        if call_sid in (person.call.sid, person.label):
            return person
    raise not_found(path(f"/Conferences/{conference.sid}/Participants/{call_sid}.json"))


@routes.get("/<account>/Conferences.json")
@honours("FriendlyName", "Status", *on_days("DateCreated", "DateUpdated"), *PAGES)
def list_conferences() -> Shape:
    """Conferences, the newest first."""
    name, status = request.args.get("FriendlyName"), choice("Status", STATES)
    made, updated = day_filter("DateCreated"), day_filter("DateUpdated")
    chosen = [
        conference
        for conference in reversed(network().conferences)
        if name in (None, conference.name)
        and status in (None, conference.status)
        and made(conference.created_at)
        and updated(conference.updated_at or conference.created_at)
    ]
    return page("conferences", chosen, shape)


@routes.get("/<account>/Conferences/<sid>.json")
def fetch_conference(sid: str) -> Shape:
    """One conference."""
    return shape(_find(sid))


@routes.post("/<account>/Conferences/<sid>.json")
@honours("Status")
def change_conference(sid: str) -> Shape:
    """End it for everybody."""
    conference = _find(sid)
    if choice("Status", ["completed"]):
        conference.end(network(), list(conference.participants.values()))
    return shape(conference)


@routes.get("/<account>/Conferences/<sid>/Participants.json")
@honours("Muted", "Hold", "Coaching", *PAGES)
def list_participants(sid: str) -> Shape:
    """The participants of a conference."""
    conference = _find(sid)
    muted, held, coaches = truth("Muted"), truth("Hold"), truth("Coaching")
    people = [
        one
        for one in list(conference.participants.values())
        if muted in (None, one.muted)
        and held in (None, one.hold)
        and coaches in (None, bool(one.coach))
    ]
    return page("participants", people, lambda one: _participant_shape(conference, one))


@routes.get("/<account>/Conferences/<sid>/Participants/<call_sid>.json")
def fetch_participant(sid: str, call_sid: str) -> Shape:
    """One participant, by call or label."""
    conference = _find(sid)
    return _participant_shape(conference, _find_person(conference, call_sid))


@routes.post("/<account>/Conferences/<sid>/Participants/<call_sid>.json")
@honours("Muted", "Hold")
def change_participant(sid: str, call_sid: str) -> Shape:
    """Mute a participant or put one on hold."""
    conference = _find(sid)
    person = _find_person(conference, call_sid)
    _set(conference, person, "Muted", "mute", "unmute")
    _set(conference, person, "Hold", "hold", "unhold")
    return _participant_shape(conference, person)


def _set(conference: Conference, person: Participant, field: str, on: str, off: str) -> None:
    is_on = truth(field)
    if is_on is None:
        return
    setattr(person, field.lower(), is_on)
    event = on if is_on else off
    person.call.note(event, network().clock.now())
    conference.tell(network(), f"participant-{event}", person)


@routes.delete("/<account>/Conferences/<sid>/Participants/<call_sid>.json")
def remove_participant(sid: str, call_sid: str) -> tuple[str, int]:
    """Remove a participant."""
    conference = _find(sid)
    person = _find_person(conference, call_sid)
    conference.leaves(network(), person)
    network().clock.tell(person.call, Removed())
    return "", 204


@routes.post("/<account>/Conferences/<sid>/Participants.json")
@honours("To", "From", "Timeout", "Label", *OF_STATUS, *_ATTRIBUTES)
def add_participant(sid: str) -> tuple[Shape, int]:
    """Call somebody, who joins the conference on answering."""
    to = must_be_callable(request.form.get("To", ""))
    from_ = must_be_ours(request.form.get("From", ""))
    if not sid:
        raise invalid(20001, "a conference needs a name")
    conference = _conference(sid)
    account = network()
    leg = account.new_leg(from_, to, Direction.OUTBOUND_API, callback_of(), rings_of())
    noun = Element("Conference", _attributes(), conference.name)
    account.ring_leg(leg, lambda line: _join(line, noun), lambda line: None)
    return _new_shape(conference, leg), 201


def _conference(sid: str) -> Conference:
    return _find(sid) if sid.startswith("CF") else network().conference(sid)


def _attributes() -> dict[str, str]:
    given = ((to, truth(field)) for field, to in _ATTRIBUTES.items())
    found = {to: str(is_so).lower() for to, is_so in given if is_so is not None}
    form = request.form
    return {**found, **({"participantLabel": form["Label"]} if "Label" in form else {})}


def _join(line: Line, noun: Element) -> Played[None]:
    yield from confer(line, noun)


def _new_shape(conference: Conference, leg: Call) -> Shape:
    label = request.form.get("Label", "")
    person = Participant(leg, leg.created_at, label)
    status = "connected" if leg.sid in conference.participants else "queued"
    return {**_participant_shape(conference, person), "status": status}
