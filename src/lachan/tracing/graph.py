"""Who paid whom, by account and time: the ledger's edges, what was learned since, and the questions to both."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.ledger import Columns, Edges, edges_of
from lachan.ledger.edges import PAYEE_BITS, SPARE_BITS, first_from
from lachan.tracing.flow import ANY_HOPS, AmountTrace, Question, Workspace, first_trace, trace_again
from lachan.tracing.model import Rule
from lachan.tracing.overlay import KEYS_END, NO_ROWS, Fact, Overlay, Room, extended
from lachan.tracing.timeline import Timeline, timeline_of

I64 = NDArray[np.int64]


class Graph:
    """Immutable, and asked by many threads at once; `with_facts` gives the graph with what was learned since.

    `arrays` is what kernels take (`walks.GRAPH`).
    """

    def __init__(self, edges: Edges, stated_vnd: I64 | None = None) -> None:
        """`stated_vnd`: the stated opening balance of each account, -1 where none is; None: nowhere."""
        self.edges = edges
        self.stated_vnd = NO_ROWS if stated_vnd is None else stated_vnd
        self.accounts = edges.accounts
        self._overlay = Overlay()
        self._rooms: list[Room] = []  # one at most; shared by all graphs of these edges, as is the next
        self._timelines: list[Timeline] = []
        self._lock = Lock()
        self._spaces: list[Workspace] = []
        self.arrays = self._arrays()

    @classmethod
    def of(cls, columns: Columns, stated_vnd: I64 | None = None) -> "Graph":
        """The graph of columns, whose `reverses` are places in the same."""
        return cls(edges_of(columns), stated_vnd)

    def __len__(self) -> int:
        """How many rows there are: transfers, those without effect too."""
        return len(self.edges.booked_low) + len(self._overlay.keys)

    def trace(
        self, rule: Rule, payer: int, row: int, *, until_us: int, max_hops: int = ANY_HOPS, floor_vnd: int = 0
    ) -> AmountTrace:
        """Follow the disputed transfer, told by its payer (-1: outside) and row, over what is booked to `until_us`.

        `rule` is LIFO, FIFO or HAIRCUT (KeyError for another). An account `max_hops` transfers away is not followed
        further, nor is a part below `floor_vnd`. KeyError where there is no such transfer; ReversalOnTheWay where
        this trace would not be exact: `lachan.tracing.trace` has to be asked.
        """
        question = Question(rule, payer, row, until_us, max_hops, floor_vnd)
        with self._space() as space:
            return first_trace(self, space, question)

    def retrace(self, before: AmountTrace) -> AmountTrace:
        """The same trace on this graph, of which the former's graph is an earlier state (else: all of it again).

        Only accounts that differ, and those to which they now pay other parts of the money, are followed anew; the
        answer is that of `trace`.
        """
        asked, known = before.question, before.graph._overlay.history
        history = self._overlay.history
        with self._space() as space:
            if before.graph.edges is not self.edges or history[: len(known)] != known:
                return first_trace(self, space, asked)
            return trace_again(self, space, before, {one for step in history[len(known) :] for one in step})

    def with_facts(
        self,
        booked_us: Sequence[int],
        payer: Sequence[int],
        payee: Sequence[int],
        amount_vnd: Sequence[int],
        *,
        reverses: Sequence[int] = (),
        removed: Iterable[tuple[int, int]] = (),
    ) -> "Graph":
        """This graph and more transfers, which come after all known ones of their instants.

        `payer` -1: from outside; `payee` -1: the money left the accounts. Accounts may be new ones: their numbers
        follow the known ones. The new rows follow the known ones too, in the order given. `reverses`: the known row
        that each takes back, -1 for none. `removed`: (payer, row) of what no longer counts, as it was corrected.
        The first facts of all cost a copy of the edges. NoRoom; ValueError for an amount that is not positive;
        KeyError for an unknown removed row.
        """
        undoes = list(reverses) or [-1] * len(booked_us)
        rows = zip(booked_us, payer, payee, amount_vnd, undoes, strict=True)
        added = [Fact(*(int(value) for value in row)) for row in rows]
        if any(one.amount_vnd <= 0 for one in added):
            raise ValueError("an amount is not positive")
        gone = {self.key_of(row): (source, self.place(source, row)) for source, row in removed}
        key_of = {one.reverses: self.key_of(one.reverses) for one in added if one.reverses >= 0}
        self.make_room()
        with self._rooms[0].lock:
            overlay = extended(self.edges, self._overlay, self._rooms[0], added, gone, key_of)
        made = Graph.__new__(Graph)
        made.edges, made.stated_vnd, made._rooms, made._lock = self.edges, self.stated_vnd, self._rooms, self._lock
        made._overlay, made._timelines = overlay, self._timelines
        made.accounts = max(self.accounts, int(overlay.changed[-1]) + 1 if len(overlay.changed) else 0)
        made._spaces = self._spaces
        made.arrays = made._arrays()
        return made

    def make_room(self) -> None:
        """Make the copy of the edges that the first new facts need, and room to trace in, before somebody waits."""
        with self._lock:
            if not self._rooms:
                self._rooms.append(Room(self.edges))
        with self._space():
            pass

    def timeline(self) -> Timeline:
        """The edges, without what was learned since, in the order of time; made once."""
        with self._lock:
            if not self._timelines:
                self._timelines.append(timeline_of(self.edges))
            return self._timelines[0]

    @property
    def changed(self) -> NDArray[np.int32]:
        """The accounts, in order, that have other transfers by now than the edges tell."""
        return self._overlay.changed

    def place(self, payer: int, row: int) -> int:
        """Where a transfer stands in `arrays[0]`, told by its payer (-1: outside) and row. KeyError."""
        based = len(self.edges.booked_low)
        if not 0 <= row < len(self) or self.key_of(row) in self._overlay.removed:
            raise KeyError(row)
        key, span = self.key_of(row), self._overlay.span(payer)
        if span is None and row < based:
            return self.edges.place(payer, row)
        out = self.arrays[0]
        place = int(self._overlay.places[row - based]) if row >= based else -1
        if span is not None:
            place = int(first_from(out, span[0], span[1], key << PAYEE_BITS))
            place = place if place < span[1] else -1
        elif payer >= 0:
            place = -1
        if place < 0 or int(out[place, 0]) >> PAYEE_BITS != key:
            raise KeyError(row)
        return place

    def key_of(self, row: int) -> int:
        """What orders a row among all."""
        based = len(self.edges.booked_low)
        return row << SPARE_BITS if row < based else int(self._overlay.keys[row - based])

    def rows_of(self, keys: I64) -> I64:
        """The rows of these keys."""
        new = self._overlay.keys
        if not len(new):
            return keys >> SPARE_BITS
        order = np.argsort(new)
        at = np.searchsorted(new[order], keys).clip(0, len(new) - 1)
        return np.where(new[order][at] == keys, order[at] + len(self.edges.booked_low), keys >> SPARE_BITS)

    def booked_us(self, rows: I64) -> I64:
        """When the transfers of these rows were booked, microseconds since 1970."""
        based = len(self.edges.booked_low)
        found = self.edges.booked_us(np.minimum(rows, max(based - 1, 0)))
        new = rows >= based
        found[new] = self._overlay.booked_us[rows[new] - based]
        return found

    def key_from(self, instant_us: int) -> int:
        """The first key of what is booked at an instant or later; beyond all keys where nothing is."""
        row = self.edges.first_row(instant_us)
        later = self._overlay.keys[self._overlay.booked_us >= instant_us].tolist()
        found: int = min([row << SPARE_BITS if row < len(self.edges.booked_low) else KEYS_END, *later])
        return found

    @contextmanager
    def _space(self) -> Iterator[Workspace]:
        """Room to trace in, which nobody else uses meanwhile."""
        try:
            space = self._spaces.pop()
        except IndexError:
            space = Workspace(self.accounts)
        if space.accounts < self.accounts:
            space = Workspace(self.accounts)
        try:
            yield space
        finally:
            self._spaces.append(space)

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        """The graph as kernels take it."""
        arrays = self.edges.arrays
        if len(self._overlay.history):
            arrays |= self._rooms[0].arrays
        return (
            *(arrays[name] for name in (
                "out", "out_start", "in_start", "in_place", "heights", "lows", "paid", "block_keys", "block_outs",
                "block_most", "hubs", "hub_blocks",
            )),
            self._overlay.changed, self._overlay.spans,
        )  # fmt: skip
