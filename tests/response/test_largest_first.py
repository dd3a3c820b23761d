"""People at an institution and at the desk find the largest amount first, whatever came before it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.staging import DESK, OUTBOX, Desk, set_desk

from lachan.foundation.access import agency
from lachan.foundation.base import SYSTEM, Language
from lachan.foundation.protocol import EventType
from lachan.foundation.protocol.outbox import message
from lachan.foundation.storage import Database
from lachan.intake import LossDraft
from lachan.response import silent_institution, store, tables
from lachan.response.shapes import ReportsPage
from lachan.response.views import reports
from lachan.response.views.inbox import items, waiting_items, waiting_page
from lachan.response.views.inbox.items import due_of
from lachan.response.views.queue import Sight
from lachan.response.views.reports import reports_page

BANK, OTHER = "999001", "999002"
MINUTE = timedelta(minutes=1)
AMOUNTS = (20_000_000, 60_000_000, 5_000_000, 60_000_000)


@pytest.fixture
def desk(db: Database) -> Desk:
    made = set_desk(db, NOON, (BANK, OTHER))
    for number, amount_vnd in enumerate(AMOUNTS):
        made.report(
            NOON + number * MINUTE,
            LossDraft(
                amount_vnd=amount_vnd, booked_at=NOON - 5 * MINUTE,
                payee_account=f"account:{BANK}:012345678{number}",
                payee_institution=BANK, payer_institution=BANK, payer_account=f"account:{BANK}:0123400000",
                reference=f"FT{number}",
            ),
        )  # fmt: skip
    return made


def test_the_inbox_has_requests_to_hold_first_the_largest_first(desk: Desk) -> None:
    with desk.db.read() as conn:
        found = waiting_items(conn, agency(conn, BANK))
    requests, rest = found[: len(AMOUNTS)], found[len(AMOUNTS) :]
    assert [one.amount_vnd for one in requests] == [60_000_000, 60_000_000, 20_000_000, 5_000_000]
    assert {one.type for one in requests} == {EventType.HOLD_REQUESTED}
    # Of equals, who has waited longer; what is no request to hold goes by its deadlines.
    assert [one.letter.ordinal for one in requests[:2]] == sorted(one.letter.ordinal for one in requests[:2])
    assert {one.type for one in rest} == {EventType.TRANSFER_CONFIRM}
    assert [one.letter.created_at for one in rest] == sorted(one.letter.created_at for one in rest)


def test_the_desk_has_the_largest_call_first(desk: Desk) -> None:
    with desk.db.read() as conn:
        holds = store.holds(conn, sa.true())
    for number, hold in enumerate(holds):
        with desk.db.unit(NOON + (9 + number) * MINUTE, SYSTEM) as unit:
            silent_institution(unit, OUTBOX, hold.id, clock_name="ack")
    with desk.db.read() as conn:
        tasks = reports_page(conn, Sight(DESK), Language.VI, NOON + 15 * MINUTE).tasks
    calls = [one.amount_vnd for one in tasks if one.what.key == "web.act.telephone"]
    assert calls == [60_000_000, 60_000_000, 20_000_000, 5_000_000]
    assert [one.what.key for one in tasks[: len(calls)]] == ["web.act.telephone"] * len(calls)


def test_the_inbox_is_sorted_before_it_is_cut_into_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "PAGE_ROWS", 3)
    with desk.db.read() as conn:
        bank = agency(conn, BANK)
        whole = waiting_items(conn, bank)
        pages = [waiting_page(conn, bank, number) for number in range(4)]
        some = waiting_items(conn, bank, only=[whole[-1].letter.id, whole[0].letter.id])
    assert [one.letter.id for page in pages for one in page.items] == [one.letter.id for one in whole]
    assert {page.total for page in pages} == {len(whole)} == {8}
    # The newest and the largest come in last, and stand on the first page all the same.
    assert [one.amount_vnd for one in pages[0].items] == [60_000_000, 60_000_000, 20_000_000]
    assert [one.letter.id for one in some] == [whole[0].letter.id, whole[-1].letter.id]
    rest = [due_of(one)[1].due_at for one in whole if one.type is not EventType.HOLD_REQUESTED]
    assert rest == sorted(rest), "what the page shows as due is what it is sorted by"


def test_what_is_asked_again_or_has_ended_waits_no_more(desk: Desk) -> None:
    with desk.db.read() as conn:
        first = waiting_items(conn, agency(conn, BANK))[0]
    assert first.hold is not None
    twin = {
        "id": "019aa000-0000-7000-8000-000000000001", "institution": BANK, "type": first.letter.type,
        "subject": first.letter.subject, "body": first.letter.body, "created_at": NOON, "due_at": NOON,
    }  # fmt: skip
    with desk.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.insert(message).values(**twin))
    with desk.db.read() as conn:
        asked = [one.letter for one in waiting_items(conn, agency(conn, BANK)) if one.hold == first.hold]
    assert [one.id for one in asked if one.type == first.letter.type] == [twin["id"]], "only the newest counts"
    with desk.db.unit(NOON, SYSTEM) as unit:
        ended = sa.update(tables.hold).where(tables.hold.c.id == first.hold.id).values(state="voided")
        unit.conn.execute(ended)
    with desk.db.read() as conn:
        found = {one.letter.id for one in waiting_items(conn, agency(conn, BANK))}
    assert not found & {twin["id"], first.letter.id}


def test_tasks_are_sorted_before_they_are_cut_into_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk.db.read() as conn:
        holds = store.holds(conn, sa.true())
    for number, hold in enumerate(holds):
        with desk.db.unit(NOON + (9 + number) * MINUTE, SYSTEM) as unit:
            silent_institution(unit, OUTBOX, hold.id, clock_name="ack")

    def page(number: int) -> ReportsPage:
        with desk.db.read() as conn:
            return reports_page(conn, Sight(DESK), Language.VI, NOON + 15 * MINUTE, tasks=number)

    whole = page(1).tasks
    assert page(1).more_tasks_href is None
    monkeypatch.setattr(reports, "TASKS_ROWS", 3)
    pages = [page(number) for number in range(1, (len(whole) + 2) // 3 + 1)]
    assert [one.href for each in pages for one in each.tasks] == [one.href for one in whole]
    assert pages[0].more_tasks_href == "/desk/reports?tasks=2"
    assert pages[-1].more_tasks_href is None
