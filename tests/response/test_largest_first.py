"""People at an institution and at the desk find the largest amount first, whatever came before it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.staging import DESK, OUTBOX, Desk, set_desk

from lachan.foundation.access import agency
from lachan.foundation.base import SYSTEM, Language
from lachan.foundation.protocol import EventType
from lachan.foundation.storage import Database
from lachan.intake import LossDraft
from lachan.response import silent_institution, store
from lachan.response.views.inbox import waiting_items
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
