"""An institution lets go by itself what it held, and freezes it again: its own word ended it and brings it back."""

import pytest
from tests.conftest import NOON
from tests.response.life import HOUR, MINUTE, Life
from tests.response.staging import OFFICER, OUTBOX

from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol import Answer, AnswerReason, HoldRelease, HoldRequest, Part, PartKind
from lachan.foundation.storage import Database
from lachan.response import Verdict, analyse_trace, store, take_answer
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


@pytest.mark.parametrize(("verdict", "back"), [(Verdict.AGREED, True), (Verdict.DISAGREED, False)])
def test_what_the_analysis_did_not_agree_to_does_not_come_back(life: Life, verdict: Verdict, back: bool) -> None:
    first = said(life, revision=1, held=True)
    assert hear(life, first) == []
    life.answer(1)
    assert hear(life, said(life, revision=2, held=False)) == []
    with life.db.read() as conn:
        hops = store.hops(conn)
    verdicts = {hop.id: verdict if hop.hold_id == life.hold().id else Verdict.AGREED for hop in hops}
    trace_id = life.trace().id
    assert life.act(
        life.world.now, OFFICER,
        lambda unit: analyse_trace(unit, OUTBOX, trace_id, verdicts=verdicts, conclusion="Đã rõ"),
    ) is None  # fmt: skip
    assert hear(life, first.model_copy(update={"revision": 3})) == ([] if back else [AnswerReason.SUPERSEDED])
    assert lifted(life) == ([] if back else [first.held_vnd])
    assert life.hold().state is (HoldState.PLACED if back else HoldState.RELEASED)
