"""From what the monitor found to alerts that can be recorded: pure, for files and streams alike."""

import hashlib
from collections.abc import Callable, Iterator

import numpy as np
import orjson
from numpy.typing import NDArray

from lachan.ledger import OUTSIDE, Transfer
from lachan.monitoring.alerts.model import FoundAlert, ShownTransfer
from lachan.monitoring.evidence import told
from lachan.monitoring.features import NUMBER
from lachan.monitoring.model import Level, Scored, Side
from lachan.monitoring.models.model import ALERT_CODE, Model
from lachan.monitoring.models.scoring import alerting, weighed_most

_OUTSIDE = frozenset({OUTSIDE, ""})


def found_alerts(
    scored: Scored,
    first: int,
    transfer_at: Callable[[int], Transfer],
    model: Model | None = None,
    further: NDArray[np.float64] | None = None,
) -> Iterator[FoundAlert]:
    """Every alert of some rows of a stream, in its order: first the typologies', then the model's own.

    `first` is the number in the stream, from 0, of the first row that was scored; `transfer_at` gives the transfer
    with a number, of the rows' own and of the seven days before. What is about no account (cash in) is left out.
    `model`: with which they were scored, and their features kept; `further` its further columns, if it has any.
    """
    for proof in scored.proofs:
        transfer = transfer_at(proof.row)
        typology = proof.typology
        account = _party(transfer, typology.about)
        if account is None:
            continue
        yield FoundAlert(
            typology=typology.code, level=proof.level, score=round(float(scored.scores[proof.row - first]), 6),
            account=account, suspect=_party(transfer, typology.suspect), fired=_shown(transfer),
            shown=tuple(_shown(transfer_at(number)) for number in proof.transfers), features=told(proof),
        )  # fmt: skip

    if model is not None:
        more = np.zeros((len(scored.raw), 0)) if further is None else further
        yield from _of_model(model, scored, more, first, transfer_at)


def _of_model(
    model: Model, scored: Scored, further: NDArray[np.float64], first: int, transfer_at: Callable[[int], Transfer]
) -> Iterator[FoundAlert]:
    rows = alerting(model, scored)
    for row, most in zip(rows.tolist(), weighed_most(model, scored, rows, further), strict=True):
        transfer = transfer_at(first + row)
        account = _party(transfer, Side.PAYEE) or _party(transfer, Side.PAYER)
        if account is None:
            continue
        # The amount stands in the sentence; a column of a file has no caption.
        told_of = dict.fromkeys([*(name for name in most if name in NUMBER), "amount_vnd"])
        yield FoundAlert(
            typology=ALERT_CODE, level=Level.ALERT, score=round(float(scored.scores[row]), 6), account=account,
            suspect=account, fired=_shown(transfer), shown=(_shown(transfer),),
            features={name: int(scored.features[row, NUMBER[name]]) for name in told_of},
        )  # fmt: skip


def sighting_id(found: FoundAlert) -> str:
    """The same for the same alert, whoever finds it and however often: typology, account, and the transfers."""
    said = [found.typology, found.account, found.fired.id, *(one.id for one in found.shown)]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()[:32]


def institution_of(account: str) -> str | None:
    """The code of whoever keeps `account:970436:0123` or `wallet:momo:+84…`; None where the key names nobody."""
    kind, _, rest = account.partition(":")
    code, colon, _number = rest.partition(":")
    return code.lower() if kind in {"account", "wallet"} and colon and code else None


def _party(transfer: Transfer, side: Side) -> str | None:
    party = transfer.payer if side is Side.PAYER else transfer.payee
    return None if party in _OUTSIDE else party


def _shown(transfer: Transfer) -> ShownTransfer:
    return ShownTransfer(
        transfer.id, transfer.booked_at, transfer.payer, transfer.payee, transfer.amount_vnd, transfer.kind
    )
