"""The referee: the same transfers happen again, less what was held. It alone knows whose money lies where.

Each account is a pile of coins, the newest on top; a coin is clean or one loss's. A payment takes the newest. What
a bank holds for a loss is that loss's coins; what it freezes whole stays as it lies. A gang knows when one of its
accounts is frozen, or when it does not get out what it wants, and goes on with a fresh one: a freeze or a hold
saves what lies in the account, not what is stolen later. Institutions take up so many requests a minute, no more.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from lachan.race.coins import CLEAN, OPENING, Coins, put, take
from lachan.race.counter import Act, Asked, Counter
from lachan.race.figures import figure, lognormal
from lachan.race.model import HOUR_US, MINUTE_US, Lap, Load, Onward, Outcome, Report
from lachan.race.stage import Stage

# Institutions of this kind have a machine: no number of requests in the country makes it a queue.
_MACHINE = "fast"
_DAY_US = 24 * HOUR_US
_ALONE = Load()
_TRANSFER = 0


@dataclass(frozen=True, slots=True)
class _Paid:
    """A transfer that left an account: how much of each loss was in it, and by which transfers that had come."""

    number: int
    at: int
    payer: int
    payee: int
    amount_vnd: int
    losses: Mapping[int, int]
    came_by: Mapping[int, int]

    def onward(self, of_it_vnd: int = 0) -> Onward:
        """As a bank tells it."""
        return Onward(self.payee, self.amount_vnd, self.at, self.number, of_it_vnd)


@dataclass(slots=True)
class _Custody:
    """Coins of one receipt that are held for a loss, until the payer's bank says how much of it was the loss's."""

    account: int
    since_us: int
    coins: Coins


class World:
    """Replays a stage once, while a strategy acts through its desk."""

    def __init__(self, stage: Stage, delay_min: int, seed: int, load: Load = _ALONE) -> None:
        self._load, self._shifts = load, dict[int, list[int]]()
        self._stage, self._delay_us = stage, delay_min * MINUTE_US
        self._piles: list[Coins] = [
            [[CLEAN, amount, OPENING]] if amount else [] for amount in stage.openings.tolist()
        ]
        self._sums: list[int] = stage.openings.tolist()
        self._frozen: dict[int, int] = {}
        self._out: dict[int, list[_Paid]] = {}
        self._events: list[tuple[int, int, Act]] = []
        self._serial = 0
        self._fresh: dict[int, int] = {}
        self._banks: list[int] = stage.bank.tolist()
        self._lost: dict[int, int] = {}
        self._held: dict[int, int] = {}
        self._innocent_vnd_hours = 0
        self._seed, self._tempers = seed, _tempers(int(stage.bank.max()) + 1, seed)
        self._draw = Random(f"latency {seed}")
        self._counters = [Counter(self.at, 1, partial(_busy_us, kind)) for kind in self._tempers]
        self._officers = Counter(self.at, int(figure("officers")), lambda: self.wait_us("call_minutes"))
        self._asked_before: dict[str, int] = {}
        self._term_us = int(figure("freeze_hours")) * HOUR_US
        self._confirm_us = int(figure("confirm_minutes")) * MINUTE_US
        self._short: set[int] = set()
        self._taken_from: set[int] = set()
        self._lies_in: dict[int, set[int]] = {}
        self._payer_bank: dict[int, int] = {}
        self._numbers = 0
        self._custody: dict[tuple[int, int], _Custody] = {}
        self.requests = 0
        self.questions = 0

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
                payer = self._with_money(payer)
            if driven or loss >= 0:
                payee = self._in_use(payee)
            paid_vnd = self._pay(time_us, payer, payee, amount_vnd, kind, driven, loss)
            if loss >= 0 and paid_vnd:
                report = Report(loss, payee, paid_vnd, time_us, time_us + self._delay_us)
                self.at(report.reported_us, lambda _now, report=report: on_report(report))  # type: ignore[misc]
        self._act_until(stage.end_us)
        for receipt, loss in list(self._custody):
            self.release(receipt, loss, stage.end_us)
        for account in self._frozen:
            for loss, amount_vnd, _ in self._piles[account]:
                if loss != CLEAN:
                    self._held[loss] = self._held.get(loss, 0) + amount_vnd
        outcomes = tuple(
            Outcome(int(stage.scam_of_loss[loss]), lost_vnd, self._held.get(loss, 0), self._is_confirmed(loss))
            for loss, lost_vnd in sorted(self._lost.items())
        )
        return Lap(outcomes, self.requests, self._innocent_vnd_hours)

    def request(
        self, account: int, loss: int, now: int, act: Act, *, worth: float = 0.0, takes: str | None = None
    ) -> Asked:
        """Ask the account's institution, which acts some time after it has taken the request up.

        It takes up what is worth most first, in the order of arrival where nothing is said. `takes` names the
        figure of the minutes that then pass, where they are not the institution's own. The same request takes
        equally long in every lap. Returns what `call` wants to know.
        """
        asked = Asked(act, loss)
        self._ask(self._banks[account], f"request {self._seed} {account} {loss}", asked, now, worth, takes)
        return asked

    def _ask(self, bank: int, what: str, asked: Asked, now: int, worth: float, takes: str | None) -> None:
        self.requests += 1
        again = self._asked_before[what] = self._asked_before.get(what, 0) + 1
        minutes = figure(takes) if takes else figure("institutions")[self._tempers[bank]]["minutes"]
        takes_us = _minutes_us(Random(f"{what} {again}"), minutes)

        def serve(then: int) -> bool:
            if asked.done:
                return False
            self.at(then + takes_us, asked.do)
            return True

        counter = self._counters[bank]
        counter.put(now, serve, worth)
        if self._tempers[bank] != _MACHINE:
            self._elsewhere(counter, self._load.institutions, asked.loss, now, worth)

    def call(self, request: Asked, now: int, worth: float = 0.0) -> None:
        """An officer telephones about a request that is not answered; the institution acts some time after."""

        def serve(then: int) -> bool:
            if request.done:
                return False
            self.at(then + self.wait_us("call_minutes") + self.wait_us("woken_minutes"), request.do)
            return True

        self._officers.put(now, serve, worth)
        if not request.done:
            self._elsewhere(self._officers, self._load.officers, request.loss, now, worth)

    def wait_us(self, name: str) -> int:
        """How long something takes whose minutes stand in the figures."""
        return _minutes_us(self._draw, figure(name))

    def block(self, account: int, amount_vnd: int, now: int) -> None:
        """Block so much of what lies in the account, the newest first; clean money counts as harmed."""
        blocked_vnd = min(amount_vnd, self._sums[account])
        self._sums[account] -= blocked_vnd
        self._taken_from.add(account)
        for whose, amount, _ in take(self._piles[account], blocked_vnd):
            if whose == CLEAN:
                self._harm(amount, now, self._term_us)
            else:
                self._held[whose] = self._held.get(whose, 0) + amount

    def hold(self, account: int, loss: int) -> int:
        """Hold what lies of the loss in the account; gives how much."""
        kept = [coin for coin in self._piles[account] if coin[0] != loss]
        found = sum(coin[1] for coin in self._piles[account] if coin[0] == loss)
        if found:
            self._piles[account] = kept
            self._sums[account] -= found
            self._taken_from.add(account)
        for custody in self._custody.values():
            if custody.account == account:
                found += sum(coin[1] for coin in custody.coins if coin[0] == loss)
                custody.coins = [coin for coin in custody.coins if coin[0] != loss]
        self._held[loss] = self._held.get(loss, 0) + found
        return found

    def hold_everywhere(self, loss: int) -> None:
        """Hold the loss's coins wherever they lie. No way of working can: it is the referee's own, the ceiling."""
        for account in self._lies_in.get(loss, ()):
            self.hold(account, loss)

    def went_on(self, account: int, loss: int) -> list[Onward]:
        """Where the bank says that coins of the loss were paid to."""
        return [paid.onward(paid.losses[loss]) for paid in self._out.get(account, ()) if loss in paid.losses]

    def freeze(self, account: int, now: int) -> bool:
        """Freeze the whole account; False where it already is."""
        if account in self._frozen:
            return False
        self._frozen[account] = now
        self._harm(sum(amount for whose, amount, _ in self._piles[account] if whose == CLEAN), now, self._term_us)
        return True

    def paid_since(self, account: int, since_us: int) -> list[Onward]:
        """Every transfer that left the account from that instant on."""
        return [paid.onward() for paid in self._out.get(account, ()) if paid.at >= since_us]

    def machines(self) -> list[int]:
        """The institutions that have said, when they joined, that a machine answers."""
        return [bank for bank, temper in enumerate(self._tempers) if temper == _MACHINE]

    def bank(self, account: int) -> int:
        """The institution that keeps the account: its number says so."""
        return self._banks[account]

    def ask_receipts(
        self, bank: int, account: int, since_us: int, loss: int, now: int, told: Callable[[int, list[Onward]], None]
    ) -> None:
        """Ask an institution what its accounts received from the account since that instant."""
        self.questions += 1

        def act(then: int) -> None:
            told(
                then,
                [
                    paid.onward()
                    for paid in self._out.get(account, ())
                    if paid.at >= since_us and self._banks[paid.payee] == bank
                ],
            )

        self._ask(bank, f"receipts {self._seed} {bank} {account} {loss}", Asked(act, loss), now, 0.0, None)

    def hold_receipt(self, receipt: int, account: int, loss: int, most_vnd: int, now: int) -> list[Onward]:
        """Hold of what came by that transfer what is left of its newest `most_vnd`; tells where the rest went."""
        onward, open_vnd = [], most_vnd
        for paid in self._out.get(account, ()):
            if receipt in paid.came_by and (of_it_vnd := min(open_vnd, paid.came_by[receipt])):
                open_vnd -= of_it_vnd
                onward.append(paid.onward(of_it_vnd))
        taken: Coins = []
        kept: Coins = []
        for coin in reversed(self._piles[account]):
            piece = min(open_vnd, coin[1]) if coin[2] == receipt else 0
            open_vnd -= piece
            if piece:
                taken.append([coin[0], piece, receipt])
            if coin[1] > piece:
                kept.append([coin[0], coin[1] - piece, coin[2]])
        if taken:
            self._piles[account] = kept[::-1]
            self._sums[account] -= sum(coin[1] for coin in taken)
            self._taken_from.add(account)
            custody = self._custody.setdefault((receipt, loss), _Custody(account, now, []))
            custody.coins += taken
            self.at(now + self._term_us, lambda then: self.release(receipt, loss, then))
        return onward

    def release(self, receipt: int, loss: int, now: int) -> None:
        """Give back what is held of a receipt and is not proven; the proven part is held by then."""
        custody = self._custody.pop((receipt, loss), None)
        if custody is None:
            return
        for coin in reversed(custody.coins):
            self._sums[custody.account] += coin[1]
            self._piles[custody.account].append(coin)
            if coin[0] == CLEAN:
                self._harm(coin[1], custody.since_us, now - custody.since_us)

    def _is_confirmed(self, loss: int) -> bool:
        """Whether the payer's institution says in time that the transfer was made: by itself, or when called."""
        draw = Random(f"confirmation {self._seed} {loss}")
        itself = _minutes_us(draw, figure("institutions")[self._tempers[self._payer_bank[loss]]]["minutes"])
        called = int(figure("call_after_minutes") * MINUTE_US) + sum(
            _minutes_us(draw, figure(name)) for name in ("call_minutes", "woken_minutes")
        )
        return bool(min(itself, called) <= self._confirm_us)

    def _elsewhere(self, counter: Counter, like_it: int, loss: int, now: int, worth: float) -> None:
        """The same happens to others, on other days near the same hour: they wait at the same counter."""
        if loss not in self._shifts:
            draw, days = Random(f"elsewhere {self._seed} {loss}"), int(figure("elsewhere_days"))
            self._shifts[loss] = [
                draw.randint(1, days) * _DAY_US + int(draw.uniform(-2, 2) * HOUR_US)
                for _ in range(self._load.institutions - 1)
            ]
        for shift_us in self._shifts[loss][: like_it - 1]:
            self.at(now + shift_us, partial(counter.put, serve=_always, worth=worth))

    def _harm(self, clean_vnd: int, now: int, term_us: int) -> None:
        """Innocent money is out of its owner's reach for the term, or to the end of the race."""
        term_us = min(term_us, self._stage.end_us - now)
        self._innocent_vnd_hours += int(clean_vnd * term_us // HOUR_US)

    def _in_use(self, account: int) -> int:
        """The account that a gang uses in the place of one that it has lost; its transfers all go through here."""
        while account in self._frozen or account in self._short:
            if account not in self._fresh:
                self._fresh[account] = len(self._piles)
                self._piles.append([])
                self._sums.append(0)
                self._banks.append(self._banks[account])
            account = self._fresh[account]
        return account

    def _with_money(self, account: int) -> int:
        """From which account a gang pays: the newest that it uses in this one's place and that holds any money."""
        chain = [account]
        while (account in self._frozen or account in self._short) and account in self._fresh:
            account = self._fresh[account]
            chain.append(account)
        return next((one for one in reversed(chain) if self._sums[one] and one not in self._frozen), account)

    def _act_until(self, time_us: int) -> None:
        while self._events and self._events[0][0] <= time_us:
            now, _, act = heapq.heappop(self._events)
            act(now)

    def _pay(self, now: int, payer: int, payee: int, amount_vnd: int, kind: int, driven: bool, loss: int) -> int:
        """Book a transfer as far as there is cover; gives what was paid."""
        if payer in self._frozen:
            return 0
        if self._sums[payer] < amount_vnd:
            if not driven:
                return 0
            amount_vnd = self._sums[payer]
            if payer in self._taken_from:
                self._short.add(payer)
        if not amount_vnd:
            return 0
        coins = take(self._piles[payer], amount_vnd)
        self._numbers += 1
        self._sums[payer] -= amount_vnd
        if loss >= 0:
            self._lost[loss] = sum(amount for whose, amount, _ in coins if whose == CLEAN)
            self._payer_bank[loss] = self._banks[payer]
            coins = [[loss if whose == CLEAN else whose, amount, by] for whose, amount, by in coins]
        if payee < 0:
            return amount_vnd
        if kind != _TRANSFER:
            coins = [
                [CLEAN, amount_vnd, self._numbers]
            ]  # goods, cash and virtual assets are out of reach; who sold them is paid
        else:
            losses: dict[int, int] = {}
            came_by: dict[int, int] = {}
            for one, piece, by in coins:
                losses[one] = losses.get(one, 0) + piece
                came_by[by] = came_by.get(by, 0) + piece
            losses.pop(CLEAN, None)
            self._out.setdefault(payer, []).append(
                _Paid(self._numbers, now, payer, payee, amount_vnd, losses, came_by)
            )
            for one in losses:
                self._lies_in.setdefault(one, set()).add(payee)
        put(self._piles[payee], coins, self._numbers)
        self._sums[payee] += amount_vnd
        return amount_vnd


def _always(_now: int) -> bool:
    return True


def _tempers(banks: int, seed: int) -> list[str]:
    """The kind of each institution, drawn by the shares of the kinds."""
    draw = Random(f"tempers {seed}")
    kinds: dict[str, Any] = figure("institutions")
    return [draw.choices(list(kinds), [kind["share"] for kind in kinds.values()])[0] for _ in range(banks)]


def _busy_us(kind: str) -> int:
    """How long an institution of that kind is busy with taking up one request."""
    return int(MINUTE_US / figure("institution_capacity")[kind])


def _minutes_us(draw: Random, low_high: tuple[float, float]) -> int:
    mean, spread = lognormal(low_high)
    return int(draw.lognormvariate(mean, spread) * MINUTE_US)
