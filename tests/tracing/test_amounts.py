"""The quick amount trace finds what the rules find when every transfer of the ledger is booked in its order."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.columns import Columns, random_columns, written

from lachan.tracing import AmountTrace, End, ReversalOnTheWay, Rule
from lachan.tracing.flow import COMPILED

RULES = list(COMPILED)
ALL = {"until_us": 2**60, "max_hops": 10, "floor_vnd": 1}


@dataclass
class Book:
    """What an oracle has found: moves (row, amount, hop, end), and what stopped at and was diluted by accounts."""

    moves: list[tuple[int, int, int, int]] = field(default_factory=list)
    hops: dict[int, int] = field(default_factory=dict)
    stopped: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    diluted: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def follows(
        self, row: int, parties: tuple[int, int], carried: int, hop: int, max_hops: int, floor_vnd: int
    ) -> bool:
        """Whether a transfer's money is followed further; notes what becomes of it."""
        payer, payee = parties
        end = End.FOLLOWED
        if carried < floor_vnd and hop > 1:
            self.diluted[payer] += carried
            return False
        if payee < 0:
            end = End.OUTSIDE
        elif hop >= max_hops:
            end = End.DEPTH
            self.stopped[payee] += carried
        if payee >= 0:
            self.hops[payee] = min(hop, self.hops.get(payee, hop))
        self.moves.append((row, carried, hop, int(end)))
        return end is End.FOLLOWED


def lifo(
    columns: Columns, disputed: int, until_us: int, max_hops: int, floor_vnd: int
) -> tuple[Book, dict[int, int]]:
    """Piles of coins, bottom first: (how many, whether the victim's). Below them is clean money without end."""
    book = Book()
    piles: defaultdict[int, list[tuple[int, bool]]] = defaultdict(list)
    for row, payer, payee, amount in columns.steps():
        if row < disputed or (columns.booked_us[row] > until_us and row > disputed):
            continue
        taken: list[tuple[int, bool]] = [(amount, True)] if row == disputed else []
        missing = 0 if row == disputed else amount
        while missing and payer >= 0 and piles[payer]:
            coins, ours = piles[payer].pop()
            if coins > missing:
                piles[payer].append((coins - missing, ours))
                coins = missing
            taken.insert(0, (coins, ours))
            missing -= coins
        carried = sum(coins for coins, ours in taken if ours)
        follows = False
        if carried:
            hop = 1 if row == disputed else book.hops[payer] + 1
            follows = book.follows(row, (payer, payee), carried, hop, max_hops, floor_vnd)
        if payee >= 0:
            piles[payee] += [(missing, False)] + [(coins, ours and follows) for coins, ours in taken]
    left = {account: sum(coins for coins, ours in pile if ours) for account, pile in piles.items()}
    return book, left


def fifo(
    columns: Columns, disputed: int, until_us: int, max_hops: int, floor_vnd: int, stated: list[int]
) -> tuple[Book, dict[int, int]]:
    """Queues of coins, oldest first, of which the first are the opening."""
    book = Book()
    steps, opening = _openings(columns, disputed, until_us, stated)
    piles = defaultdict(list, {account: [(coins, False)] for account, coins in opening.items()})
    for row, payer, payee, amount in steps:
        taken: list[tuple[int, bool]] = []
        missing = amount if payer >= 0 else 0
        while missing:
            coins, ours = piles[payer].pop(0)
            if coins > missing:
                piles[payer].insert(0, (coins - missing, ours))
                coins = missing
            taken.append((coins, ours))
            missing -= coins
        if payer < 0:
            taken = [(amount, False)]
        if row == disputed:
            taken = [(amount, True)]
        carried = sum(coins for coins, ours in taken if ours)
        follows = False
        if carried:
            hop = 1 if row == disputed else book.hops[payer] + 1
            follows = book.follows(row, (payer, payee), carried, hop, max_hops, floor_vnd)
        if payee >= 0:
            piles[payee] += [(coins, ours and follows) for coins, ours in taken]
    left = {account: sum(coins for coins, ours in pile if ours) for account, pile in piles.items()}
    return book, left


def _openings(
    columns: Columns, disputed: int, until_us: int, stated: list[int]
) -> tuple[list[tuple[int, int, int, int]], defaultdict[int, int]]:
    """The steps that count, and the openings with which no balance falls below 0."""
    steps = [step for step in columns.steps() if columns.booked_us[step[0]] <= until_us or step[0] <= disputed]
    balance: defaultdict[int, int] = defaultdict(int)
    lowest: defaultdict[int, int] = defaultdict(int)
    for _, payer, payee, amount in steps:
        balance[payer] -= amount
        lowest[payer] = min(lowest[payer], balance[payer])
        balance[payee] += amount
    return steps, defaultdict(
        int, {n: max(-lowest[n], stated[n] if stated else 0) for n in range(columns.accounts)}
    )


def haircut(
    columns: Columns, disputed: int, until_us: int, max_hops: int, floor_vnd: int, stated: list[int]
) -> tuple[Book, dict[int, int]]:
    """Balances and their tainted parts; a payment whose share is below the floor takes clean money first."""
    book = Book()
    steps, balance = _openings(columns, disputed, until_us, stated)
    taint: defaultdict[int, int] = defaultdict(int)
    for row, payer, payee, amount in steps:
        carried = amount if row == disputed else 0
        if row > disputed and payer >= 0 and taint[payer]:
            carried = amount * taint[payer] // balance[payer]
            if carried < floor_vnd:
                carried = 0
                dust = max(0, taint[payer] - (balance[payer] - amount))
                taint[payer] -= dust
                book.diluted[payer] += dust
            taint[payer] -= carried
        if carried:
            hop = 1 if row == disputed else book.hops[payer] + 1
            if book.follows(row, (payer, payee), carried, hop, max_hops, floor_vnd):
                taint[payee] += carried
        balance[payer] -= amount
        balance[payee] += amount
    return book, taint


