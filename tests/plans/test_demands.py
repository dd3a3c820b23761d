"""Every demand has a home or an honest "not yet"; what is measured is counted; the reference says what is there."""

import importlib.util
from pathlib import Path

import pytest

from lachan.foundation.access import Role
from lachan.foundation.base import Language, catalogue
from lachan.foundation.storage import Database
from lachan.plans.demands import CAPABILITIES, DEMANDS, Demand, Standing, suggest
from lachan.plans.demands.catalogue import demand
from lachan.plans.demands.kinds import kinds_by_demand
from lachan.plans.measures import MEASURES
from lachan.plans.views.coverage import coverage, standing_of
from lachan.plans.views.sight import sight_of
from tests.conftest import NOON
from tests.factories.plans import POLICE, build

ROOT = Path(__file__).parents[2]


def test_each_has_a_home_or_says_what_it_waits_for() -> None:
    kinds = kinds_by_demand()
    assert [one.number for one in DEMANDS] == list(range(1, 104))
    assert [
        one.number for one in DEMANDS if standing_of(one, kinds.get(one.number, ())) is Standing.HOMELESS
    ] == []  # fmt: skip
    for one in DEMANDS:
        assert one.home in CAPABILITIES, one.number
        assert f"plans.home_{one.home}" in catalogue(Language.VI), one.number
        assert set(one.measures) <= set(MEASURES), one.number
        # A home that is there shows something; a kind of activity counts its own records.
        assert one.measures or kinds.get(one.number) or one.standing is Standing.WAITS, one.number


def test_a_forgotten_demand_is_homeless() -> None:
    lost = Demand(1, "x", "x", (), "", "nowhere", (), ())
    assert standing_of(lost, ()) is Standing.HOMELESS
    assert standing_of(lost, ("course",)) is Standing.HERE


def test_capabilities_that_are_here_can_be_imported() -> None:
    inside = {"register", "tasks", "reminders", "kept", "reports"}
    for name, standing in CAPABILITIES.items():
        there = name in inside or importlib.util.find_spec(f"lachan.{name}") is not None
        assert there or standing is Standing.WAITS, name


def test_measures_are_counted_on_both_stores(db: Database) -> None:
    world = build(db)
    world.in_force()
    with db.read() as conn:
        rows = coverage(conn, sight_of(conn, world.at(POLICE, Role.LEADER), NOON), NOON)
    by_number = {row.demand.number: row for row in rows}
    assert len(rows) == 103
    assert by_number[53].tasks == 1
    assert by_number[53].leads == (world.agencies[POLICE],)
    assert {one.measure.code: one.value for one in by_number[53].shown} == {
        "holds_placed": 0, "held_vnd": 0, "median_minutes_to_first_hold": None,
    }  # fmt: skip
    assert all(one.value in {0, None} or one.measure.code.startswith("tasks") for row in rows for one in row.shown)
    for code in MEASURES:
        assert f"plans.measure.{code}" in catalogue(Language.VI), code


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Phong tỏa tài khoản, tạm dừng giao dịch.", (53,)),
        ("Kiểm soát các giao dịch liên quan đến tiền “ảo”.", (60,)),
        ("Lắp đặt an toàn các máy ATM.", (67,)),
        ("Trồng cây xanh quanh trụ sở.", ()),
    ],
)
def test_a_clause_is_recognised_by_its_turns_of_phrase(text: str, numbers: tuple[int, ...]) -> None:
    assert suggest(text) == numbers


def test_every_demand_can_be_recognised() -> None:
    for one in DEMANDS:
        said = " ".join(one.keys[0]) if one.keys else ""
        assert one.number in suggest(said), one.number
        assert demand(one.number) is one


def test_the_reference_is_what_the_data_says() -> None:
    spec = importlib.util.spec_from_file_location("demands_table", ROOT / "scripts" / "demands_table.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    page = ROOT / "docs" / "reference" / "demands.md"
    assert page.read_text(encoding="utf-8") == made.text(), "scripts/demands_table.py writes it"
