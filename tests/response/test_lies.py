"""Institutions that answer what cannot be: it is taken for what it is worth, and breaks nothing."""

import pytest
from tests.response.checks import check_record
from tests.response.coin_world import institution_of
from tests.response.life import MULE, NEXT, Life
from tests.response.staging import OUTBOX

from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import Answer, HoldRequest, Part, PartKind, Payee
from lachan.foundation.storage import Database
from lachan.response import take_answer


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
