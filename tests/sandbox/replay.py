"""An independent sequential replay: ledger rows and recorded holds in, every held amount out.

It shares no code with the coins of the protocol: coins are plain lots on a list, the newest last, each with
its place in the transfer that brought it and the losses whose money it is.
"""

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class Lot:
    """Some coins of one credit (None: the opening), `offset` of that credit's coins being newer than they."""

    credit: str | None
    offset: int
    amount: int
    losses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    at_us: int
    id: str
    payer: str
    payee: str | None
    amount: int


@dataclass(frozen=True)
class RecordedHold:
    """A hold at `at_us` on coins of `credit` in `account`: those in `spans`, or all that are there."""

    at_us: int
    sequence: int
    id: str
    account: str
    credit: str
    spans: tuple[tuple[int, int], ...] | None = None


@dataclass
class Replay:
    """Free coins, failures, what each hold froze, and what of each loss lay under its credit at that moment."""

    lots: dict[str, list[Lot]]
    held: dict[str, int] = field(default_factory=dict)
    held_of: dict[str, dict[str, int]] = field(default_factory=dict)
    present_of: dict[str, dict[str, int]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def balance(self, account: str) -> int:
        return sum(lot.amount for lot in self.lots[account])


def replay(
    openings: Mapping[str, int],
    rows: Iterable[Row],
    holds: Iterable[RecordedHold],
    disputed: Collection[str] = (),
) -> Replay:
    """Do everything one by one in the order of its time; `disputed` transfers make their coins a loss's."""
    world = Replay({account: [Lot(None, 0, amount)] for account, amount in openings.items()})
    events: list[tuple[int, int, Row | RecordedHold]] = [(row.at_us, -1, row) for row in rows]
    events += [(hold.at_us, hold.sequence, hold) for hold in holds]
    for _, _, event in sorted(events, key=lambda e: e[:2]):
        if isinstance(event, Row):
            _transfer(world, event, frozenset({event.id} & set(disputed)))
        else:
            _hold(world, event)
    return world


def _transfer(world: Replay, row: Row, dispute: frozenset[str]) -> None:
    if world.balance(row.payer) < row.amount:
        world.failed.append(row.id)
        return
    moved: list[Lot] = []
    above = 0
    lots = world.lots[row.payer]
    while above < row.amount:
        lot = lots[-1]
        taken = min(lot.amount, row.amount - above)
        moved.append(Lot(row.id, above, taken, lot.losses | dispute))
        above += taken
        lot.amount -= taken
        lot.offset += taken
        if not lot.amount:
            lots.pop()
    if row.payee is not None:
        world.lots[row.payee].extend(reversed(moved))


def _hold(world: Replay, hold: RecordedHold) -> None:
    spans = hold.spans if hold.spans is not None else ((0, 10**18),)
    kept: list[Lot] = []
    frozen: list[Lot] = []
    present: dict[str, int] = {}
    for lot in world.lots[hold.account]:
        if lot.credit != hold.credit:
            kept.append(lot)
            continue
        for loss in lot.losses:
            present[loss] = present.get(loss, 0) + lot.amount
        cuts = sorted(
            {lot.offset, lot.offset + lot.amount}
            | {
                edge
                for start, amount in spans
                for edge in (start, start + amount)
                if lot.offset < edge < lot.offset + lot.amount
            },
            reverse=True,
        )
        for end, start in itertools.pairwise(cuts):
            piece = Lot(lot.credit, start, end - start, lot.losses)
            inside = any(first <= start and end <= first + amount for first, amount in spans)
            (frozen if inside else kept).append(piece)
    world.lots[hold.account] = kept
    world.held[hold.id] = sum(lot.amount for lot in frozen)
    world.present_of[hold.id] = present
    world.held_of[hold.id] = {loss: sum(lot.amount for lot in frozen if loss in lot.losses) for loss in present}
