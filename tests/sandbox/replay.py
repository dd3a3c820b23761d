"""An independent sequential replay: ledger rows and recorded hold times in, every held amount out.

It shares no code with the coins of the protocol: coins are plain lots on a list, the newest last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class Lot:
    """Some coins of one credit (None: the opening), `offset` of that credit's coins being newer than they."""

    credit: str | None
    offset: int
    amount: int


@dataclass
class Replay:
    """Balances, failures and the amounts that recorded holds would have met."""

    lots: dict[str, list[Lot]]
    held: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def balance(self, account: str) -> int:
        return sum(lot.amount for lot in self.lots[account])


@dataclass(frozen=True)
class Row:
    at_us: int
    id: str
    payer: str
    payee: str | None
    amount: int


@dataclass(frozen=True)
class RecordedHold:
    """A hold that asked for all coins of `credit` in `account`, placed at `at_us`."""

    at_us: int
    sequence: int
    id: str
    account: str
    credit: str


def replay(openings: Mapping[str, int], rows: Iterable[Row], holds: Iterable[RecordedHold]) -> Replay:
    """Do everything one by one in the order of its time."""
    world = Replay({account: [Lot(None, 0, amount)] for account, amount in openings.items()})
    events: list[tuple[int, int, Row | RecordedHold]] = [(row.at_us, -1, row) for row in rows]
    events += [(hold.at_us, hold.sequence, hold) for hold in holds]
    for _, _, event in sorted(events, key=lambda e: e[:2]):
        if isinstance(event, Row):
            _transfer(world, event)
        else:
            lots = world.lots[event.account]
            world.held[event.id] = sum(lot.amount for lot in lots if lot.credit == event.credit)
            world.lots[event.account] = [lot for lot in lots if lot.credit != event.credit]
    return world


def _transfer(world: Replay, row: Row) -> None:
    if world.balance(row.payer) < row.amount:
        world.failed.append(row.id)
        return
    wanted = row.amount
    lots = world.lots[row.payer]
    while wanted:
        lot = lots[-1]
        taken = min(lot.amount, wanted)
        lot.amount -= taken
        lot.offset += taken
        wanted -= taken
        if not lot.amount:
            lots.pop()
    if row.payee is not None:
        world.lots[row.payee].append(Lot(row.id, 0, row.amount))
