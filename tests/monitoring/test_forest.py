"""The compiled forest gives LightGBM's raw scores to the last bit, and refuses trees that no row ends in."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.factories.models import stump

from lachan.foundation.base import BadInput
from lachan.monitoring import Columns, Constants, Monitor, typologies
from lachan.monitoring.features import NUMBER
from lachan.monitoring.models import Forest, from_lightgbm
from lachan.monitoring.models.forest import forest_of
from lachan.monitoring.models.model import gathered

SMALL = {"objective": "binary", "num_leaves": 31, "num_threads": 1, "verbosity": -1, "min_data_in_leaf": 5}
DAY = date(2026, 3, 2)


def rows(count: int, seed: int) -> NDArray[np.float64]:
    """Columns of every sort: whole, fine, huge, with gaps, nearly zero, always the same."""
    random = np.random.default_rng(seed)
    made = random.normal(size=(count, 12))
    made[:, 1] = np.round(made[:, 1] * 1e9)
    made[:, 2] = random.integers(-1, 2, count)
    made[random.random(count) < 0.3, 3] = np.nan
    made[random.random(count) < 0.05, 4] = np.nan
    made[:, 5] = random.choice([0.0, -0.0, 1e-36, -1e-36, 1e-34, -1e-34, 5e-324], count)
    made[:, 6] = np.where(random.random(count) < 0.5, np.inf, made[:, 6])
    made[:, 7] = 1.0
    return made


def grown(seed: int = 1, trees: int = 40) -> tuple[lightgbm.Booster, Forest]:
    """LightGBM's forest and ours."""
    table = rows(3_000, seed)
    known = np.nan_to_num(table, posinf=3.0)
    label = known[:, 0] + known[:, 3] * known[:, 2] + (table[:, 5] > 0) + np.isnan(table[:, 3]) > 0.5
    made = lightgbm.train(dict(SMALL), lightgbm.Dataset(table, label.astype(float)), num_boost_round=trees)
    return made, from_lightgbm(made.model_to_string(), table.shape[1])


THEIRS, OURS = grown()


def same_bits(a: NDArray[np.float64], found: Any) -> bool:
    b = np.asarray(found, np.float64)
    return bool((a.view(np.int64) == b.view(np.int64)).all())


@given(seed=st.integers(0, 2**32), count=st.integers(1, 70))
@settings(max_examples=40, deadline=None)
def test_raw_scores_are_lightgbms_to_the_last_bit(seed: int, count: int) -> None:
    table = rows(count, seed)
    assert same_bits(OURS.raw(table), THEIRS.predict(table, raw_score=True))
    # What was never missing in training, and everything at once.
    table[:, :3] = np.nan
    assert same_bits(OURS.raw(table), THEIRS.predict(table, raw_score=True))


def test_thresholds_themselves_go_left() -> None:
    values = [tree.threshold[0] for tree in OURS.trees]
    table = np.array([[value] * 12 for value in values] + [[np.nextafter(value, np.inf)] * 12 for value in values])
    assert same_bits(OURS.raw(table), THEIRS.predict(table, raw_score=True))


def test_a_document_loses_no_bit() -> None:
    again = forest_of(json.loads(json.dumps(OURS.document())), 12)
    table = rows(500, 7)
    assert same_bits(again.raw(table), OURS.raw(table))


def test_a_forest_of_one_leaf() -> None:
    table = np.zeros((40, 2))
    made = lightgbm.train(dict(SMALL), lightgbm.Dataset(table, np.arange(40) % 2), num_boost_round=2)
    found = from_lightgbm(made.model_to_string(), 2).raw(table)
    assert same_bits(found, made.predict(table, raw_score=True))


def test_credits_sum_to_the_score() -> None:
    table = rows(200, 3)
    base = sum(tree.expected[0] if tree.expected else tree.leaf[0] for tree in OURS.trees)
    assert np.allclose(OURS.credited(table).sum(axis=1) + base, OURS.raw(table), atol=1e-6)


@pytest.mark.parametrize("option", [{"zero_as_missing": True}, {"categorical_feature": [2]}, {"linear_tree": True}])
def test_what_is_not_supported_is_refused(option: dict[str, Any]) -> None:
    option = dict(option)
    table = np.abs(np.nan_to_num(rows(2_000, 2), posinf=1.0))
    label = (table[:, 2] == 1) ^ (table[:, 0] > 0.7)
    categories = option.pop("categorical_feature", "auto")
    data = lightgbm.Dataset(table, label.astype(float), params=option, categorical_feature=categories)
    made = lightgbm.train({**SMALL, **option, "min_data_per_group": 5, "cat_smooth": 1}, data, num_boost_round=5)
    with pytest.raises(ValueError, match="supported"):
        from_lightgbm(made.model_to_string(), 12)


def _loop(trees: list[dict[str, Any]]) -> None:
    trees[0]["left"][1] = 0


