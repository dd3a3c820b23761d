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
from lachan.registry.tables import appeal, entry
from lachan.registry.views.measures import in_force

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


def test_what_is_in_force_is_counted_in_its_index_alone(world: World) -> None:
    """At a million entries the table is 300 MB and the index a tenth of it."""
    query = in_force(NOON).compile(world.db.engine, compile_kwargs={"literal_binds": True})
    with world.db.read() as conn:
        if world.db.engine.dialect.name == "sqlite":
            plan = [str(row[3]) for row in conn.execute(sa.text(f"EXPLAIN QUERY PLAN {query}"))]
            assert plan == ["SCAN registry_entry USING COVERING INDEX ix_registry_entry_in_force"]
        else:
            for other in ("seqscan", "bitmapscan"):  # what a planner prefers for a table without rows
                conn.execute(sa.text(f"SET LOCAL enable_{other} = off"))
            plan = [str(row[0]) for row in conn.execute(sa.text(f"EXPLAIN {query}"))]
            assert any("Index Only Scan using ix_registry_entry_in_force" in line for line in plan)


def test_what_warned_until_a_moment_ago_is_counted_no_more(world: World) -> None:
    """The clock that ends it may come a little later."""
    list_it(world, world.bank)
    lasting = list_it(world, world.bank, key="account:999001:0000000001")
    with world.db.unit(NOON, SYSTEM) as unit:
        record_claims(
            unit, [ClaimDraft("phone:+84912345678", origin="report:1")], "report", CITIZENS, Standing.CITIZEN
        )
        unit.conn.execute(sa.update(entry).where(entry.c.id == lasting).values(until=None))
        ends = unit.conn.execute(sa.select(entry.c.until).where(entry.c.until.is_not(None))).scalars().one()
    with world.db.read() as conn:
        before, after = (
            views.measures(conn, world.head(), NOON, at).in_force for at in (ends - timedelta(seconds=1), ends)
        )
    assert (sum(before.values()), sum(after.values())) == (2, 1)
    assert set(before) == {"warn", "step_up", "block"}
