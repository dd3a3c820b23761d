"""The golden hour says on whose word money is held past a silent bank, until that bank has spoken."""

import pytest
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND, CoinWorld
from tests.response.life import MINUTE, MULE, NEXT, VICTIM
from tests.response.ringing import ring
from tests.response.staging import DESK, HEAD, OFFICER, OUTBOX
from tests.response.test_receipts import LOST, MACHINE, ONWARD, Silent
from tests.response.test_receipts_end import FAR, Chain, give, moved, said
from tests.response.test_receipts_review import TwoLosses

from lachan.foundation.base import Language
from lachan.foundation.storage import Database
from lachan.intake import report_by_id
from lachan.response import approve_hold, store
from lachan.response.model import Hold
from lachan.response.shapes import GoldenHourPage, Message
from lachan.response.views.approvals import approval_page
from lachan.response.views.golden_hour import golden_hour_page, load
from lachan.response.views.names import names_of
from lachan.response.views.queue import Sight
from lachan.response.views.victim import live_page

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

    def rests_on(place: int) -> Message | None:
        return read_by_the_second_person(life, life.hold(place), 2)

    word = {"by": TELLS, "silent": SILENT, "amount_vnd": ONWARD * COIN_VND}
    assert rests_on(0) is None
    assert rests_on(1) == Message("web.say.rests_asked", word)
    life.answer(0, NOON + 3 * MINUTE)
    assert rests_on(1) is None


def read_by_the_second_person(life: Silent, hold: Hold, after: int) -> Message | None:
    """What the page of approval says of the word it rests on, so many minutes after noon."""
    with life.db.read() as conn:
        now = NOON + after * MINUTE
        sight, names = Sight(DESK), names_of(conn)
        return approval_page(conn, HEAD, hold.id, sight, names, Language.VI, now, full=False).rests


class Overtaken(TwoLosses):
    """All that went on was the second victim's, who reports after the first one's request for it was drafted."""

    def __post_init__(self) -> None:
        super(TwoLosses, self).__post_init__()
        self.world = CoinWorld([VICTIM, MULE, NEXT], opening=50, now=NOON - 10 * MINUTE)
        self.first = self.world.move(VICTIM, MULE, LOST)
        self.second = self.world.move(VICTIM, MULE, 10)
        self.beyond = self.world.move(MULE, NEXT, 10)
        self.world.now = NOON


def test_past_which_bank_another_traces_money_came_is_not_said(db: Database) -> None:
    """Their road is their desk's to know; that nobody has confirmed it, the second person must know."""
    life = Overtaken(db, policy_vnd=None)
    life.connect("999001", MACHINE)
    life.report()
    approve(life, life.hold(0), 0)
    ring(db, NOON + MINUTE, "ask_receipts")
    life.tell_all(1)
    drafted = life.hold(1)
    word = {"by": TELLS, "silent": SILENT, "amount_vnd": 10 * COIN_VND}
    assert read_by_the_second_person(life, drafted, 1) == Message("web.say.rests_asked", word)
    life.report_second()
    approve(life, life.hold(2), 1)
    ring(db, NOON + 2 * MINUTE, "ask_receipts")
    life.tell_all(2)
    with db.read() as conn:
        (whose,) = {hop.trace_id for hop in store.hops(conn, hold_id=drafted.id) if hop.spans}
    assert whose != drafted.trace_id
    unnamed = word | {"silent": Message("web.say.rests_unnamed")}
    assert read_by_the_second_person(life, drafted, 2) == Message("web.say.rests_asked", unnamed)


def approve(life: Silent, hold: Hold, after: int) -> None:
    approving = lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=hold.content_hash)  # noqa: E731
    assert life.act(NOON + after * MINUTE, HEAD, approving) is None


def victim_reads(life: Silent) -> Message | None:
    with life.db.read() as conn:
        return live_page(conn, report_by_id(conn, life.trace().report_id), "/live/x").rests


def test_the_victim_reads_that_it_is_not_certain_yet(silent: Silent) -> None:
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    assert victim_reads(silent) is None
    silent.answer(1, NOON + 3 * MINUTE)
    assert victim_reads(silent) == Message("web.say.live_rests", {"amount_vnd": ONWARD * COIN_VND})
    silent.answer(0, NOON + 4 * MINUTE)
    assert victim_reads(silent) is None


def test_the_victim_reads_how_much_of_it_is_not_certain(db: Database) -> None:
    life = Chain(db)
    life.answer(2, NOON + 3 * MINUTE)
    assert victim_reads(life) == Message("web.say.live_rests_part", {"amount_vnd": 20 * COIN_VND})
    life.world.now = NOON + 4 * MINUTE
    give(life, said(life, 1, 1, moved(life.beyond.reference, FAR, 20)), MACHINE)
    assert victim_reads(life) is None
