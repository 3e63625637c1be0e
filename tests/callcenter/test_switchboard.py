"""Announcements: how their words come from the times alone, and what becomes of each switch."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from sqlalchemy import Engine, select

import words
from callcenter import background
from callcenter.announcements import drafts, records, switchboard
from callcenter.announcements.board import Board, board
from callcenter.announcements.drafts import AnnouncementError, Reason, Wanted
from callcenter.announcements.notices import Notice, Period
from callcenter.announcements.switchboard import Maker
from callcenter.calendar.deadlines import WARSAW
from callcenter.calendar.local_times import TimeFault, WarsawTimeError, read_end, read_moment
from models import Announcement, Callback, Hearing, Scope, Template, Way
from models.session import transaction
from tests.console import scenes

CONSOLE = Maker(Way.CONSOLE)
NOON = datetime(2016, 2, 24, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


def period(start: str, end: str | None) -> Period:
    return Period(warsaw(start), warsaw(end) if end else None)


def said(scope: Scope, template: Template, now: str, *periods: Period) -> dict[str, str]:
    wanted = Wanted(scope, template, periods=periods)
    return dict(drafts.prepare(wanted, warsaw(now)).text)


def test_the_outage_of_the_source_with_no_known_end() -> None:
    text = said(Scope.SWITCHBOARD, Template.OUTAGE, "2017-07-13 08:00")
    assert text == {
        "pl": "Trwa awaria naszej centrali telefonicznej. Nie wiemy jeszcze, kiedy ją usuniemy.",
        "en": "Our telephone switchboard is out of order. "
        "We do not know yet when it will be mended.",
        "uk": "Наша телефонна станція не працює через аварію. Ще не знаємо, коли її усунемо.",
    }


def test_the_maintenance_of_the_source_today() -> None:
    window = period("2016-04-11 09:00", "2016-04-11 10:00")
    text = said(Scope.SWITCHBOARD, Template.MAINTENANCE, "2016-04-11 07:45", window)
    assert text == {
        "pl": "Prowadzimy prace serwisowe. "
        "Help Desk SISC nie działa dzisiaj, 11 kwietnia, od 09:00 do 10:00.",
        "en": "We are doing maintenance. "
        "Help Desk SISC does not work today, 11 April, from 09:00 to 10:00.",
        "uk": "Ми проводимо технічні роботи. "
        "Help Desk SISC не працює сьогодні, 11 квітня, з 09:00 до 10:00.",
    }


def test_the_maintenance_of_the_source_with_two_windows() -> None:
    windows = (
        period("2016-02-24 12:00", "2016-02-24 13:00"),
        period("2016-02-24 07:30", "2016-02-24 09:30"),
    )
    text = said(Scope.SWITCHBOARD, Template.MAINTENANCE, "2016-02-23 16:00", *windows)
    assert text == {
        "pl": "Prowadzimy prace serwisowe. Help Desk SISC nie działa "
        "24 lutego 2016 roku od 07:30 do 09:30 oraz od 12:00 do 13:00.",
        "en": "We are doing maintenance. Help Desk SISC does not work "
        "on 24 February 2016 from 07:30 to 09:30 and from 12:00 to 13:00.",
        "uk": "Ми проводимо технічні роботи. Help Desk SISC не працює "
        "24 лютого 2016 року з 07:30 до 09:30 та з 12:00 до 13:00.",
    }


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("template", Template)
def test_every_template_fills_every_language(scope: Scope, template: Template) -> None:
    for end in ("2016-02-24 14:15", None):
        text = said(scope, template, "2016-02-24 12:00", period("2016-02-24 12:00", end))
        assert set(text) == set(words.LANGUAGES)
        for sentence in text.values():
            assert ("14:15" in sentence) is (end is not None)
            assert "{" not in sentence


def test_what_will_be_heard_on_another_day_is_not_called_today() -> None:
    across = period("2016-02-24 22:00", "2016-02-25 02:00")
    two_days = (
        period("2016-02-24 13:00", "2016-02-24 14:00"),
        period("2016-02-25 13:00", "2016-02-25 14:00"),
    )
    for periods in ((across,), two_days, (period("2016-02-24 13:00", None),)):
        text = said(Scope.SERVICE, Template.MAINTENANCE, "2016-02-24 12:00", *periods)
        assert "dzisiaj" not in text["pl"]
        assert "24 lutego" in text["pl"]


def test_the_night_that_clocks_are_put_forward() -> None:
    """02:00 is 03:00: a window over it is an hour shorter than its clock times say."""
    night = period("2026-03-29 01:30", "2026-03-29 03:30")
    assert night.ends_at
    assert night.ends_at - night.starts_at == timedelta(hours=1)
    text = said(Scope.SERVICE, Template.MAINTENANCE, "2026-03-28 20:00", night)
    assert "29 marca 2026 roku od 01:30 do 03:30" in text["pl"]
    notice = Notice("1", Scope.SERVICE, text, (night,))
    on = [night.starts_at + timedelta(minutes=count) for count in range(-1, 62)]
    assert [notice.state(moment) for moment in on] == ["coming", *["on"] * 60, "over", "over"]


def test_the_night_that_clocks_are_put_back() -> None:
    night = period("2026-10-25 01:30", "2026-10-25 03:30")
    assert night.ends_at
    assert night.ends_at - night.starts_at == timedelta(hours=3)
    text = said(Scope.SERVICE, Template.MAINTENANCE, "2026-10-24 20:00", night)
    assert "od 01:30 do 03:30" in text["pl"]


@pytest.mark.parametrize(
    ("spans", "language", "text"),
    [
        (["2026-10-25T00:30/01:30"], "pl", "od 02:30 czasu letniego przez godzinę"),
        (["2026-10-25T00:30/01:30"], "en", "from 02:30 summer time for one hour"),
        (["2026-10-25T00:30/01:30"], "uk", "з 02:30 за літнім часом на годину"),
        (["2026-10-24T23:30/01:15"], "pl", "od 01:30 do 02:15 czasu zimowego"),
        (["2026-10-25T00:00/02:00"], "pl", "od 02:00 czasu letniego do 03:00"),
        (["2026-10-25T01:59"], "pl", "od 02:59 czasu zimowego, do odwołania"),
        (["2026-02-24T08:00/10:00", "2026-02-24T09:00/11:00"], "pl", "roku od 09:00 do 12:00"),
        (["2026-02-24T09:00/10:00", "2026-02-24T08:00/09:00"], "pl", "roku od 09:00 do 11:00"),
        (["2026-02-24T08:00/11:00", "2026-02-24T09:00/10:00"], "pl", "roku od 09:00 do 12:00"),
        (["2026-02-24T08:00/09:00"] * 2, "pl", "roku od 09:00 do 10:00"),
        (["2026-02-24T08:00/09:00", "2026-02-24T08:30"], "pl", "roku od 09:00, do odwołania"),
        (["2026-02-24T10:00:10/10:00:50"], "pl", "roku od 11:00 do 11:01"),
        (["2026-02-24T22:59:10/22:59:50"], "pl", "od 24 lutego, 23:59, do 25 lutego, 00:00"),
        (["2026-02-24T22:30/23:30"], "pl", "od 24 lutego, 23:30, do 25 lutego, 00:30"),
    ],
)
def test_how_windows_are_read(spans: list[str], language: str, text: str) -> None:
    def moment(day: str, clock: str) -> datetime:
        return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)

    given: list[words.Span] = []
    for span in spans:
        day, hours = span.split("T")
        start, _, end = hours.partition("/")
        starts_at, ends_at = moment(day, start), moment(day, end) if end else None
        if ends_at and ends_at < starts_at:
            ends_at += timedelta(days=1)
        given.append((starts_at, ends_at))
    said = words.when(language, given, date.min)
    assert said.endswith(text)
    made = drafts.prepare(
        Wanted(Scope.SERVICE, Template.MAINTENANCE, periods=[Period(*span) for span in given]), NOW
    )
    assert text in made.text[language]
    assert len(made.periods) == 1


NOW = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("01:15", "2026-10-24T23:15Z"),
        ("1:15", "2026-10-24T23:15Z"),
        ("04:15", "2026-10-25T03:15Z"),
        ("2026-07-01 08:00", "2026-07-01T06:00Z"),
        ("2026-12-01T08:00", "2026-12-01T07:00Z"),
        ("2026-10-25T02:30+02:00", "2026-10-25T00:30Z"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30Z"),
        ("2026-10-25T02:30Z", "2026-10-25T02:30Z"),
        ("02:30+02:00", "2026-10-25T00:30Z"),
        ("2:30+01:00", "2026-10-25T01:30Z"),
        ("2026-03-29 01:59", "2026-03-29T00:59Z"),
        ("2026-03-29 03:00", "2026-03-29T01:00Z"),
    ],
)
def test_times_are_read_as_warsaws(text: str, moment: datetime | str) -> None:
    """At half past midnight in Warsaw of the night that clocks are put back."""
    wanted = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    assert read_moment(text, NOW) == wanted
    assert read_moment(text, NOW).tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "end", "moment"),
    [
        ("2026-02-24 23:30", "00:30", "2026-02-24T23:30Z"),
        ("2026-02-24 23:30", "23:45", "2026-02-24T22:45Z"),
        ("2026-02-24 09:00", "8:00", "2026-02-25T07:00Z"),
        ("2026-03-28 23:30", "03:30", "2026-03-29T01:30Z"),
        ("2026-03-29 22:00", "02:30", "2026-03-30T00:30Z"),
        ("2026-10-25 22:00", "02:30", "2026-10-26T01:30Z"),
        ("2026-10-24 23:30", "02:30+01:00", "2026-10-25T01:30Z"),
        ("2026-02-24 23:30", "2026-02-24 00:30", "2026-02-23T23:30Z"),
    ],
)
def test_an_end_before_its_start_is_on_the_next_day(start: str, end: str, moment: str) -> None:
    """A written date is never moved: the announcement is refused then."""
    read = read_end(end, NOW, read_moment(start, NOW))
    assert read == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("02:30", TimeFault.TWICE),
        ("2026-10-25 02:00", TimeFault.TWICE),
        ("2026-03-29 02:00", TimeFault.SKIPPED),
        ("2026-03-29T02:59:59", TimeFault.SKIPPED),
        ("", TimeFault.UNREADABLE),
        ("soon", TimeFault.UNREADABLE),
        ("25:00", TimeFault.UNREADABLE),
        ("2026-02-30 10:00", TimeFault.UNREADABLE),
        ("2026-10-25", TimeFault.UNREADABLE),
        ("0001-01-01T00:00+10:00", TimeFault.UNREADABLE),
        ("9999-12-31T23:59-10:00", TimeFault.UNREADABLE),
    ],
)
def test_a_time_that_is_none_is_told(text: str, fault: TimeFault) -> None:
    with pytest.raises(WarsawTimeError) as told:
        read_moment(text, NOW)
    assert told.value.fault is fault


@pytest.mark.parametrize(
    ("wanted", "field", "reason"),
    [
        (Wanted(Scope.SERVICE), "text.pl", Reason.NO_WORDS),
        (Wanted(Scope.SERVICE, text={"pl": "x", "de": "y"}), "text.de", Reason.UNKNOWN_LANGUAGE),
        (Wanted(Scope.SERVICE, text={"pl": "x", "en": "y" * 601}), "text.en", Reason.TOO_LONG),
        (Wanted(Scope.SERVICE, text={"pl": "a\x1bb"}), "text.pl", Reason.UNSPEAKABLE),
        (
            Wanted(Scope.SERVICE, Template.OUTAGE, periods=[Period(NOON), Period(NOON, NOON)]),
            "windows.1.ends_at",
            Reason.ENDS_FIRST,
        ),
        (
            Wanted(Scope.SERVICE, Template.OUTAGE, periods=[Period(NOON.replace(year=1))]),
            "windows.0.starts_at",
            Reason.FAR_AWAY,
        ),
        (
            Wanted(Scope.SERVICE, Template.OUTAGE, periods=[Period(NOON)] * 21),
            "windows",
            Reason.TOO_MANY_WINDOWS,
        ),
    ],
)
def test_what_cannot_be_announced_names_its_field(
    wanted: Wanted, field: str, reason: Reason
) -> None:
    with pytest.raises(AnnouncementError) as told:
        drafts.prepare(wanted, NOON)
    assert (told.value.field, told.value.reason) == (field, reason)


def prepared(scope: Scope = Scope.SWITCHBOARD, *periods: Period, now: datetime = NOON) -> Notice:
    return drafts.prepare(Wanted(scope, Template.OUTAGE, periods=periods), now)


def rows() -> list[Announcement]:
    with transaction() as session:
        return list(session.scalars(select(Announcement).order_by(Announcement.id)))


def announce(notice: Notice) -> str:
    with transaction() as session:
        return switchboard.announce(session, notice, CONSOLE).uid


def test_what_is_switched_is_on_the_board_at_once(database: Engine) -> None:
    notice = prepared()
    announce(notice)
    assert board().on_now(NOON) == (notice,)
    with transaction() as session:
        switchboard.end(session, notice.uid, CONSOLE, NOON)
    assert board().notices() == ()


def test_what_is_rolled_back_was_never_switched(database: Engine) -> None:
    with transaction() as session:
        switchboard.announce(session, prepared(), CONSOLE)
        session.rollback()
    assert board().notices() == ()
    assert rows() == []


def at_once(*actions: Callable[[], object]) -> None:
    together = Barrier(len(actions))

    def do(action: Callable[[], object]) -> None:
        together.wait()
        action()

    threads = [Thread(target=do, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_double_click_is_one_announcement(database: Engine) -> None:
    notice = prepared()
    at_once(*[lambda: announce(notice)] * 4)
    assert [made.uid for made in rows()] == [notice.uid]


def test_two_tabs_and_two_supervisors_are_one_announcement(database: Engine) -> None:
    """Each prepared it by themselves, a minute apart."""
    wanted = [prepared(now=NOON + timedelta(minutes=count)) for count in range(4)]
    at_once(*[lambda notice=notice: announce(notice) for notice in wanted])
    assert len(rows()) == 1
    assert len(board().notices()) == 1


def test_another_time_or_another_scope_is_another_announcement(database: Engine) -> None:
    later = Period(NOON, NOON + timedelta(hours=1))
    for notice in (prepared(), prepared(Scope.SERVICE), prepared(Scope.SWITCHBOARD, later)):
        announce(notice)
    assert len(rows()) == 3


def test_after_its_end_the_same_can_be_announced_again(database: Engine) -> None:
    first, second = prepared(), prepared()
    announce(first)
    with transaction() as session:
        switchboard.end(session, first.uid, CONSOLE, NOON)
    announce(second)
    assert [made.uid for made in rows()] == [first.uid, second.uid]


def test_two_who_end_it_end_it_once(database: Engine) -> None:
    notice = prepared()
    announce(notice)
    moments = [NOON + timedelta(minutes=count) for count in range(4)]

    def end(moment: datetime) -> None:
        with transaction() as session:
            switchboard.end(session, notice.uid, CONSOLE, moment)

    at_once(*[lambda moment=moment: end(moment) for moment in moments])
    with transaction() as session:
        actions = records.history(session)
    assert [action.began for action in actions] == [False, True]
    assert board().notices() == ()


def test_one_switches_on_while_another_switches_off(database: Engine) -> None:
    off, on = prepared(), prepared(Scope.SERVICE)
    announce(off)

    def end() -> None:
        with transaction() as session:
            switchboard.end(session, off.uid, CONSOLE, NOON)

    at_once(end, lambda: announce(on), background.refresh_board, background.refresh_board)
    assert [notice.uid for notice in board().notices()] == [on.uid]


def test_unsaved_entries_reach_the_rows_once(database: Engine) -> None:
    on, ended, known = prepared(), prepared(Scope.SERVICE), prepared(now=NOON)
    known = replace(known, text={"pl": "Inne słowa."})
    announce(known)
    board().put_unsaved(replace(on, by="root"))
    board().put_unsaved(replace(ended, by="root", ended_at=NOON))
    board().put_unsaved(replace(known, by="root", ended_at=NOON))
    others = Board(board()._file.parent)
    at_once(*[background.refresh_board] * 4)
    made = {row.uid: row for row in rows()}
    assert set(made) == {on.uid, ended.uid, known.uid}
    assert (made[on.uid].made_by, made[on.uid].made_how) == ("root", Way.COMMAND)
    assert (made[known.uid].made_how, made[known.uid].ended_how) == (Way.CONSOLE, Way.COMMAND)
    assert others.notices() == (on,)


def test_a_changed_date_takes_the_place_of_the_old_one(database: Engine) -> None:
    old = prepared()
    new = prepared(Scope.SWITCHBOARD, Period(NOON, NOON + timedelta(hours=2)))
    announce(old)
    with transaction() as session:
        call = scenes.call(session)
        ticket = scenes.ticket(session, call)
        scenes.callback(session, ticket, scenes.JAN)
        waiting = session.scalars(select(Callback)).one()
        waiting.announcement_id = switchboard.of_uid(session, old.uid).id
    for _ in range(2):
        with transaction() as session:
            switchboard.change(session, old.uid, new, CONSOLE, NOON)
    ended, made = rows()
    assert ended.ended_at == NOON
    (told,) = board().on_now(NOON)
    assert (told.uid, told.replaces, told.before) == (new.uid, old.uid, old.periods)
    with transaction() as session:
        assert session.scalars(select(Callback)).one().announcement_id == made.id
    with pytest.raises(AnnouncementError), transaction() as session:
        switchboard.change(session, old.uid, prepared(Scope.SERVICE), CONSOLE, NOON)
    assert len(rows()) == 2


def test_it_ends_by_its_window_also_after_a_restart(database: Engine) -> None:
    notice = prepared(Scope.SERVICE, Period(NOON, NOON + timedelta(hours=1)))
    announce(notice)
    restarted = Board(board()._file.parent)
    assert restarted.on_now(NOON + timedelta(minutes=59)) == (notice,)
    assert restarted.on_now(NOON + timedelta(minutes=60)) == ()


def test_actions_name_who_did_what(database: Engine) -> None:
    notice = prepared()
    with transaction() as session:
        marek = scenes.marek(session)
        switchboard.announce(session, notice, Maker(Way.TELEPHONE, marek.id))
    with transaction() as session:
        switchboard.end(session, notice.uid, Maker(Way.API, name="monitoring"), NOON)
        ended, began = records.history(session)
        assert (began.began, began.who, began.how) == (True, "Marek Wiśniewski", Way.TELEPHONE)
        assert (ended.began, ended.who, ended.how) == (False, "monitoring", Way.API)


def test_each_state_is_found_in_the_rows_as_on_the_board(database: Engine) -> None:
    hour = timedelta(hours=1)
    windows = [
        (Period(NOON),),
        (Period(NOON + hour),),
        (Period(NOON - 2 * hour, NOON - hour),),
        (Period(NOON - 2 * hour, NOON - hour), Period(NOON + hour, NOON + 2 * hour)),
        (Period(NOON - hour, NOON),),
    ]
    for number, periods in enumerate(windows):
        announce(replace(prepared(Scope.SERVICE, *periods), text={"pl": f"{number}"}))
    over = announce(replace(prepared(), text={"pl": "over"}))
    with transaction() as session:
        switchboard.end(session, over, CONSOLE, NOON)
    for moment in (NOON - hour, NOON, NOON + hour, NOON + 3 * hour):
        with transaction() as session:
            for state in ("on", "coming", "over"):
                found = records.find(session, moment, state)
                wanted = [r.uid for r in rows() if switchboard.notice_of(r).state(moment) == state]
                assert sorted(made.uid for made in found.items) == sorted(wanted), (moment, state)


def test_history_is_ninety_days_long(database: Engine) -> None:
    recent = Period(NOON - timedelta(days=91), NOON - timedelta(days=89))
    forgotten = Period(NOON - timedelta(days=92), NOON - timedelta(days=91))
    announce(replace(prepared(Scope.SERVICE, forgotten), text={"pl": "forgotten"}))
    uid = announce(replace(prepared(Scope.SERVICE, recent), text={"pl": "recent"}))
    with transaction() as session:
        assert [made.uid for made in records.past(session, NOON)] == [uid]


def test_calls_that_heard_it_are_counted(database: Engine) -> None:
    uid = announce(prepared())
    with transaction() as session:
        for _ in range(2):
            for _twice in range(2):
                switchboard.heard_by(session, [uid], scenes.call(session), NOON)
        made = switchboard.of_uid(session, uid)
        assert records.heard(session, [made]) == {uid: 4}
        assert session.query(Hearing).count() == 4
