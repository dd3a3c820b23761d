"""Which coins of one transfer are still in the account, which are frozen, and where the others went (LIFO).

An account is a pile of coins of 1 VND, newest on top. The coins of one transfer arrive together and keep
their own order of age, so a part of a transfer is named exactly by its *spans*, without any rounding. A
debit takes the newest coins that are not frozen; what it takes keeps its order inside the debit, so the
spans inside the onward transfer are exact too and are what the next institution is asked for. Money older
than the disputed credit is clean and, seen from here, without end: LIFO does not depend on the opening
balance.

The rule is `docs/concepts`' LIFO; it is what both sides of the protocol compute, each from the same
movements.
"""

from lachan.foundation.protocol.coins.flow import Flow, flow
from lachan.foundation.protocol.coins.movements import CoinReason, Direction, Movement, in_order
from lachan.foundation.protocol.coins.spans import (
    Span,
    Spans,
    fits,
    intersect,
    newest,
    normalise,
    subtract,
    total,
    union,
    whole,
)

__all__ = [
    "CoinReason",
    "Direction",
    "Flow",
    "Movement",
    "Span",
    "Spans",
    "fits",
    "flow",
    "in_order",
    "intersect",
    "newest",
    "normalise",
    "subtract",
    "total",
    "union",
    "whole",
]
