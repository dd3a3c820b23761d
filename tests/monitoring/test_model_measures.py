"""Each figure against its definition, worked out the long way."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lachan.monitoring.models.measures import (
    alert_threshold,
    auc,
    average_precision,
    baseline,
    best_threshold,
    daily_top,
    days_of,
    f1,
    platt,
    psi,
    reliability,
)  # fmt: skip

SCORED = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=30)
DAY = 86_400_000_000


@given(SCORED)
@settings(deadline=None)
def test_auc_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    high = [score for score, label in rows if label]
    low = [score for score, label in rows if not label]
    score, label = np.array([one[0] for one in rows], float), np.array([one[1] for one in rows])
    if high and low:
        wanted = np.mean([(a > b) + (a == b) / 2 for a, b in product(high, low)])
        assert auc(score, label) == pytest.approx(wanted)
    else:
        assert auc(score, label) == 0.5


@given(SCORED)
@settings(deadline=None)
def test_precision_threshold_and_f1_as_defined(rows: list[tuple[int, bool]]) -> None:
    score, label = np.array([one[0] for one in rows], float), np.array([one[1] for one in rows])
    total, wanted, best = int(label.sum()), 0.0, 0.0
    for cut in sorted(set(score.tolist()), reverse=True):
        chosen = score >= cut
        if total:
            wanted += (label & (score == cut)).sum() / total * label[chosen].mean()
        best = max(best, f1(chosen, label))
    assert average_precision(score, label) == pytest.approx(wanted)
    assert f1(score >= best_threshold(score, label), label) == pytest.approx(best)


def test_the_highest_of_each_vietnamese_day() -> None:
    # 16:59 and 17:01 UTC are two days in Viet Nam.
    booked = np.array([0, 1, 2, 3, 17 * 60, 17 * 60 + 1]) * 60_000_000 + 16 * 3_600_000_000
    booked = np.array([16 * 60, 16 * 60 + 59, 17 * 60 - 1, 17 * 60 + 1, 18 * 60, 19 * 60]) * 60_000_000
    score = np.array([1.0, 3.0, 3.0, 0.0, 0.5, 0.2])
    assert daily_top(score, booked, 1).tolist() == [False, True, False, False, True, False]
    assert daily_top(score, booked, 2).tolist() == [False, True, True, False, True, True]
    assert alert_threshold(score, booked, 1) == 3.0
    assert alert_threshold(score, booked, 2) == 0.5
    assert alert_threshold(score, booked, 50) == 0.0


def test_platt_finds_the_curve_that_made_the_labels() -> None:
    random = np.random.default_rng(0)
    raw = random.normal(0, 2, 200_000)
    label = random.random(200_000) < 1 / (1 + np.exp(-(0.7 * raw - 1.5)))
    found = platt(raw, label)
    assert found.slope == pytest.approx(0.7, abs=0.02)
    assert found.intercept == pytest.approx(-1.5, abs=0.02)
    for one in reliability(found(raw), label):
        assert one["said"] == pytest.approx(one["found"], abs=0.05)


def test_platt_never_turns_the_order_round_and_is_never_certain() -> None:
    raw = np.array([-50.0, -40.0, 40.0, 50.0])
    assert platt(raw, raw < 0).slope > 0
    apart = platt(raw, raw > 0)(raw)
    assert 0 < apart.min() < 0.4 < 0.6 < apart.max() < 1


def test_drift_is_nothing_on_the_same_and_large_on_another_world() -> None:
    random = np.random.default_rng(1)
    before = np.where(random.random(5_000) < 0.1, np.nan, random.normal(size=5_000))
    kept = baseline(before)
    assert psi(kept, before) == 0.0
    assert psi(kept, np.random.default_rng(2).permutation(before)[:2_500]) < 0.05
    assert psi(kept, before + 2) > 1
    assert psi(kept, np.full(100, np.nan)) > 1
    assert psi(baseline(np.full(10, 3.0)), np.full(10, 4.0)) > 1


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(1, 9))
def test_a_threshold_never_gives_more_alerts_a_day_than_there_is_room_for(scores: list[int], per_day: int) -> None:
    """Equal scores alert together or not at all."""
    score = np.array(scores, np.float64)
    booked = np.arange(len(score)) * 3 * 3_600_000_000
    days = len(np.unique(days_of(booked)))
    cut = alert_threshold(score, booked, per_day)
    assert (score >= cut).sum() <= per_day * days
    lower = score[score < cut]
    if len(lower):
        assert (score >= lower.max()).sum() > per_day * days
