"""A second judge, not of our making: Stoplight's Prism between the official client and us.

Runs where ``prism`` is on the PATH (npm install -g @stoplight/prism-cli). It answers with an error
of its own wherever a request or an answer is not as the carrier describes it.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
import requests
from twilio.rest import Client

from carrier import process
from tests.carrier.description import DESCRIPTION
from tests.carrier.house import House
from tests.carrier.official import JAN, OWN, OfficialTransport

PRISM = shutil.which("prism")
PORT = 4018

pytestmark = pytest.mark.skipif(PRISM is None, reason="prism is not installed (npm)")


@pytest.fixture
def client(house: House) -> Iterator[Client]:
    with process.running(house.network) as base:
        command = [str(PRISM), "proxy", str(DESCRIPTION), base, "--errors", "-p", str(PORT)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as prism:
            transport = OfficialTransport(f"http://127.0.0.1:{PORT}")
            _await_prism()
            account = house.network
            yield Client(account.account_sid, account.auth_token, http_client=transport)
            prism.terminate()
            transport.session.close()


def _await_prism() -> None:
    for _ in range(200):
        try:
            requests.get(f"http://127.0.0.1:{PORT}", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("prism does not start")


def test_prism_finds_nothing_wrong(house: House, client: Client) -> None:
    house.plays("/voice/incoming", '<Enqueue waitUrl="/wait">clerks</Enqueue>')
    house.plays("/wait", "<Gather><Say>Wait.</Say></Gather>")
    text = client.messages.create(to=JAN, from_="Centrala", body="Zgłoszenie 123")
    assert client.messages(text.sid).fetch().status == "delivered"
    made = client.calls.create(
        to=JAN,
        from_=OWN,
        twiml="<Response><Record/></Response>",
        status_callback="http://localhost:8000/voice/status",
        status_callback_event=["initiated", "answered", "completed"],
    )
    house.jan.answers()
    house.jan.speaks()
    assert client.calls(made.sid).fetch().status == "completed"
    (recording,) = client.recordings.list()
    assert client.recordings(recording.sid).fetch().duration == "5"
    house.jan.dials()
    (queue,) = client.queues.list()
    assert len(client.queues(queue.sid).members.list()) == 1
    (number,) = client.incoming_phone_numbers.list(phone_number=OWN)
    client.incoming_phone_numbers(number.sid).update(voice_url="http://localhost:8000/x")
    assert client.api.accounts(house.network.account_sid).fetch().status == "active"


def test_prism_finds_nothing_wrong_with_recorded_talks(house: House, client: Client) -> None:
    house.plays("/voice/incoming", "<Dial><Conference>room</Conference></Dial>")
    house.jan.dials()
    recordings = client.calls(house.jan.sid).recordings
    begun = recordings.create(
        recording_status_callback="http://localhost:8000/voice/recording",
        recording_status_callback_event=["in-progress", "completed", "absent"],
        recording_channels="dual",
    )
    assert recordings.create().sid == begun.sid
    recordings("Twilio.CURRENT").update(status="paused", pause_behavior="skip")
    recordings(begun.sid).update(status="in-progress")
    house.jan.speaks(2)
    recordings(begun.sid).update(status="stopped")
    assert recordings(begun.sid).fetch().duration == "2"
    assert len(recordings.list()) == 1
    assert recordings(begun.sid).delete()
