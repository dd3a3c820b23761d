"""Each rule once more, slowly and in another way: one object for every đồng, or plain fractions.

They take rows in their order, without corrections, and know nothing of the engine.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from lachan.ledger import OUTSIDE, Transfer, TransferKind

CLEAN = "clean"


@dataclass
class Told:
    """What an oracle says: by account and loss what is there, and the three other parts."""

    taints: dict[str, dict[str, int]]
    out_of_reach: int
    diluted: int
    overlap: int


def order(rows: Sequence[Transfer]) -> list[Transfer]:
    return sorted(rows, key=lambda r: (r.booked_at, r.row if r.sequence is None else r.sequence, r.row))


def parties(row: Transfer, paid: Mapping[str, tuple[str, str]]) -> tuple[str, str, str | None] | None:
    """From, to, and what is undone; None for nothing at all. Whatever leaves the accounts goes to OUTSIDE."""
    if row.reverses is not None and row.reverses in paid:
        was = paid[row.reverses]
        for first, second in ((row.payer, row.payee), (row.payee, row.payer)):
            if all(said in {name, OUTSIDE} for said, name in zip(was, (first, second), strict=True)):
                return was[1], was[0], row.reverses
    if row.payer == row.payee:
        return None
    return row.payer, row.payee if row.kind is TransferKind.TRANSFER else OUTSIDE, None


def moves(rows: Sequence[Transfer]) -> list[tuple[Transfer, str, str, str | None]]:
    paid: dict[str, tuple[str, str]] = {}
    found = []
    for row in order(rows):
        if (said := parties(row, paid)) is not None:
            paid[row.id] = said[:2]
            found.append((row, *said))
    return found


def opening(rows: Sequence[Transfer], account: str, stated: Mapping[str, int]) -> int:
    """Try one đồng more until nothing is missing."""
    guess = stated.get(account, 0)
    mine = [(row.amount_vnd, said) for row, *said, _ in moves(rows) if account in said]
    while True:
        balance = guess
        for amount, (_, payee) in mine:
            balance += amount if payee == account else -amount
            if balance < 0:
                break
        else:
            return guess
        guess += 1


@dataclass
class Coin:
    owner: str = CLEAN


@dataclass
class Purse:
    """The coins of one account with the moment at which each came; the list is in order of age."""

    coins: list[tuple[int, Coin]] = field(default_factory=list)
    clock: int = 0

    def add(self, coin: Coin) -> int:
        self.clock += 1
        self.coins.append((self.clock, coin))
        return self.clock


def coins(rows: Sequence[Transfer], disputed: Sequence[str], stated: Mapping[str, int], *, newest: bool) -> Told:
    """LIFO and FIFO in a world of single coins."""
    purses: dict[str, Purse] = {}
    outside = Purse()

    def purse(account: str) -> Purse:
        if account == OUTSIDE:
            return outside
        if account not in purses:
            purses[account] = Purse([(-n, Coin()) for n in range(opening(rows, account, stated), 0, -1)])
        return purses[account]

    def pay(payer: str, payee: str, amount: int) -> list[tuple[int, int, Coin]]:
        """The coins oldest first, with their moments at both."""
        if payer == OUTSIDE:
            taken = [(0, Coin()) for _ in range(amount)]
        else:
            mine = purse(payer).coins
            which = slice(-amount, None) if newest else slice(amount)
            taken = mine[which]
            del mine[which]
        assert len(taken) == amount
        return [(was, purse(payee).add(coin), coin) for was, coin in taken]

    sent: dict[str, list[tuple[int, int, Coin]]] = {}
    overlap = 0
    for row, payer, payee, undoes in moves(rows):
        left = row.amount_vnd
        came: list[tuple[int, int, Coin]] = []
        if undoes is not None:
            before = sent[undoes]
            back = before[:left] if newest else before[max(0, len(before) - left) :]
            sent[undoes] = before[left:] if newest else before[: max(0, len(before) - left)]
            for was, here, coin in back:
                mine = purse(payer).coins
                if (here, coin) in mine:
                    mine.remove((here, coin))
                    theirs = purse(payee)
                    theirs.coins.append((was, coin))
                    theirs.coins.sort(key=lambda pair: pair[0])
                    came.append((here, was, coin))
                    left -= 1
        if left:
            came += pay(payer, payee, left)
        sent[row.id] = came
        if row.id in disputed:
            for _, _, coin in came:
                if coin.owner == CLEAN:
                    coin.owner = row.id
                else:
                    overlap += 1
    taints: dict[str, dict[str, int]] = {}
    for account, each in purses.items():
        for _, coin in each.coins:
            if coin.owner != CLEAN:
                by_loss = taints.setdefault(account, {})
                by_loss[coin.owner] = by_loss.get(coin.owner, 0) + 1
    return Told(taints, sum(coin.owner != CLEAN for _, coin in outside.coins), 0, overlap)


def haircut(amount: int, taint: int, balance: int) -> int:
    return int(Fraction(taint, balance) * amount)


def taint_first(amount: int, taint: int, _balance: int) -> int:
    return min(amount, taint)


def clean_first(amount: int, taint: int, balance: int) -> int:
    return max(0, amount - (balance - taint))


def divided(amount: int, parts: Mapping[str, int]) -> dict[str, int]:
    """Floor, then one more to the largest remainders, earlier names first."""
    whole = sum(parts.values())
    exact = {name: Fraction(amount * part, max(whole, 1)) for name, part in parts.items()}
    shares = {name: int(share) for name, share in exact.items()}
    names = sorted(exact, key=lambda name: shares[name] - exact[name])  # a stable sort keeps the order of ties
    for name in names[: amount - sum(shares.values())]:
        shares[name] += 1
    return shares


def shares(
    rows: Sequence[Transfer],
    disputed: Sequence[str],
    stated: Mapping[str, int],
    tainted: Callable[[int, int, int], int],
    floor: int = 0,
) -> Told:
    """Haircut, taint-first and clean-first by their formulas."""
    balances: dict[str, int] = {OUTSIDE: 10**9}
    # What is not tainted; under taint-first without the opening, on which nothing may depend.
    clean: dict[str, int] = {OUTSIDE: 10**9}
    taints: dict[str, dict[str, int]] = defaultdict(dict)
    sent: dict[str, list[tuple[str, str, int]]] = {}  # whose it is there, whose it is when it comes back
    diluted: dict[str, int] = defaultdict(int)
    overlap = 0

    def meet(account: str) -> None:
        if account not in balances:
            balances[account] = opening(rows, account, stated)
            clean[account] = 0 if tainted is taint_first else balances[account]

    def put(account: str, owner: str, amount: int) -> None:
        balances[account] += amount
        if owner == CLEAN:
            clean[account] = max(0, clean[account] + amount)
        else:
            taints[account][owner] = taints[account].get(owner, 0) + amount

    for row, payer, payee, undoes in moves(rows):
        meet(payer)
        meet(payee)
        left = row.amount_vnd
        came: list[tuple[str, str, int]] = []
        if undoes is not None:
            before = sent[undoes]
            numbered = {str(n): amount for n, (_, _, amount) in enumerate(before)}
            part = divided(min(left, sum(numbered.values())), numbered)
            sent[undoes] = [(there, back, amount - part[str(n)]) for n, (there, back, amount) in enumerate(before)]
            for n, (there, back, _) in enumerate(before):
                found = min(part[str(n)], clean[payer] if there == CLEAN else taints[payer].get(there, 0))
                if found:
                    put(payer, there, -found)
                    put(payee, back, found)
                    diluted[back] -= found if back != there else 0
                    came.append((back, back, found))
                    left -= found
        if left:
            given: dict[str, int] = {}
            here = {each: taints[payer][each] for each in disputed if taints[payer].get(each)}
            if payer != OUTSIDE and here:
                given = divided(tainted(left, sum(here.values()), balances[payer]), here)
            given[CLEAN] = left - sum(given.values())
            dust = 0 < left - given[CLEAN] < floor and row.id not in disputed
            for owner, amount in given.items():
                put(payer, owner, -amount)
                becomes = owner
                if row.id in disputed:
                    becomes = row.id if owner == CLEAN else owner
                    overlap += amount if owner != CLEAN else 0
                elif dust and owner != CLEAN:
                    becomes = CLEAN
                    diluted[owner] += amount
                put(payee, becomes, amount)
                if amount:
                    came.append((becomes, becomes if row.id in disputed else owner, amount))
        sent[row.id] = came
    out = sum(taints.pop(OUTSIDE, {}).values())
    found_there = {account: {o: v for o, v in each.items() if v} for account, each in taints.items()}
    return Told({a: each for a, each in found_there.items() if each}, out, sum(diluted.values()), overlap)
