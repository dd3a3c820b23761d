"""A naive world of single coins: who has which, which are frozen, what each institution's book says.

It knows nothing of spans: an account is a list of coins, the newest last, and a transfer is the list of coins
it carried, the newest first. Only at its edge are coins turned into the protocol's movements.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lachan.client import Apportionment, Onward, apportion
from lachan.foundation.protocol import Answer, Direction, HoldRequest, Movement, PartKind, Payee, Span, Spans

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

    @property
    def amount_vnd(self) -> int:
        return len(self.coins) * COIN_VND


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

    def __post_init__(self) -> None:
        for number, account in enumerate(self.accounts):
            self.piles[account] = list(range(number * self.opening, (number + 1) * self.opening))
            self.books[account] = []

    def free(self, account: str) -> list[int]:
        """The coins that may leave, oldest first."""
        return [coin for coin in self.piles[account] if coin not in self.frozen]

    def move(self, payer: str, payee: str | None, count: int) -> Carried:
        """Book a transfer of the newest free coins."""
        taken = self.free(payer)[::-1][:count]
        assert len(taken) == count
        self._tick()
        made = Carried(f"FT{len(self.carried) + 1}", payer, payee, tuple(taken), self.now)
        self.carried[made.reference] = made
        self.piles[payer] = [coin for coin in self.piles[payer] if coin not in taken]
        self._book(payer, made.reference, Direction.DEBIT, count)
        if payee is None:
            self.cashed |= set(taken)
        else:
            self.piles[payee] += reversed(taken)
            self._book(payee, made.reference, Direction.CREDIT, count)
        return made

    def answer(self, request: HoldRequest, *, least_left: int = 0) -> Answer:
        """Hold what is left of the asked coins, except `least_left` of them, and say where the rest went."""
        self._tick()
        account, credit = request.account, request.transfer.reference
        share = self._share(request, max(len(self.free(account)) - least_left, 0))
        number = 1 + sum(movement.id.startswith(f"{request.id}.") for movement in self.books[account])
        hold = share.hold(self.now, len(self.books[account]) + 1, number)
        if hold is not None:
            self.books[account].append(hold)
            for coin in self._coins(credit, share.to_hold):
                assert coin in self.piles[account]
                assert coin not in self.frozen
                self.frozen[coin] = request.id
        return share.answer(
            self._since(account, credit), revision=self._revision(request), decided_by="Kiểm soát viên 03",
            placed_at=self.now,
        )  # fmt: skip

    def release(self, request: HoldRequest, spans: Spans | None) -> int:
        """Free these coins of the request as far as they are frozen under it; None means all. How many it was."""
        coins = [
            coin
            for coin in self.carried[request.transfer.reference].coins
            if self.frozen.get(coin) == request.id
            and (spans is None or coin in self._coins(request.transfer.reference, spans))
        ]
        if coins:
            self._tick()
            for coin in coins:
                del self.frozen[coin]
            number = 1 + sum(movement.id.startswith(f"{request.id}.") for movement in self.books[request.account])
            self._book(
                request.account, f"{request.id}.{number}", Direction.RELEASE, len(coins),
                reference=request.transfer.reference, spans=self._spans(request.transfer.reference, coins),
            )  # fmt: skip
        return len(coins)

    def coins(self, reference: str, spans: Spans) -> set[int]:
        """Which coins these spans of a transfer are."""
        return set(self._coins(reference, spans))

    def _share(self, request: HoldRequest, available: int) -> Apportionment:
        onward = {
            one.reference: Onward(PartKind.CASH_OUT)
            if one.payee is None
            else Onward(PartKind.MOVED_ON, Payee(institution=institution_of(one.payee), account=one.payee))
            for one in self.carried.values()
            if one.payer == request.account
        }
        movements = self._since(request.account, request.transfer.reference)
        return apportion(request, movements, available * COIN_VND, onward)

    def _since(self, account: str, credit: str) -> list[Movement]:
        book = self.books[account]
        start = next(i for i, one in enumerate(book) if one.id == credit and one.direction is Direction.CREDIT)
        return book[start:]

    def _revision(self, request: HoldRequest) -> int:
        self.answers[request.id] = self.answers.get(request.id, 0) + 1
        return self.answers[request.id]

    def _coins(self, reference: str, spans: Spans) -> list[int]:
        coins = self.carried[reference].coins
        return [coin for span in spans for coin in coins[span.newer_vnd // COIN_VND : span.end_vnd // COIN_VND]]

    def _spans(self, reference: str, coins: list[int]) -> Spans:
        """The coins as normalised spans of a transfer."""
        places = sorted(self.carried[reference].coins.index(coin) for coin in coins)
        runs: list[tuple[int, int]] = []
        for place in places:
            if runs and sum(runs[-1]) == place:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((place, 1))
        return tuple(Span(start * COIN_VND, length * COIN_VND) for start, length in runs)

    def _book(
        self, account: str, name: str, direction: Direction, count: int, *, reference: str | None = None,
        spans: Spans = (),
    ) -> None:  # fmt: skip
        book = self.books[account]
        book.append(
            Movement(
                id=name, booked_at=self.now, sequence=len(book) + 1, direction=direction,
                amount_vnd=count * COIN_VND, reference=reference, spans=spans,
            )
        )  # fmt: skip

    def _tick(self) -> None:
        self.now += timedelta(seconds=1)
