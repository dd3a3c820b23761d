"""A list of what is rare reads what it shows, not a million others: the plan of the question, on both stores."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.registry.world import World

from lachan.foundation.base import SYSTEM, new_id
from lachan.registry import EntryState, Verdict, views
from lachan.registry.tables import entry
from lachan.registry.views import Narrow
from lachan.registry.views.listing import PAGE_ROWS

ROWS = 4_000
# PostgreSQL may as well take the index of what is in force: it reads no others either, and sorts the few.
READS_FEW = {
    "ix_registry_entry_ended": ("ix_registry_entry_ended",),
    "ix_registry_entry_waiting": ("ix_registry_entry_waiting",),
    "ix_registry_entry_graded": ("ix_registry_entry_graded", "ix_registry_entry_in_force"),
}


def row(number: int, state: str, verdict: str) -> dict[str, object]:
    return {
        "id": new_id(), "key": f"phone:+849{number:08d}", "state": state, "verdict": verdict, "reasons": "T1",
        "claims": 1, "claimants": 1, "opened_at": NOON, "review_at": NOON + timedelta(days=number % 90),
        "changed_at": NOON,
    }  # fmt: skip


def many(world: World, state: str, verdict: str) -> None:
    """Thousands that are simply active, and a few of these among them, far from each other."""
    apart = ROWS // (2 * PAGE_ROWS)
    rows = [
        row(number, state, verdict) if number % apart == 0 else row(number, "active", "warn")
        for number in range(apart * 2 * PAGE_ROWS)
    ]
    with world.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.insert(entry), rows)
    if not world.db.is_sqlite:
        with world.db.unit(NOON, SYSTEM) as unit:
            unit.conn.execute(sa.text("ANALYZE registry_entry"))


def plan(world: World, narrow: Narrow, after: str = "") -> tuple[str, views.Listing]:
    """How the store answers, and what."""
    asked: list[tuple[str, Any]] = []

    def keep(_conn: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        asked.append((statement, parameters))

    with world.db.read() as conn:
        sa.event.listen(conn, "before_cursor_execute", keep)
        shown = views.listing.narrowed(conn, world.head(), narrow, NOON, after=after)
        sa.event.remove(conn, "before_cursor_execute", keep)
        (statement, parameters) = asked[-1]
        words = "EXPLAIN QUERY PLAN " if world.db.is_sqlite else "EXPLAIN "
        told = conn.exec_driver_sql(words + statement, parameters).all()
    return "\n".join(str(line[-1]) for line in told), shown


@pytest.mark.parametrize(
    ("state", "verdict", "narrow", "index"),
    [
        ("delisted", "clear", Narrow(state=EntryState.DELISTED), "ix_registry_entry_ended"),
        ("expired", "clear", Narrow(state=EntryState.EXPIRED), "ix_registry_entry_ended"),
        ("active", "block", Narrow(verdict=Verdict.BLOCK), "ix_registry_entry_graded"),
        ("active", "step_up", Narrow(verdict=Verdict.STEP_UP), "ix_registry_entry_graded"),
        ("proposed", "clear", Narrow(verdict=Verdict.CLEAR), "ix_registry_entry_graded"),
        ("review", "warn", Narrow(state=EntryState.REVIEW), "ix_registry_entry_waiting"),
    ],
)
def test_what_is_rare_is_found_through_its_index(
    world: World, state: str, verdict: str, narrow: Narrow, index: str
) -> None:
    many(world, state, verdict)
    how, first = plan(world, narrow)
    assert any(one in how for one in READS_FEW[index]), how
    assert len(first.entries) == PAGE_ROWS
    assert first.after is not None
    how, second = plan(world, narrow, first.after)
    assert any(one in how for one in READS_FEW[index]), how
    assert len({one.id for one in (*first.entries, *second.entries)}) == 2 * PAGE_ROWS
    assert second.after is None


def test_all_else_is_read_from_its_newest_end(world: World) -> None:
    many(world, "active", "block")
    how, first = plan(world, Narrow(state=EntryState.ACTIVE))
    assert "Sort" not in how
    assert "TEMP B-TREE" not in how
    assert len(first.entries) == PAGE_ROWS
