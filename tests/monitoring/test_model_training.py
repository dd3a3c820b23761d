"""Training: later spans test it, nothing that gives the label away is let in."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.monitoring.example_tables import BEGIN
from tests.monitoring.labelled import marked, table, transfers

from lachan.foundation.base import BadInput, NotReady
from lachan.ledger import Transfer
from lachan.monitoring.features import NUMBER
from lachan.monitoring.models import Examples, Model, as_bytes, later_rows, make_examples, measured, train
from lachan.monitoring.models.examples import spans
from lachan.monitoring.models.leaks import refuse_leaks

MADE, LABELS = transfers()
FOUND = table()


def trained(found: Examples = FOUND, seed: int = 1) -> Model:
    return train(found, "id", "ab" * 32, 3, seed, BEGIN)


MODEL = trained()


def test_it_finds_what_came_later() -> None:
    metrics = MODEL.card.metrics
    assert metrics["auc"] > 0.95
    assert metrics["average_precision"] > 0.8
    assert metrics["precision_at"] > 0.5
    assert sum(one["rows"] for one in metrics["reliability"]) == metrics["rows"] == MODEL.card.tested.rows


def test_each_span_is_later_than_the_one_before() -> None:
    card = MODEL.card
    assert card.trained.last < card.calibrated.first <= card.calibrated.last < card.tested.first
    early, middle, late = spans(FOUND)
    assert not (early & middle).any()
    assert not (middle & late).any()
    assert card.trained.positives == FOUND.label[early].sum() >= 10


def test_the_same_set_and_seed_give_the_same_bytes() -> None:
    assert as_bytes(trained()) == as_bytes(MODEL)
    assert trained(seed=2).id != MODEL.id


def test_the_stream_s_own_age_is_not_trained_on() -> None:
    assert "history_s" not in MODEL.features
    assert set(NUMBER) - set(MODEL.features) == {"history_s"}


def column(name: str, say: Any) -> Mapping[int, Mapping[str, Any]]:
    return {one.row: {name: say(LABELS[one.id], one.row)} for one in MADE}


@pytest.mark.parametrize(
    "say",
    [
        lambda label, _row: label,
        lambda label, _row: "gian" if label else "ngay",
        lambda label, row: row % 3 if label else 3 + row % 5,
        lambda label, row: 7.0 if label else (row * 37) % 1000 / 10 + (7.05 if (row * 37) % 1000 == 70 else 0.001),
        lambda label, _row: None if label else 1,
    ],
    ids=["itself", "a word for it", "either of some values", "one value among many", "being empty"],
)
def test_a_label_that_is_one_column_is_refused(say: Any) -> None:
    with pytest.raises(BadInput, match="label_is_a_column") as refused:
        refuse_leaks(make_examples(MADE, column("risk", say), marked(LABELS), BEGIN))
    assert refused.value.field == "risk"


def test_a_label_that_is_a_column_of_its_own_file_is_refused() -> None:
    leaking = {key: 5 * label for key, label in LABELS.items()}
    with pytest.raises(BadInput, match="label_is_a_column"):
        refuse_leaks(make_examples(MADE, {}, marked(LABELS, grade=leaking), BEGIN))


def test_a_label_that_is_one_of_our_features_is_refused() -> None:
    said = {one.id: int(one.amount_vnd > 20_000_000) for one in MADE}
    with pytest.raises(BadInput, match="label_is_a_column") as refused:
        refuse_leaks(make_examples(MADE, {}, marked(said), BEGIN))
    assert refused.value.field == "amount_vnd"


def test_a_column_that_only_helps_is_let_in() -> None:
    noise = np.random.default_rng(4).random(len(MADE) + 1)
    found = make_examples(MADE, column("risk", lambda label, row: label + 2.0 * noise[row]), marked(LABELS), BEGIN)
    refuse_leaks(found)
    model = trained(found)
    assert model.further == ("risk",)


def renamed(name: Any) -> tuple[list[Transfer], dict[str, int]]:
    made = [replace(one, id=name(LABELS[one.id], one.row)) for one in MADE]
    return made, {new.id: LABELS[old.id] for old, new in zip(MADE, made, strict=True)}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (lambda label, row: f"{1_000_000 * label + row}", "id"),
        (lambda label, row: f"{'FN'[label]}-{row % 7}-{row}", "id"),
    ],
)
def test_ids_that_tell_are_refused(name: Any, field: str) -> None:
    made, labels = renamed(name)
    with pytest.raises(BadInput, match=r"label_is_(order|a_column)") as refused:
        refuse_leaks(make_examples(made, {}, marked(labels), BEGIN))
    assert refused.value.field == field


def test_rows_put_at_the_end_of_the_file_are_refused() -> None:
    ordered = sorted(MADE, key=lambda one: LABELS[one.id])
    made = [replace(one, row=number) for number, one in enumerate(ordered, 1)]
    with pytest.raises(BadInput, match="label_is_order") as refused:
        refuse_leaks(make_examples(made, {}, marked(LABELS), BEGIN))
    assert refused.value.field == "row"


def test_labels_from_the_last_day_only_are_refused() -> None:
    said = {one.id: int(one.row > len(MADE) - 100) for one in MADE}
    with pytest.raises(BadInput, match="label_is_order") as refused:
        refuse_leaks(make_examples(MADE, {}, marked(said), BEGIN))
    assert refused.value.field in ("row", "time")


def test_one_account_s_label_on_both_sides_is_refused() -> None:
    """Every labelled transfer is one collector's: to know him again is not to know the next one."""
    made = [replace(one, payee="COLLECTOR") if LABELS[one.id] else one for one in MADE]
    random = np.random.default_rng(2)
    label = {one.id: int(LABELS[one.id] and random.random() < 0.8) for one in made}
    with pytest.raises(BadInput, match="label_is_the_account"):
        trained(make_examples(made, {}, marked(label), BEGIN))


