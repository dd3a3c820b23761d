"""Transfers with their labels as tables: the kernel's features row by row, the further columns, and three spans.

A label of an account counts for every transfer that it pays or is paid. What the file of labels does not name
counts as without the label.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import BadInput, InputReason
from lachan.ledger import OUTSIDE, Transfer
from lachan.monitoring.columns import EPOCH, Numbering
from lachan.monitoring.constants import Constants
from lachan.monitoring.engine import Monitor
from lachan.monitoring.files import FURTHER, columns_of_transfers
from lachan.monitoring.models.model import ModelReason, Span
from lachan.monitoring.models.scoring import number_of

CONTRACT = frozenset(
    {"id", "time", "payer", "payee", "amount", "kind", "sequence", "learned", "reverses", "corrects", *FURTHER}
)
_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})
_ROWS_EACH = 50_000
TRAINED, CALIBRATED = 0.6, 0.75
"""Where the first span ends, and the second, as shares of the rows; the rest is the test."""


@dataclass(frozen=True, slots=True)
class Labels:
    """By id, or by account: the label, and what else the file says of it."""

    of: str
    labels: Mapping[str, bool]
    columns: Mapping[str, Mapping[str, Any]]

    def unused(self, transfers: Iterable[Transfer]) -> int:
        """How many of them name nothing in these transfers."""
        if self.of == "id":
            return len(self.labels.keys() - {one.id for one in transfers})
        return len(self.labels.keys() - {key for one in transfers for key in (one.payer, one.payee)})


def labels_of(rows: Iterable[Mapping[str, Any] | BadInput]) -> Labels:
    """The labels of a file: columns `account` or `id`, `label`, and further ones.

    Raises:
        BadInput: `column_missing`, `missing`, `unknown_value` or `label_repeated`, with the row.
    """
    labels: dict[str, bool] = {}
    columns: dict[str, dict[str, Any]] = {}
    of = ""
    for number, found in enumerate(rows, 1):
        if isinstance(found, BadInput):
            raise found
        row = {name.strip().lower(): value for name, value in found.items()}
        of = of or ("account" if "account" in row else "id")
        for name in (of, "label"):
            if row.get(name) in (None, ""):
                raise BadInput(InputReason.MISSING, field=f"{number}: {name}", expected="account|id, label")
        key, said = _text(row.pop(of)), _text(row.pop("label")).lower()
        if said not in _YES | _NO:
            raise BadInput(InputReason.UNKNOWN_VALUE, field=f"{number}: label", expected="0, 1")
        if labels.setdefault(key, said in _YES) != (said in _YES):
            raise BadInput(ModelReason.LABEL_REPEATED, field=f"{number}: {of}")
        for name, value in row.items():
            columns.setdefault(name, {})[key] = value
    return Labels(of or "id", labels, columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """One row for each transfer, in the order of time.

    `features` are the kernel's; `further` a column for each of `names`, NaN where it is not known; `label` whether
    it has the label. `parties`: the numbers of payer and payee, -1 outside. `texts`: the columns of both files as
    they stand, for the check of leaks. `order`: what says only where a row stands, its number in the file and in
    its id.
    """

    booked_us: NDArray[np.int64]
    features: NDArray[np.int64]
    names: tuple[str, ...]
    further: NDArray[np.float64]
    label: NDArray[np.bool_]
    parties: NDArray[np.int64]
    marked: NDArray[np.bool_]
    texts: Mapping[str, NDArray[np.int64]]
    order: Mapping[str, NDArray[np.float64]]
    judged: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.booked_us)


def make_examples(
    transfers: Sequence[Transfer], rows: Mapping[int, Mapping[str, Any]], labels: Labels, on: datetime
) -> Examples:
    """The tables. `rows`: by row number, everything the file says of a transfer beyond the contract's columns."""
    ordered = sorted(transfers, key=lambda one: one.order)
    accounts, devices = Numbering(), Numbering()
    monitor = Monitor((), Constants.on(on), keep=True)
    parts = [ordered[at : at + _ROWS_EACH] for at in range(0, len(ordered), _ROWS_EACH)]
    columns = [columns_of_transfers(part, rows, accounts, devices) for part in parts]
    features = [monitor.score(part).features for part in columns]
    payer, payee = (np.concatenate([getattr(one, side) for one in columns]) for side in ("payer", "payee"))
    marked = np.zeros(len(accounts) + 1, np.bool_)
    if labels.of == "account":
        for key, number in accounts.numbers.items():
            marked[number] = labels.labels.get(key, False)
        label = marked[payer] | marked[payee]
    else:
        label = np.array([labels.labels.get(one.id, False) for one in ordered], np.bool_)
    cells = _cells(ordered, rows, labels)
    numeric = {name: made for name, column in cells.items() if (made := _numbers(column)) is not None}
    names = tuple(sorted(numeric))
    ids = [re.findall(r"\d+", one.id) for one in ordered]
    idle = np.concatenate([(one.inert != 0) | (one.payer == one.payee) for one in columns])
    return Examples(
        booked_us=np.concatenate([one.booked_us for one in columns]),
        features=np.concatenate(features),
        names=names,
        further=np.column_stack([numeric[name] for name in names]) if names else np.zeros((len(ordered), 0)),
        label=label,
        parties=np.column_stack([payer, payee]).astype(np.int64),
        marked=marked,
        texts={name: _coded(column) for name, column in cells.items()} | {"id": _coded(_shape(ordered))},
        order={
            "row": np.array([one.row for one in ordered], np.float64),
            "id": np.array([float(found[-1]) if found else np.nan for found in ids]),
        },
        judged=~idle,
    )


