"""Recordings: started, paused and stopped on running calls; their data and sounds.

Source: https://www.twilio.com/docs/voice/api/recording and the carrier's OpenAPI description.
"""

from typing import Final

from flask import Response, request

from carrier.call import Call, Callback, Fault, Status
from carrier.call_recording import CallRecording, begin, running
from carrier.recording import Recording, make_file
from carrier.rest.calls import find
from carrier.rest.desk import API_VERSION, Shape, day, network, page, path, routes
from carrier.rest.errors import RestError, invalid, not_found
from carrier.rest.parameters import PAGES, day_filter, honours, on_days

CURRENT: Final = "Twilio.CURRENT"
EVENTS: Final = frozenset({"in-progress", "completed", "absent"})
BAD_CALLBACK_URL: Final = 13256
BAD_CALLBACK_EVENT: Final = 13621


def shape(recording: Recording) -> Shape:
    """A recording as the carrier describes it in the account's list."""
    here = path(f"/Recordings/{recording.sid}")
    return {
        **_common(recording),
        "duration": str(recording.duration) if recording.status == "completed" else "-1",
        "price_unit": "USD",
        "media_url": recording.url,
        "uri": f"{here}.json",
        "subresource_uris": {
            "add_on_results": f"{here}/AddOnResults.json",
            "transcriptions": f"{here}/Transcriptions.json",
        },
    }


def shape_of_call(recording: Recording) -> Shape:
    """A recording as the carrier describes it in a call's list."""
    is_ready = recording.status == "completed"
    return {
        **_common(recording),
        "duration": str(recording.duration) if is_ready else None,
        "price_unit": "USD" if is_ready else None,
        "track": recording.track,
        "uri": path(f"/Calls/{recording.call_sid}/Recordings/{recording.sid}.json"),
    }


def _common(recording: Recording) -> Shape:
    is_made = recording.status in ("completed", "absent")
    return {
        "sid": recording.sid,
        "account_sid": recording.account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "status": recording.status if is_made else "processing",
        "channels": recording.channels,
        "source": recording.source,
        "start_time": day(recording.started_at),
        "date_created": day(recording.started_at),
        "date_updated": day(recording.updated_at or recording.started_at),
        "price": None,
        "error_code": int(recording.error_code) if recording.status == "absent" else None,
        "encryption_details": None,
        "api_version": API_VERSION,
    }


def _changed(recording: CallRecording) -> Shape:
    """The answer to a change. Only it has the running state, which a fetch calls "processing"."""
    return {**shape_of_call(recording), "status": recording.status}


@routes.post("/<account>/Calls/<call_sid>/Recordings.json")
@honours(
    "RecordingChannels",
    "RecordingTrack",
    "Trim",
    "RecordingStatusCallback",
    "RecordingStatusCallbackEvent",
    "RecordingStatusCallbackMethod",
)
def begin_recording(call_sid: str) -> tuple[Shape, int]:
    """Record a running call. If it is already being recorded, answer 200 with that recording.

    The description has both answers. That a second request gets 200 is our reading; others have
    seen that the carrier makes no second recording.
    """
    call = find(call_sid)
    if call.status is not Status.IN_PROGRESS:
        raise invalid(21220, "Requested resource is not eligible for recording")
    wanted = CallRecording(
        call.sid,
        call.account_sid,
        network().clock.now(),
        channels=1 if _choice("RecordingChannels", "mono", "dual") == "mono" else 2,
        track=_choice("RecordingTrack", "both", "inbound", "outbound"),
        is_trimmed=_choice("Trim", "do-not-trim", "trim-silence") == "trim-silence",
        callback=_callback(call),
    )
    recorded = begin(network(), call, wanted)
    return _changed(recorded), 201 if recorded is wanted else 200


def _choice(field: str, *choices: str) -> str:
    """A form field with a few values; the first one is the default."""
    value = request.form.get(field, choices[0])
    if value not in choices:
        raise invalid(20001, f"{field} is one of {', '.join(choices)}")
    return value


def _callback(call: Call) -> Callback:
    """The callback address. A wrong one is a fault on the call, but does not stop the recording."""
    url = request.form.get("RecordingStatusCallback", "")
    listed = " ".join(request.form.getlist("RecordingStatusCallbackEvent"))
    events = frozenset(listed.split() or ["completed"])
    if url and not url.startswith(("http://", "https://")):
        call.errors.append(Fault(BAD_CALLBACK_URL, f"Invalid recordingStatusCallback: {url}", url))
        url = ""
    if events - EVENTS:
        strange = " ".join(sorted(events - EVENTS))
        message = f"Invalid recordingStatusCallbackEvent: {strange}"
        call.errors.append(Fault(BAD_CALLBACK_EVENT, message, url))
    return Callback(url, _choice("RecordingStatusCallbackMethod", "POST", "GET"), events)


