"""An account's movements, as its institution tells them, and their order."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from lachan.foundation.base import BadInput, Reason
from lachan.foundation.protocol.coins.spans import Spans
from lachan.foundation.protocol.fields import SPANS_MAX, Instant, Reference, Vnd


class CoinReason(Reason):
    """Why movements or spans cannot be used, in order of precedence."""

    DUPLICATE_MOVEMENT = "duplicate_movement"
    MOVEMENT_ORDER_UNCLEAR = "movement_order_unclear"
    MOVEMENTS_START_ELSEWHERE = "movements_start_elsewhere"
    SPANS_OUTSIDE_TRANSFER = "spans_outside_transfer"
    HOLD_ABOVE_COINS = "hold_above_coins"
    RELEASE_ABOVE_HOLD = "release_above_hold"
    REVERSAL_DIFFERS = "reversal_differs"


class Direction(StrEnum):
    """What a movement does to the account's coins."""

    CREDIT = "credit"
    DEBIT = "debit"
    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Movement:
    """One booking on one account, as its institution tells it.

    `id` of a credit or debit is the transfer's reference, which both institutions know. A hold or release
    names in `reference` the credit whose coins it freezes or frees, in `spans` which of them (none named: the
    newest). `reverses` on a credit names the debit whose coins it brings back.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    id: Reference
    booked_at: Instant
    sequence: Annotated[int, Field(ge=0, le=2**53)]
    direction: Direction
    amount_vnd: Vnd
    reference: Reference | None = None
    spans: Annotated[Spans, Field(max_length=SPANS_MAX)] = ()
    reverses: Reference | None = None


def in_order(movements: Iterable[Movement]) -> list[Movement]:
    """By time, then sequence. Two movements of one account never share both: that would make LIFO a guess."""
    ordered = sorted(movements, key=lambda m: (m.booked_at, m.sequence))
    if len({movement.id for movement in ordered}) < len(ordered):
        raise BadInput(CoinReason.DUPLICATE_MOVEMENT, field="movements")
    for before, after in itertools.pairwise(ordered):
        if (before.booked_at, before.sequence) == (after.booked_at, after.sequence):
            raise BadInput(CoinReason.MOVEMENT_ORDER_UNCLEAR, field="movements")
    return ordered
