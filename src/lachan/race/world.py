"""The referee: the same transfers happen again, less what was held. It alone knows whose money lies where.

Each account is a pile of coins, the newest on top; a coin is clean or one loss's. A payment takes the newest. What
a bank holds for a loss is that loss's coins; what it freezes whole stays as it lies. A gang knows when one of its
accounts is frozen, and goes on with a fresh one: a freeze saves what lies in the account, not what is stolen later.
"""

import heapq
from collections.abc import Callable
from random import Random
from typing import Any

from lachan.race.figures import figure, lognormal
from lachan.race.model import HOUR_US, MINUTE_US, Lap, Onward, Outcome, Report
from lachan.race.stage import Stage

CLEAN = -1
_TRANSFER = 0
Act = Callable[[int], None]
Coins = list[list[int]]


class World:
    """Replays a stage once, while a strategy acts through its desk."""

    def __init__(self, stage: Stage, delay_min: int, seed: int) -> None:
        self._stage, self._delay_us = stage, delay_min * MINUTE_US
        self._piles: list[Coins] = [[[CLEAN, amount]] if amount else [] for amount in stage.openings.tolist()]
        self._sums: list[int] = stage.openings.tolist()
        self._frozen: dict[int, int] = {}
        self._out: dict[int, list[tuple[int, int, int, frozenset[int]]]] = {}
        self._events: list[tuple[int, int, Act]] = []
        self._serial = 0
        self._fresh: dict[int, int] = {}
        self._banks: list[int] = stage.bank.tolist()
        self._lost: dict[int, int] = {}
        self._held: dict[int, int] = {}
        self._innocent_vnd_hours = 0
        self._tempers = _tempers(int(stage.bank.max()) + 1, seed)
        self._draw = Random(f"latency {seed}")
        self.requests = 0

    def at(self, time_us: int, act: Act) -> None:
        """Do this then; what falls after the end never happens."""
        if time_us < self._stage.end_us:
            self._serial += 1
            heapq.heappush(self._events, (time_us, self._serial, act))

    def run(self, on_report: Callable[[Report], None]) -> Lap:
        """The whole time from the first transfer to the last; `on_report` hears each victim."""
        stage = self._stage
        columns = (stage.time_us, stage.payer, stage.payee, stage.amount_vnd, stage.kind, stage.driven, stage.loss)
        for time_us, payer, payee, amount_vnd, kind, driven, loss in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            self._act_until(time_us)
            if driven:
                payer = self._in_use(payer)
            if driven or loss >= 0:
                payee = self._in_use(payee)
            paid_vnd = self._pay(time_us, payer, payee, amount_vnd, kind, driven, loss)
            if loss >= 0 and paid_vnd:
                report = Report(loss, payee, paid_vnd, time_us, time_us + self._delay_us)
                self.at(report.reported_us, lambda _now, report=report: on_report(report))  # type: ignore[misc]
        self._act_until(stage.end_us)
        for account in self._frozen:
            for loss, amount_vnd in self._piles[account]:
                if loss != CLEAN:
                    self._held[loss] = self._held.get(loss, 0) + amount_vnd
        outcomes = tuple(
            Outcome(int(stage.scam_of_loss[loss]), lost_vnd, self._held.get(loss, 0))
            for loss, lost_vnd in sorted(self._lost.items())
        )
        return Lap(outcomes, self.requests, self._innocent_vnd_hours)

    def latency_us(self, account: int) -> int:
        """How long the account's institution takes over one request."""
        return self._minutes_us(self._tempers[self._banks[account]])

    def wait_us(self, name: str) -> int:
        """How long something takes whose minutes stand in the figures."""
        return self._minutes_us(figure(name))

    def block(self, account: int, amount_vnd: int, now: int) -> None:
        """Block so much of what lies in the account, the newest first; clean money counts as harmed."""
        blocked_vnd = min(amount_vnd, self._sums[account])
        self._sums[account] -= blocked_vnd
        for whose, amount in _take(self._piles[account], blocked_vnd):
            if whose == CLEAN:
                self._harm(amount, now)
            else:
                self._held[whose] = self._held.get(whose, 0) + amount

    def hold(self, account: int, loss: int) -> None:
        """Hold the loss's coins that lie in the account."""
        pile = self._piles[account]
        found = sum(amount for whose, amount in pile if whose == loss)
        if found:
            self._piles[account] = [coin for coin in pile if coin[0] != loss]
            self._sums[account] -= found
            self._held[loss] = self._held.get(loss, 0) + found

    def went_on(self, account: int, loss: int) -> list[Onward]:
        """Where the bank says that coins of the loss were paid to."""
        paid = self._out.get(account, [])
        return [Onward(payee, amount, at) for at, payee, amount, whose in paid if loss in whose]

    def freeze(self, account: int, now: int) -> bool:
        """Freeze the whole account; False where it already is."""
        if account in self._frozen:
            return False
        self._frozen[account] = now
        self._harm(sum(amount for whose, amount in self._piles[account] if whose == CLEAN), now)
        return True

    def paid_since(self, account: int, since_us: int) -> list[Onward]:
        """Every transfer that left the account from that instant on."""
        return [Onward(payee, amount, at) for at, payee, amount, _ in self._out.get(account, []) if at >= since_us]

    def _minutes_us(self, low_high: tuple[float, float]) -> int:
        mean, spread = lognormal(low_high)
        return int(self._draw.lognormvariate(mean, spread) * MINUTE_US)

    def _harm(self, clean_vnd: int, now: int) -> None:
        """Innocent money is out of its owner's reach for the term, or to the end of the race."""
        term_us = min(figure("freeze_hours") * HOUR_US, self._stage.end_us - now)
        self._innocent_vnd_hours += int(clean_vnd * term_us // HOUR_US)

    def _in_use(self, account: int) -> int:
        """The account that a gang uses in the place of one that is frozen; its transfers all go through here."""
        while account in self._frozen:
            if account not in self._fresh:
                self._fresh[account] = len(self._piles)
                self._piles.append([])
                self._sums.append(0)
                self._banks.append(self._banks[account])
            account = self._fresh[account]
        return account

    def _act_until(self, time_us: int) -> None:
        while self._events and self._events[0][0] <= time_us:
            at, _, act = heapq.heappop(self._events)
            act(at)

    def _pay(self, now: int, payer: int, payee: int, amount_vnd: int, kind: int, driven: bool, loss: int) -> int:
        """Book a transfer as far as there is cover; gives what was paid."""
        if payer in self._frozen:
            return 0
        if self._sums[payer] < amount_vnd:
            if not driven:
                return 0
            amount_vnd = self._sums[payer]
        if not amount_vnd:
            return 0
        coins = _take(self._piles[payer], amount_vnd)
        self._sums[payer] -= amount_vnd
        if loss >= 0:
            self._lost[loss] = sum(amount for whose, amount in coins if whose == CLEAN)
            coins = [[loss if whose == CLEAN else whose, amount] for whose, amount in coins]
        if payee < 0:
            return amount_vnd
        if kind != _TRANSFER:
            coins = [[CLEAN, amount_vnd]]  # goods, cash and virtual assets are out of reach; who sold them is paid
        else:
            whose = frozenset(one for one, _ in coins if one != CLEAN)
            self._out.setdefault(payer, []).append((now, payee, amount_vnd, whose))
        _put(self._piles[payee], coins)
        self._sums[payee] += amount_vnd
        return amount_vnd


def _take(pile: Coins, amount_vnd: int) -> Coins:
    """The newest coins, the oldest of them first."""
    taken: Coins = []
    while amount_vnd:
        last = pile[-1]
        piece = min(last[1], amount_vnd)
        taken.append([last[0], piece])
        amount_vnd -= piece
        last[1] -= piece
        if not last[1]:
            pile.pop()
    return taken[::-1]


def _put(pile: Coins, coins: Coins) -> None:
    for whose, amount in coins:
        if pile and pile[-1][0] == whose:
            pile[-1][1] += amount
        else:
            pile.append([whose, amount])


def _tempers(banks: int, seed: int) -> list[tuple[float, float]]:
    """The minutes of each institution, drawn by the shares of the kinds."""
    draw = Random(f"tempers {seed}")
    kinds: list[dict[str, Any]] = list(figure("institutions").values())
    return [tuple(draw.choices(kinds, [kind["share"] for kind in kinds])[0]["minutes"]) for _ in range(banks)]