def _twice(trees: list[dict[str, Any]]) -> None:
    trees[0]["right"][0] = trees[0]["left"][0]


def _beyond(trees: list[dict[str, Any]]) -> None:
    trees[0]["feature"][0] = 12


def _short(trees: list[dict[str, Any]]) -> None:
    trees[0]["leaf"].pop()


def _nan(trees: list[dict[str, Any]]) -> None:
    trees[0]["leaf"][0] = float("nan")


def _text(trees: list[dict[str, Any]]) -> None:
    trees[0]["threshold"][0] = "1.5"


def _way(trees: list[dict[str, Any]]) -> None:
    trees[0]["missing"][0] = 3


def _more(trees: list[dict[str, Any]]) -> None:
    trees[0]["code"] = []


def _none(trees: list[dict[str, Any]]) -> None:
    trees.clear()


@pytest.mark.parametrize("spoil", [_loop, _twice, _beyond, _short, _nan, _text, _way, _more, _none])
def test_a_damaged_forest_is_refused(spoil: Callable[[list[dict[str, Any]]], None]) -> None:
    document = json.loads(json.dumps(OURS.document()))
    assert forest_of(document, 12).trees == OURS.trees
    spoil(document)
    with pytest.raises(BadInput, match="model_unreadable"):
        forest_of(document, 12)


def stream(count: int, seed: int = 3) -> Columns:
    random = np.random.default_rng(seed)
    booked = 1_770_000_000_000_000 + np.sort(random.integers(0, 86_400_000_000, count))
    payer, payee = random.integers(0, 40, (2, count)).astype(np.int32)
    return Columns.bare(booked, payer, payee, random.integers(1_000, 60_000_000, count))


def test_the_pass_scores_as_the_forest_does_whatever_the_batches() -> None:
    """The same model, in the same pass as features and rules: rows one by one or thousands at once."""
    columns = stream(3_000)
    made = lightgbm.train(
        dict(SMALL), lightgbm.Dataset(features_of(columns), (columns.amount_vnd % 7 == 0).astype(float)), 30
    )
    model = stump()
    forest = from_lightgbm(made.model_to_string(), len(NUMBER))
    model = replace(model, features=tuple(NUMBER), forest=forest)
    whole = Monitor(typologies(DAY), Constants.on(DAY), model=model).score(columns)
    moved = columns.payer != columns.payee
    assert same_bits(whole.raw[moved], made.predict(features_of(columns), raw_score=True)[moved])
    assert same_bits(whole.scores[moved], model.probability(whole.raw[moved]))
    assert (whole.scores[~moved] == 0.0).all()
    rules = Monitor(typologies(DAY), Constants.on(DAY)).score(columns)
    assert (whole.alerts == rules.alerts).all()
    pieces = Monitor(typologies(DAY), Constants.on(DAY), model=model)
    found = [pieces.score(columns.part(at, min(3_000, at + 77))).raw for at in range(0, 3_000, 77)]
    assert same_bits(np.concatenate(found), whole.raw)


def features_of(columns: Columns) -> NDArray[np.float64]:
    found = Monitor((), Constants.on(DAY), keep=True).score(columns).features
    return found.astype(np.float64)


def test_further_columns_reach_the_forest() -> None:
    model = stump("risk", at=0.5)
    columns = stream(10)
    risk = np.array([[0.4], [0.6]] * 5)
    found = Monitor((), Constants.on(DAY), model=model).score(columns, risk)
    moved = columns.payer != columns.payee
    assert found.raw[moved].tolist() == np.where(risk[:, 0] > 0.5, 2.0, -3.0)[moved].tolist()
    with pytest.raises(BadInput, match="model_features_missing"):
        Monitor((), Constants.on(DAY), model=model).score(columns)


def test_only_what_is_asked_for_is_the_same_as_in_the_whole() -> None:
    columns = stream(4_000)
    wanted = [
        f"{side}_{what}" for side in ("payer", "payee")
        for what in ("in_count_24h", "out_sum_24h", "fan_in_24h", "fan_out_7d", "in_sum_1h")
    ] + ["cycles_24h", "cycle_length", "amount_vnd"]  # fmt: skip
    whole = Monitor((), Constants.on(DAY), keep=True).score(columns).features
    part = Monitor((), Constants.on(DAY), keep=True, only=wanted).score(columns).features
    places = [NUMBER[name] for name in wanted]
    assert (whole[:, places] == part[:, places]).all()
    assert whole[:, places].any(axis=0).all()
    with pytest.raises(ValueError, match="no feature"):
        Monitor((), Constants.on(DAY), only=["nothing"])


def test_a_table_stands_in_the_order_of_the_model_s_names() -> None:
    """Also where a file's column stands between the kernel's features."""
    made = gathered(("risk", "amount_vnd", "more"), np.full((1, len(NUMBER)), 7), np.array([[0.25, 0.5]]))
    assert made.tolist() == [[0.25, 7.0, 0.5]]
