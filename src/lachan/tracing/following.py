"""One loss followed through a ledger that grows: what is learned costs what it changes, not a whole trace."""

from collections.abc import Mapping, Sequence

import numpy as np

from lachan.ledger import Segments, Transfer, TransferKind, edges_of
from lachan.ledger.columns import microseconds
from lachan.ledger.edges import SUMS_END
from lachan.tracing.flow import AmountTrace, ReversalOnTheWay
from lachan.tracing.graph import Graph
from lachan.tracing.model import Rule, Trace
from lachan.tracing.overlay import NoRoom
from lachan.tracing.quick import EVER_US, told
from lachan.tracing.views import trace


class Following:
    """The exact rules' answer for one disputed transfer, whatever is learned; traced again where that is enough."""

    def __init__(self, ledger: Segments, disputed: str, rule: Rule, openings: Mapping[str, int]) -> None:
        """`rule` is LIFO, FIFO or HAIRCUT. BadInput as `trace`: what cannot be disputed."""
        self._ledger, self._disputed, self._rule, self._openings = ledger, disputed, rule, openings
        self._before: AmountTrace | None = None
        self._sum_vnd = 0.0  # of all amounts, as near as edges look at it
        self.retraced = 0
        """How often a part of the trace was enough."""
        self.trace = self._anew()

    def learn(self, new: Sequence[Transfer]) -> Trace:
        """The trace with these facts, which the ledger has by now."""
        self._sum_vnd += sum(one.amount_vnd for one in new)
        refer = any(one.reverses or one.corrects or self._ledger.is_referred_to(one.id) for one in new)
        if self._before is None or self._sum_vnd >= SUMS_END or refer:
            self.trace = self._anew()
            return self.trace
        account = self._ledger.account
        try:
            graph = self._before.graph.with_facts(
                [microseconds(one.booked_at) for one in new],
                [account(one.payer) for one in new],
                [account(one.payee) if _stays(one) else -1 for one in new],
                [one.amount_vnd for one in new],
            )
            self._before = graph.retrace(self._before)
        except (NoRoom, ReversalOnTheWay):
            self.trace = self._anew()
            return self.trace
        self.retraced += 1
        self.trace = told(self._ledger.accounts, self._before, self._disputed, self._openings)
        return self.trace

    def _anew(self) -> Trace:
        self._before = self._compiled()
        if self._before is not None:
            return told(self._ledger.accounts, self._before, self._disputed, self._openings)
        return trace(self._ledger.transfers(), [self._disputed], rule=self._rule, openings=self._openings)

    def _compiled(self) -> AmountTrace | None:
        """The whole trace in the columns; None where only the exact rules can answer, or refuse."""
        columns, numbers = self._ledger.whole()
        self._sum_vnd = float(columns.amount_vnd.sum(dtype=np.float64))
        number = self._ledger.number(self._disputed)
        if number < 0 or (columns.corrects >= 0).any():
            return None
        row = int(np.flatnonzero(numbers == number)[0])
        payer = int(columns.payer[row])
        if columns.reverses[row] >= 0 or payer == columns.payee[row]:
            return None
        stated = np.full(len(self._ledger.accounts), -1, np.int64)
        for key, opening_vnd in self._openings.items():
            if (one := self._ledger.account(key)) >= 0:
                stated[one] = opening_vnd
        try:
            graph = Graph(edges_of(columns, len(stated)), stated)
            return graph.trace(self._rule, payer, row, until_us=EVER_US)
        except (ReversalOnTheWay, ValueError):  # ValueError: sums that only Python's integers hold
            return None


def _stays(one: Transfer) -> bool:
    """Whether the money is in an account afterwards. What an account pays to itself changes nothing at all."""
    return one.kind is TransferKind.TRANSFER or one.payer == one.payee
