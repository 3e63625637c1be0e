"""Voice webhooks: which requests are accepted, and what is made of each."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import Client, TestResponse

import webhooks
import words
from app import create_app
from callcenter.offline.log_throttle import LogThrottle
from carrier import grammar
from carrier.grammar import Place
from carrier.network import Network
from carrier.webhooks import Exchange, Kind, Request
from config import Settings
from ivr import without_database
from ivr.line import Line
from models import Call, CallStatus, Outcome, Recording, Ticket, Topic, Turn, Waiting
from models.session import transaction
from tests.conversations.callers import Caller

Form = Mapping[str, str] | MultiDict[str, str]
Post = Callable[..., TestResponse]
SID = "CA" + "1" * 32
RECORDING = "RE" + "3" * 32
FORM = {"CallSid": SID, "From": "+48501234567", "To": "+48223070000", "Direction": "inbound"}
MENU = "/voice/pl/main/menu?try=0&step=1&since=0"


@contextmanager
def served(settings: Settings) -> Iterator[Post]:
    """A line with these settings; gives a way to post to it, signed as the carrier signs."""
    app = create_app(settings)
    try:
        yield posting(app, settings)
    finally:
        app.extensions["database"].dispose()


def posting(app: Flask, settings: Settings) -> Post:
    client = Client(app, use_cookies=False)

    def post(
        target: str,
        form: Form = FORM,
        token: str = settings.twilio_auth_token,
        address: str | None = None,
        signature: str | None = None,
    ) -> TestResponse:
        url = address or settings.public_url + target
        if signature is None:
            signature = RequestValidator(token).compute_signature(url, form)
        headers = {"X-Twilio-Signature": signature} if signature else {}
        return client.open(target, method="POST", data=form, headers=headers)

    return post


@pytest.fixture
def post(line: Flask, settings: Settings) -> Post:
    return posting(line, settings)


@pytest.fixture
def olena(network: Network) -> Caller:
    return Caller.of(network, "+48501234567")


def counted(*tables: type) -> list[int]:
    with transaction() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@contextmanager
def renamed(table: str) -> Iterator[None]:
    """A fault that nobody foresaw, in whatever needs the table."""
    with transaction() as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO away_{table}"))
    try:
        yield
    finally:
        with transaction() as session:
            session.execute(text(f"ALTER TABLE away_{table} RENAME TO {table}"))


class TestHowTheNumberIsSet:
    """At the carrier people set the webhooks otherwise than told: the caller must not hear it."""

    @pytest.mark.parametrize("target", ["/voice/incoming", MENU])
    def test_a_webhook_set_to_get_is_answered_and_told(
        self, line: Flask, settings: Settings, target: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        webhooks.throttled = LogThrottle(webhooks.log)
        asked = f"{target}{'&' if '?' in target else '?'}{urlencode(FORM)}"
        made = RequestValidator(settings.twilio_auth_token)
        signature = made.compute_signature(settings.public_url + asked, {})
        answer = line.test_client().get(asked, headers={"X-Twilio-Signature": signature})
        assert _is_played(answer)
        assert "<Say" in answer.text
        assert "set the number's webhooks to POST" in caplog.text
        assert counted(Call) == [1]

    @pytest.mark.parametrize("target", ["/voice/incoming?CallSid=CA1", MENU, "/voice/incoming"])
    def test_with_get_too_only_the_carrier_is_let_in(self, line: Flask, target: str) -> None:
        for headers in ({}, {"X-Twilio-Signature": "bm9uc2Vuc2Vub25zZW5zZW5vbnNlbnM="}):
            assert line.test_client().get(target, headers=headers).status_code == 405

    @pytest.mark.parametrize("sent", ["/voice/incoming", "/voice/incoming?"])
    @pytest.mark.parametrize("signed", ["/voice/incoming", "/voice/incoming?"])
    def test_a_question_mark_at_the_end_is_no_other_address(
        self, post: Post, settings: Settings, sent: str, signed: str
    ) -> None:
        assert _is_played(post(sent, address=settings.public_url + signed))


class TestTheSignature:
    def test_lets_the_carrier_in(self, post: Post) -> None:
        answer = post("/voice/incoming")
        assert answer.status_code == 200
        assert answer.content_type == "text/xml; charset=utf-8"
        assert words.say("pl", "main-greeting") in answer.text

    @pytest.mark.parametrize(
        "target", ["/voice/incoming", MENU, "/voice/status", "/voice/recording"]
    )
    @pytest.mark.parametrize(
        "wrong",
        [
            {"signature": ""},
            {"signature": "bm9uc2Vuc2U="},
            {"signature": "ż€"},
            {"token": "8" * 32},
            {"address": "http://centrala.example.org/voice/incoming"},
            {"address": "https://elsewhere.example.org/voice/incoming"},
            {"address": "https://centrala.example.org/voice/incoming/"},
        ],
    )
    def test_that_is_another_is_refused(
        self, post: Post, target: str, wrong: dict[str, str]
    ) -> None:
        if (wrong.get("signature") or "").startswith("ż"):
            wrong = {"signature": "ż€".encode().decode("latin-1")}  # as a server hands it on
        assert post(target, **wrong).status_code == 403
        assert counted(Call, Ticket) == [0, 0]

    def test_covers_every_value(self, post: Post, settings: Settings) -> None:
        url = f"{settings.public_url}/voice/incoming"
        signature = RequestValidator(settings.twilio_auth_token).compute_signature(url, FORM)
        forged = {**FORM, "From": "+48601111111"}
        assert post("/voice/incoming", forged, signature=signature).status_code == 403
        assert post("/voice/incoming", {}, signature=signature).status_code == 403

    def test_that_is_none_is_refused_without_a_look_at_the_body(
        self, line: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Nor does what a stranger wrote stand in the log."""
        client = Client(line, use_cookies=False)
        answer = client.post("/voice/made%0Aup", data={"CallSid": "made up", "From": "x"})
        assert answer.status_code == 403
        assert "made" not in caplog.text

    @pytest.mark.parametrize("boundary", ["", "multipart/form-data"])
    def test_covers_nothing_that_is_larger_than_a_form(
        self, line: Flask, settings: Settings, boundary: str
    ) -> None:
        """It is refused unread: strangers may send as much as they like."""
        large = {**FORM, "FromCity": "x" * 300_000}
        url = f"{settings.public_url}/voice/incoming"
        signature = RequestValidator(settings.twilio_auth_token).compute_signature(url, large)
        answer = Client(line, use_cookies=False).post(
            "/voice/incoming",
            data=large,
            content_type=boundary or None,
            headers={"X-Twilio-Signature": signature},
        )
        assert answer.status_code == 403
        assert counted(Call, Ticket) == [0, 0]

    @pytest.mark.parametrize(
        "extra",
        [
            {"FromCity": ""},
            {"FromCity": "Łódź", "CallerName": "Ołena Шевченко 😀"},
            {"Odd": " spaces  and+plus&amp=%20 \r\n"},
        ],
    )
    def test_holds_with_blank_and_strange_values(self, post: Post, extra: dict[str, str]) -> None:
        assert post("/voice/incoming", {**FORM, **extra}).status_code == 200

    def test_holds_with_doubled_keys(self, post: Post) -> None:
        form = MultiDict([*FORM.items(), ("Twice", "b"), ("Twice", "a")])
        assert post("/voice/incoming", form).status_code == 200

    @pytest.mark.parametrize(
        "target",
        [
            MENU,
            "/voice/pl/main/menu?step=1&extra=a%20b+c%2Fd~%7E",
            "/voice/pl/main/menu?step=1&extra=%C5%BC&",
            "/voice/pl/main/" + quote("żółw"),
            "/voice/pl/%6Dain/menu?step=1",
        ],
    )
    def test_covers_the_target_as_it_was_written(self, post: Post, target: str) -> None:
        assert post(target).status_code == 200

    @pytest.mark.parametrize(
        ("public", "signed"),
        [
            ("https://example.org/line", "https://example.org/line"),
            ("https://example.org/a/b", "https://example.org:443/a/b"),
            ("https://example.org:8443", "https://example.org:8443"),
            ("https://example.org:8443", "https://example.org"),
            ("http://localhost:8000", "http://localhost:8000"),
        ],
    )
    def test_is_made_for_the_public_address(
        self, settings: Settings, database: object, public: str, signed: str
    ) -> None:
        with served(replace(settings, serve="voice", public_url=public)) as post:
            answer = post("/voice/incoming", address=f"{signed}/voice/incoming")
            assert answer.status_code == 200
            prefix = public.partition("//")[2].partition("/")[2]
            wanted = f'action="/{prefix}/voice/pl' if prefix else 'action="/voice/pl'
            assert wanted in answer.text
            other = public.replace("https:", "http:") if "https:" in public else "https://localhost"
            answer = post("/voice/incoming", address=f"{other}/voice/incoming")
            assert answer.status_code == 403


