"""Recordings: what the carrier keeps of them, and the sound itself."""

from flask import Response, request

from carrier.recording import Recording
from carrier.rest.desk import API_VERSION, Shape, day, network, on_day, page, path, routes
from carrier.rest.errors import not_found


def shape(recording: Recording) -> Shape:
    """A recording as the carrier describes it."""
    here = path(f"/Recordings/{recording.sid}")
    is_ready = recording.status == "completed"
    return {
        "sid": recording.sid,
        "account_sid": recording.account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "status": recording.status,
        "channels": 1,
        "source": "RecordVerb",
        "duration": str(recording.duration) if is_ready else "-1",
        "start_time": day(recording.started_at),
        "date_created": day(recording.started_at),
        "date_updated": day(recording.started_at),
        "price": None,
        "price_unit": "USD",
        "error_code": 16102 if recording.status == "absent" else None,
        "encryption_details": None,
        "api_version": API_VERSION,
        "media_url": recording.url,
        "uri": f"{here}.json",
        "subresource_uris": {
            "add_on_results": f"{here}/AddOnResults.json",
            "transcriptions": f"{here}/Transcriptions.json",
        },
    }


@routes.get("/<account>/Recordings.json")
def list_recordings() -> Shape:
    """Recordings, the newest first."""
    sid = request.args.get("CallSid")
    return _list(sid)


@routes.get("/<account>/Calls/<call_sid>/Recordings.json")
def list_recordings_of_call(call_sid: str) -> Shape:
    """Recordings of one call."""
    return _list(call_sid)


def _list(call_sid: str | None) -> Shape:
    chosen = [
        recording
        for recording in reversed(list(network().recordings.values()))
        if call_sid in (None, recording.call_sid) and on_day(recording.started_at, "DateCreated")
    ]
    return page("recordings", chosen, shape)


def _find(sid: str) -> Recording:
    recording = network().recordings.get(sid)
    if recording is None:
        raise not_found(path(f"/Recordings/{sid}.json"))
    return recording


@routes.get("/<account>/Recordings/<sid>.json")
def fetch_recording(sid: str) -> Shape:
    """What is known of one recording."""
    return shape(_find(sid))


@routes.get("/<account>/Recordings/<sid>")
@routes.get("/<account>/Recordings/<sid>.wav")
def fetch_sound(sid: str) -> Response:
    """The sound as WAV, once it is made. MP3 is not kept here: 404."""
    recording = _find(sid)
    if not recording.sound or recording.status != "completed":
        raise not_found(path(f"/Recordings/{sid}"))
    return Response(recording.sound, content_type="audio/x-wav")


@routes.delete("/<account>/Recordings/<sid>.json")
def delete_recording(sid: str) -> tuple[str, int]:
    """Forget one."""
    _find(sid)
    del network().recordings[sid]
    return "", 204
