"""What the ledger knows around some losses: now, or at any instant before."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.ledger import store
from lachan.ledger.facts import (
    BalanceFact,
    KnownTransfer,
    Source,
    TransferFact,
    current,
    known_transfers,
    openings,
)
from lachan.ledger.model import OUTSIDE

FACTS_MAX = 20_000
"""What a page reads at most; beyond it lies a bank's whole file, for which there is `lachan trace`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was learned at once: an answer, a report or its correction, a part of a file."""

    learned_at: datetime
    source: Source
    told_by: str
    origin: str
    fact_id: str
    sealed: int | None
    new: int
    corrected: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Known:
    """The transfers in their order, the stated openings, and by transfer the loss that begins with it."""

    transfers: tuple[KnownTransfer, ...]
    openings: Mapping[str, int]
    disputed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All facts around some losses. Not `complete`: there are more than are read at once."""

    facts: tuple[TransferFact, ...]
    balances: tuple[BalanceFact, ...]
    complete: bool

    def at(
        self,
        *,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        sealed: int | None = None,
        besides: Collection[Source] = (),
    ) -> Known:
        """What was booked up to `as_of`, as it was known at `known_at`, from facts with numbers up to `sealed`.

        `besides`: of these sources nothing is believed.
        """
        facts = [one for one in store.known_before(self.facts, known_at, sealed) if one.source not in besides]
        balances = store.known_before(self.balances, known_at, sealed)
        transfers = known_transfers(facts, as_of)
        words = [pair for pair in current(facts).values() if pair[0].source is Source.REPORT]
        words.sort(key=lambda pair: (pair[1][0].learned_at, pair[1][0].id))
        by_fact = {fact.id: known.transfer.id for known in transfers for fact in known.facts}
        disputed: dict[str, str] = {}
        for _, said in words:
            name = by_fact.get(said[-1].id)
            if name is not None:
                disputed.setdefault(name, said[-1].origin.removeprefix("loss:"))
        return Known(transfers, openings(balances, transfers), disputed)

    def moments(self) -> tuple[Moment, ...]:
        """When something was learned, oldest first."""
        seen: set[tuple[str, ...]] = set()
        counts: dict[str, list[int]] = {}
        first: dict[str, TransferFact] = {}
        for fact in sorted(self.facts, key=lambda one: one.rank):
            first.setdefault(fact.fact_id, fact)
            place = 2 if fact.withdrawn else int(fact.voice in seen)
            counts.setdefault(fact.fact_id, [0, 0, 0])[place] += 1
            seen.add(fact.voice)
        return tuple(
            Moment(one.learned_at, one.source, one.told_by, one.origin, one.fact_id, one.sealed, *counts[fact_id])
            for fact_id, one in first.items()
        )


def around(conn: Connection, loss_ids: Collection[str], *, most: int = FACTS_MAX) -> Surroundings:
    """Everything known of these losses' money: every account that it, or other money near it, may have come to.

    What institutions and reports say is followed in both directions, so that money of other losses is found; a
    file's transfers only onward, because a bank's day leads from everybody to everybody.
    """
    found = {fact.id: fact for fact in store.of_origins(conn, [f"loss:{one}" for one in loss_ids])}
    accounts: set[str] = set()
    references: set[str] = set()
    while len(found) <= most:
        ahead = {account for fact in found.values() for account in _ends(fact)} - accounts
        named = {fact.reference for fact in found.values() if fact.source is not Source.FILE} - references
        if not ahead and not named:
            break
        accounts |= ahead
        references |= named
        found |= {fact.id: fact for fact in store.touching(conn, sorted(ahead), sorted(named), most)}
    facts = sorted(found.values(), key=lambda one: one.rank)
    return Surroundings(tuple(facts[:most]), tuple(store.balances(conn, sorted(accounts))), len(facts) <= most)


def _ends(fact: TransferFact) -> set[str]:
    ends = {fact.payee} if fact.source is Source.FILE else {fact.payer, fact.payee, fact.about}
    return {one for one in ends if one and one != OUTSIDE}
