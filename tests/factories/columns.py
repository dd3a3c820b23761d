"""Ledgers as columns: small random ones for oracles, and single rows written out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lachan.ledger.edges import build
from lachan.tracing.graph import Graph


@dataclass(frozen=True)
class Columns:
    """The ledger's columns, in the order of time, as far as graphs need them."""

    booked_us: NDArray[np.int64]
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    amount_vnd: NDArray[np.int64]
    kind: NDArray[np.uint8]
    reverses: NDArray[np.int64]
    accounts: int

    def graph(self, stated_vnd: NDArray[np.int64] | None = None) -> Graph:
        return Graph(
            build(self.booked_us, self.payer, self.payee, self.amount_vnd, self.kind, self.reverses, self.accounts),
            stated_vnd,
        )

    def steps(self) -> list[tuple[int, int, int, int]]:
        """(row, payer, payee, amount) of each row that moves money; the payee is -1 where the branch ends."""
        return [
            (row, int(payer), int(payee) if kind == 0 else -1, int(amount))
            for row, (payer, payee, amount, kind) in enumerate(
                zip(self.payer, self.payee, self.amount_vnd, self.kind, strict=True)
            )
            if payer != payee
        ]


def written(*rows: tuple[int, int, int], accounts: int = 6, reverses: dict[int, int] | None = None) -> Columns:
    """Transfers (payer, payee, amount), a second apart."""
    undone = np.full(len(rows), -1, np.int64)
    for row, other in (reverses or {}).items():
        undone[row] = other
    table = np.array(rows, np.int64).reshape(len(rows), 3)
    return Columns(
        np.arange(len(rows), dtype=np.int64) * 1_000_000, table[:, 0].astype(np.int32),
        table[:, 1].astype(np.int32), table[:, 2].copy(), np.zeros(len(rows), np.uint8), undone, accounts,
    )  # fmt: skip


def random_columns(seed: int, rows: int, accounts: int, *, most_vnd: int = 20, busiest: float = 0.0) -> Columns:
    """Random transfers, some of one instant, some to outside; a share `busiest` of the parties is account 0."""
    random = np.random.default_rng(seed)
    booked = np.cumsum(random.choice([0, 1, 1000, 3_000_000_000], rows, p=[0.3, 0.3, 0.3, 0.1])).astype(np.int64)
    parties = random.integers(0, accounts, (2, rows)).astype(np.int32)
    parties[random.random((2, rows)) < busiest] = 0
    parties[random.random((2, rows)) < 0.05] = -1
    amounts = random.integers(1, most_vnd + 1, rows)
    kind = random.choice(6, rows, p=[0.95, 0.01, 0.01, 0.01, 0.01, 0.01]).astype(np.uint8)
    start = int(random.integers(0, 2**50))
    return Columns(
        booked + start, parties[0].copy(), parties[1].copy(), amounts, kind, np.full(rows, -1, np.int64), accounts
    )


def part(columns: Columns, rows: np.ndarray) -> Columns:
    """The columns without the other rows."""
    return Columns(
        columns.booked_us[rows], columns.payer[rows], columns.payee[rows], columns.amount_vnd[rows],
        columns.kind[rows], np.full(len(rows), -1, np.int64), columns.accounts,
    )  # fmt: skip


def with_rows(graph: Graph, columns: Columns, rows: np.ndarray) -> Graph:
    """The graph, which is told more rows of these columns."""
    leaves = (columns.kind[rows] != 0) & (columns.payer[rows] != columns.payee[rows])
    payees = np.where(leaves, -1, columns.payee[rows])
    return graph.with_facts(
        columns.booked_us[rows].tolist(),
        columns.payer[rows].tolist(),
        payees.tolist(),
        columns.amount_vnd[rows].tolist(),
    )
