"""What answers teach, counted as they come, and told on the page."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.life import MINUTE, MULE, Life
from tests.response.staging import OFFICER, OUTBOX

from lachan.foundation.base import SYSTEM, Language
from lachan.foundation.protocol import HoldRequest, total
from lachan.foundation.storage import Database
from lachan.foundation.storage.jobs import job
from lachan.response import enter_answer, silent_institution, store, tables
from lachan.response.actions.learning import SEEN_MOST, learnt
from lachan.response.views.golden_hour import golden_hour_page, load
from lachan.tracing.next import Road, answer_seen, left_seen

LATE, HOURS = 11, "answer:999002:office"


@pytest.fixture
def life(db: Database) -> Life:
    life = Life(db)
    life.connect("999002", "999003")
    return life


def rows(life: Life) -> dict[str, dict[int, int]]:
    """Observations by subject and step, without those that were taken back."""
    found: dict[str, dict[int, int]] = {}
    with life.db.read() as conn:
        for row in conn.execute(sa.select(tables.learnt).where(tables.learnt.c.seen != 0)):
            found.setdefault(row.subject, {})[row.step] = row.seen
    return found


def teach(life: Life, institution: str, minutes: float, times: int = 8) -> None:
    """Earlier answers of an institution."""
    with life.db.unit(NOON, SYSTEM) as unit:
        for subject, step, _, _ in answer_seen(institution, NOON, minutes):
            unit.conn.execute(sa.insert(tables.learnt).values(subject=subject, step=step, seen=times, permille=0))


def ring(life: Life, now: datetime) -> None:
    hold = life.hold()
    life.act(now, SYSTEM, lambda unit: silent_institution(unit, OUTBOX, hold.id, clock_name="ack"))


def test_the_first_answer_is_counted_once(life: Life) -> None:
    life.report()
    life.answer(0, NOON + 1.5 * MINUTE)
    found = rows(life)
    assert found["answer:999002"] == found[HOURS] == found["answer"] == {2: 1}
    # Ten minutes and more after it came, half of it was gone.
    assert found["left:first:small"] == {6: 1}
    with life.db.read() as conn:
        assert conn.execute(
            sa.select(tables.learnt.c.permille).where(tables.learnt.c.subject == "left:first:small")
        ).scalar_one() == 500  # fmt: skip
    life.answer(1, NOON + 2.5 * MINUTE)
    assert rows(life)["answer"] == {2: 2}


def test_silence_counts_until_the_institution_answers_by_itself(life: Life) -> None:
    life.report()
    for minute in (1, 3):
        ring(life, NOON + minute * MINUTE)
    assert rows(life)["answer:999002"] == {LATE: 1}
    life.answer(0, NOON + 30 * MINUTE)
    assert rows(life)["answer:999002"] == {8: 1}


@pytest.mark.parametrize("rung", [True, False])
def test_who_must_be_telephoned_has_not_answered(life: Life, rung: bool) -> None:
    life.report()
    if rung:
        ring(life, NOON + MINUTE)
    request = next(e.data for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRequest))
    life.world.now = NOON + 2 * MINUTE
    said = life.world.answer(request)
    life.act(life.world.now, OFFICER, lambda unit: enter_answer(unit, OUTBOX, said))
    assert rows(life)["answer:999002"] == {LATE: 1}
    assert rows(life)["left:first:small"]


def test_messages_go_by_the_amount_and_everybody_is_given_a_minute(life: Life) -> None:
    """What was learnt orders nothing: neither that the institution is slow nor that the money may be gone."""
    teach(life, "999002", 300.0)
    life.report()
    key = f"ack:{life.hold().id}"
    with life.db.read() as conn:
        assert conn.execute(sa.select(job.c.priority).where(job.c.key == key)).scalar_one() == total(
            life.hold().asked
        )
    assert life.due(key) == NOON + MINUTE


def test_what_was_learnt_is_read_at_most_once_a_minute(life: Life) -> None:
    with life.db.read() as conn:
        before = learnt(conn, NOON)
    teach(life, "999002", 1.5)
    with life.db.read() as conn:
        assert learnt(conn, NOON + 0.5 * MINUTE) is before
        again = learnt(conn, NOON + MINUTE)
    assert (before.seen("answer:999002"), again.seen("answer:999002")) == (0, 8)


def test_what_is_old_fades_and_shares_stay(life: Life) -> None:
    """Years of quick answers do not outweigh the institution's present ones; a share left stays at most whole."""
    teach(life, "999002", 0.1, times=SEEN_MOST)
    left = left_seen(Road.FIRST, 1, 15.0, 1)
    with life.db.unit(NOON, SYSTEM) as unit:
        values = [
            {"subject": left[0].subject, "step": step, "seen": seen, "permille": seen * 1_000}
            for step, seen in ((0, 1), (left[0].step, SEEN_MOST))
        ]
        unit.conn.execute(sa.insert(tables.learnt).values(values))
    life.report()
    life.answer(0, NOON + 1.5 * MINUTE)
    assert rows(life)["answer:999002"] == rows(life)[HOURS] == {0: SEEN_MOST // 2, 2: 1}
    assert rows(life)[left[0].subject][0] == 1
    life.answer(1, NOON + 2.5 * MINUTE)
    assert rows(life)["answer:999002"] == {0: SEEN_MOST // 2, 2: 1}  # another one's answer
    with life.db.read() as conn:
        stored = conn.execute(sa.select(tables.learnt.c.seen, tables.learnt.c.permille)).all()
    assert all(0 <= permille <= 1_000 * seen for seen, permille in stored)


def test_the_page_says_what_is_asked_next_and_why(life: Life) -> None:
    teach(life, "999002", 300.0)
    life.report()
    ring(life, NOON)
    with life.db.read() as conn:
        trace = store.trace_from_row(life.trace())
        page = golden_hour_page(load(conn, trace, OFFICER, Language.VI, NOON + MINUTE, full=True))
    said = page.asking[0].reason
    assert said.key == "web.say.next_ask_known"
    # This request's own silence is on record too.
    assert said.params["count"] == 9
    assert 10 <= said.params["minutes"] <= 12  # type: ignore[operator]
    assert said.params["percent"] < 20  # type: ignore[operator]
    assert 0 < said.params["left_vnd"] < page.asking[0].asked_vnd == life.first.amount_vnd  # type: ignore[operator]
    assert "web.say.next_call_known" in [step.reason.key for step in page.next_steps]
    assert MULE in life.hold().account
