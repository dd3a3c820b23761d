"""Suspicion as data: who may claim, from where, what puts a verdict into force, and for how long."""

from dataclasses import dataclass
from datetime import date, datetime

from lachan.foundation.base import NotFound
from lachan.foundation.taxonomy.loading import current, find, load
from lachan.foundation.taxonomy.model import Rule, TaxonomyReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStanding(Rule):
    """The weight of a claimant; `agency_kinds` are the bodies that have it."""

    agency_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSource(Rule):
    """A source of claims.

    `standing` None: the weight of the agency that claims. `kinds` are the identifiers it may name. `reason` and
    `confidence` (1–100) stand where a row gives none. `complete`: what a later file no longer names is delisted.
    `expiry_clock` None: the life that `ListingPeriod` gives.
    """

    standing: str | None
    kinds: tuple[str, ...]
    reason: str
    confidence: int
    complete: bool
    expiry_clock: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictWay(Rule):
    """One way to a verdict: `claims` live claims of `claimants` different claimants of these standings.

    Each claim counts from `confidence` on. `by_hand`: only by a person's decision; `second_person`: which another
    person has checked.
    """

    verdict: str
    standings: tuple[str, ...]
    claims: int
    claimants: int
    confidence: int
    by_hand: bool
    second_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPeriod(Rule):
    """For these kinds of identifier: the clock of an entry's review, and of a claim's life."""

    kinds: tuple[str, ...]
    review_clock: str
    claim_clock: str


def claim_standings(on: date | datetime) -> tuple[ClaimStanding, ...]:
    """The weights of claimants, lightest first."""
    return current(load("claim_standings", ClaimStanding), on)


def standing_of_kind(agency_kind: str, on: date | datetime) -> str:
    """The weight of a kind of body. Raises NotFound where the kind has none."""
    for row in claim_standings(on):
        if agency_kind in row.agency_kinds:
            return row.code
    raise NotFound(TaxonomyReason.CODE_UNKNOWN, field="agency_kind", code=agency_kind)


def claim_source(code: str, on: date | datetime) -> ClaimSource:
    """One source of claims. Raises NotFound with a named reason."""
    return find(load("claim_sources", ClaimSource), code, on)


def claim_sources(on: date | datetime) -> tuple[ClaimSource, ...]:
    """Every source of claims."""
    return current(load("claim_sources", ClaimSource), on)


def verdict_ways(on: date | datetime) -> tuple[VerdictWay, ...]:
    """Every way to a verdict, weakest first."""
    return current(load("verdict_ways", VerdictWay), on)


def listing_period(kind: str, on: date | datetime) -> ListingPeriod:
    """The periods for a kind of identifier. Raises NotFound where the kind has none."""
    for row in current(load("listing_periods", ListingPeriod), on):
        if kind in row.kinds:
            return row
    raise NotFound(TaxonomyReason.CODE_UNKNOWN, field="kind", code=kind)
