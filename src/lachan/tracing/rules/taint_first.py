"""Taint-first: a payment takes tainted money before clean; the upper bound for what one account passed on.

It does not depend on the opening balance: that is the last to be spent, so it is not kept account of.
"""

from lachan.tracing.rules.share import Share


class TaintFirst(Share):
    """An account that pays with tainted money first, then with clean money it received, then with its opening."""

    __slots__ = ()

    def __init__(self, opening_vnd: int) -> None:
        super().__init__(0)

    def _tainted(self, amount_vnd: int) -> int:
        return min(amount_vnd, self._taint_vnd)

    def _spend_clean(self, amount_vnd: int) -> None:
        self._clean_vnd = max(0, self._clean_vnd - amount_vnd)
