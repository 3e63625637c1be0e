"""Where the carrier fetches recorded announcements to play them.

It fetches media without our webhooks' signature, so this address asks for none. Nothing personal
is there: what is played to every caller, and for a moment what a supervisor listens back to, each
under 128 bits of its own content's hash, which nobody guesses.
"""

import io

from flask import Blueprint, Response, abort, send_file

from callcenter.recordings import sounds

YEAR_S = 365 * 24 * 3600


def create() -> Blueprint:
    """`/sounds/<name>.wav`: what a name stands for never changes, so it may be kept for ever."""
    media = Blueprint("media", __name__)

    @media.get("/sounds/<name>.wav")
    def sound(name: str) -> Response:
        if not sounds.is_kept(name):
            abort(404)
        # Read at once: it is under a megabyte, and no open file outlives the answer.
        there = io.BytesIO(sounds.path(name).read_bytes())
        answer = send_file(there, mimetype="audio/wav", etag=name, max_age=YEAR_S)
        answer.cache_control.immutable = True
        return answer

    return media
