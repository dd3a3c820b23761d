"""The golden hour says on whose word money is held past a silent bank, until that bank has spoken."""

import pytest
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.life import MINUTE
from tests.response.ringing import ring
from tests.response.staging import DESK, HEAD, OFFICER, OUTBOX
from tests.response.test_receipts import LOST, MACHINE, ONWARD, Silent

from lachan.foundation.base import Language
from lachan.foundation.storage import Database
from lachan.response import approve_hold, store
from lachan.response.shapes import GoldenHourPage, Message
from lachan.response.views.approvals import approval_page
from lachan.response.views.golden_hour import golden_hour_page, load
from lachan.response.views.names import names_of
from lachan.response.views.queue import Sight

SILENT, TELLS = "Ngân hàng 999002", "Ngân hàng 999003"


@pytest.fixture
def silent(db: Database) -> Silent:
    life = Silent(db)
    life.connect("999001", MACHINE)
    life.report()
    ring(db, NOON + MINUTE, "ask_receipts")
    return life


def shown(life: Silent, after: int) -> GoldenHourPage:
    """The page so many minutes after noon."""
    with life.db.read() as conn:
        trace = store.trace(conn, life.hold(0).trace_id)
        return golden_hour_page(load(conn, trace, OFFICER, Language.VI, NOON + after * MINUTE, full=True))


def test_it_is_said_as_long_as_the_bank_is_silent(silent: Silent) -> None:
    assert [row.rests for row in shown(silent, 1).holds] == [None]
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    word = {"by": TELLS, "silent": SILENT, "amount_vnd": ONWARD * COIN_VND}
    page = shown(silent, 2)
    assert [row.rests for row in page.holds] == [None, Message("web.say.rests_asked", word)]
    told = {"by": TELLS, "onward_vnd": ONWARD * COIN_VND}
    assert page.holds[0].answer == Message("web.say.answer_by_others", told)
    left = {"institution": SILENT, "onward_vnd": ONWARD * COIN_VND, "left_vnd": (LOST - ONWARD) * COIN_VND}
    assert page.asking[0].reason == Message("web.say.next_by_others", left)
    assert page.rests is None

    silent.answer(1, NOON + 3 * MINUTE)
    page = shown(silent, 3)
    assert page.holds[1].rests == Message("web.say.rests_held", word)
    assert page.rests == Message("web.say.bar_rests", {"amount_vnd": ONWARD * COIN_VND, "silent": SILENT})
    assert Message("web.say.node_rests") in [node.right for node in page.graph.nodes]

    silent.answer(0, NOON + 4 * MINUTE)
    page = shown(silent, 4)
    assert [row.rests for row in page.holds] == [None, None]
    assert page.rests is None


def test_the_second_person_reads_on_whose_word_it_is_asked_for(db: Database) -> None:
    """No standing policy reaches so far: somebody approves, and is told that nobody has confirmed it."""
    life = Silent(db, policy_vnd=None)
    life.connect("999001", MACHINE)
    life.report()
    first = life.hold(0)
    assert (
        life.act(NOON, HEAD, lambda u: approve_hold(u, OUTBOX, first.id, content_hash=first.content_hash)) is None
    )
    ring(db, NOON + MINUTE, "ask_receipts")
    life.tell(NOON + 2 * MINUTE, *life.received())

    def said(place: int) -> Message | None:
        with db.read() as conn:
            return approval_page(
                conn, HEAD, life.hold(place).id, Sight(DESK), names_of(conn), Language.VI, NOON + 2 * MINUTE,
                full=False,
            ).rests  # fmt: skip

    word = {"by": TELLS, "silent": SILENT, "amount_vnd": ONWARD * COIN_VND}
    assert said(0) is None
    assert said(1) == Message("web.say.rests_asked", word)
    life.answer(0, NOON + 3 * MINUTE)
    assert said(1) is None
