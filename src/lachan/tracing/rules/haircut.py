"""Haircut (pro rata): of a payment, the same part is tainted as of the balance; rounded down.

Taint spreads to every account that is paid, ever thinner: this is the rule for which a floor is made.
"""

from lachan.tracing.rules.share import Share


class Haircut(Share):
    """An account that pays with its mixture."""

    __slots__ = ()

    def _tainted(self, amount_vnd: int) -> int:
        return amount_vnd * self._taint_vnd // (self._taint_vnd + self._clean_vnd)
