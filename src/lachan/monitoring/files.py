"""A file's transfers, scored in the order of time: the rows that `lachan monitor score` writes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import BadInput, Language
from lachan.ledger import KINDS, OUTSIDE, Transfer
from lachan.monitoring.columns import Columns, Numbering, microseconds, signs_of, stacked
from lachan.monitoring.constants import Constants
from lachan.monitoring.engine import Monitor
from lachan.monitoring.evidence import searches_cut, sentence
from lachan.monitoring.loading import typologies
from lachan.monitoring.model import Proof, Scored
from lachan.monitoring.models.model import Model, ModelReason
from lachan.monitoring.models.scoring import alerted, further_of

FURTHER = (
    "device",
    "ip_country",
    "biometrics_changed",
    "payer_kind",
    "payee_kind",
    "payer_suspect",
    "payee_suspect",
)
"""The further columns that are understood where a file has them."""
_ROWS_EACH = 50_000
_SCORE_DIGITS = 6


def scored_rows(
    transfers: Sequence[Transfer],
    further: Mapping[int, Mapping[str, Any]],
    on: date | datetime,
    language: Language,
    model: Model | None = None,
    cut_short: Callable[[int], object] = lambda _rows: None,
) -> Iterator[dict[str, Any]]:
    """One row for each transfer, in time order: `id`, `score`, `alerts` (codes) and `evidence`.

    `further` holds, by the transfers' row numbers, what the file says beyond the contract's columns. `on` is the
    day whose thresholds count. An evidence names its typology, level and reason, the ids of the transfers that show
    it, the sentence about them, and as `cut_short` the searches that it rests on and that were cut short, if any;
    `cut_short` is told in how many rows of each part some search was. With a model the score is its probability,
    and rows from its threshold on have the alert `model`, whose evidence names the features that weighed most.

    Raises:
        BadInput: `model_features_missing`, where no row has a column that the model was trained on.
    """
    for start, part, ordered, found, more in scored_parts(transfers, further, on, model):
        cut_short(found.cut_short)
        by_model = alerted(model, found, more, part, language) if model and more is not None else {}
        yield from _rows(found, start, part, ordered, language, by_model)


def scored_parts(
    transfers: Sequence[Transfer],
    further: Mapping[int, Mapping[str, Any]],
    on: date | datetime,
    model: Model | None = None,
) -> Iterator[tuple[int, Sequence[Transfer], Sequence[Transfer], Scored, NDArray[np.float64] | None]]:
    """The same as the monitor finds it: the part's first number, the part, all rows in order, what was found, and
    the model's further columns.

    Only one part's findings are held at a time.
    """
    wanted = model.further if model else ()
    present = {name for row in further.values() for name in row}
    if missing := [name for name in wanted if name not in present]:
        raise BadInput(ModelReason.FEATURES_MISSING, field="model", expected=", ".join(missing))
    ordered = sorted(transfers, key=lambda one: one.order)
    monitor = Monitor(typologies(on), Constants.on(on), model=model, keep=model is not None)
    accounts, devices = Numbering(), Numbering()
    for start in range(0, len(ordered), _ROWS_EACH):
        part = ordered[start : start + _ROWS_EACH]
        more = further_of(part, further, wanted) if model else None
        found = monitor.score(columns_of_transfers(part, further, accounts, devices), more)
        yield start, part, ordered, found, more


def _rows(
    found: Scored,
    start: int,
    part: Sequence[Transfer],
    ordered: Sequence[Transfer],
    language: Language,
    by_model: Mapping[int, dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    proofs = {row: list(those) for row, those in groupby(found.proofs, key=lambda proof: proof.row)}
    scores = np.round(found.scores, _SCORE_DIGITS).tolist()
    for number, transfer in enumerate(part):
        shown = proofs.get(start + number, [])
        evidence = [_evidence(proof, transfer, ordered, language) for proof in shown]
        if number in by_model:
            evidence.append(by_model[number])
        yield {
            "id": transfer.id,
            "score": scores[number],
            "alerts": [one["typology"] for one in evidence],
            "evidence": evidence,
        }


def _evidence(proof: Proof, transfer: Transfer, ordered: Sequence[Transfer], language: Language) -> dict[str, Any]:
    made = {
        "typology": proof.typology.code,
        "level": proof.level.value,
        "reason": proof.typology.reason,
        "transfers": [ordered[number].id for number in proof.transfers],
        "sentence": sentence(proof, language, payer=transfer.payer, payee=transfer.payee),
    }
    cut = searches_cut(proof)
    return made | {"cut_short": cut} if cut else made


def columns_of_transfers(
    part: Sequence[Transfer], further: Mapping[int, Mapping[str, Any]], accounts: Numbering, devices: Numbering
) -> Columns:
    """Transfers as the engine reads them; `accounts` and `devices` number them from call to call."""
    nothing: Mapping[str, Any] = {}
    more = [signs_of(further.get(one.row, nothing)) for one in part]
    return stacked(
        (
            (
                microseconds(one.booked_at), accounts.of("" if one.payer == OUTSIDE else one.payer),
                accounts.of("" if one.payee == OUTSIDE else one.payee), one.amount_vnd, KINDS.index(one.kind),
                one.reverses is not None or one.corrects is not None,
            )
            for one in part
        ),
        [devices.of(device) for device, _ in more],
        [signs for _, signs in more],
    )  # fmt: skip
