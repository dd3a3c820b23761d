"""An institution's answer crosses the end of a hold that was paid out in part or whole."""

import pytest
from tests.response.refund_world import COIN, Pooled
from tests.response.staging import OUTBOX

from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    HoldRelease,
    HoldRequest,
    Span,
    Spans,
    intersect,
    normalise,
)
from lachan.foundation.storage import Database
from lachan.response import expire_hold, take_answer
from lachan.response.model import HoldState


@pytest.fixture
def pool(db: Database) -> Pooled:
    made = Pooled(db)
    made.ready("a", "b")
    assert made.propose() is None
    assert made.approve() is None
    return made


def request_of(pool: Pooled, hold_id: str) -> HoldRequest:
    sent = [envelope.data for _, _, envelope in pool.desk.envelopes()]
    return next(data for data in sent if isinstance(data, HoldRequest) and data.id == hold_id)


def freed(pool: Pooled) -> Spans:
    sent = [envelope.data for _, _, envelope in pool.desk.envelopes()]
    return normalise(span for data in sent if isinstance(data, HoldRelease) for span in data.spans)


def hear(pool: Pooled, said: Answer) -> list[AnswerReason]:
    heard: list[AnswerReason] = []
    assert pool.act(SYSTEM, lambda unit: heard.extend(take_answer(unit, OUTBOX, said, {"999002"}))) is None
    return heard


def test_what_was_paid_is_not_asked_back_after_the_hold_has_expired(pool: Pooled) -> None:
    """What a bank paid out counts in its `held_vnd`: a late answer must not make it free the victims' money."""
    pool.pay(1)
    hold = pool.held()
    late = pool.world.answer(request_of(pool, hold.id))
    assert hold.expires_at is not None
    pool.world.now = hold.expires_at
    assert pool.act(SYSTEM, lambda unit: expire_hold(unit, OUTBOX, hold.id)) is None
    assert hear(pool, late) == [AnswerReason.SUPERSEDED]
    assert pool.coins("a")["returned"] == 1.5
    assert freed(pool) == hold.held
    assert not intersect(freed(pool), hold.applied)
    # Nor where the bank names no coins.
    said = late.model_copy(update={"held_spans": (), "held_vnd": 150_000, "revision": 9})
    assert hear(pool, said) == [AnswerReason.SUPERSEDED]
    assert freed(pool) == hold.held


def test_what_is_held_beyond_a_pool_that_is_paid_out_is_freed(pool: Pooled) -> None:
    """Everybody is paid, and the hold has ended: a coin that the bank froze meanwhile has no basis any more."""
    late = pool.world.answer(request_of(pool, pool.held().id))
    pool.pay()
    hold = next(one for one in pool.holds() if one.id == late.request_id)
    assert hold.state is HoldState.APPLIED
    assert freed(pool) == ()
    more = late.model_copy(update={"held_spans": hold.asked, "held_vnd": 4 * COIN})
    assert hear(pool, more) == [AnswerReason.SUPERSEDED]
    assert freed(pool) == (Span(0, COIN),)
