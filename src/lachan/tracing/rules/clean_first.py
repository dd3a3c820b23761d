"""Clean-first (Re Hallett): a payment takes clean money before tainted; the lower bound for what was passed on.

What an account still has of victims' money is then bounded by its lowest balance since that money came.
"""

from lachan.tracing.rules.share import Share


class CleanFirst(Share):
    """An account that pays with clean money first."""

    __slots__ = ()

    def _tainted(self, amount_vnd: int) -> int:
        return max(0, amount_vnd - self._clean_vnd)
