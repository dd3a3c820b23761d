"""Money is an integer number of VND, everywhere. Nothing here knows floats."""

import re
from collections.abc import Sequence

from lachan.foundation.base.errors import BadInput, InputReason

# Above any real transfer (a thousand times the largest bank's capital) and far inside a 64-bit integer.
VND_MAX = 10**15
_GROUPED = re.compile(r"\d{1,3}(?:([.,\s])\d{3})(?:\1\d{3})*|\d+")
_SUFFIX = re.compile(r"\s*(?:₫|đ|d|vnd|vnđ|dong|đồng)\s*$", re.IGNORECASE)


def format_vnd(amount_vnd: int) -> str:
    """`50.000.000 ₫`, with a no-break space; never abbreviated."""
    return f"{amount_vnd:,}".replace(",", ".") + "\u00a0₫"


def parse_vnd(text: str | int, *, field: str = "amount_vnd") -> int:
    """Read an amount as a person types it: `50.000.000`, `50,000,000 đ`, `50 000 000`, `50000000`."""
    if isinstance(text, bool):
        raise BadInput(InputReason.MALFORMED, field=field, expected="50.000.000")
    if isinstance(text, int):
        amount = text
    else:
        cleaned = _SUFFIX.sub("", text.strip().replace("\u00a0", " "))
        negative = cleaned.startswith("-")
        digits = cleaned.removeprefix("-")
        if not digits.isascii() or not _GROUPED.fullmatch(digits):
            raise BadInput(InputReason.MALFORMED, field=field, expected="50.000.000")
        grouped = re.sub(r"\D", "", digits)
        if len(grouped) > 18:
            raise BadInput(InputReason.TOO_LARGE, field=field, limit=format_vnd(VND_MAX))
        amount = -int(grouped) if negative else int(grouped)
    if amount <= 0:
        raise BadInput(InputReason.NOT_POSITIVE, field=field)
    if amount > VND_MAX:
        raise BadInput(InputReason.TOO_LARGE, field=field, limit=format_vnd(VND_MAX))
    return amount


def split_by_largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` by `weights`: floor first, the residue by largest remainder, ties by position.

    The shares sum to `total` exactly; with no weight at all nothing can be shared and all shares are 0.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("shares of negative amounts have no meaning")
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    residue = total - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[:residue]:
        shares[i] += 1
    return shares
