"""From what the monitor found to alerts that can be recorded: pure, for files and streams alike."""

import hashlib
from collections.abc import Callable, Iterator

import orjson

from lachan.ledger import OUTSIDE, Transfer
from lachan.monitoring.alerts.model import FoundAlert, ShownTransfer
from lachan.monitoring.evidence import told
from lachan.monitoring.model import Scored, Side

_OUTSIDE = frozenset({OUTSIDE, ""})


def found_alerts(scored: Scored, first: int, transfer_at: Callable[[int], Transfer]) -> Iterator[FoundAlert]:
    """Every alert of some rows of a stream, in its order.

    `first` is the number in the stream, from 0, of the first row that was scored; `transfer_at` gives the transfer
    with a number, of the rows' own and of the seven days before. What is about no account (cash in) is left out.
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
