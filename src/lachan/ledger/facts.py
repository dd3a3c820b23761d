"""What somebody said of a transfer, each word an immutable fact; and the transfers that all words together make.

An institution tells its own account's book: of a credit it knows the payee, of a debit the payer. Two books meet in
the transfer's reference. A later word of the same voice corrects the earlier one; both stay.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from lachan.ledger.model import OUTSIDE, Transfer, TransferKind

UNKNOWN = "unknown:"
"""Before a transfer's name: the party of it that nobody has named. Money there is not found, and asked for."""


class Source(StrEnum):
    """Where a word comes from, the most certain first."""

    ANSWER = "answer"
    RECEIPT = "receipt"
    """What an institution received from an account whose own institution is silent; withdrawn when that speaks."""
    FILE = "file"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class TransferFact:
    """One source's word about one transfer.

    `about` is the account in whose book an institution found it; `payer`, `payee`, `kind` are None where the source
    does not say. `partial`: only a part of the transfer was spoken of, its amount may be larger. `withdrawn`: the
    source no longer says so, or, of a receipt, the payer's own institution does not. `stated_at` is when a file's
    writer learned it, `learned_at` when we did. `origin` is the request, loss or batch that brought it, `named` a
    file's own name of the row, `fact_id` the trail's fact about it and `sealed` that fact's number.
    """

    id: str
    source: Source
    origin: str
    told_by: str
    about: str | None
    reference: str
    booked_at: datetime
    sequence: int | None
    payer: str | None
    payee: str | None
    amount_vnd: int
    kind: TransferKind | None
    reverses: str | None
    partial: bool
    withdrawn: bool
    message_id: str | None
    revision: int | None
    row: int
    named: str | None
    stated_at: datetime | None
    learned_at: datetime
    fact_id: str
    sealed: int | None = None

    @property
    def voice(self) -> tuple[str, ...]:
        """Whose word about what it is: a later fact of the same voice takes its place."""
        if self.source is Source.REPORT:
            return self.source, self.origin
        return self.source, self.told_by, self.about or "", self.reference

    @property
    def rank(self) -> tuple[datetime, datetime, int, str]:
        """Of one voice the highest counts: what was learned last; of one file, what its writer learned last."""
        return self.learned_at, self.stated_at or self.booked_at, self.row, self.id


@dataclass(frozen=True, slots=True)
class KnownTransfer:
    """A transfer as all words together make it, and the words, oldest first.

    `transfer` has its place in the order of all books, which its `booked_at` and `sequence` keep; `booked_at` here
    is the instant that was told.
    """

    transfer: Transfer
    booked_at: datetime
    facts: tuple[TransferFact, ...]


@dataclass(frozen=True, slots=True)
class BalanceFact:
    """What was in an account just before the transfer `reference`: as its institution's answer implies of the
    credit that was asked about, or as a statement says of its first entry.
    """

    account: str
    reference: str
    amount_vnd: int
    told_by: str
    origin: str
    message_id: str | None
    learned_at: datetime
    fact_id: str
    sealed: int | None = None


def current(facts: Iterable[TransferFact]) -> dict[tuple[str, ...], tuple[TransferFact, tuple[TransferFact, ...]]]:
    """By voice its word as it stands now, and the facts that made it; a voice that took its word back is left out.

    What a later word leaves open stays as the earlier one said it: an institution names the payee of a debit only
    to whom it concerns.
    """
    found: dict[tuple[str, ...], tuple[TransferFact, tuple[TransferFact, ...]]] = {}
    for fact in sorted(facts, key=lambda one: one.rank):
        before = found.get(fact.voice)
        if fact.withdrawn:
            found.pop(fact.voice, None)
        elif before is None:
            found[fact.voice] = fact, (fact,)
        else:
            found[fact.voice] = _over(before[0], fact), (*before[1], fact)
    return found


def _over(before: TransferFact, fact: TransferFact) -> TransferFact:
    kept = before if fact.partial and not before.partial else fact
    return replace(
        fact, payer=fact.payer or before.payer, payee=fact.payee or before.payee, kind=fact.kind or before.kind,
        reverses=fact.reverses or before.reverses, partial=kept.partial, amount_vnd=kept.amount_vnd,
        sequence=before.sequence if fact.sequence is None else fact.sequence,
    )  # fmt: skip