def agrees(found: AmountTrace, book: Book, left: dict[int, int]) -> None:
    """The same moves, the same places, and every đồng in one of them."""
    moves = zip(found.rows, found.carried_vnd, found.hops, found.ends, strict=True)
    assert [tuple(map(int, move)) for move in moves] == book.moves
    lies = {account: left.get(account, 0) + book.stopped[account] for account in {*left, *book.stopped}}
    for told, expected in ((found.located_vnd, lies), (found.diluted_by_vnd, book.diluted)):
        assert {
            account: amount
            for account, amount in zip(found.accounts.tolist(), told.tolist(), strict=True)
            if amount
        } == {account: amount for account, amount in expected.items() if amount}
    assert found.closes


def check(columns: Columns, seed: int, rule: Rule) -> None:
    random = np.random.default_rng(seed)
    stated = random.integers(-1, 100, columns.accounts) if random.random() < 0.5 else None
    graph = columns.graph(stated)
    steps = columns.steps()
    for _ in range(3 if steps else 0):  # one after the other on one room: each must leave it clean
        row, payer, _, _ = steps[int(random.integers(0, len(steps)))]
        until = int(columns.booked_us[int(random.integers(0, len(columns.payer)))])
        depth, floor = int(random.integers(1, 11)), int(random.choice([0, 1, 2, 5, 40]))
        found = graph.trace(rule, payer, row, until_us=until, max_hops=depth, floor_vnd=floor)
        if rule is Rule.LIFO:
            agrees(found, *lifo(columns, row, until, depth, floor))
        else:
            openings = [] if stated is None else stated.tolist()
            booked = fifo if rule is Rule.FIFO else haircut
            agrees(found, *booked(columns, row, until, depth, floor, openings))


@settings(max_examples=150)
@given(
    st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 8), st.sampled_from([1, 20, 10**4, 10**15]),
    st.sampled_from(RULES),
)  # fmt: skip
def test_it_finds_what_booking_every_transfer_finds(
    seed: int, rows: int, accounts: int, most: int, rule: Rule
) -> None:
    check(random_columns(seed, rows, accounts, most_vnd=most), seed, rule)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(15))
def test_accounts_with_hundreds_of_transfers(seed: int, rule: Rule) -> None:
    check(random_columns(seed, 900, 5, most_vnd=50, busiest=0.5), seed, rule)


@pytest.mark.parametrize("rule", RULES)
def test_more_than_the_first_room_holds(rule: Rule) -> None:
    """The money passes thousands of accounts."""
    columns = random_columns(9, 6000, 1200, most_vnd=50)
    richest = int(np.argmax(np.where((columns.payer >= 0) & (columns.kind == 0), columns.amount_vnd, 0)))
    rows = [(0, 1, 10**6)] + [(account // 2, account + 1, 10**6 // (account + 1)) for account in range(2, 1100)]
    wide = written(*rows, accounts=1200)
    found = wide.graph().trace(rule, 0, 0, **ALL)
    assert found.closes
    assert len(found.rows) > 300
    assert columns.graph().trace(rule, int(columns.payer[richest]), richest, **ALL).closes


def test_lifo_spares_the_old_salary_and_follows_the_newest() -> None:
    # Account 1 had 100; the victim's 50 come, then clean 30; 60 go on: the 30, and 30 of the 50.
    columns = written((5, 1, 100), (0, 1, 50), (4, 1, 30), (1, 2, 60), (1, 3, 20), (1, -1, 5))
    found = columns.graph().trace(Rule.LIFO, 0, 1, **ALL)
    assert found.rows.tolist() == [1, 3, 4]
    assert found.carried_vnd.tolist() == [50, 30, 20]
    assert dict(zip(found.accounts.tolist(), found.located_vnd.tolist(), strict=True)) == {2: 30, 3: 20}


def test_a_floor_and_an_exit() -> None:
    columns = written((0, 1, 50), (1, 2, 4), (1, -1, 40))
    found = columns.graph().trace(Rule.LIFO, 0, 0, **ALL | {"floor_vnd": 5})
    assert (found.diluted_vnd, found.out_of_reach_vnd, found.located_vnd.tolist()) == (4, 40, [6])
    half = written((3, 1, 50), (0, 1, 50), (1, 2, 60)).graph().trace(Rule.HAIRCUT, 0, 1, **ALL)
    assert dict(zip(half.accounts.tolist(), half.located_vnd.tolist(), strict=True)) == {1: 20, 2: 30}


@pytest.mark.parametrize("rule", RULES)
def test_a_reversal_on_the_way_is_left_to_the_exact_rules(rule: Rule) -> None:
    rows = ((0, 1, 50), (1, 2, 20), (2, 1, 20), (1, 3, 50))
    with pytest.raises(ReversalOnTheWay):
        written(*rows, reverses={2: 1}).graph().trace(rule, 0, 0, **ALL)
    with pytest.raises(ReversalOnTheWay):
        written((0, 1, 50), (1, 0, 50), reverses={1: 0}).graph().trace(rule, 0, 0, **ALL)
    elsewhere = written((4, 5, 9), (0, 1, 50), (5, 4, 9), reverses={2: 0}).graph()
    assert elsewhere.trace(rule, 0, 1, **ALL).closes


def test_a_transfer_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        written((0, 1, 50)).graph().trace(Rule.LIFO, 1, 0, **ALL)