def _is_played(answer: TestResponse, place: Place = Place.CALL) -> bool:
    assert answer.status_code == 200
    return bool(grammar.parse(answer.data, answer.content_type, place))


class TestAPositionNobodyKnows:
    @pytest.mark.parametrize(
        "target",
        [
            "/voice/xx/main/menu?try=0&step=2&since=0",
            "/voice/pl/nowhere/menu?try=0&step=2&since=0",
            "/voice/pl/main/nothing?try=0&step=2&since=0",
            "/voice/pl/login/bye?try=0&step=2&since=0",
            "/voice/pl/kept/keep?try=0&step=2&since=0",
            "/voice/pl/main/menu",
            "/voice/pl/main/menu?step=0",
            "/voice/pl/main/menu?step=-4",
            "/voice/pl/main/menu?step=²",
            "/voice/pl/main/menu?step=1e3&try=x&since=later",
            "/voice/pl/main/menu?step=99999999999999999999",
            "/voice/pl/main/menu?step=4000000000",
            "/voice/PL/MAIN/MENU?step=1",
            "/voice/pl/" + "x" * 300 + "/menu?step=1",
            "/voice/pl/main/%00?step=1",
            "/voice/" + quote("поль") + "/main/menu?step=1",
        ],
    )
    def test_is_answered_with_the_main_menu(self, post: Post, target: str) -> None:
        post("/voice/incoming")
        form = {**FORM, "Digits": "77"}
        answer = post(quote(target, safe="/?&=%"), form)
        assert _is_played(answer)
        assert words.say("pl", "main-menu").partition(".")[0] in answer.text
        assert counted(Call, Ticket) == [1, 1]

    def test_is_answered_in_the_language_of_the_address(self, post: Post) -> None:
        assert words.say("uk", "main-menu") in post("/voice/uk/no/where").text

    def test_comes_again_without_another_turn(self, post: Post) -> None:
        post("/voice/incoming")
        first, again = (post("/voice/pl/no/where?step=9") for _ in range(2))
        assert first.data == again.data
        assert counted(Turn) == [1]
        assert "step=2" in first.text

    def test_with_a_strange_count_of_tries_still_leads_on(self, post: Post) -> None:
        strange = "/voice/pl/main/menu?step=1&try=999999999&since=99999999999999"
        answer = post(strange, {**FORM, "Digits": "77"})
        assert _is_played(answer)
        assert words.say("pl", "notice-unclear-to-consultant") in answer.text

    def test_leads_on_from_there(self, post: Post) -> None:
        post("/voice/incoming")
        post("/voice/pl/no/where")
        answer = post("/voice/pl/main/menu?step=2", {**FORM, "Digits": "1"})
        assert words.say("pl", "login-menu") in answer.text