def known_transfers(facts: Iterable[TransferFact], as_of: datetime | None = None) -> tuple[KnownTransfer, ...]:
    """The transfers booked at or before `as_of`, in an order that keeps the order of every book.

    Where books contradict each other (clocks of two banks), the earlier told instant comes first.
    """
    groups = [group for group in _grouped(current(facts)) if as_of is None or group.booked_at <= as_of]
    ordered = _in_order(groups)
    names = _Names(ordered)
    made: list[KnownTransfer] = []
    at: datetime | None = None
    for place, group in enumerate(ordered, 1):
        at = group.booked_at if at is None else max(at, group.booked_at)
        payer, payee, kind = names.parties(group)
        reverses = names.reversed_by(group)
        transfer = Transfer(
            names.of[id(group)], at, payer, payee, group.amount_vnd, kind, place, None,
            names.of[id(reverses)] if reverses else None, None, place,
        )  # fmt: skip
        facts_of = tuple(sorted(group.facts, key=lambda one: one.rank))
        made.append(KnownTransfer(transfer, group.booked_at, facts_of))
    return tuple(made)


@dataclass(slots=True)
class _Group:
    """Words of several voices about one transfer."""

    words: list[TransferFact]
    facts: list[TransferFact]

    def fits(self, word: TransferFact) -> bool:
        """Whether this word may be about the same transfer: no party differs."""
        return all(
            (word.payer is None or one.payer is None or word.payer == one.payer)
            and (word.payee is None or one.payee is None or word.payee == one.payee)
            for one in self.words
        )

    def is_told_as(self, word: TransferFact) -> bool:
        """Whether this word tells the same reversal under a name of its own: not where one book tells both."""
        books = {(one.source, one.told_by, one.about) for one in self.words}
        alike = word.amount_vnd == self.amount_vnd and (word.source, word.told_by, word.about) not in books
        return alike and self.fits(word)

    @property
    def reference(self) -> str:
        return self.words[0].reference

    @property
    def payer(self) -> str | None:
        return next((one.payer for one in self.words if one.payer), None)

    @property
    def payee(self) -> str | None:
        return next((one.payee for one in self.words if one.payee), None)

    @property
    def kind(self) -> TransferKind | None:
        return next((one.kind for one in self.words if one.kind), None)

    @property
    def reverses(self) -> str | None:
        return next((one.reverses for one in self.words if one.reverses), None)

    @property
    def amount_vnd(self) -> int:
        """The most certain word's: a bank's before a victim's, a whole amount before a part, the newest."""
        best = sorted(self.words, key=lambda one: one.rank, reverse=True)
        return min(best, key=lambda one: (one.partial, _CERTAIN[one.source])).amount_vnd

    @property
    def booked_at(self) -> datetime:
        """Of the payer's bank, else of the payee's, of a file, of the report."""
        return min(self.words, key=lambda one: (_CERTAIN[one.source], one.about != one.payer, one.rank)).booked_at


_CERTAIN = {source: place for place, source in enumerate(Source)}


def _grouped(
    words: Mapping[tuple[str, ...], tuple[TransferFact, tuple[TransferFact, ...]]],
) -> list[_Group]:
    """Words with one reference are about one transfer unless their parties differ.

    So are words about one reversal: banks have a name for the payment that both know, and none for what undoes it.
    """
    by_reference: dict[str, list[_Group]] = defaultdict(list)
    undoing: dict[str, list[_Group]] = defaultdict(list)

    def surest(pair: tuple[TransferFact, tuple[TransferFact, ...]]) -> tuple[object, ...]:
        word = pair[0]
        open_ends = (word.payer is None) + (word.payee is None)
        return open_ends, _CERTAIN[word.source], pair[1][0].learned_at, pair[1][0].id

    for word, facts in sorted(words.values(), key=surest):
        groups = by_reference[word.reference]
        group = next((one for one in groups if one.fits(word)), None)
        if group is None:
            alike = undoing[word.reverses] if word.reverses else []
            group = next((one for one in alike if one.is_told_as(word)), None)
            if group is None:
                group = _Group([], [])
                alike.append(group)
            groups.append(group)
        group.words.append(word)
        group.facts += facts
    found = {id(group): group for groups in by_reference.values() for group in groups}
    return list(found.values())


