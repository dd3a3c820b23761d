"""Follow the asked coins of one credit through its account."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lachan.foundation.base import VND_MAX, BadInput
from lachan.foundation.protocol.coins.account import Account
from lachan.foundation.protocol.coins.movements import CoinReason, Direction, Movement, in_order
from lachan.foundation.protocol.coins.spans import Span, Spans, fits, intersect, normalise, total


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of the asked coins. `remaining` + `frozen` + all of `out` = the asked coins, always.

    `remaining` and `frozen` are spans of the disputed credit; `out[debit]` are spans *inside that debit*,
    `taken[debit]` the same coins as spans of the disputed credit; `holds[hold]` are the asked coins that each
    hold froze and that are still frozen.
    """

    remaining: Spans
    frozen: Spans
    out: Mapping[str, Spans]
    taken: Mapping[str, Spans]
    holds: Mapping[str, Spans]


def flow(credit_id: str, spans: Spans, movements: Sequence[Movement]) -> Flow:
    """Follow the asked `spans` of the credit `credit_id` through the account's movements.

    The movements begin at that credit, in any row order. Raises BadInput with a `CoinReason` where they
    cannot be followed.
    """
    ordered = in_order(movements)
    if not ordered or ordered[0].id != credit_id or ordered[0].direction is not Direction.CREDIT:
        raise BadInput(CoinReason.MOVEMENTS_START_ELSEWHERE, field="movements")
    if not fits(spans, ordered[0].amount_vnd):
        raise BadInput(CoinReason.SPANS_OUTSIDE_TRANSFER, field="spans")
    account = Account()
    for movement in ordered:
        account.book(movement)
    return _follow(account, credit_id, spans)


def _follow(account: Account, credit_id: str, spans: Spans) -> Flow:
    out: dict[str, Spans] = {}
    taken: dict[str, Spans] = {}
    for debit, took in account.debits.items():
        inside: list[Span] = []
        of_credit: Spans = ()
        above_vnd = 0  # coins of the debit that are newer than the piece at hand
        for credit, piece in took:
            if credit == credit_id:
                of_credit = intersect(piece, spans)
                inside.extend(_inside(piece, of_credit, above_vnd))
            above_vnd += total(piece)
        if of_credit:
            out[debit], taken[debit] = normalise(inside), of_credit
    holds: defaultdict[str, list[Span]] = defaultdict(list)
    for start, end, hold in account.frozen[credit_id].pieces:
        holds[hold].append(Span(start, end - start))
    held = {hold: kept for hold, pieces in holds.items() if (kept := intersect(normalise(pieces), spans))}
    return Flow(
        remaining=intersect(account.free[credit_id].newest(VND_MAX), spans),
        frozen=intersect(account.frozen[credit_id].newest(VND_MAX), spans),
        out=out,
        taken=taken,
        holds=held,
    )


def _inside(piece: Spans, chosen: Spans, above_vnd: int) -> Iterable[Span]:
    """Where the `chosen` coins of `piece` lie inside the debit, of which `above_vnd` coins are newer."""
    for span in piece:
        for part in intersect((span,), chosen):
            yield Span(above_vnd + part.newer_vnd - span.newer_vnd, part.amount_vnd)
        above_vnd += span.amount_vnd