def test_accounts_with_the_label_stand_on_one_side_only() -> None:
    accounts = {f"P{number}": int(number % 9 == 0) for number in range(400)}
    found = make_examples(MADE, {}, marked(accounts, "account"), BEGIN)
    early, middle, late = spans(found)
    sides = [set(found.parties[rows & found.label].ravel()) for rows in (early, middle | late)]
    known = {number for number in range(len(found.marked)) if found.marked[number]}
    assert known & sides[0]
    assert known & sides[1]
    assert not known & sides[0] & sides[1]


def test_too_few_labels_are_refused() -> None:
    few = dict.fromkeys(list(LABELS)[:9], 1)
    with pytest.raises(BadInput, match="model_too_few_labels"):
        trained(table(marked(few)))


def test_without_lightgbm_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(NotReady, match="model_trainer_missing") as refused:
        trained()
    assert "lachan[ml]" in str(refused.value.params["expected"])


def test_a_backtest_uses_only_rows_after_the_training() -> None:
    rows = later_rows(MODEL, FOUND)
    last = MODEL.card.calibrated.last
    assert rows.sum() >= MODEL.card.tested.rows
    assert FOUND.judged[rows].all()
    assert FOUND.booked_us[rows].min() > last.timestamp() * 1e6
    assert measured(MODEL, FOUND, rows, 3)["auc"] > 0.95
    early = make_examples([one for one in MADE if one.booked_at <= last], {}, marked(LABELS), BEGIN)
    with pytest.raises(BadInput, match="model_no_later_rows"):
        later_rows(MODEL, early)
    wanting = replace(MODEL, features=(*MODEL.features[:-1], "risk"))
    with pytest.raises(BadInput, match="model_features_missing"):
        later_rows(wanting, FOUND)


def test_features_of_a_row_do_not_know_later_rows() -> None:
    cut = make_examples(MADE[:2_000], {}, marked(LABELS), BEGIN)
    assert (cut.features == FOUND.features[:2_000]).all()