@routes.post("/<account>/Calls/<call_sid>/Recordings/<sid>.json")
@honours("Status", "PauseBehavior")
def change_recording(call_sid: str, sid: str) -> Shape:
    """Pause, resume or stop a running recording; ``Twilio.CURRENT`` is the call's own.

    The carrier's answer for a recording that is over is not documented. Here it is 21220, as for
    every change of a call that comes too late.
    """
    recording = _find_running(find(call_sid), sid)
    wanted = request.form.get("Status", "")
    is_skipped = _choice("PauseBehavior", "silence", "skip") == "skip"
    now = network().clock.now()
    match wanted:
        case "paused":
            is_done = recording.pause(now, is_skipped=is_skipped)
        case "in-progress":
            is_done = recording.resume(now)
        case "stopped":
            is_done = recording.stop(now)
        case _:
            raise invalid(20001, "Status is one of in-progress, paused, stopped")
    if not is_done:
        raise _too_late()
    answer = _changed(recording)
    if wanted == "stopped":
        make_file(network(), recording)
    return answer


def _find_running(call: Call, sid: str) -> CallRecording:
    if sid == CURRENT:
        current = running(network(), call)
        if current is None:
            raise not_found(path(f"/Calls/{call.sid}/Recordings/{sid}.json"))
        return current
    recording = _find_of_call(call.sid, sid)
    if not isinstance(recording, CallRecording):
        raise _too_late()
    return recording


def _too_late() -> RestError:
    return invalid(21220, "Recording is not in-progress.")


@routes.get("/<account>/Recordings.json")
@honours("CallSid", "ConferenceSid", *on_days("DateCreated"), *PAGES)
def list_recordings() -> Shape:
    """Recordings, the newest first."""
    chosen = _chosen(request.args.get("CallSid"))
    of_conference = request.args.get("ConferenceSid")  # no recording here belongs to a conference
    return page("recordings", [] if of_conference else chosen, shape)


@routes.get("/<account>/Calls/<call_sid>/Recordings.json")
@honours(*on_days("DateCreated"), *PAGES)
def list_recordings_of_call(call_sid: str) -> Shape:
    """Recordings of one call."""
    return page("recordings", _chosen(call_sid), shape_of_call)


def _chosen(call_sid: str | None) -> list[Recording]:
    made = day_filter("DateCreated")
    return [
        recording
        for recording in reversed(list(network().recordings.values()))
        if call_sid in (None, recording.call_sid) and made(recording.started_at)
    ]


@routes.get("/<account>/Calls/<call_sid>/Recordings/<sid>.json")
def fetch_recording_of_call(call_sid: str, sid: str) -> Shape:
    """The data of one recording of a call."""
    return shape_of_call(_find_of_call(call_sid, sid))


def _find_of_call(call_sid: str, sid: str) -> Recording:
    recording = network().recordings.get(sid)
    if recording is None or recording.call_sid != call_sid:
        raise not_found(path(f"/Calls/{call_sid}/Recordings/{sid}.json"))
    return recording


@routes.delete("/<account>/Calls/<call_sid>/Recordings/<sid>.json")
def delete_recording_of_call(call_sid: str, sid: str) -> tuple[str, int]:
    """Delete one recording of a call."""
    del network().recordings[_find_of_call(call_sid, sid).sid]
    return "", 204


def _find(sid: str) -> Recording:
    recording = network().recordings.get(sid)
    if recording is None:
        raise not_found(path(f"/Recordings/{sid}.json"))
    return recording


@routes.get("/<account>/Recordings/<sid>.json")
def fetch_recording(sid: str) -> Shape:
    """The data of one recording."""
    return shape(_find(sid))


@routes.get("/<account>/Recordings/<sid>")
@routes.get("/<account>/Recordings/<sid>.wav")
def fetch_sound(sid: str) -> Response:
    """The sound as WAV once it is made; 404 for MP3, which is not kept here."""
    recording = _find(sid)
    if not recording.sound or recording.status != "completed":
        raise not_found(path(f"/Recordings/{sid}"))
    return Response(recording.sound, content_type="audio/x-wav")


@routes.delete("/<account>/Recordings/<sid>.json")
def delete_recording(sid: str) -> tuple[str, int]:
    """Delete a recording."""
    _find(sid)
    del network().recordings[sid]
    return "", 204
