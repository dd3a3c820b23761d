"""Trains a model: labels that give themselves away are refused, later spans calibrate and test it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import BadInput, NotReady
from lachan.monitoring.features import FEATURES
from lachan.monitoring.models.backtest import measured
from lachan.monitoring.models.document import as_bytes, digest
from lachan.monitoring.models.examples import Examples, span_of, spans
from lachan.monitoring.models.forest import from_lightgbm
from lachan.monitoring.models.leaks import POSITIVES_MIN, refuse_leaks
from lachan.monitoring.models.measures import alert_threshold, baseline, best_threshold, platt
from lachan.monitoring.models.model import Card, Model, ModelReason, gathered

TREES, LEAVES = 200, 63
PARAMETERS: Mapping[str, Any] = {
    "objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.05, "min_data_in_leaf": 40,
    "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 255,
    "num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1,
}  # fmt: skip
_NOT_TRAINED_ON = ("history_s",)
"""How long the stream has run is the order of the rows: later rows lie beyond everything that was trained on."""


def train(found: Examples, labels: str, data_hash: str, per_day: int, seed: int, now: datetime) -> Model:
    """A model of these examples, tested on what came after.

    Raises:
        NotReady: `model_trainer_missing`, where LightGBM is not installed.
        BadInput: `label_is_a_column`, `label_is_order`, `label_is_the_account`, `model_too_few_labels`.
    """
    trainer = _trainer()
    enough = int((found.label & found.judged).sum())
    if enough < POSITIVES_MIN or int((~found.label & found.judged).sum()) < POSITIVES_MIN:
        raise BadInput(ModelReason.TOO_FEW_LABELS, field="label", count=enough, least=POSITIVES_MIN)
    refuse_leaks(found)
    early, middle, late = spans(found)
    _enough(found, early, middle, late)
    names = (*(one.name for one in FEATURES if one.name not in _NOT_TRAINED_ON), *found.names)
    table = gathered(names, found.features, found.further)
    text = _grown(trainer, table[early], found.label[early], names, seed)
    forest = from_lightgbm(text, len(names))
    raw = forest.raw(table[middle])
    fitted = platt(raw, found.label[middle])
    model = Model(
        id="", features=names, forest=forest,
        slope=fitted.slope, intercept=fitted.intercept,
        alert=alert_threshold(raw, found.booked_us[middle], per_day),
        baseline=tuple(baseline(table[early, number]) for number in range(len(names))),
        card=Card(
            made_at=now, data_hash=data_hash, labels=labels, typologies=typologies_hash(), seed=seed,
            trainer=f"lightgbm {trainer.__version__}", parameters=dict(PARAMETERS) | {"trees": TREES},
            trained=span_of(found, early), calibrated=span_of(found, middle), tested=span_of(found, late),
            metrics={},
        ),
    )  # fmt: skip
    threshold = best_threshold(raw, found.label[middle])
    metrics = measured(model, found, late, per_day, threshold)
    return _with_metrics(model, metrics)


def typologies_hash() -> str:
    """The fingerprint of the typologies' files and of the features with their order."""
    files = resources.files("lachan.monitoring").joinpath("typologies").iterdir()
    texts = sorted((one.name, one.read_text(encoding="utf-8")) for one in files if one.name.endswith(".yaml"))
    names = [(one.name, one.unit.value) for one in FEATURES]
    return sha256(json.dumps([texts, names]).encode()).hexdigest()


def _trainer() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise NotReady(ModelReason.TRAINER_MISSING, expected="pip install 'lachan[ml]'") from error
    return lightgbm


def _grown(
    trainer: Any, table: NDArray[np.float64], label: NDArray[np.bool_], names: Sequence[str], seed: int
) -> str:
    # Names with spaces or brackets mean something in LightGBM's own text; numbers mean nothing.
    data = trainer.Dataset(
        table, label.astype(np.float64), feature_name=[f"f{place}" for place in range(len(names))]
    )
    made = trainer.train(dict(PARAMETERS) | {"seed": seed}, data, num_boost_round=TREES)
    return str(made.model_to_string())


def _enough(found: Examples, *parts: NDArray[np.bool_]) -> None:
    for rows in parts:
        count = int(found.label[rows].sum())
        if count < POSITIVES_MIN:
            early = parts[0]
            last = found.booked_us[early].max(initial=0)
            later = int((found.label & found.judged & (found.booked_us > last)).sum())
            if rows is not early and later >= 3 * POSITIVES_MIN and found.marked.sum() == 0:
                raise BadInput(ModelReason.LABEL_IS_THE_ACCOUNT, field="label", count=count)
            raise BadInput(ModelReason.TOO_FEW_LABELS, field="label", count=count, least=POSITIVES_MIN)


def _with_metrics(model: Model, metrics: Mapping[str, Any]) -> Model:
    made = replace(model, card=replace(model.card, metrics=metrics))
    return replace(made, id=digest(as_bytes(made)))