class TestWhatIsMissingOrStrange:
    @pytest.mark.parametrize("target", ["/voice/incoming", MENU, "/voice/desk/1/answered"])
    def test_only_posts_are_webhooks(self, line: Flask, target: str) -> None:
        assert line.test_client().get(target).status_code == 405

    def test_a_form_of_another_kind_is_read_too(self, line: Flask, settings: Settings) -> None:
        url = settings.public_url + "/voice/incoming"
        signature = RequestValidator(settings.twilio_auth_token).compute_signature(url, FORM)
        answer = line.test_client().post(
            "/voice/incoming",
            data=FORM,
            content_type="multipart/form-data",
            headers={"X-Twilio-Signature": signature},
        )
        assert words.say("pl", "main-greeting") in answer.text

    def test_an_event_that_could_not_be_noted_is_answered_as_a_fault(self, post: Post) -> None:
        with renamed("recordings"):
            form = {**FORM, "RecordingSid": RECORDING, "RecordingStatus": "completed"}
            assert post("/voice/recording", form).status_code == 500

    @pytest.mark.parametrize("target", ["/voice/desk/1/answered", "/voice/desk/client/1/greeting"])
    def test_at_the_desks_telephones_is_no_error_either(
        self, post: Post, target: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with renamed("legs"), renamed("talks"):
            answer = post(target)
        assert answer.status_code == 200
        assert "<Hangup" in answer.text
        assert "a webhook was not answered" in caplog.text

    def test_where_even_the_apology_fails_the_fallback_number_is_left(self) -> None:
        line = Line({}, fallback_number="+48227778899")
        (dial,) = grammar.parse(without_database.last_resort(line).encode(), "text/xml")
        assert (dial.name, dial.text) == ("Dial", "+48227778899")

    def test_a_request_that_names_no_call_is_answered_with_an_apology(self, post: Post) -> None:
        for target in ("/voice/incoming", MENU):
            answer = post(target, {"From": "+48501234567"})
            assert _is_played(answer)
            assert words.say("pl", "notice-trouble") in answer.text
            assert "<Enqueue" in answer.text

    def test_an_event_that_names_no_call_is_passed_over(self, post: Post) -> None:
        assert post("/voice/status", {"CallStatus": "completed"}).status_code == 204
        assert post("/voice/recording", {"RecordingSid": RECORDING}).status_code == 204
        assert counted(Call, Recording) == [0, 0]

    @pytest.mark.parametrize("target", ["/voice/incoming", MENU])
    @pytest.mark.parametrize(
        "strange",
        [
            {"CallSid": "C" * 5000},
            {"CallSid": "CA\x00"},
            {"From": "9" * 5000},
            {"From": "sip:" + "o" * 5000},
            {"From": "sip:\x00@example.org"},
            {"From": ""},
            {"From": "😀"},
            {"Digits": "1" * 5000},
            {"Digits": "\x00"},
            {"Digits": "żółw"},
            {"QueueResult": "x" * 5000},
            {"QueueTime": "-1"},
            {"RecordingSid": RECORDING, "RecordingDuration": "99999999999"},
            {"RecordingSid": RECORDING, "RecordingDuration": "long"},
        ],
    )
    def test_is_still_a_call(self, post: Post, target: str, strange: dict[str, str]) -> None:
        assert _is_played(post(target, {**FORM, **strange}))

    @pytest.mark.parametrize(
        "strange",
        [
            {"CallStatus": "levitating"},
            {"CallStatus": ""},
            {"CallStatus": "completed", "CallDuration": "99999999999"},
            {"CallStatus": "completed", "CallDuration": "minutes"},
            {"CallStatus": "completed", "SequenceNumber": "99999999999"},
            {"CallStatus": "completed", "Timestamp": "yesterday"},
            {"CallStatus": "completed", "Timestamp": "Mon, 01 Jan 0001 00:00:00 +1400"},
            {"CallStatus": "completed", "CallSid": "C" * 5000},
            {"CallStatus": "completed", "CallSid": "\x00"},
            {"CallStatus": "completed", "From": "\x00"},
        ],
    )
    def test_is_no_fault_in_a_status_event(self, post: Post, strange: dict[str, str]) -> None:
        answer = post("/voice/status", {**FORM, **strange})
        assert (answer.status_code, answer.data) == (204, b"")

    @pytest.mark.parametrize(
        "strange",
        [
            {"RecordingSid": "R" * 5000},
            {"RecordingSid": "\x00"},
            {"RecordingStatus": "s" * 5000},
            {"RecordingDuration": "99999999999"},
            {"RecordingDuration": "-1"},
        ],
    )
    def test_is_no_fault_in_a_recording_event(self, post: Post, strange: dict[str, str]) -> None:
        form = {**FORM, "RecordingSid": RECORDING, "RecordingStatus": "completed", **strange}
        assert post("/voice/recording", form).status_code == 204

    def test_an_apology_leads_to_a_consultant_who_can_come(self, post: Post) -> None:
        """After a fault the caller stands in the carrier's queue, and in our rows too."""
        post("/voice/incoming")
        broken = post(MENU, {"From": FORM["From"], "Digits": "1"})
        wait = grammar.parse(broken.data, broken.content_type)[-1].get("waitUrl")
        answer = post(wait, {**FORM, "QueueTime": "0"})
        assert _is_played(answer, Place.WAIT)
        assert words.say("pl", "consultant-place", place=1, minutes="unknown") in answer.text
        assert counted(Waiting) == [1]
        post(wait, {**FORM, "QueueTime": "20"})
        assert counted(Waiting) == [1]

    def test_a_fault_in_the_waiting_loop_keeps_the_caller_waiting(self, post: Post) -> None:
        answer = post("/voice/en/consultant/waiting?try=0&step=3&since=0", {"QueueTime": "5"})
        assert _is_played(answer, Place.WAIT)
        assert words.say("en", "notice-trouble") in answer.text
        assert "<Pause" in answer.text


class TestTheSameAgain:
    @pytest.fixture
    def recorded(self, olena: Caller) -> list[Exchange]:
        """A call that asks about most things once: languages, guidance, a number, a message."""
        olena.dials()
        olena.presses("8", "1", "2", "*", "3", "9", "4")
        olena.types("123456789")
        olena.presses("9", "0")
        olena.waits(2)
        olena.presses("5", "2")
        olena.waits()
        olena.speaks(7)
        olena.waits()
        assert not olena.is_up
        assert not olena.errors
        return list(olena.requests)

    def test_gives_the_same_words_while_the_call_lasts(self, olena: Caller) -> None:
        olena.dials()
        olena.presses("8", "1", "2", "*", "3", "2", "9", "4")
        spoken = [sent for sent in olena.requests if sent.request.kind is Kind.VOICE]
        before = counted(Call, Turn, Ticket, Waiting)
        for sent in spoken * 2:
            again = olena.sends(sent.request)
            assert again.body == sent.body
        assert counted(Call, Turn, Ticket, Waiting) == before
        olena.hangs_up()

    def test_adds_nothing_after_the_end(self, olena: Caller, recorded: list[Exchange]) -> None:
        before = counted(Call, Turn, Ticket, Waiting, Recording)
        for sent in recorded:
            again = olena.sends(sent.request)
            assert again.status == sent.status
            if sent.request.kind in (Kind.VOICE, Kind.WAIT):
                assert "<Say" not in again.body
        assert counted(Call, Turn, Ticket, Waiting, Recording) == before

    def test_from_two_threads_at_once_is_one_turn(self, olena: Caller, network: Network) -> None:
        olena.dials()
        step = Request(
            Kind.VOICE,
            network.main.voice_url.replace("incoming", "pl/main/welcome?try=0&step=1&since=0"),
            {**olena.call.fields(), "Digits": "1"},
        )
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(olena.sends, [step] * 8))
        assert {answer.status for answer in answers} == {200}
        assert len({answer.body for answer in answers}) == 1
        assert counted(Turn) == [1]
        olena.hangs_up()

    def test_first_webhooks_at_once_open_one_call(self, post: Post) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(post, ["/voice/incoming"] * 8))
        assert len({answer.data for answer in answers}) == 1
        assert counted(Call, Ticket) == [1, 1]

    def test_different_keys_at_one_step_the_first_counts(self, post: Post) -> None:
        post("/voice/incoming")
        target = "/voice/pl/main/welcome?try=0&step=1&since=0"
        first = post(target, {**FORM, "Digits": "1"})
        again = post(target, {**FORM, "Digits": "2"})
        assert first.data == again.data
        assert counted(Turn) == [1]


