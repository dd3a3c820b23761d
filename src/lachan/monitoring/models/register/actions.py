"""Propose a model, approve or reject it as another person, retire it."""

from datetime import datetime
from hashlib import sha256

from lachan.foundation.access import Permission, clean_text, require, require_other_person
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.monitoring.models.document import model_of
from lachan.monitoring.models.model import ModelReason
from lachan.monitoring.models.register import store
from lachan.monitoring.models.register.model import NEXT, RegisteredModel, State
from lachan.monitoring.models.register.views import model_registered

_NOTE_MAX = 500
_FIGURES = (
    "rows", "positives", "days", "per_day", "precision_at", "recall_at", "f1", "auc", "average_precision", "brier",
)  # fmt: skip


def register_model(unit: Unit, content: bytes, note: str) -> RegisteredModel:
    """Propose a model's file; it scores nothing before another person approves it.

    BadInput where it is no model, Conflict ALREADY_REGISTERED where the register has it, whatever became of it.
    """
    require(unit.actor, Permission.MODEL_PROPOSE)
    model = model_of(content)
    if store.find(unit.conn, model.id) is not None:
        raise Conflict(ModelReason.ALREADY_REGISTERED, field="model")
    metrics = model.card.metrics
    made = RegisteredModel(
        id=new_id(), model_id=model.id, digest=sha256(content).hexdigest(), data_hash=model.card.data_hash,
        trained_to=model.card.calibrated.last, seed=model.card.seed,
        figures={name: metrics[name] for name in _FIGURES if name in metrics},
        note=clean_text(note, "note", limit=_NOTE_MAX), proposed_at=unit.now, proposed_by=unit.actor.reference,
        state=State.PROPOSED,
    )  # fmt: skip
    store.insert(unit.conn, made, content)
    _record(unit, "model.proposed", made, {"digest": made.digest, "data_hash": made.data_hash} | dict(made.figures))
    return made


def approve_model(
    unit: Unit, model_id: str, note: str, valid_from: datetime | None = None, valid_to: datetime | None = None
) -> RegisteredModel:
    """Let the service score with it, from now or from `valid_from` on; never by the person who proposed it."""
    found = _decidable(unit, model_id, State.APPROVED)
    begin = valid_from or unit.now
    if valid_to is not None and valid_to <= begin:
        raise BadInput(InputReason.TOO_OLD, field="valid_to")
    said = clean_text(note, "note", limit=_NOTE_MAX)
    store.update(
        unit.conn, found.id, state=State.APPROVED.value, decided_at=unit.now, decided_by=unit.actor.reference,
        decision_note=said, valid_from=begin, valid_to=valid_to,
    )  # fmt: skip
    times: dict[str, object] = {
        "valid_from": begin.isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else None,
    }
    _record(unit, "model.approved", found, {"proposed_by": found.proposed_by} | times)
    return model_registered(unit.conn, model_id)


def reject_model(unit: Unit, model_id: str, note: str) -> RegisteredModel:
    """Refuse it, with the reason; another person than the one who proposed it."""
    found = _decidable(unit, model_id, State.REJECTED)
    said = clean_text(note, "note", limit=_NOTE_MAX)
    store.update(
        unit.conn, found.id, state=State.REJECTED.value, decided_at=unit.now, decided_by=unit.actor.reference,
        decision_note=said,
    )  # fmt: skip
    _record(unit, "model.rejected", found, {"proposed_by": found.proposed_by})
    return model_registered(unit.conn, model_id)


def retire_model(unit: Unit, model_id: str, note: str) -> RegisteredModel:
    """End its use at once. One person is enough to stop a model."""
    require(unit.actor, Permission.MODEL_APPROVE)
    found = _locked(unit, model_id)
    if State.RETIRED not in NEXT[found.state]:
        raise Conflict(ModelReason.NOT_IN_USE, field="model")
    said = clean_text(note, "note", limit=_NOTE_MAX)
    store.update(
        unit.conn, found.id, state=State.RETIRED.value, retired_at=unit.now, retired_by=unit.actor.reference,
        retired_note=said,
    )  # fmt: skip
    _record(unit, "model.retired", found, {})
    return model_registered(unit.conn, model_id)


def _decidable(unit: Unit, model_id: str, to: State) -> RegisteredModel:
    require(unit.actor, Permission.MODEL_APPROVE)
    found = _locked(unit, model_id)
    if to not in NEXT[found.state]:
        raise Conflict(ModelReason.NOT_AWAITING, field="model")
    require_other_person(unit.actor, found.proposed_by)
    return found


def _locked(unit: Unit, model_id: str) -> RegisteredModel:
    found = store.find(unit.conn, model_id, lock=True)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="model")
    return found


def _record(unit: Unit, kind: str, model: RegisteredModel, data: dict[str, object]) -> None:
    append(unit, kind, f"model:{model.model_id}", data, rows=[("monitoring_model", model.id)])