def _in_order(groups: Sequence[_Group]) -> list[_Group]:
    """Each book's order is kept; between them, time decides, then what was told first."""
    keys = [(one.booked_at, min((fact.learned_at, fact.id) for fact in one.facts)) for one in groups]
    after: list[set[int]] = [set() for _ in groups]
    waits = [0] * len(groups)
    for book in _books(groups):
        for (_, before), (_, later) in pairwise(book):
            if before != later and later not in after[before]:
                after[before].add(later)
                waits[later] += 1
    ready = [(keys[place], place) for place, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    left = set(range(len(groups)))
    ordered: list[_Group] = []
    while left:
        place = heapq.heappop(ready)[1] if ready else min(left, key=lambda one: keys[one])
        if place not in left:
            continue
        left.discard(place)
        ordered.append(groups[place])
        for later in after[place]:
            waits[later] -= 1
            if not waits[later] and later in left:
                heapq.heappush(ready, (keys[later], later))
    return ordered


def _books(groups: Sequence[_Group]) -> list[list[tuple[tuple[datetime, int], int]]]:
    """Of every account, as each bank or file tells it, its bookings in order: when, and which group."""
    books: dict[tuple[str, str, str], list[tuple[tuple[datetime, int], int]]] = defaultdict(list)
    for place, group in enumerate(groups):
        for word in group.words:
            if word.source is Source.REPORT or word.partial:
                continue  # a victim's clock, or no clock at all
            order = word.booked_at, word.row if word.sequence is None else word.sequence
            for account in {word.about} if word.about else {word.payer, word.payee} - {None, OUTSIDE}:
                books[word.source, word.told_by, account or ""].append((order, place))
    return [sorted(book) for book in books.values()]


class _Names:
    """Names of transfers and of parties that nobody has named."""

    def __init__(self, groups: Sequence[_Group]) -> None:
        self.by_reference: dict[str, list[_Group]] = defaultdict(list)
        self.of: dict[int, str] = {}
        for group in groups:
            alike = self.by_reference[group.reference]
            alike.append(group)
            self.of[id(group)] = group.reference if len(alike) == 1 else f"{group.reference}#{len(alike)}"

    def reversed_by(self, group: _Group) -> _Group | None:
        """The transfer whose money this one brings back."""
        known = self.by_reference.get(group.reverses or "", ())
        return next((one for one in known if one.payer == group.payee or one.payer is None), None)

    def parties(self, group: _Group) -> tuple[str, str, TransferKind]:
        """Payer, payee, and how the money went. Who pays money back is who had received it."""
        kind = group.kind or TransferKind.TRANSFER
        back = self.reversed_by(group)
        payer = group.payer or (self._payee(back) if back is not None else OUTSIDE)
        return payer, self._payee(group), kind

    def _payee(self, group: _Group) -> str:
        left = group.kind not in {None, TransferKind.TRANSFER}
        return group.payee or (OUTSIDE if left else f"{UNKNOWN}{self.of[id(group)]}")


def openings(balances: Iterable[BalanceFact], transfers: Sequence[KnownTransfer]) -> dict[str, int]:
    """What was in each account before its first known transfer, where an answer or a statement says it."""
    stated: dict[str, list[BalanceFact]] = defaultdict(list)
    for one in sorted(balances, key=lambda fact: (fact.learned_at, fact.reference), reverse=True):
        stated[one.account].append(one)
    net: dict[str, int] = defaultdict(int)
    found: dict[str, tuple[int, int]] = {}  # by account: how many balances were learned later, and the opening
    for known in transfers:
        made = known.transfer
        arrives = made.kind is TransferKind.TRANSFER
        told = {fact.reference for fact in known.facts}
        for account in (made.payer, made.payee) if arrives else (made.payer,):
            for newer, balance in enumerate(stated.get(account, ())):
                if balance.reference in told and newer < found.get(account, (newer + 1, 0))[0]:
                    found[account] = newer, max(balance.amount_vnd - net[account], 0)
        if arrives:
            net[made.payee] += made.amount_vnd
        net[made.payer] -= made.amount_vnd
    return {account: opening_vnd for account, (_, opening_vnd) in found.items()}