class TestLostAndLate:
    def test_a_call_whose_first_webhook_was_lost_is_opened_by_its_next(self, post: Post) -> None:
        answer = post("/voice/pl/main/welcome?try=0&step=1&since=0", {**FORM, "Digits": "1"})
        assert words.say("pl", "login-menu") in answer.text
        assert counted(Call, Turn, Ticket) == [1, 1, 1]

    def test_the_fallback_leads_a_caller_on(self, olena: Caller, network: Network) -> None:
        network.main.voice_fallback_url = network.main.voice_url
        olena.loses_next()
        olena.dials()
        olena.is_told("main-greeting")
        assert olena.ticket().outcome is None
        olena.hangs_up()

    def test_a_call_known_only_by_its_end_has_its_ticket(self, post: Post) -> None:
        form = {**FORM, "CallStatus": "completed", "CallDuration": "9"}
        assert post("/voice/status", form).status_code == 204
        with transaction() as session:
            ticket = session.scalars(select(Ticket)).one()
            call = session.scalars(select(Call)).one()
        assert (ticket.outcome, call.status) == (Outcome.ABANDONED, CallStatus.COMPLETED)
        assert call.duration_s == 9
        answer = post("/voice/incoming")
        assert "<Hangup" in answer.text
        assert "<Say" not in answer.text
        assert counted(Call, Ticket) == [1, 1]

    def test_a_late_step_is_logged_and_counts_and_is_hung_up(self, olena: Caller) -> None:
        olena.dials()
        olena.presses("1", "2")
        address = f"{olena.network.main.voice_url[: -len('/incoming')]}/pl/login/"
        fields = olena.call.fields()
        olena.hangs_up()
        assert olena.ticket().outcome is Outcome.ABANDONED
        late = [
            Request(Kind.VOICE, f"{address}basic_forgotten?try=0&step=3&since=0", fields),
            Request(Kind.VOICE, f"{address}solved?try=0&step=4&since=0", {**fields, "Digits": "1"}),
        ]
        assert "<Hangup" in olena.sends(late[0]).body
        assert olena.ticket().outcome is Outcome.GUIDED
        answer = olena.sends(late[1])
        assert "<Hangup" in answer.body
        assert "<Say" not in answer.body
        assert olena.ticket().outcome is Outcome.RESOLVED_BY_LINE
        assert [turn.step for turn in olena.turns()] == [1, 2, 3, 4]
        assert olena.row().status == "completed"

    def test_a_step_after_the_goodbye_counts_for_nothing(self, olena: Caller) -> None:
        olena.dials()
        olena.presses("1", "3", "1")
        assert not olena.is_up
        url = olena.network.main.voice_url.replace("incoming", "pl/main/menu?try=0&step=20")
        late = Request(Kind.VOICE, url, {**olena.call.fields(), "Digits": "3"})
        assert "<Hangup" in olena.sends(late).body
        assert olena.ticket().outcome is Outcome.RESOLVED_BY_LINE
        assert olena.ticket().topic is Topic.BOTH_PASSWORDS_FORGOTTEN

    def test_what_a_person_decided_stays(self, olena: Caller) -> None:
        olena.dials()
        olena.presses("1", "2")
        fields = olena.call.fields()
        olena.hangs_up()
        with transaction() as session:
            ticket = session.scalars(select(Ticket)).one()
            ticket.outcome, ticket.in_hands_since = Outcome.RESOLVED_BY_AGENT, ticket.opened_at
        url = olena.network.main.voice_url.replace("incoming", "pl/login/basic_forgotten?step=3")
        olena.sends(Request(Kind.VOICE, url, fields))
        assert olena.ticket().outcome is Outcome.RESOLVED_BY_AGENT
        assert len(olena.turns()) == 3


