"""Sums as bars."""

from typing import Any

from lachan.response.model import Sum
from lachan.response.shapes import MoneyBar
from lachan.response.store import PARTS


def bar_of(total: Sum) -> MoneyBar:
    """The bar of a trace or loss, net of overlap."""
    return MoneyBar(
        total.parts_vnd, overlap_vnd=total.overlap_vnd, **{part: getattr(total, part) for part in PARTS}
    )


def bar_of_row(row: Any) -> MoneyBar:
    """The bar of a row with the six parts; empty where a sum over nothing is NULL."""
    parts = {part: int(getattr(row, part) or 0) for part in PARTS}
    return MoneyBar(sum(parts.values()), overlap_vnd=int(getattr(row, "overlap_vnd", 0) or 0), **parts)
