"""What an institution's answer says of transfers: its movements, and where the asked money went."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.protocol import Answer, Direction, Part, PartKind
from lachan.ledger.facts import TransferFact
from lachan.ledger.model import TransferKind

_KINDS: Mapping[PartKind, TransferKind] = {
    PartKind.MOVED_ON: TransferKind.TRANSFER,
    PartKind.CASH_OUT: TransferKind.CASH_OUT,
    PartKind.CARD_PAYMENT: TransferKind.CARD_PAYMENT,
    PartKind.MERCHANT: TransferKind.MERCHANT,
    PartKind.VIRTUAL_ASSET: TransferKind.VIRTUAL_ASSET,
    PartKind.CROSS_BORDER: TransferKind.CROSS_BORDER,
}


UNEXPLAINED = "unexplained-"
"""Before a request's id: the name of what its answer does not explain, as if it were one payment."""


@dataclass(frozen=True, slots=True)
class Said:
    """One transfer as a source tells it now; None: the source does not say."""

    reference: str
    booked_at: datetime
    amount_vnd: int
    payer: str | None = None
    payee: str | None = None
    sequence: int | None = None
    kind: TransferKind | None = None
    reverses: str | None = None
    partial: bool = False
    row: int = 0
    stated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One payment that an institution says its account received; `origin` is the request that it serves."""

    told_by: str
    origin: str
    message_id: str | None
    said: Said

    @property
    def key(self) -> tuple[str, str | None, str]:
        """Of one voice the later word counts."""
        return self.told_by, self.said.payee, self.said.reference


def said_by(answer: Answer, account: str, arrived_at: datetime) -> list[Said]:
    """Each credit and debit of the account since the asked money came, or without movements each part that left.

    Such a part whose time nobody told is as old as it can be: it left when the money came, at `arrived_at`. What
    the answer leaves unexplained left to nobody knows whom.
    """
    parts = {part.reference: part for part in answer.parts if part.reference is not None}
    if not answer.movements:
        return _parts_that_left(answer, account, arrived_at)
    found: list[Said] = []
    for row, one in enumerate(answer.movements, 1):
        if one.direction is Direction.CREDIT:
            found.append(
                Said(
                    one.id, one.booked_at, one.amount_vnd, None, account, one.sequence, None, one.reverses, row=row,
                )
            )  # fmt: skip
        elif one.direction is Direction.DEBIT:
            part = parts.get(one.id)
            payee, kind = (_payee(part), _KINDS.get(part.kind)) if part else (None, None)
            found.append(Said(one.id, one.booked_at, one.amount_vnd, account, payee, one.sequence, kind, row=row))
    return found


def _parts_that_left(answer: Answer, account: str, arrived_at: datetime) -> list[Said]:
    gap_vnd = sum(part.amount_vnd for part in answer.parts if part.kind is PartKind.UNEXPLAINED)
    found = [
        Said(
            part.reference, part.booked_at or arrived_at, part.amount_vnd, account, _payee(part),
            kind=_KINDS[part.kind], partial=True, row=row,
        )
        for row, part in enumerate(answer.parts, 1)
        if part.kind.left_the_account and part.reference is not None
    ]  # fmt: skip
    if gap_vnd:
        found.append(Said(f"{UNEXPLAINED}{answer.request_id}", arrived_at, gap_vnd, account, partial=True))
    return found


def balance_before(answer: Answer) -> int | None:
    """What was in the account before the first movement: what is there now, less what came and went since.

    `available_vnd` leaves out what others hold; of that, the movements tell. None where there are no movements, or
    where more left than that.
    """
    if not answer.movements:
        return None
    mine = f"{answer.request_id}."
    came_vnd = others_vnd = 0
    for one in answer.movements:
        match one.direction:
            case Direction.CREDIT:
                came_vnd += one.amount_vnd
            case Direction.DEBIT:
                came_vnd -= one.amount_vnd
            case Direction.HOLD if not one.id.startswith(mine):
                others_vnd += one.amount_vnd
            case Direction.RELEASE if not one.id.startswith(mine):
                others_vnd -= one.amount_vnd
            case _:
                pass
    before_vnd = answer.available_vnd + max(others_vnd, 0) - came_vnd
    return before_vnd if before_vnd >= 0 else None


def news(said: Iterable[Said], known: Mapping[str, TransferFact]) -> list[Said]:
    """What of it a source has not said before: `known` is its word so far, by reference."""
    return [one for one in said if one.reference not in known or _differs(one, known[one.reference])]


def taken_back(
    said: Sequence[Said], words: Iterable[TransferFact], mine: Collection[str], *, by_book: bool
) -> list[TransferFact]:
    """What this answer does not say any more of what its institution said of the account.

    `mine` are the transfers that came with earlier answers to the same request. With movements (`by_book`) an
    answer tells all that was booked between its first and its last; without, it takes back only its own parts.
    """
    named = {one.reference for one in said}
    orders = [_order(one) for one in said]
    first, last = (min(orders), max(orders)) if orders else (None, None)

    def contradicted(word: TransferFact) -> bool:
        if word.reference in mine and (by_book or word.partial):
            return True
        return by_book and first is not None and last is not None and first <= _order(word) <= last

    return [word for word in words if word.reference not in named and contradicted(word)]


def _order(one: Said | TransferFact) -> tuple[datetime, int]:
    return one.booked_at, one.sequence or 0


def _differs(one: Said, known: TransferFact) -> bool:
    if one.partial and not known.partial:
        # A telephone answer after a statement: only whom it names may be new.
        return any(new and new != old for new, old in ((one.payee, known.payee), (one.kind, known.kind)))
    return (
        (one.amount_vnd, one.booked_at, one.partial) != (known.amount_vnd, known.booked_at, known.partial)
        or (one.sequence is not None and one.sequence != known.sequence)
        or any(
            new and new != old
            for new, old in (
                (one.payer, known.payer), (one.payee, known.payee), (one.kind, known.kind),
                (one.reverses, known.reverses),
            )
        )
    )  # fmt: skip


def _payee(part: Part) -> str | None:
    return part.payee.account if part.payee is not None else None
