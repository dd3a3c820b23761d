"""How good a score is: against labels, at so many alerts a day, as a probability, and how far it drifted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]
_DAY_US = 86_400_000_000
_VIETNAM_US = 7 * 3_600_000_000
_BINS = 10
_STEPS = 100


def auc(score: Floats, label: Labels) -> float:
    """The chance that a row with the label scores higher than one without; ties count half. 0.5 with one class."""
    positives = int(label.sum())
    negatives = len(label) - positives
    if positives == 0 or negatives == 0:
        return 0.5
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((rank[label].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(score: Floats, label: Labels) -> float:
    """Precision at each distinct score, weighted by the recall it adds; 0 where nothing has the label."""
    positives = int(label.sum())
    if positives == 0:
        return 0.0
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(label[order])
    last = np.append(score[order][1:] != score[order][:-1], True)
    hits, seen = hits[last], np.flatnonzero(last) + 1
    return float(np.sum(np.diff(hits, prepend=0) * hits / seen) / positives)


def f1(chosen: Labels, label: Labels) -> float:
    """The harmonic mean of precision and recall."""
    both = int((chosen & label).sum())
    said = int(chosen.sum()) + int(label.sum())
    return 2.0 * both / said if said else 0.0


def best_threshold(score: Floats, label: Labels) -> float:
    """The score from which on choosing gives the highest F1."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(label[order])
    last = np.append(score[order][1:] != score[order][:-1], True)
    found = np.where(last, 2.0 * hits / (np.arange(1, len(score) + 1) + label.sum()), -1.0)
    return float(score[order][int(np.argmax(found))])


def days_of(booked_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """The Vietnamese day of each instant, as a number."""
    return (booked_us + _VIETNAM_US) // _DAY_US


def daily_top(score: Floats, booked_us: NDArray[np.int64], per_day: int) -> Labels:
    """Which rows are among the `per_day` highest of their day; of equals the earlier."""
    days = days_of(booked_us)
    order = np.lexsort((np.arange(len(score)), -score, days))
    starts = np.flatnonzero(np.diff(days[order], prepend=days[order][:1] - 1))
    within = np.arange(len(score)) - np.repeat(starts, np.diff(np.append(starts, len(score))))
    chosen = np.zeros(len(score), np.bool_)
    chosen[order[within < per_day]] = True
    return chosen


def alert_threshold(score: Floats, booked_us: NDArray[np.int64], per_day: int) -> float:
    """The score from which on there were, over all these days, at most `per_day` alerts a day on average."""
    days = max(1, len(np.unique(days_of(booked_us))))
    ordered = np.sort(score)[::-1]
    most = per_day * days
    if most >= len(ordered):
        return float(ordered[-1])
    # Of equal scores all alert or none: those that there is no room for would be too many.
    above = ordered[ordered > ordered[most]]
    return float(above[-1]) if len(above) else float(np.nextafter(ordered[0], np.inf))


@dataclass(frozen=True, slots=True)
class Platt:
    """A probability from a raw score: 1 / (1 + exp(-(slope · raw + intercept)))."""

    slope: float
    intercept: float

    def __call__(self, raw: Floats) -> Floats:
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(self.slope * raw + self.intercept, -700, 700))), np.float64)


def platt(raw: Floats, label: Labels) -> Platt:
    """Fitted by Newton's method with Platt's targets, which keep it from certainty on few rows.

    A slope that would turn the order round is refused: then only the rate is fitted.
    """
    positives, negatives = int(label.sum()), int((~label).sum())
    target = np.where(label, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))
    rate = np.log((positives + 1.0) / (negatives + 1.0))
    fitted = np.array([0.0, rate])
    table = np.column_stack([raw, np.ones_like(raw)])
    for _ in range(_STEPS):
        made = Platt(*fitted)(raw)
        gradient = table.T @ (made - target)
        curve = (table * (made * (1.0 - made))[:, None]).T @ table + 1e-9 * np.eye(2)
        step = np.linalg.solve(curve, gradient)
        # Half a step at a time where a whole one would overshoot.
        while _loss(fitted - step, raw, target) > _loss(fitted, raw, target) + 1e-12 and np.abs(step).max() > 1e-9:
            step = step / 2.0
        fitted = fitted - step
        if np.abs(step).max() < 1e-9:
            break
    return Platt(float(fitted[0]), float(fitted[1])) if fitted[0] > 0 else Platt(1e-6, float(rate))


def _loss(fitted: Floats, raw: Floats, target: Floats) -> float:
    logit = fitted[0] * raw + fitted[1]
    return float(np.sum(np.logaddexp(0.0, logit) - target * logit))


def reliability(probability: Floats, label: Labels) -> list[dict[str, Any]]:
    """Of rows said to have such a probability, how many have the label: in tenths, those without rows left out."""
    place = np.minimum((probability * _BINS).astype(np.int64), _BINS - 1)
    return [
        {
            "from": number / _BINS,
            "rows": int((place == number).sum()),
            "said": float(probability[place == number].mean()),
            "found": float(label[place == number].mean()),
        }
        for number in range(_BINS)
        if (place == number).any()
    ]


Baseline = tuple[tuple[float, ...], tuple[float, ...]]


def baseline(values: Floats) -> Baseline:
    """Edges at a feature's tenths, and the share of rows up to each edge, above the last, and not known."""
    known = values[~np.isnan(values)]
    tenths = np.linspace(0.1, 0.9, 9)
    edges = np.unique(np.quantile(known, tenths, method="inverted_cdf")) if len(known) else np.zeros(0)
    return tuple(edges.tolist()), tuple(_shares(values, edges).tolist())


def psi(before: Baseline, values: Floats) -> float:
    """Population stability index: 0 the same; above 0.25 is usually called another population."""
    expected = np.maximum(np.array(before[1]), 1e-4)
    found = np.maximum(_shares(values, np.array(before[0])), 1e-4)
    return float(np.sum((found - expected) * np.log(found / expected)))


def _shares(values: Floats, edges: Floats) -> Floats:
    known = ~np.isnan(values)
    counts = np.bincount(np.searchsorted(edges, values[known], side="left"), minlength=len(edges) + 1)
    return np.append(counts, (~known).sum()) / max(1, len(values))
