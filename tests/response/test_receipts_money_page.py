"""The page of the money follows it past a silent bank; what was known before the bank spoke stays known."""

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.life import MINUTE, MULE, NEXT
from tests.response.ringing import ring
from tests.response.staging import OFFICER
from tests.response.test_receipts import LOST, MACHINE, ONWARD, Silent

from lachan.foundation.base import Language
from lachan.foundation.storage import Database
from lachan.ledger import Source, Surroundings, around
from lachan.response.rules.side_by_side import side_by_side
from lachan.response.shapes.traced import TracedPage
from lachan.response.views.golden_hour.load import load
from lachan.response.views.money import At, traced_page


@pytest.fixture
def silent(db: Database) -> Silent:
    life = Silent(db)
    life.connect("999001", MACHINE)
    life.report()
    ring(db, NOON + MINUTE, "ask_receipts")
    return life


def known(life: Silent) -> Surroundings:
    with life.db.read() as conn:
        return around(conn, [one.id for one in conn.execute(sa.text("SELECT id FROM loss")).all()])


def coins(life: Silent, at: At | None = None) -> dict[str, tuple[int, int]]:
    """By account, the least and the most that the rules find there."""
    asked = at or At()
    found = known(life)
    state = found.at(as_of=asked.as_of, known_at=asked.known_at)
    sides = side_by_side(state, list(state.disputed.values()), 0).sides
    return {one.account: (one.lowest_vnd // COIN_VND, one.highest_vnd // COIN_VND) for one in sides}


def test_the_page_follows_the_money_past_the_silent_bank(silent: Silent) -> None:
    assert coins(silent) == {MULE: (LOST, LOST)}
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    assert coins(silent) == {MULE: (10, 10), NEXT: (ONWARD, ONWARD)}
    assert coins(silent, At(known_at=NOON + MINUTE)) == {MULE: (LOST, LOST)}
    *_, newest = known(silent).moments()
    assert (newest.source, newest.told_by, newest.new) == (Source.RECEIPT, MACHINE, 1)
    with silent.db.read() as conn:
        record = load(conn, silent.trace(), OFFICER, Language.VI, NOON + 3 * MINUTE, full=True)
        page = traced_page(conn, record, At())
    assert page.moments[0].what.key == "web.traced.told_receipt"
    assert len(page.changes) == 2
    assert all(one.closes for one in page.sums)


def test_the_banks_own_word_takes_its_place(silent: Silent) -> None:
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    silent.world.now = NOON + 5 * MINUTE
    silent.answer(0)
    facts = [one for one in known(silent).facts if one.source is Source.RECEIPT]
    # It tells the same payment: who received it stays a second voice, and nothing is withdrawn.
    assert [one.withdrawn for one in facts] == [False]
    # Its opening is stated now: by some rules it was the mule's own money that went on.
    assert coins(silent)[NEXT] == (0, ONWARD)
    # What was known then is still what was known then.
    assert coins(silent, At(known_at=NOON + 2 * MINUTE)) == {MULE: (10, 10), NEXT: (ONWARD, ONWARD)}


def test_what_only_receivers_tell_is_not_called_beyond_argument(silent: Silent) -> None:
    """Every rule finds 30 coins at the next bank, and none of them is there if the silent bank says otherwise."""

    def page() -> TracedPage:
        with silent.db.read() as conn:
            record = load(conn, silent.trace(), OFFICER, Language.VI, NOON + 3 * MINUTE, full=True)
            return traced_page(conn, record, At())

    before = page()
    assert (before.agreed_vnd, before.rests_vnd) == (LOST * COIN_VND, 0)
    assert [row.agreed for row in before.rows] == [True]
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    told = page()
    assert (told.agreed_vnd, told.rests_vnd) == ((LOST - ONWARD) * COIN_VND, ONWARD * COIN_VND)
    assert [(row.lowest_vnd // COIN_VND, row.rests_vnd // COIN_VND, row.agreed) for row in told.rows] == [
        (ONWARD, ONWARD, False), (LOST - ONWARD, 0, False),
    ]  # fmt: skip
    silent.world.now = NOON + 5 * MINUTE
    silent.answer(0)
    after = page()
    assert after.rests_vnd == 0
    assert {row.rests_vnd for row in after.rows} == {0}
