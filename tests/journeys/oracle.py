"""What every hold must have held, worked out again from the published ledger and the recorded hold times alone.

It shares no code with the project: it reads the ledger's own files, and an account is a pile of lots, the newest
last, in the file's own unit times 25,000. Holds are given by when and under which request they were placed and by
whose losses the request served, never by how much. A transfer fails only where a hold took its money.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

STEP_US = 60_000_000


@dataclass(frozen=True)
class Withdrawal:
    """A seeded cash-out, which the published ledger does not have: it follows the last row of its step."""

    account: int
    amount: int
    step: int


@dataclass(frozen=True)
class Placed:
    """A hold, or a release of everything or of `amount`, `at_us` after the story's start, in the order told.

    `guessed`: what the bank froze where a silent bank on the way left the amount to what others told of it.
    """

    at_us: int
    order: int
    request: str
    account: int
    credit: str
    losses: frozenset[str]
    release: int | None = None
    guessed: int | None = None


@dataclass(frozen=True)
class Lot:
    """Some coins: the transfer that brought them, whose loss they are, the request that froze them."""

    credit: str | None
    amount: int
    loss: str | None = None
    frozen: str | None = None


@dataclass
class Outcome:
    """By request and loss: what is held at the end, and what had left by cash when it was last placed."""

    held: dict[str, dict[str, int]] = field(default_factory=dict)
    cashed: dict[str, dict[str, int]] = field(default_factory=dict)
    overlap: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    starved: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    at_us: int
    name: str
    payer: int
    payee: int | None
    amount: int


def work_out(
    folder: Path,
    first: int,
    steps: int,
    withdrawals: Iterable[Withdrawal],
    disputed: Mapping[str, str],
    placed: Iterable[Placed],
) -> Outcome:
    """Replay `steps` steps of `folder`'s ledger from `first` on; `disputed` says whose loss a transfer is."""
    rows = _rows(folder, first, steps, list(withdrawals))
    piles = {account: [Lot(None, amount)] for account, amount in _openings(folder, rows).items() if amount}
    replay = _Replay(defaultdict(list, piles), disputed)
    waiting = sorted(placed, key=lambda one: (one.at_us, one.order))
    for row in rows:
        while waiting and waiting[0].at_us < row.at_us:
            replay.place(waiting.pop(0))
        replay.book(row)
    for one in waiting:
        replay.place(one)
    return replay.finish()


class _Replay:
    def __init__(self, piles: defaultdict[int, list[Lot]], disputed: Mapping[str, str]) -> None:
        self.piles = piles
        self.disputed = disputed
        self.outcome = Outcome()
        self.left_by_cash: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.missing: defaultdict[int, int] = defaultdict(int)
        self.at: dict[str, int] = {}

    def book(self, row: _Row) -> None:
        pile = self.piles[row.payer]
        if sum(lot.amount for lot in pile if lot.frozen is None) < row.amount:
            self.outcome.failed.append(row.name)
            if row.payee is not None:
                self.missing[row.payee] += row.amount
            if sum(lot.amount for lot in pile) + self.missing[row.payer] < row.amount:
                self.outcome.starved.append(row.name)
            return
        taken: list[Lot] = []
        left = row.amount
        for place in range(len(pile) - 1, -1, -1):
            lot = pile[place]
            if lot.frozen is not None or left == 0:
                continue
            part = min(left, lot.amount)
            left -= part
            taken.append(replace(lot, amount=part))
            pile[place] = replace(lot, amount=lot.amount - part)
        self.piles[row.payer] = [lot for lot in pile if lot.amount]
        loss = self.disputed.get(row.name)
        if loss is not None:
            self.outcome.overlap[loss] = sum(lot.amount for lot in taken if lot.loss is not None)
        if row.payee is None:
            for lot in taken:
                if lot.loss and lot.credit:
                    self.left_by_cash[lot.credit, lot.loss] += lot.amount
            return
        self.piles[row.payee] += [Lot(row.name, lot.amount, lot.loss or loss) for lot in reversed(taken)]

    def place(self, one: Placed) -> None:
        self.at[one.request] = one.account
        if one.release is not None:
            self._free(one, one.release)
            return
        if one.guessed is not None:
            self._freeze(one, one.guessed)
            return
        self.piles[one.account] = [
            replace(lot, frozen=one.request)
            if lot.frozen is None and lot.credit == one.credit and lot.loss in one.losses
            else lot
            for lot in self.piles[one.account]
        ]
        self.outcome.cashed[one.request] = {
            loss: amount for loss in one.losses if (amount := self.left_by_cash[one.credit, loss])
        }

    def _freeze(self, one: Placed, amount: int) -> None:
        made: list[Lot] = []
        for lot in reversed(self.piles[one.account]):
            part = min(amount, lot.amount) if lot.frozen is None and lot.credit == one.credit else 0
            amount -= part
            made += [replace(lot, amount=part, frozen=one.request)] if part else []
            made += [replace(lot, amount=lot.amount - part)] if part < lot.amount else []
        self.piles[one.account] = made[::-1]

    def _free(self, one: Placed, amount: int) -> None:
        pile = self.piles[one.account]
        made: list[Lot] = []
        for lot in reversed(pile):
            if lot.frozen == one.request and amount:
                part = min(amount, lot.amount)
                amount -= part
                made.append(replace(lot, amount=part, frozen=None))
                if part < lot.amount:
                    made.append(replace(lot, amount=lot.amount - part))
            else:
                made.append(lot)
        self.piles[one.account] = made[::-1]

    def finish(self) -> Outcome:
        for request, account in self.at.items():
            by_loss: defaultdict[str, int] = defaultdict(int)
            for lot in self.piles[account]:
                if lot.frozen == request and lot.loss is not None:
                    by_loss[lot.loss] += lot.amount
            self.outcome.held[request] = dict(by_loss)
        return self.outcome


def _rows(folder: Path, first: int, steps: int, withdrawals: Collection[Withdrawal]) -> list[_Row]:
    by_step: defaultdict[int, list[tuple[str, int, int | None, int]]] = defaultdict(list)
    with (folder / "transactions.csv").open(newline="") as stream:
        for number, line in enumerate(csv.DictReader(stream), start=1):
            payer, payee = int(line["sourceNodeId"]), int(line["targetNodeId"])
            if payer != payee and first <= int(line["time"]) < first + steps:
                amount = round(Decimal(line["value"]) * 25_000)
                by_step[int(line["time"])].append((str(number), payer, payee, amount))
    for number, one in enumerate(withdrawals, start=1):
        by_step[one.step].append((f"cash-{number}", one.account, None, one.amount))
    made = []
    for step in sorted(by_step):
        gap = STEP_US // len(by_step[step])
        for rank, row in enumerate(by_step[step]):
            made.append(_Row((step - first) * STEP_US + rank * gap, *row))
    return made


def _openings(folder: Path, rows: Iterable[_Row]) -> dict[int, int]:
    """As stated, raised by the shortfall: the least that keeps each balance at 0 or more."""
    balance: defaultdict[int, int] = defaultdict(int)
    lowest: defaultdict[int, int] = defaultdict(int)
    for row in rows:
        balance[row.payer] -= row.amount
        lowest[row.payer] = min(lowest[row.payer], balance[row.payer])
        if row.payee is not None:
            balance[row.payee] += row.amount
    with (folder / "nodes.csv").open(newline="") as stream:
        stated = {
            int(line["nodeid"]): round(Decimal(line["init_balance"]) * 25_000) for line in csv.DictReader(stream)
        }
    return {account: max(stated.get(account, 0), -lowest[account]) for account in {*stated, *balance}}
