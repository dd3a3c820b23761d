"""Institutions that answer what cannot be: it is taken for what it is worth, and breaks nothing."""

import pytest
from tests.conftest import NOON
from tests.response.checks import check_record
from tests.response.coin_world import institution_of
from tests.response.life import HOUR, MINUTE, MULE, NEXT, Life
from tests.response.staging import HEAD, OUTBOX

from lachan.foundation.base import SYSTEM, Language, new_id
from lachan.foundation.protocol import Answer, HoldRequest, Part, PartKind, Payee
from lachan.foundation.storage import Database
from lachan.response import approve_hold, take_answer
from lachan.response.views.figures import silent_since
from lachan.response.views.leaders import leader_figures
from lachan.response.views.queue import Sight


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


def test_money_that_goes_in_a_circle_is_unexplained(life: Life) -> None:
    """The second bank says that the money left by the very transfer with which all began."""
    life.report()
    amount_vnd = life.first.amount_vnd
    roads = [(MULE, "FT77", NEXT), (NEXT, life.first.reference, MULE), (MULE, "FT77", NEXT)]
    for revision, (account, reference, payee) in enumerate(roads, 1):
        requests = [e.data for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRequest)]
        asked = next(request for request in requests if request.account == account)
        moved = Part(
            kind=PartKind.MOVED_ON, amount_vnd=amount_vnd, reference=reference,
            payee=Payee(institution=institution_of(payee), account=payee),
        )  # fmt: skip
        said = Answer(
            message_id=new_id(), request_id=asked.id, request_revision=asked.revision, revision=revision,
            held_vnd=0, parts=(moved,), available_vnd=0, decided_by="Giao dịch viên",
        )  # fmt: skip
        with life.db.unit(life.world.now, SYSTEM) as unit:
            assert take_answer(unit, OUTBOX, said, {institution_of(account)}) == []
        with life.db.read() as conn:
            check_record(conn)
        assert life.trace().moving_vnd == amount_vnd
    assert len([e for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRequest)]) == 2


def test_a_hold_from_before_it_was_asked_counts_from_when_it_was(db: Database) -> None:
    """A bank whose clock is late: what it says is kept, but no measure of speed goes below zero."""
    life = Life(db, policy_vnd=None)
    life.report()
    drafted = life.hold()
    approve = lambda unit: approve_hold(unit, OUTBOX, drafted.id, content_hash=drafted.content_hash)  # noqa: E731
    assert life.act(NOON + MINUTE, HEAD, approve) is None
    [request] = [e.data for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRequest)]
    life.world.now = NOON + 2 * MINUTE
    early = life.world.answer(request).model_copy(update={"placed_at": life.first.booked_at})
    with life.db.unit(life.world.now, SYSTEM) as unit:
        assert take_answer(unit, OUTBOX, early, {institution_of(MULE)}) == []
    hold, trace = life.hold(), life.trace()
    assert (hold.placed_at, hold.requested_at) == (life.first.booked_at, NOON + MINUTE)
    assert (trace.opened_at, trace.first_hold_at) == (NOON, NOON + MINUTE)
    with life.db.read() as conn:
        figures = leader_figures(conn, Sight(None), Language.VI, life.world.now, period="day")
    assert [row.first_hold_s for row in figures.by_institution if row.bar.held_vnd] == [0]


def test_who_let_an_acknowledgement_lapse_is_silent_since_it_was_asked(life: Life) -> None:
    life.report()
    asked = ["999001", "999002", "999002", "999003"]
    for now, expected in ((NOON + MINUTE, {}), (NOON + 2 * MINUTE, {"999002": NOON})):
        with life.db.read() as conn:
            assert silent_since(conn, now, asked) == expected
    with life.db.read() as conn:
        assert silent_since(conn, NOON + HOUR, []) == {}
