"""How rightly and how quickly: the figures count what was in force, in the period in which it was decided."""

from datetime import timedelta

import sqlalchemy as sa
from tests.conftest import NOON
from tests.registry.test_registry_actions import OBJECTION, list_it
from tests.registry.world import World

from lachan.foundation.base import PUBLIC, SYSTEM
from lachan.registry import (
    AppealOutcome,
    ClaimDraft,
    decide_appeal,
    delist,
    issue_notice,
    open_appeal,
    views,
)
from lachan.registry.actions.claims import record_claims
from lachan.registry.model import CITIZENS, Standing
from lachan.registry.tables import appeal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_an_appeal_counts_when_it_is_decided_and_a_proposal_taken_off_was_no_listing(world: World) -> None:
    wrong, right = list_it(world, world.bank), list_it(world, world.bank, key="account:999001:0000000001")
    with world.db.unit(NOON, SYSTEM) as unit:
        (proposed,) = record_claims(
            unit, [ClaimDraft("phone:+84912345678", origin="report:1")], "report", CITIZENS, Standing.CITIZEN
        )
    with world.db.unit(NOON + DAY, world.head()) as unit:
        notice = issue_notice(unit, wrong)
        delist(unit, proposed.entry_id, "Không có cơ sở.")
    with world.db.unit(NOON + DAY, PUBLIC) as unit:
        open_appeal(unit, notice, OBJECTION)
        appeal_id = unit.conn.execute(sa.select(appeal.c.id)).scalar_one()
    with world.db.read() as conn:
        waiting = views.measures(conn, world.head(), NOON + DAY + HOUR, NOON + 2 * DAY)
    assert (waiting.appeals_opened, waiting.appeals_waiting, waiting.appeals_late) == (0, 1, 1)
    assert (waiting.delisted_by_person, waiting.false_listing_share) == (0, 0.0)
    with world.db.unit(NOON + DAY + 3 * HOUR, world.head("b")) as unit:
        decide_appeal(unit, appeal_id, AppealOutcome.UPHELD, "Đúng là nhầm.")
    with world.db.read() as conn:
        figures = views.measures(conn, world.head(), NOON + DAY + HOUR, NOON + 2 * DAY)
        before = views.measures(conn, world.head(), NOON + DAY + 4 * HOUR, NOON + 2 * DAY)
    assert (figures.appeals_opened, figures.appeals_upheld, figures.appeals_waiting) == (0, 1, 0)
    assert figures.release_seconds == figures.release_seconds_longest == 3 * 3600
    assert figures.listed_wrongly_seconds == 27 * 3600
    assert (figures.delisted_by_person, figures.false_listing_share) == (1, 0.5)
    assert (before.appeals_upheld, before.release_seconds, before.false_listing_share) == (0, None, 0.0)
    assert right != wrong
