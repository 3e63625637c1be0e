"""The scheduler's watch over the carrier: it asks once a minute and publishes the result.

The result is in /readyz and on every page of the desk, each fault in the log, each request in
/metrics. Web processes never ask the carrier, so they read the result from the home.
"""

import logging
import threading

import requests
from sqlalchemy.exc import SQLAlchemyError
from twilio.base.exceptions import TwilioException

from callcenter import jobs, telephony
from callcenter.offline import heartbeats
from callcenter.offline.log_throttle import LogThrottle
from callcenter.telephony import faults
from config import Settings

log = logging.getLogger(__name__)
throttled = LogThrottle(log)

# A demo's carrier starts at the same time as this process.
START_SECONDS = 5.0
AGAIN_SECONDS = 60.0
ROUNDS_AN_HOUR = 60


def watch_until(stop: threading.Event, settings: Settings) -> None:
    """Ask until `stop` is set. Run this in a thread of its own: the carrier may answer slowly."""
    pause, rounds = START_SECONDS, 0
    while not stop.wait(pause):
        ask(settings, webhooks_too=rounds % ROUNDS_AN_HOUR == 0)
        pause, rounds = AGAIN_SECONDS, rounds + 1


def ask(settings: Settings, *, webhooks_too: bool) -> None:
    """Compare our calls with the carrier's, and publish how the carrier answered."""
    try:
        if webhooks_too:
            _check_webhooks(settings)
        _compare_calls()
    except (TwilioException, requests.RequestException) as fault:
        _note(faults.word_for(fault), faults.why_not_done(fault))
    except SQLAlchemyError as fault:
        log.warning("calls were not compared with the carrier's: %s", type(fault).__name__)
    except Exception as fault:
        # Something else answered in the carrier's place: the next comparison may reach the carrier.
        _note("stranger", faults.STRANGER.format(type(fault).__name__))
        throttled.exception("calls were not compared with the carrier's", fault)
    else:
        heartbeats.beat("carrier")


def _note(word: str, why: str) -> None:
    heartbeats.beat("carrier", word)
    log.warning("calls were not compared with the carrier's: %s", why)


def _check_webhooks(settings: Settings) -> None:
    """Check our number's webhooks: a number that calls another server loses every caller."""
    for fault in telephony.webhook_faults(settings.public_url):
        log.warning("%s", fault)


def _compare_calls() -> None:
    opened, ended = jobs.compare_with_carrier()
    if opened or ended:
        log.warning("%s calls never reached us, the end of %s was lost", opened, ended)
