"""The carrier's REST interface, as far as the official client needs it here.

Base: /2010-04-01/Accounts/<sid>/, Basic authentication with the account's sid and token.
Source: the carrier's OpenAPI description ``twilio_api_v2010`` and the ``twilio`` library; tests
hold the answers against both.
"""

from carrier.rest import calls, conferences, messages, numbers, queues, recordings
from carrier.rest.desk import answer_all_in_json, routes

__all__ = [
    "answer_all_in_json",
    "calls",
    "conferences",
    "messages",
    "numbers",
    "queues",
    "recordings",
    "routes",
]