class TestStatusEvents:
    @pytest.mark.parametrize("final", ["completed", "busy", "failed", "no-answer", "canceled"])
    def test_a_final_state_is_never_taken_back(self, post: Post, final: str) -> None:
        post("/voice/incoming")
        post("/voice/status", {**FORM, "CallStatus": final, "SequenceNumber": "1"})
        for late in ("ringing", "in-progress", "completed", "failed"):
            post("/voice/status", {**FORM, "CallStatus": late, "SequenceNumber": "7"})
        with transaction() as session:
            assert session.scalars(select(Call.status)).one() == final

    def test_an_earlier_state_that_comes_late_changes_nothing(self, post: Post) -> None:
        post("/voice/incoming")
        post("/voice/status", {**FORM, "CallStatus": "ringing", "SequenceNumber": "0"})
        with transaction() as session:
            assert session.scalars(select(Call.status)).one() == CallStatus.IN_PROGRESS

    def test_the_end_is_when_the_carrier_says(self, post: Post) -> None:
        post("/voice/incoming")
        ends = datetime.now(UTC).replace(microsecond=0)
        with transaction() as session:
            session.execute(update(Call).values(started_at=ends - timedelta(seconds=61)))
        stamp = format_datetime(ends)
        end = {"CallStatus": "completed", "Timestamp": stamp, "CallDuration": "61", "Duration": "2"}
        post("/voice/status", {**FORM, **end})
        with transaction() as session:
            call = session.scalars(select(Call)).one()
        assert call.ended_at == ends
        assert call.duration_s == 61
        assert call.started_at == ends - timedelta(seconds=61)

    @pytest.mark.parametrize(
        "stamp",
        [
            "Thu, 01 Jan 1970 00:00:00 +0000",
            "Mon, 01 Jan 0001 00:00:00 +0000",
            "Fri, 31 Dec 9999 23:59:59 +0000",
            "Mon, 01 Jun 2026 00:00:00 +0000",
        ],
    )
    def test_no_stamp_moves_the_start_of_a_call_that_we_answered(
        self, post: Post, stamp: str
    ) -> None:
        began = datetime.now(UTC)
        post("/voice/incoming")
        post("/voice/status", {**FORM, "CallStatus": "completed", "Timestamp": stamp})
        with transaction() as session:
            call = session.scalars(select(Call)).one()
        assert call.ended_at
        assert began <= call.started_at <= call.ended_at <= datetime.now(UTC)

    @pytest.mark.parametrize(
        ("told", "kept"),
        [("61", 61), ("12.5", 13), ("0", 0), ("", None), ("-1", None), ("a while", None)],
    )
    def test_a_call_known_by_its_end_alone_began_before_it(
        self, post: Post, told: str, kept: int | None
    ) -> None:
        ends = datetime.now(UTC).replace(microsecond=0)
        end = {"CallStatus": "completed", "Timestamp": format_datetime(ends), "CallDuration": told}
        post("/voice/status", {**FORM, **end})
        with transaction() as session:
            call = session.scalars(select(Call)).one()
        assert (call.ended_at, call.duration_s) == (ends, kept)
        assert call.started_at == ends - timedelta(seconds=kept or 0)

    @pytest.mark.parametrize("told", ["12.5", "0.4", "", "-1", None, "long"])
    @pytest.mark.parametrize("is_told_twice", [True, False])
    def test_a_message_is_kept_however_its_length_is_told(
        self, post: Post, told: str | None, is_told_twice: bool
    ) -> None:
        post("/voice/incoming")
        length = {} if told is None else {"RecordingDuration": told}
        recorded = {**FORM, "RecordingSid": RECORDING, **length}
        if is_told_twice:
            post("/voice/pl/report/tone?try=0&step=4&since=0", recorded)
        post("/voice/status", {**FORM, "CallStatus": "completed"})
        post("/voice/recording", {**recorded, "RecordingStatus": "completed"})
        with transaction() as session:
            assert session.scalars(select(Ticket.outcome)).one() is Outcome.LEFT_OPEN

    def test_ids_that_the_carrier_cannot_have_given_reach_no_row(self, post: Post) -> None:
        for sid in ("CA1", "RE" + "1" * 32, SID + "/../..", "CA" + "g" * 32, "../" + SID):
            assert _is_played(post("/voice/incoming", {**FORM, "CallSid": sid}))
            end = {**FORM, "CallSid": sid, "CallStatus": "completed"}
            assert post("/voice/status", end).status_code == 204
        for sid in ("RE1", SID, RECORDING + "/../..", "../" + RECORDING):
            came = {**FORM, "RecordingSid": sid, "RecordingStatus": "completed"}
            assert post("/voice/recording", came).status_code == 204
        assert counted(Call, Ticket, Recording) == [0, 0, 0]

    @pytest.mark.parametrize(
        "leg",
        [
            {"ParentCallSid": "CA" + "9" * 32},
            {"Direction": "outbound-api"},
            {"Direction": "outbound-dial", "ParentCallSid": "CA" + "9" * 32},
        ],
    )
    @pytest.mark.parametrize("target", ["/voice/status", "/voice/recording"])
    def test_legs_and_outgoing_calls_open_none(
        self, post: Post, target: str, leg: dict[str, str]
    ) -> None:
        form = {**FORM, **leg, "CallStatus": "completed", "RecordingSid": RECORDING}
        assert post(target, form).status_code == 204
        assert counted(Call, Ticket) == [0, 0]

    def test_an_event_without_a_direction_is_a_caller(self, post: Post) -> None:
        form = {"CallSid": SID, "From": "+48501234567", "CallStatus": "completed"}
        post("/voice/status", form)
        assert counted(Call, Ticket) == [1, 1]


RECORDED = {**FORM, "RecordingSid": "RE" + "2" * 32, "RecordingDuration": "12"}


class TestRecordingEvents:
    def test_out_of_order_a_completed_one_stays_completed(self, post: Post) -> None:
        for state in ("completed", "in-progress", "absent"):
            post("/voice/recording", {**RECORDED, "RecordingStatus": state})
        with transaction() as session:
            recording = session.scalars(select(Recording)).one()
        assert (recording.status, recording.duration_s) == ("completed", 12)

    def test_an_absent_one_leaves_no_message(self, post: Post) -> None:
        post("/voice/incoming")
        post("/voice/recording", {**RECORDED, "RecordingStatus": "absent"})
        post("/voice/status", {**FORM, "CallStatus": "completed"})
        with transaction() as session:
            assert session.scalars(select(Ticket.outcome)).one() is Outcome.ABANDONED

    def test_the_posted_address_is_never_kept(self, post: Post) -> None:
        url = "https://evil.example.org/sound.wav"
        post("/voice/recording", {**RECORDED, "RecordingUrl": url})
        with transaction() as session:
            row = session.scalars(select(Recording)).one()
            assert url not in str(vars(row))
