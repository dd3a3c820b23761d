"""Labels that are too good to be true: given away by one column, by the order of the rows, or by the account.

A model trained on such a set shows wonderful figures and finds nothing. The set is refused, with the column's name.
"""

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import BadInput
from lachan.monitoring.features import FEATURES
from lachan.monitoring.models.examples import Examples
from lachan.monitoring.models.measures import auc
from lachan.monitoring.models.model import ModelReason

TELLING = 0.99
"""A single column that orders the rows this well says the label itself: no signal of crime does."""
POSITIVES_MIN = 10
_VALUES_MAX = 256
_NEGATIVES_MAX = 50_000


def refuse_leaks(found: Examples) -> None:
    """Pass, or refuse the set.

    Any function of one column is found, not only a rising one: the label's mean at each of the column's values, or
    at its 256 quantiles, is taken from one half of the rows and tried on the other.

    Raises:
        BadInput: `label_is_a_column` or `label_is_order`.
    """
    label = found.label & found.judged
    rows = _sample(found.judged, label)
    said = label[rows]
    for name, column in (*found.order.items(), ("time", found.booked_us.astype(np.float64))):
        values = column[rows]
        if not np.isnan(values).any() and _either_way(auc(values, said)) >= TELLING:
            raise BadInput(ModelReason.LABEL_IS_ORDER, field=name, expected=f"AUC < {TELLING}")
    columns = {name: found.texts[name][rows].astype(np.float64) for name in found.texts}
    columns |= {name: found.further[rows, number] for number, name in enumerate(found.names)}
    own = {one.name: found.features[rows, number].astype(np.float64) for number, one in enumerate(FEATURES)}
    for name, values in (columns | own).items():
        found_auc = _told(values, said)
        if found_auc >= TELLING:
            raise BadInput(ModelReason.LABEL_IS_A_COLUMN, field=name, auc=f"{found_auc:.3f}")


def _sample(judged: NDArray[np.bool_], label: NDArray[np.bool_]) -> NDArray[np.int64]:
    """All rows with the label and some of the others."""
    others = np.flatnonzero(judged & ~label)
    if len(others) > _NEGATIVES_MAX:
        others = np.random.default_rng(0).choice(others, _NEGATIVES_MAX, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(label), others]))


def _either_way(value: float) -> float:
    return max(value, 1.0 - value)


def _told(values: NDArray[np.float64], label: NDArray[np.bool_]) -> float:
    """How well one column alone tells the label, whatever function of it does."""
    code = _binned(values)
    half = np.random.default_rng(1).random(len(values)) < 0.5
    best = []
    for fit, used in ((half, ~half), (~half, half)):
        size = int(code.max(initial=0)) + 1
        seen = np.bincount(code[fit], minlength=size)
        hits = np.bincount(code[fit], weights=label[fit].astype(np.float64), minlength=size)
        # A value never seen before says nothing.
        mean = (hits + label[fit].mean()) / (seen + 1.0)
        best.append(auc(mean[code[used]], label[used]))
    return min(best)


def _binned(values: NDArray[np.float64]) -> NDArray[np.int64]:
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    if len(distinct) > _VALUES_MAX:
        # The commonest values keep a place of their own: a balance of nothing is a value, not a small number.
        distinct = np.unique(np.quantile(known, np.linspace(0, 1, _VALUES_MAX), method="inverted_cdf"))
    return np.where(np.isnan(values), len(distinct) + 1, np.searchsorted(distinct, values, side="left")).astype(
        np.int64
    )
