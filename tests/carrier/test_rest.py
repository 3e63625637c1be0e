"""The REST interface as the official client uses it, over a socket.

Every request and answer of these tests is held against the carrier's own description.
"""

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from carrier.call import Status
from tests.carrier.house import House
from tests.carrier.official import JAN, OWN, refused


def test_an_sms_reaches_the_telephone(house: House, client: Client) -> None:
    sent = client.messages.create(to=JAN, from_="Centrala", body="Zgłoszenie 123")
    assert sent.status == "queued"
    assert house.jan.messages[0].body == "Zgłoszenie 123"
    assert client.messages(sent.sid).fetch().status == "delivered"
    assert [text.sid for text in client.messages.list(to=JAN)] == [sent.sid]


@pytest.mark.parametrize(
    ("to", "from_", "body", "code"),
    [
        ("12", "Centrala", "x", 21211),
        ("+48221234567", "Centrala", "x", 21614),
        (JAN, OWN, "x", 21606),
        (JAN, "Centrala", "", 21602),
    ],
)
def test_an_impossible_sms_isrefused(
    client: Client, to: str, from_: str, body: str, code: int
) -> None:
    with refused(code):
        client.messages.create(to=to, from_=from_, body=body)


def test_a_wrong_token_is_told_in_the_carriers_words(house: House, base: str) -> None:
    sid = house.network.account_sid
    url = f"{base}/2010-04-01/Accounts/{sid}/Messages.json"
    answer = requests.get(url, auth=(sid, "wrong"), timeout=5)
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003


def test_what_is_not_there_is_20404(client: Client) -> None:
    with refused(20404):
        client.calls("CA" + "0" * 32).fetch()
    with refused(20404):
        client.messages("SM" + "0" * 32).fetch()


def test_a_call_is_made_rings_and_tells(house: House, client: Client) -> None:
    house.plays("/hello", "<Say>Here we are.</Say><Gather/>")
    made = client.calls.create(
        to=JAN,
        from_=OWN,
        url="http://localhost:8000/hello",
        status_callback="http://localhost:8000/voice/status",
        status_callback_event=["initiated", "answered", "completed"],
    )
    assert made.direction == "outbound-api"
    house.jan.answers()
    house.jan.hears("Here we are")
    assert client.calls(made.sid).fetch().status == "in-progress"
    client.calls(made.sid).update(status="completed")
    assert house.jan.call.status == Status.COMPLETED
    told = [sent.form["CallStatus"] for sent in house.jan.requests if "status" in sent.url]
    assert told == ["initiated", "in-progress", "completed"]
    assert [call.sid for call in client.calls.list(status="completed")] == [made.sid]


def test_a_call_is_given_another_document(house: House, client: Client) -> None:
    house.plays("/voice/incoming", "<Gather><Say>First.</Say></Gather>")
    house.jan.dials()
    client.calls(house.jan.sid).update(twiml="<Response><Say>Second.</Say></Response>")
    assert [piece.text for piece in house.jan.heard] == ["First.", "Second."]
    with refused(21220):
        client.calls(house.jan.sid).update(twiml="<Response/>")


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"to": "12"}, 21211), ({"from_": "+48600000000"}, 21210), ({"url": "nowhere"}, 21205)],
)
def test_an_impossible_call_isrefused(client: Client, changes: dict[str, str], code: int) -> None:
    with refused(code):
        client.calls.create(**{"to": JAN, "from_": OWN, "url": "http://localhost:8000/", **changes})


def test_calls_come_too_fast(house: House, client: Client) -> None:
    house.network.calls_a_second = 0.1
    client.calls.create(to=JAN, from_=OWN, twiml="<Response/>")
    with pytest.raises(TwilioRestException) as refused:
        client.calls.create(to=JAN, from_=OWN, twiml="<Response/>")
    assert refused.value.status == 429


