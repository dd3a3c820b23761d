"""The approved model judges the stream from the next message on; its alerts are people's work like others."""

import logging
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.factories.models import stump
from tests.factories.streaming import bodies, busy

from lachan.foundation.access import OPERATOR, Role
from lachan.foundation.base import Actor, ActorKind, Language, SimulatedClock
from lachan.foundation.storage import Database
from lachan.monitoring.alerts import AlertState, saying, store, suppress_kind
from lachan.monitoring.alerts.tables import alert, sighting
from lachan.monitoring.files import scored_rows
from lachan.monitoring.models import as_bytes
from lachan.monitoring.models.register import approve_model, register_model, retire_model
from lachan.monitoring.stream import GRAPH, LocalStream, Processor
from lachan.monitoring.stream.tables import transfer_verdict

CLOCK = SimulatedClock(NOON, 0.0, NOON)
TRANSFERS = busy(600)
BODIES = bodies(TRANSFERS)
IDS = {number + 1: [one.id for one in TRANSFERS[100 * number : 100 * number + 100]] for number in range(6)}
HEAD = Actor(ActorKind.PERSON, "h", "desk", frozenset({Role.DESK_HEAD.value}))
MODEL = stump(at=60_000_000.0)


@pytest.fixture
def stream(db: Database, tmp_path: Path) -> LocalStream:
    made = LocalStream(db, CLOCK, tmp_path / "stream", GRAPH)
    made.publish(BODIES, "k")
    return made


def judging(db: Database, stream: LocalStream, folder: Path) -> Processor:
    made = Processor(db, CLOCK, stream, folder)
    made.recover()
    return made


def approved(db: Database, name: str = "amount_vnd") -> str:
    content = as_bytes(stump(name, at=60_000_000.0))
    with db.unit(NOON, OPERATOR) as unit:
        model_id = register_model(unit, content, "Quý I").model_id
    with db.unit(NOON, HEAD) as unit:
        approve_model(unit, model_id, "Đã xem")
    return model_id


def by_model(db: Database) -> dict[str, str]:
    """The transfers on which the model alerted, with whence it is known."""
    with db.read() as conn:
        rows = conn.execute(sa.select(sighting.c.fired, sighting.c.source).where(sighting.c.typology == "model"))
        return {row.fired: row.source for row in rows}


def test_a_model_counts_from_the_next_message_until_it_is_retired(
    db: Database, stream: LocalStream, tmp_path: Path
) -> None:
    first = judging(db, stream, tmp_path)
    first.take(stream.read(0, 2))
    model_id = approved(db)
    first.take(stream.read(2, 1))
    first.snapshot()
    first.take(stream.read(3, 1))
    # Another one goes on, from the snapshot and what was committed after it.
    second = judging(db, stream, tmp_path)
    second.take(stream.read(4, 1))
    with db.unit(NOON, HEAD) as unit:
        retire_model(unit, model_id, "Sai nhiều")
    second.take(stream.read(5, 1))
    rows = {row["id"]: row for row in scored_rows(TRANSFERS, {}, NOON, Language.VI, MODEL)}
    judged = {one.id for one in TRANSFERS[200:500]}
    expected = {name for name in judged if "model" in rows[name]["alerts"]}
    assert 0 < len(expected) < len(judged)
    assert by_model(db) == dict.fromkeys(expected, f"stream:local;model:{model_id}")
    with db.read() as conn:
        verdicts = {row.sequence: row.verdicts for row in conn.execute(sa.select(transfer_verdict))}
    told = {
        sequence: {IDS[sequence][place - 1] for place, _, codes in those if "model" in codes}
        for sequence, those in verdicts.items()
    }
    assert set.union(*told.values()) == expected
    assert not told[1] | told[2] | told[6]
    for place, score, _ in verdicts[3]:
        assert score == rows[IDS[3][place - 1]]["score"]


def test_its_alerts_are_read_signed_and_suppressed_like_others(
    db: Database, stream: LocalStream, tmp_path: Path
) -> None:
    approved(db)
    judging(db, stream, tmp_path).take(stream.read(0, 6))
    with db.read() as conn:
        row = conn.execute(sa.select(sighting).where(sighting.c.typology == "model").limit(1)).one()
        one = store.sighting_from_row(row)
        states = set(conn.execute(sa.select(alert.c.state).where(alert.c.typology == "model")).scalars())
    assert states == {AlertState.OPEN.value}
    assert one.account in {one.shown[0].payer, one.shown[0].payee}
    said = saying.sentence_of(one, NOON, Language.VI, lambda key: key)
    assert "mô hình" in said
    assert one.shown[0].payee in said
    assert "{" not in said
    assert [caption for caption, _ in saying.figures_of(one, Language.VI)]
    with db.unit(NOON, HEAD) as unit:
        made = suppress_kind(unit, NOON.replace(day=NOON.day + 1), "Đang chỉnh ngưỡng.", typology="model")
    assert made.typology == "model"


def test_a_model_that_the_stream_cannot_feed_stops_nothing(
    db: Database, stream: LocalStream, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model_id = approved(db, "risk_of_the_bank")
    one = judging(db, stream, tmp_path)
    with caplog.at_level(logging.WARNING, "lachan.stream"):
        one.take(stream.read(0, 3))
        one.take(stream.read(3, 3))
    assert by_model(db) == {}
    said = [record.getMessage() for record in caplog.records if model_id in record.getMessage()]
    assert said == [f"the model {model_id} is not used: the stream has no risk_of_the_bank"]
    with db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(sighting)).scalar_one() > 50
