"""Models small enough to see through: one tree with one question, and their place in the register."""

from datetime import UTC, datetime, timedelta
from itertools import count

from lachan.bootstrap import Services
from lachan.foundation.access import OPERATOR, Role
from lachan.foundation.base import Actor, ActorKind
from lachan.monitoring.models import Card, Model, Span, as_bytes, model_of
from lachan.monitoring.models.forest import Forest, Tree
from lachan.monitoring.models.register import approve_model, register_model

_NUMBERS = count(1)
NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)


def stump(name: str = "amount_vnd", at: float = 10_000_000.0, seed: int = 1) -> Model:
    """A model that asks whether one feature is above a number: raw score 2 where it is, else -3."""
    tree = Tree((0,), (at,), (-1,), (-2,), (0,), (-3.0, 2.0), (-2.5,))
    spans = [
        Span(first=NOON + timedelta(days=n), last=NOON + timedelta(days=n + 1), rows=1000, positives=20)
        for n in (0, 2, 4)
    ]
    metrics = {
        "rows": 1000, "positives": 20, "days": 2, "per_day": 50, "precision_at": 0.185, "recall_at": 0.925,
        "f1": 0.871, "f1_threshold": 0.0, "auc": 0.991, "average_precision": 0.902, "brier": 0.003,
    }  # fmt: skip
    card = Card(
        made_at=NOON, data_hash="ab" * 32, labels="id", typologies="cd" * 32, seed=seed, trainer="by hand",
        parameters={}, trained=spans[0], calibrated=spans[1], tested=spans[2], metrics=metrics,
    )  # fmt: skip
    model = Model(
        id="", features=(name,), forest=Forest([tree], 1), slope=1.0, intercept=0.5, alert=1.0,
        baseline=(((at,), (0.9, 0.1, 0.0)),), card=card,
    )  # fmt: skip
    return model_of(as_bytes(model))


def proposed_model(services: Services) -> str:
    """A model of its own that awaits approval; the console proposed it."""
    content = as_bytes(stump(seed=next(_NUMBERS)))
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        return register_model(unit, content, "Huấn luyện lại quý I, nhãn của bàn trực.").model_id


def model_in_service(services: Services, head: str) -> str:
    """A model that a head of desk has approved, by the id of that person."""
    model_id = proposed_model(services)
    actor = Actor(ActorKind.PERSON, head, roles=frozenset({Role.DESK_HEAD.value}))
    with services.db.unit(services.clock.now(), actor) as unit:
        approve_model(unit, model_id, "Đã xem kết quả và dữ liệu.")
    return model_id
