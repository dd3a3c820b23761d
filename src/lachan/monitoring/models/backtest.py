"""How well a model does on a span of time that it has not seen, and how far that span is from what it has."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import BadInput
from lachan.monitoring.models import measures
from lachan.monitoring.models.examples import Examples
from lachan.monitoring.models.model import Model, ModelReason

_DRIFTS_SHOWN = 10


def later_rows(model: Model, found: Examples) -> NDArray[np.bool_]:
    """The rows after everything that the model was trained and calibrated on.

    Raises:
        BadInput: `model_no_later_rows`; `model_features_missing` where the file lacks a column of the model's.
    """
    if missing := sorted(set(model.further) - set(found.names)):
        raise BadInput(ModelReason.FEATURES_MISSING, field="model", expected=", ".join(missing))
    last = model.card.calibrated.last
    after = found.judged & (found.booked_us > int(last.timestamp() * 1_000_000))
    if not after.any():
        raise BadInput(ModelReason.NO_LATER_ROWS, field="transfers", expected=last.isoformat())
    return after


def measured(
    model: Model, found: Examples, rows: NDArray[np.bool_], per_day: int, threshold: float | None = None
) -> dict[str, Any]:
    """The figures of the model on these rows. `threshold`: the raw score from which F1 chooses, else the card's."""
    own = [found.names.index(name) for name in model.further]
    table = model.gathered(found.features[rows], found.further[rows][:, own])
    raw, label, booked = model.forest.raw(table), found.label[rows], found.booked_us[rows]
    cut = threshold if threshold is not None else float(model.card.metrics["f1_threshold"])
    top = measures.daily_top(raw, booked, per_day)
    probability = model.probability(raw)
    hits, positives = int((top & label).sum()), int(label.sum())
    drift = {
        name: measures.psi(before, table[:, number])
        for number, (name, before) in enumerate(zip(model.features, model.baseline, strict=True))
    }
    ordered = sorted(drift.items(), key=lambda one: -one[1])
    return {
        "rows": len(label),
        "positives": positives,
        "days": len(np.unique(measures.days_of(booked))),
        "per_day": per_day,
        "precision_at": hits / max(1, int(top.sum())),
        "recall_at": hits / max(1, positives),
        "f1": measures.f1(raw >= cut, label),
        "f1_threshold": cut,
        "auc": measures.auc(raw, label),
        "average_precision": measures.average_precision(raw, label),
        "brier": float(np.mean((probability - label) ** 2)),
        "reliability": measures.reliability(probability, label),
        "drift": dict(ordered[:_DRIFTS_SHOWN]),
        "accounts": by_account(found, rows, raw) if found.marked.any() else None,
    }


def by_account(found: Examples, rows: NDArray[np.bool_], raw: NDArray[np.float64]) -> Mapping[str, Any]:
    """AUC and average precision of accounts: an account's score is the mean of its transfers'."""
    parties = found.parties[rows]
    size = len(found.marked)
    count, total = np.zeros(size), np.zeros(size)
    for side in range(2):
        inside = parties[:, side] >= 0
        count += np.bincount(parties[inside, side], minlength=size)
        total += np.bincount(parties[inside, side], weights=raw[inside], minlength=size)
    seen = count > 0
    score, label = total[seen] / count[seen], found.marked[seen]
    return {
        "accounts": int(seen.sum()),
        "positives": int(label.sum()),
        "auc": measures.auc(score, label),
        "average_precision": measures.average_precision(score, label),
    }
