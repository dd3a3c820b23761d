"""An institution lets go by itself what it held, and freezes it again: its own word ended it and brings it back."""

import pytest
from tests.conftest import NOON
from tests.response.life import HOUR, MINUTE, Life
from tests.response.staging import OUTBOX

from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol import Answer, AnswerReason, HoldRelease, HoldRequest, Part, PartKind
from lachan.foundation.storage import Database
from lachan.response import take_answer
from lachan.response.model import HoldState


@pytest.fixture
def life(db: Database) -> Life:
    made = Life(db)
    made.report()
    return made


def said(life: Life, *, revision: int, held: bool) -> Answer:
    request = next(e.data for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRequest))
    answer = life.world.answer(request)
    changes: dict[str, object] = {"revision": revision}
    if not held:
        remains = Part(kind=PartKind.REMAINS, amount_vnd=answer.held_vnd)
        changes |= {"held_vnd": 0, "held_spans": (), "placed_at": None, "parts": (*answer.parts, remains)}
    return answer.model_copy(update=changes)


def hear(life: Life, answer: Answer) -> list[AnswerReason]:
    heard: list[AnswerReason] = []
    life.act(life.world.now, SYSTEM, lambda unit: heard.extend(take_answer(unit, OUTBOX, answer, {"999002"})))
    return heard


def lifted(life: Life) -> list[int]:
    return [e.data.release_vnd for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRelease)]


def test_what_is_frozen_again_is_held_again_until_the_same_end(life: Life) -> None:
    first = said(life, revision=1, held=True)
    assert hear(life, first) == []
    before = life.hold()
    life.world.now = NOON + HOUR
    assert hear(life, said(life, revision=2, held=False)) == []
    assert (life.hold().state, life.hold().end_reason, life.hold().held) == (HoldState.RELEASED, None, ())
    life.world.now = NOON + HOUR + MINUTE
    assert hear(life, first.model_copy(update={"revision": 3})) == []
    now = life.hold()
    assert (now.state, now.held, now.expires_at) == (HoldState.PLACED, before.held, before.expires_at)
    assert life.due(f"expire:{now.id}") == before.expires_at
    assert lifted(life) == []


def test_after_its_time_it_is_lifted(life: Life) -> None:
    first = said(life, revision=1, held=True)
    assert hear(life, first) == []
    hear(life, said(life, revision=2, held=False))
    expires_at = life.hold().expires_at
    assert expires_at is not None
    life.world.now = expires_at
    assert hear(life, first.model_copy(update={"revision": 3})) == [AnswerReason.SUPERSEDED]
    assert lifted(life) == [first.held_vnd]
    assert life.hold().state is HoldState.RELEASED
