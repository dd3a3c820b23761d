"""A rise in one form of report drafts one warning, with its figures; and chance alone hardly ever does."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import comb

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.registry.world import build

from lachan.foundation.access import OPERATOR
from lachan.foundation.base import SYSTEM, new_id, new_reference_code
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import scam_forms, threshold
from lachan.foundation.trail import tables as trail
from lachan.intake.tables import report
from lachan.outreach import Item, ItemState, look_for_rises, public, rises, rules, statistics, sweep, views
from lachan.outreach.rising import audience_of
from lachan.response.tables import trace

DAY = timedelta(days=1)
FORM = "fake_police"


@dataclass
class Desk:
    db: Database

    def __post_init__(self) -> None:
        self.world = build(self.db)

    def reports(self, form: str, count: int, days_ago: float, status: str = "received") -> None:
        rows = [
            {
                "id": new_id(), "code": new_reference_code(), "secret_hash": new_id(), "channel": "web",
                "status": status, "situation": "scam", "filed_by": "public:public", "scam_form": form,
                "language": "vi", "consent": True, "received_at": NOON - timedelta(days=days_ago, seconds=place),
            }
            for place in range(count)
        ]  # fmt: skip
        with self.db.unit(NOON, SYSTEM) as unit:
            unit.conn.execute(sa.insert(report), rows)

    def drafts(self) -> list[Item]:
        with self.db.read() as conn:
            return views.items(conn, self.world.head(), ItemState.DRAFT)


@pytest.fixture
def desk(db: Database) -> Desk:
    return Desk(db)


def test_a_rise_is_drafted_once_with_its_figures(desk: Desk) -> None:
    desk.reports(FORM, 12, 1)
    desk.reports(FORM, 8, 20)
    desk.reports("online_job", 7, 1)  # too few
    desk.reports("romance", 9, 1)
    desk.reports("romance", 60, 30)  # as many as ever
    desk.reports("sim_lock", 12, 1, status="duplicate")
    assert sweep(desk.db, NOON) == 1
    assert sweep(desk.db, NOON + DAY) == 0
    (draft,) = desk.drafts()
    assert draft.rise is not None
    assert (draft.scam_form, draft.rise.recent, draft.rise.earlier, draft.rise.weeks) == (FORM, 12, 8, 8)
    assert draft.rise.expected == 1.0
    assert draft.rise.one_in == int(1 / _chance(12, 8, 8))
    assert draft.agency_id == desk.world.desk
    assert "12 tin báo" in draft.vi.text
    assert draft.vi.signs
    assert draft.en.title
    with desk.db.read() as conn:
        assert public.warnings(conn, NOON) == []
        query = sa.select(trail.fact.c.data).where(trail.fact.c.kind == "outreach.rise_found")
        fact = conn.execute(query).scalar_one()
    assert fact["recent"] == 12
    assert fact["draft"] == draft.code


def test_a_rise_that_comes_back_is_drafted_anew(desk: Desk) -> None:
    desk.reports(FORM, 12, 1)
    assert sweep(desk.db, NOON) == 1
    later = NOON + 20 * DAY
    sweep(desk.db, later)  # over: nothing in the last week
    desk.reports(FORM, 40, -19)
    assert sweep(desk.db, later) == 1
    assert len(desk.drafts()) == 2


def test_two_workers_draft_one(desk: Desk) -> None:
    desk.reports(FORM, 12, 1)
    with desk.db.unit(NOON, SYSTEM) as unit:
        assert look_for_rises(unit) == 1
    with desk.db.unit(NOON, SYSTEM) as unit:
        assert look_for_rises(unit) == 0


def test_without_a_desk_nobody_could_approve(db: Database) -> None:
    with db.unit(NOON, SYSTEM) as unit:
        rows = [
            {
                "id": new_id(), "code": new_reference_code(), "secret_hash": new_id(), "channel": "web",
                "status": "received", "situation": "scam", "filed_by": "x", "scam_form": FORM, "language": "vi",
                "consent": True, "received_at": NOON - DAY,
            }
            for _ in range(20)
        ]  # fmt: skip
        unit.conn.execute(sa.insert(report), rows)
    assert sweep(db, NOON) == 0
    with db.read() as conn:
        assert [one.scam_form for one in rises(conn, NOON)] == [FORM]


def _chance(recent: int, earlier: int, weeks: int) -> Fraction:
    """The binomial tail in whole numbers."""
    total = recent + earlier
    ways = sum(comb(total, k) * weeks ** (total - k) for k in range(recent, total + 1))
    return Fraction(ways, (weeks + 1) ** total)


@given(recent=st.integers(0, 120), earlier=st.integers(0, 400), weeks=st.integers(1, 12))
def test_the_rarity_is_the_exact_tests(recent: int, earlier: int, weeks: int) -> None:
    chance = float(_chance(recent, earlier, weeks))
    found = rules.one_in(recent, earlier, weeks)
    if chance > 1e-8:
        assert found == pytest.approx(1 / chance, rel=1e-6, abs=1)
        assert found >= 1
    else:
        assert 90_000_000 <= found <= 1_000_000_000


def test_chance_alone_hardly_drafts() -> None:
    """Of 5,000 looks at forms whose rate does not change, about one in a thousand may pass, and fewer do."""
    drawn = random.Random(20261123)
    weeks = threshold("rise_weeks", NOON).value

    def poisson(mean: float) -> int:
        at, count = drawn.expovariate(mean), 0
        while at < 1:
            at, count = at + drawn.expovariate(mean), count + 1
        return count

    looks = [(str(place), poisson(6), poisson(6 * weeks)) for place in range(5_000)]
    assert len(rules.risen(looks, weeks, NOON)) <= 10


def test_every_form_can_be_drafted(desk: Desk) -> None:
    for form in scam_forms(NOON):
        desk.reports(form.code, 9, 2)
    assert sweep(desk.db, NOON) == len(scam_forms(NOON))
    assert audience_of("fake_receipt", NOON) == "shop_owners"
    assert audience_of("fake_police", NOON) == "everybody"


def test_months_with_few_reports_say_nothing(desk: Desk) -> None:
    for count, days_ago in ((5, 30), (4, 60), (9, 3)):  # October, September, and November, which is not over
        desk.reports(FORM, count, days_ago)
    zeros = {c.name: 0 for c in trace.c if c.name.endswith("_vnd")}
    with desk.db.unit(NOON, OPERATOR) as unit:
        for one in unit.conn.execute(sa.select(report.c.id, report.c.received_at)).all():
            row = {
                **zeros, "id": new_id(), "report_id": one.id, "code": new_reference_code("TV"), "state": "tracked",
                "opened_at": one.received_at, "first_transfer_at": one.received_at, "held_vnd": 10,
                "moving_vnd": 30,
            }  # fmt: skip
            unit.conn.execute(sa.insert(trace), row)
    with desk.db.read() as conn:
        assert statistics.months(conn) == [], "nothing is told before a month was closed"
    sweep(desk.db, NOON)
    with desk.db.read() as conn:
        found = {one.first: one for one in statistics.months(conn)}
    assert len(found) == 12
    assert max(found) == date(2026, 10, 1)  # the present month is not over
    october, september = found[date(2026, 10, 1)], found[date(2026, 9, 1)]
    assert (october.reports, october.reported_vnd, october.held_vnd, october.returned_vnd) == (5, 200, 50, 0)
    assert september.hidden
    assert september.held_vnd is None


def test_a_sum_of_few_reports_says_nothing_and_of_none_says_nothing_was(desk: Desk) -> None:
    """Six reports, one of which got money back: the sum would be that person's."""
    desk.reports(FORM, 6, 30)
    zeros = {c.name: 0 for c in trace.c if c.name.endswith("_vnd")}
    with desk.db.unit(NOON, OPERATOR) as unit:
        for number, one in enumerate(unit.conn.execute(sa.select(report.c.id, report.c.received_at)).all()):
            row = {
                **zeros, "id": new_id(), "report_id": one.id, "code": new_reference_code("TV"), "state": "tracked",
                "opened_at": one.received_at, "first_transfer_at": one.received_at, "moving_vnd": 30,
                "returned_vnd": 77 if number == 0 else 0,
            }  # fmt: skip
            unit.conn.execute(sa.insert(trace), row)
    sweep(desk.db, NOON)
    with desk.db.read() as conn:
        october = statistics.months(conn)[0]
    assert (october.reports, october.reported_vnd, october.held_vnd, october.returned_vnd) == (6, 257, 0, None)
