"""A naive world of single coins: who has which, which are frozen, what each institution's book says.

It knows nothing of spans: an account is a list of coins, the newest last, and a transfer is the list of coins
it carried, the newest first. Only at its edge are coins turned into the protocol's movements. Where a pool was
divided đồng for đồng and a part of a coin is freed or moves, the coin breaks in two wherever it is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from lachan.client import Apportionment, Onward, apportion
from lachan.foundation.protocol import (
    Answer,
    Direction,
    HoldRequest,
    Movement,
    PartKind,
    Payee,
    Span,
    Spans,
    ToldReceipt,
)

# One coin; above the tracing floor, so that no branch is diluted.
COIN_VND = 100_000
START = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def institution_of(account: str) -> str:
    """The code inside an account's key."""
    return account.split(":")[1]


@dataclass(frozen=True)
class Carried:
    """One booked transfer; `coins` newest first; without a payee it was taken out in cash."""

    reference: str
    payer: str
    payee: str | None
    coins: tuple[int, ...]
    booked_at: datetime
    amount_vnd: int


@dataclass
class CoinWorld:
    """All accounts of all institutions."""

    accounts: list[str]
    opening: int = 4
    now: datetime = START
    piles: dict[str, list[int]] = field(default_factory=dict)
    frozen: dict[int, str] = field(default_factory=dict)  # coin -> the request it is frozen under
    carried: dict[str, Carried] = field(default_factory=dict)
    books: dict[str, list[Movement]] = field(default_factory=dict)
    cashed: set[int] = field(default_factory=set)
    answers: dict[str, int] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sizes = dict.fromkeys(range(len(self.accounts) * self.opening), COIN_VND)
        for number, account in enumerate(self.accounts):
            self.piles[account] = list(range(number * self.opening, (number + 1) * self.opening))
            self.books[account] = []

    def free(self, account: str) -> list[int]:
        """The coins that may leave, oldest first."""
        return [coin for coin in self.piles[account] if coin not in self.frozen]

    def worth_vnd(self, coins: Iterable[int]) -> int:
        """What these coins are together."""
        return sum(self.sizes[coin] for coin in coins)

    def move(self, payer: str, payee: str | None, count: int) -> Carried:
        """Book a transfer of the newest free money, as much as `count` whole coins."""
        taken = self._newest(payer, count * COIN_VND)
        assert self.worth_vnd(taken) == count * COIN_VND
        self._tick()
        made = Carried(f"FT{len(self.carried) + 1}", payer, payee, tuple(taken), self.now, count * COIN_VND)
        self.carried[made.reference] = made
        self.piles[payer] = [coin for coin in self.piles[payer] if coin not in taken]
        self._book(payer, made.reference, Direction.DEBIT, made.amount_vnd)
        if payee is None:
            self.cashed |= set(taken)
        else:
            self.piles[payee] += reversed(taken)
            self._book(payee, made.reference, Direction.CREDIT, made.amount_vnd)
        return made

    def answer(self, request: HoldRequest, *, least_left: int = 0) -> Answer:
        """Hold what is left of the asked coins, except `least_left` of them, and say where the rest went."""
        self._tick()
        account, credit = request.account, request.transfer.reference
        available_vnd = max(self.worth_vnd(self.free(account)) - least_left * COIN_VND, 0)
        share = self._share(request, available_vnd)
        number = 1 + sum(movement.id.startswith(f"{request.id}.") for movement in self.books[account])
        hold = share.hold(self.now, len(self.books[account]) + 1, number)
        if hold is not None:
            self.books[account].append(hold)
            for coin in self._coins(credit, share.to_hold):
                assert coin in self.piles[account]
                assert coin not in self.frozen
                self.frozen[coin] = request.id
        return share.answer(
            self._since(account, credit), revision=self.revision(request), decided_by="Kiểm soát viên 03",
            placed_at=self.now,
        )  # fmt: skip

    def receipts(self, payer: str, institution: str, since: datetime) -> tuple[ToldReceipt, ...]:
        """What the accounts of an institution received from one elsewhere."""
        return tuple(
            ToldReceipt(
                reference=one.reference, amount_vnd=one.amount_vnd, booked_at=one.booked_at, account=one.payee
            )
            for one in self.carried.values()
            if one.payer == payer and one.payee and institution_of(one.payee) == institution
            and one.booked_at >= since
        )  # fmt: skip

    def release(self, request: HoldRequest, spans: Spans | None) -> int:
        """Free these coins of the request as far as they are frozen under it; None means all. How much it was."""
        reference = request.transfer.reference
        asked = self.carried[reference].coins if spans is None else self._coins(reference, spans)
        coins = [coin for coin in asked if self.frozen.get(coin) == request.id]
        if coins:
            self._tick()
            for coin in coins:
                del self.frozen[coin]
            number = 1 + sum(movement.id.startswith(f"{request.id}.") for movement in self.books[request.account])
            self._book(
                request.account, f"{request.id}.{number}", Direction.RELEASE, self.worth_vnd(coins),
                reference=reference, spans=self._spans(reference, coins),
            )  # fmt: skip
        return self.worth_vnd(coins)

    def coins(self, reference: str, spans: Spans) -> set[int]:
        """Which coins these spans of a transfer are."""
        return set(self._coins(reference, spans))

    def _share(self, request: HoldRequest, available_vnd: int) -> Apportionment:
        onward = {
            one.reference: Onward(PartKind.CASH_OUT)
            if one.payee is None
            else Onward(PartKind.MOVED_ON, Payee(institution=institution_of(one.payee), account=one.payee))
            for one in self.carried.values()
            if one.payer == request.account
        }
        movements = self._since(request.account, request.transfer.reference)
        return apportion(request, movements, available_vnd, onward)

    def _since(self, account: str, credit: str) -> list[Movement]:
        book = self.books[account]
        start = next(i for i, one in enumerate(book) if one.id == credit and one.direction is Direction.CREDIT)
        return book[start:]

    def revision(self, request: HoldRequest) -> int:
        self.answers[request.id] = self.answers.get(request.id, 0) + 1
        return self.answers[request.id]

    def _newest(self, account: str, amount_vnd: int) -> list[int]:
        """So much of the account's free money, newest first."""
        taken: list[int] = []
        for coin in self.free(account)[::-1]:
            left_vnd = amount_vnd - self.worth_vnd(taken)
            if not left_vnd:
                break
            if self.sizes[coin] > left_vnd:
                self._break(coin, left_vnd)
            taken.append(coin)
        return taken

    def _break(self, coin: int, newer_vnd: int) -> None:
        """Break a coin: its newer part keeps the name, the older one is a coin like it."""
        older = len(self.sizes)
        self.sizes[older], self.sizes[coin] = self.sizes[coin] - newer_vnd, newer_vnd
        for pile in self.piles.values():
            if coin in pile:
                pile.insert(pile.index(coin), older)
        for name, one in self.carried.items():
            if coin in one.coins:
                place = one.coins.index(coin) + 1
                self.carried[name] = replace(one, coins=(*one.coins[:place], older, *one.coins[place:]))
        if coin in self.frozen:
            self.frozen[older] = self.frozen[coin]
        if coin in self.cashed:
            self.cashed.add(older)

    def _placed(self, reference: str) -> list[tuple[int, int]]:
        """The coins of a transfer, each with what is newer than it."""
        coins = self.carried[reference].coins
        return list(zip(coins, accumulate((self.sizes[coin] for coin in coins), initial=0), strict=False))

    def _coins(self, reference: str, spans: Spans) -> list[int]:
        for edge in (edge for span in spans for edge in (span.newer_vnd, span.end_vnd)):
            for coin, newer_vnd in self._placed(reference):
                if newer_vnd < edge < newer_vnd + self.sizes[coin]:
                    self._break(coin, edge - newer_vnd)
        placed = self._placed(reference)
        return [coin for span in spans for coin, place in placed if span.newer_vnd <= place < span.end_vnd]

    def _spans(self, reference: str, coins: list[int]) -> Spans:
        """The coins as normalised spans of a transfer."""
        runs: list[tuple[int, int]] = []
        for coin, place in self._placed(reference):
            if coin not in coins:
                continue
            if runs and sum(runs[-1]) == place:
                runs[-1] = (runs[-1][0], runs[-1][1] + self.sizes[coin])
            else:
                runs.append((place, self.sizes[coin]))
        return tuple(Span(start, length) for start, length in runs)

    def _book(
        self, account: str, name: str, direction: Direction, amount_vnd: int, *, reference: str | None = None,
        spans: Spans = (),
    ) -> None:  # fmt: skip
        book = self.books[account]
        book.append(
            Movement(
                id=name, booked_at=self.now, sequence=len(book) + 1, direction=direction,
                amount_vnd=amount_vnd, reference=reference, spans=spans,
            )
        )  # fmt: skip

    def _tick(self) -> None:
        self.now += timedelta(seconds=1)
