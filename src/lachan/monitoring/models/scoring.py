"""A model's own alerts on a file: which rows, and which features weighed most, in a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import Language, translate
from lachan.ledger import Transfer
from lachan.monitoring.model import Level, Scored
from lachan.monitoring.models.model import ALERT_CODE, ALERT_REASON, Model

_SHOWN = 3


def alerting(model: Model, found: Scored) -> NDArray[np.int64]:
    """The rows whose score reaches the model's threshold."""
    return np.flatnonzero(found.raw >= model.alert)


def weighed_most(
    model: Model, found: Scored, rows: NDArray[np.int64], further: NDArray[np.float64]
) -> list[list[str]]:
    """For each of these rows the features that raised its score most. `found` must have kept the features."""
    shares = model.forest.credited(model.gathered(found.features[rows], further[rows]))
    return [
        [model.features[place] for place in np.argsort(-share, kind="stable")[:_SHOWN] if share[place] > 0]
        for share in shares
    ]


def alerted(
    model: Model, found: Scored, further: NDArray[np.float64], part: Sequence[Transfer], language: Language
) -> dict[int, dict[str, Any]]:
    """By row, the evidence where the model's score reaches its threshold."""
    rows = alerting(model, found)
    made = {}
    for row, most in zip(rows.tolist(), weighed_most(model, found, rows, further), strict=True):
        percent = f"{found.scores[row] * 100:.1f}"
        made[row] = {
            "typology": ALERT_CODE,
            "level": Level.ALERT.value,
            "reason": ALERT_REASON,
            "transfers": [part[row].id],
            "features": most,
            "sentence": translate(
                "monitoring.model_says", language, payer=part[row].payer, payee=part[row].payee, percent=percent,
                model=model.id, features=", ".join(most),
            ),
        }  # fmt: skip
    return made


def further_of(transfers: Sequence[Transfer], rows: Mapping[int, Mapping[str, Any]], names: Sequence[str]) -> Any:
    """The named further columns of transfers as numbers, NaN where a cell is empty or none."""
    made = np.full((len(transfers), len(names)), np.nan)
    for place, one in enumerate(transfers):
        row = rows.get(one.row, {})
        for number, name in enumerate(names):
            value = number_of(row.get(name))
            made[place, number] = np.nan if value is None else value
    return made


def number_of(cell: Any) -> float | None:
    """A cell as a number, true and false as 1 and 0; None where it is none."""
    if isinstance(cell, (bool, np.bool_)):
        return float(cell)
    if isinstance(cell, str) and cell.strip().lower() in ("true", "false"):
        return float(cell.strip().lower() == "true")
    try:
        value = float(cell)
    except (TypeError, ValueError):
        return None
    return value if np.isfinite(value) else None
