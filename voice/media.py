"""The address from which the carrier fetches recorded announcements.

The carrier fetches media without a signature, so this address asks for none. Nothing personal is
here: only what every caller hears, and briefly what a supervisor plays back. A name has 128 bits of
the content's hash, so it cannot be guessed.
"""

import io

from flask import Blueprint, Response, abort, send_file

from callcenter.recordings import sounds

YEAR_S = 365 * 24 * 3600


def create() -> Blueprint:
    """`/sounds/<name>.wav`. The content of a name never changes, so it may be cached for ever."""
    media = Blueprint("media", __name__)

    @media.get("/sounds/<name>.wav")
    def sound(name: str) -> Response:
        if not sounds.is_kept(name):
            abort(404)
        # Read completely: it is under a megabyte, and no file stays open after the answer.
        there = io.BytesIO(sounds.path(name).read_bytes())
        answer = send_file(there, mimetype="audio/wav", etag=name, max_age=YEAR_S)
        answer.cache_control.immutable = True
        return answer

    return media