def test_lists_come_too_fast(house: House, client: Client) -> None:
    house.network.lists_a_second = 0.4
    assert client.calls.list() == []
    with pytest.raises(TwilioException, match="20429"):
        client.messages.list()
    call = client.calls.create(to=JAN, from_=OWN, twiml="<Response/>")
    assert client.calls(call.sid).fetch().status == "ringing"


def test_how_long_to_wait_is_told(house: House, base: str) -> None:
    house.network.lists_a_second = 0.4
    account = (house.network.account_sid, house.network.auth_token)
    address = f"{base}/2010-04-01/Accounts/{account[0]}/Calls.json"
    first, second = (requests.get(address, auth=account, timeout=5) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["Retry-After"] == "3"


def test_lists_go_on_page_after_page(house: House, client: Client) -> None:
    house.plays("/voice/incoming", "<Hangup/>")
    for _ in range(5):
        house.jan.dials()
    assert len(client.calls.list(page_size=2)) == 5


def test_a_recording_is_fetched_and_deleted(house: House, client: Client, base: str) -> None:
    house.plays("/voice/incoming", '<Record action="/after"/>')
    house.plays("/after", "<Hangup/>")
    house.network.api_base = base
    house.jan.dials()
    house.jan.speaks(seconds=2)
    (recording,) = client.recordings.list(call_sid=house.jan.sid)
    assert recording.duration == "2"
    account = (house.network.account_sid, house.network.auth_token)
    assert (
        requests.get(f"{recording.media_url}.wav", auth=account, timeout=5).content[:4] == b"RIFF"
    )
    assert requests.get(f"{recording.media_url}.mp3", auth=account, timeout=5).status_code == 404
    assert requests.get(f"{recording.media_url}.wav", timeout=5).status_code == 401
    assert recording.delete()
    assert client.recordings.list() == []


def test_somebody_is_taken_out_of_a_queue(house: House, client: Client) -> None:
    house.plays("/voice/incoming", '<Enqueue action="/left" waitUrl="/wait">clerks</Enqueue>')
    house.plays("/wait", "<Say>Wait.</Say>")
    house.plays("/left", "<Say>Never heard.</Say>")
    house.plays("/out", "<Say>Your turn.</Say>")
    house.jan.dials()
    (queue,) = client.queues.list()
    assert queue.current_size == 1
    (member,) = client.queues(queue.sid).members.list()
    assert member.position == 1
    client.queues(queue.sid).members("Front").update(url="http://localhost:8000/out")
    house.jan.hears("Your turn")
    house.jan.does_not_hear("Never heard")
    left = next(sent for sent in house.jan.requests if sent.url.endswith("/left"))
    assert left.form["QueueResult"] == "redirected"


def test_a_conference_and_who_is_in_it(house: House, client: Client) -> None:
    house.plays("/voice/incoming", "<Dial><Conference>room</Conference></Dial>")
    ania = house.network.telephone("client:ania")
    house.jan.dials()
    (room,) = client.conferences.list(friendly_name="room")
    client.conferences(room.sid).participants.create(to="client:ania", from_=OWN, label="ania")
    ania.answers()
    assert len(client.conferences(room.sid).participants.list()) == 2
    held = client.conferences(room.sid).participants(house.jan.sid).update(hold=True)
    assert held.hold
    client.conferences(room.sid).participants(ania.sid).delete()
    assert not ania.is_up
    client.conferences(room.sid).update(status="completed")
    assert not house.jan.is_up


def test_a_number_is_set_to_other_addresses(house: House, client: Client) -> None:
    (number,) = client.incoming_phone_numbers.list(phone_number=OWN)
    assert number.voice_url == "http://localhost:8000/voice/incoming"
    changed = client.incoming_phone_numbers(number.sid).update(status_callback="")
    assert changed.status_callback == ""
    assert house.network.main.status_callback == ""


def test_the_account_is_there(house: House, client: Client) -> None:
    assert client.api.accounts(house.network.account_sid).fetch().status == "active"
