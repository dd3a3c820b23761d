"""Institutions that answer what cannot be: it is taken for what it is worth, and breaks nothing."""

import pytest
from tests.response.checks import check_record
from tests.response.coin_world import institution_of
from tests.response.life import MULE, NEXT, Life
from tests.response.staging import OUTBOX

from lachan.foundation.base import SYSTEM, Language, new_id
from lachan.foundation.protocol import Answer, HoldRequest, Part, PartKind, Payee
from lachan.foundation.storage import Database
from lachan.response import take_answer
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


def test_a_hold_from_before_it_was_asked_counts_from_when_it_was(life: Life) -> None:
    """A bank whose clock is late: what it says is kept, but no measure of speed goes below zero."""
    life.report()
    [request] = [e.data for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRequest)]
    told = life.world.answer(request)
    early = told.model_copy(update={"placed_at": life.first.booked_at})
    with life.db.unit(life.world.now, SYSTEM) as unit:
        assert take_answer(unit, OUTBOX, early, {institution_of(MULE)}) == []
    hold, trace = life.hold(), life.trace()
    assert hold.requested_at is not None
    assert early.placed_at is not None
    assert hold.placed_at == early.placed_at < hold.requested_at
    assert trace.first_hold_at == max(hold.requested_at, trace.opened_at)
    with life.db.read() as conn:
        figures = leader_figures(conn, Sight(None), Language.VI, life.world.now, period="day")
    assert [row.first_hold_s for row in figures.by_institution if row.bar.held_vnd] == [0]
