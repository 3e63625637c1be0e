"""The outage ledger: who heard it, who asked for a call, what became of it."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from callcenter.announcements import drafts, ledger, switchboard
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.ledger import Stage
from callcenter.announcements.notices import Period
from callcenter.announcements.switchboard import Maker
from callcenter.reporting.proportions import Proportion
from callcenter.tickets.ticket_numbers import new_number
from models import (
    Announcement,
    Call,
    Callback,
    Hearing,
    Outcome,
    Reached,
    Scope,
    Status,
    Template,
    Topic,
    Way,
)
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk, Scheme, window
from tests.console.test_seen import check, sign_in

OUT_AT = scenes.MONDAY - timedelta(hours=5)
STAGES = [
    (Reached.TOLD, True),
    (Reached.TOLD, True),
    (Reached.TEXTED, True),
    (Reached.UNREACHED, False),
    (None, False),
]


def outage(heard: int, minutes: int = 7) -> str:
    """An outage of a night, so many calls that heard it, five that asked to be called."""
    ends_at = OUT_AT + timedelta(minutes=minutes * heard + 1)
    wanted = Wanted(Scope.SWITCHBOARD, Template.OUTAGE, periods=(Period(OUT_AT, ends_at),))
    with transaction() as session:
        notice = drafts.prepare(wanted, OUT_AT)
        made = switchboard.announce(session, notice, Maker(Way.COMMAND, name="root"))
        for number in range(heard):
            at = OUT_AT + timedelta(minutes=minutes * number)
            caller = f"+4850123{number:04}" if number % 3 else "withheld"
            call = scenes.call(session, caller, at, ("pl", "en", "uk")[number % 3])
            status = Status.OPEN if number < len(STAGES) else Status.CLOSED
            ticket = scenes.ticket(session, call, new_number(), status, Topic.OUTAGE)
            ticket.outcome = Outcome.INFORMED_OF_OUTAGE
            session.add(Hearing(announcement_id=made.id, call_id=call.id, at=at))
            if number < len(STAGES):
                reached, done = STAGES[number]
                session.add(
                    Callback(
                        ticket_id=ticket.id,
                        number=f"+4850999{number:04}",
                        announcement_id=made.id,
                        asked_at=at,
                        attempts=1 if reached else 0,
                        outcome=reached,
                        done_at=ends_at if done else None,
                    )
                )
    return made.uid


def of_uid(uid: str) -> Announcement:
    with transaction() as session:
        return switchboard.of_uid(session, uid)


def test_every_percentage_has_its_count_its_formula_and_its_interval(desk: Desk) -> None:
    page = desk.get(f"/switchboard/{outage(heard=20)}").text
    plain = " ".join(page.split())
    assert "Komunikat usłyszano w 20 połączeniach" in plain
    assert "z 13 znanych numerów" in plain
    for cell in ("25%", "5 z 20", "11–47%", "prośby / połączenia z komunikatem"):
        assert cell in plain
    for cell in ("40%", "2 z 5", "12–77%", "20%", "1 z 5"):
        assert cell in plain


def test_nothing_to_count_is_a_dash(desk: Desk) -> None:
    page = desk.get(f"/switchboard/{outage(heard=0)}").text
    assert "Nikt go jeszcze nie słyszał." in page
    assert "—" in page
    assert "%" not in page[page.index("<main") : page.index("</main")]


def test_each_call_leads_to_its_ticket(desk: Desk) -> None:
    uid = outage(heard=3)
    page = desk.get(f"/switchboard/{uid}").text
    with transaction() as session:
        lines = ledger.lines(session, of_uid(uid)).items
    assert [line.stage for line in lines] == [Stage.TEXTED, Stage.TOLD, Stage.TOLD]
    for line in lines:
        assert line.ticket is not None
        assert f"/tickets/{line.ticket.number}" in page


def test_pages_of_the_list_neither_repeat_nor_skip(desk: Desk) -> None:
    uid = outage(heard=120, minutes=0)
    seen: list[int] = []
    with transaction() as session:
        after = None
        while True:
            page = ledger.lines(session, of_uid(uid), after)
            seen += [line.call.id for line in page.items]
            if not (after := page.next):
                break
        everybody = {call.id for call in session.query(Call)}
    assert len(seen) == len(set(seen)) == 120
    assert set(seen) == everybody
    first = desk.get(f"/switchboard/{uid}").text
    assert 'rel="next"' in first


@pytest.mark.parametrize(
    ("heard", "minutes", "width"),
    [(1, 1, 1), (10, 1, 1), (20, 1, 5), (20, 7, 10), (100, 60, 720), (100, 60 * 24, 7 * 24 * 60)],
)
def test_the_chart_counts_every_call_in_few_bars(
    desk: Desk, heard: int, minutes: int, width: int
) -> None:
    made = of_uid(outage(heard, minutes))
    with transaction() as session:
        chart = ledger.chart(session, made)
    assert chart is not None
    assert chart.width == timedelta(minutes=width)
    assert sum(bar.count for bar in chart.bars) == heard
    assert len(chart.bars) <= ledger.MOST_BARS + 1
    assert chart.bars[0].count > 0
    assert chart.bars[-1].count > 0
    assert chart.bars[0].start <= OUT_AT


def test_an_announcement_that_nobody_made(desk: Desk) -> None:
    assert desk.get("/switchboard/0123456789abcdef").status_code == 404
    assert desk.get(f"/switchboard/{outage(heard=1)}?after=x").status_code == 404


@pytest.mark.parametrize(
    ("share", "interval"),
    [
        # Computed with R: prop.test(x, n, correct = FALSE)$conf.int
        (Proportion(5, 20), (0.1119, 0.4687)),
        (Proportion(0, 10), (0.0, 0.2775)),
        (Proportion(10, 10), (0.7225, 1.0)),
        (Proportion(0, 0), None),
    ],
)
def test_the_interval_is_wilsons(share: Proportion, interval: tuple[float, float] | None) -> None:
    assert share.interval == (None if interval is None else pytest.approx(interval, abs=1e-4))


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_it_is_for_everybody(chromium: Browser, address: str, width: int, scheme: Scheme) -> None:
    with transaction() as session:
        scenes.ania(session)
    uid = outage(heard=60)
    with window(chromium, address, width, scheme=scheme) as page:
        sign_in(page)
        check(page, f"/switchboard/{uid}")