def data_hash(*contents: bytes) -> str:
    """SHA-256 of files, each first by itself, so that bytes cannot move from one to the next."""
    return sha256(b"".join(sha256(one).digest() for one in contents)).hexdigest()


def spans(found: Examples) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows to train on, to calibrate on and to test on: each span later than the one before.

    No account with the label stands on both sides of the first cut: of accounts' labels each is on the side that a
    fixed draw gives it; of transfers' labels, later ones of an account that had one before are left out. A model
    that knows an account again has learnt nothing about the next one.
    """
    booked = found.booked_us
    first, second = (booked[min(len(booked) - 1, int(len(booked) * share))] for share in (TRAINED, CALIBRATED))
    early, late = booked < first, booked >= second
    middle = ~early & ~late
    ours = found.parties
    if found.marked.any():
        drawn = np.random.default_rng(0).random(len(found.marked)) < TRAINED
        sides = np.zeros((2, len(found.marked)), np.bool_)
        for side, rows in enumerate((early, ~early)):
            sides[side, ours[rows].ravel()] = True
        both = sides[0] & sides[1] & found.marked
        gone = np.where(early[:, None], both[ours] & ~drawn[ours], both[ours] & drawn[ours]).any(axis=1)
    else:
        # An account most of whose transfers had the label; not the shop where some of the money was spent.
        size = int(ours.max(initial=0)) + 2
        seen = np.bincount(ours[early].ravel() + 1, minlength=size)
        hits = np.bincount(ours[early & found.label].ravel() + 1, minlength=size)
        known = np.roll(2 * hits > seen, -1)
        known[-1] = False
        gone = ~early & found.label & known[ours].any(axis=1)
    kept = found.judged & ~gone
    return early & kept, middle & kept, late & kept


def span_of(found: Examples, rows: NDArray[np.bool_]) -> Span:
    """What a span is called on the card."""
    times = found.booked_us[rows]
    return Span(
        first=_instant(times[0]), last=_instant(times[-1]), rows=len(times), positives=int(found.label[rows].sum())
    )


def _instant(us: np.int64) -> datetime:
    return (EPOCH + timedelta(microseconds=int(us))).astimezone(UTC)


def _cells(
    ordered: Sequence[Transfer], rows: Mapping[int, Mapping[str, Any]], labels: Labels
) -> dict[str, list[Any]]:
    """By name, each row's cell of the further columns of both files."""
    names = sorted({name for row in rows.values() for name in row} - CONTRACT)
    made: dict[str, list[Any]] = {name: [rows.get(one.row, {}).get(name) for one in ordered] for name in names}
    for name, column in labels.columns.items():
        if labels.of == "id":
            made.setdefault(name, [column.get(one.id) for one in ordered])
        else:
            for side in ("payer", "payee"):
                keys = [getattr(one, side) for one in ordered]
                made[f"{side}_{name}"] = [None if key == OUTSIDE else column.get(key) for key in keys]
    return made


def _shape(ordered: Sequence[Transfer]) -> list[Any]:
    return [re.sub(r"\d+", "0", one.id) for one in ordered]


def _coded(cells: Sequence[Any]) -> NDArray[np.int64]:
    """Cells as numbers of equal texts."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(_text(cell), len(numbers)) for cell in cells], np.int64)


def _numbers(cells: Sequence[Any]) -> NDArray[np.float64] | None:
    """The cells as numbers, NaN where empty; None where one is neither, or all are empty."""
    made = np.full(len(cells), np.nan)
    for place, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        value = number_of(cell)
        if value is None:
            return None
        made[place] = value
    return None if np.isnan(made).all() else made


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
