"""A small stream in which mules pass on what comes in, with the labels that say so."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
from tests.monitoring.example_tables import BEGIN

from lachan.ledger import Transfer
from lachan.monitoring.models import Examples, Labels, make_examples


def transfers(mules: int = 60, days: int = 40, seed: int = 5) -> tuple[list[Transfer], dict[str, int]]:
    """Ordinary payments, and mules who take two sums and send them on; the labels by id."""
    random = np.random.default_rng(seed)
    rows: list[tuple[float, str, str, int, int]] = []
    for _ in range(4_000):
        at = random.uniform(0, days * 1440)
        payer, payee = random.integers(0, 200, 2)
        rows.append((at, f"P{payer}", f"P{payee + 200}", int(random.lognormal(15.5, 1.3)) + 1000, 0))
    for mule in range(mules):
        at = (mule + 0.5) * days * 1440 / mules
        victims = random.integers(0, 200, 2)
        for number, victim in enumerate(victims):
            rows.append((at + 3 * number, f"P{victim}", f"M{mule}", int(random.lognormal(16.3, 0.5)), 1))
        rows.append((at + 9, f"M{mule}", f"X{mule % 7}", int(random.lognormal(16.8, 0.4)), 1))
    rows.sort()
    made, labels = [], {}
    # Ids that say nothing of the order.
    names = random.permutation(len(rows))
    for number, (at, payer_name, payee_name, amount, label) in enumerate(rows, 1):
        name = f"t{names[number - 1]}"
        made.append(Transfer(name, BEGIN + timedelta(minutes=at), payer_name, payee_name, amount, row=number))
        labels[name] = label
    return made, labels


def marked(labels: Mapping[str, int], of: str = "id", **columns: Mapping[str, Any]) -> Labels:
    """Labels as their file gives them."""
    return Labels(of, {key: bool(value) for key, value in labels.items()}, dict(columns))


def table(labels: Labels | None = None, rows: Mapping[int, Mapping[str, Any]] | None = None) -> Examples:
    """The stream as examples."""
    made, said = transfers()
    return make_examples(made, rows or {}, labels or marked(said), BEGIN)
