"""From a divided pool to a pay-out list: who is paid how much now, with which coins. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lachan.foundation.protocol import Spans, newest, subtract, total, union


class Waits(StrEnum):
    """Why a loss's share is not paid yet; it is set aside meanwhile."""

    UNCONFIRMED = "unconfirmed"
    NOT_ANALYSED = "not_analysed"
    NO_ACCOUNT = "no_account"
    NEXT_LIST = "next_list"


@dataclass(frozen=True, slots=True)
class Coins:
    """Held coins of one loss under one hold."""

    hold: str
    owner: str
    spans: Spans


@dataclass(frozen=True, slots=True)
class Due:
    """What one loss is due now, in VND, and why it waits, if it does."""

    loss: str
    amount_vnd: int
    waits: Waits | None = None


def pick_coins(held: Sequence[Coins], dues: Sequence[Due]) -> Mapping[str, tuple[Coins, ...]]:
    """Which held coins pay each due, by loss: its own first, then those that nobody else here is due.

    What waits keeps its own coins too, as far as they reach. Coins are taken in the order given, each once.
    """
    left = list(held)
    picked: dict[str, list[Coins]] = {due.loss: [] for due in dues}
    missing: dict[str, int] = {}
    for due in dues:
        taken, left = _take(left, due.amount_vnd, owner=due.loss)
        missing[due.loss] = due.amount_vnd - sum(total(one.spans) for one in taken)
        picked[due.loss] += taken
    for due in dues:
        if due.waits is None:
            taken, left = _take(left, missing[due.loss])
            picked[due.loss] += taken
    return {due.loss: tuple(picked[due.loss]) for due in dues if due.waits is None}


def by_hold(coins: Iterable[Coins]) -> dict[str, Spans]:
    """The coins of several picks, by hold."""
    found: dict[str, Spans] = {}
    for one in coins:
        found[one.hold] = union(found.get(one.hold, ()), one.spans)
    return found


def _take(left: Iterable[Coins], amount_vnd: int, owner: str | None = None) -> tuple[list[Coins], list[Coins]]:
    """At most `amount_vnd` of these coins, of one owner if one is named; and what is left of all."""
    taken, rest = [], []
    for one in left:
        wanted = amount_vnd and owner in (None, one.owner)
        chosen = newest(one.spans, amount_vnd) if wanted else ()
        if chosen:
            amount_vnd -= total(chosen)
            taken.append(Coins(one.hold, one.owner, chosen))
        if remaining := subtract(one.spans, chosen):
            rest.append(Coins(one.hold, one.owner, remaining))
    return taken, rest
