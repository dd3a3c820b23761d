"""What is asked of a trace and what it answers: money, loss by loss and account by account, to the đồng."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lachan.foundation.base import Reason


class TraceReason(Reason):
    """Why a trace cannot be made."""

    UNKNOWN_DISPUTED = "unknown_disputed"
    DISPUTED_TWICE = "disputed_twice"
    DISPUTED_SELF_TRANSFER = "disputed_self_transfer"
    DISPUTED_REVERSAL = "disputed_reversal"
    SUMS_TOO_LARGE = "trace_sums_too_large"


class Rule(StrEnum):
    """How it is decided which part of a payment is the victims' money."""

    LIFO = "lifo"
    FIFO = "fifo"
    HAIRCUT = "haircut"
    TAINT_FIRST = "taint_first"
    CLEAN_FIRST = "clean_first"
    POISON = "poison"
    BOUNDED = "bounded"


CONSERVING = (Rule.LIFO, Rule.FIFO, Rule.HAIRCUT, Rule.TAINT_FIRST, Rule.CLEAN_FIRST)
"""The rules under which no đồng is made or lost. The others tell only how far the money may have come."""


class OpeningSource(StrEnum):
    """How an account's opening balance is known."""

    STATED = "stated"
    IMPLIED = "implied"
    """Not stated: the smallest with which the balance never falls below 0."""
    BALANCE_CONFLICT = "balance_conflict"
    """Stated too low for the payments that were made from it; raised by the shortfall."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What was in an account before the first known transfer; clean, and its oldest money."""

    amount_vnd: int
    source: OpeningSource


@dataclass(frozen=True, slots=True)
class AccountTrace:
    """One account that victims' money came to, whether or not it is still there.

    `taint_vnd` is the tainted part of `balance_vnd`, `by_loss` the same by disputed transfer, without zeros. `hops`
    counts the transfers from the disputed one (1: it was paid to this account) to the one that brought the first
    taint, at `first_at`.
    """

    account: str
    balance_vnd: int
    taint_vnd: int
    by_loss: Mapping[str, int]
    hops: int
    first_at: datetime
    opening: Opening


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One transfer that carried victims' money, in its order.

    `by_loss` is the tainted part of `amount_vnd`, by disputed transfer. None for `source` or `target`: not an
    account. `disputed`: a loss begins here, and takes what was clean. `undoes` names the transfer of which
    these very coins come back. `diluted`: too little to be followed; from here on it counts as clean.
    """

    transfer: str
    source: str | None
    target: str | None
    amount_vnd: int
    by_loss: Mapping[str, int]
    disputed: bool = False
    undoes: str | None = None
    diluted: bool = False


@dataclass(frozen=True, slots=True)
class LossSum:
    """Where one loss is. `disputed_vnd` - `overlap_vnd` = `located_vnd` + `out_of_reach_vnd` + `diluted_vnd`.

    `overlap_vnd`: what the disputed transfer took of money that already belonged to another loss, and stays its.
    """

    disputed_vnd: int
    overlap_vnd: int
    located_vnd: int
    out_of_reach_vnd: int
    diluted_vnd: int

    @property
    def closes(self) -> bool:
        """Whether every đồng has a place."""
        parts_vnd = self.located_vnd + self.out_of_reach_vnd + self.diluted_vnd
        return self.disputed_vnd - self.overlap_vnd == parts_vnd


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the disputed money is under one rule, most tainted account first.

    `edges` counts the transfers that carried taint; `steps` are these, where they were asked for. `losses` has
    one sum for each loss; it is empty, and `conserved` is None, where the rule tells reach only: its amounts
    may count a đồng twice.
    """

    rule: Rule
    accounts: tuple[AccountTrace, ...]
    disputed_vnd: int
    out_of_reach_vnd: int
    diluted_vnd: int
    overlap_vnd: int
    edges: int
    losses: Mapping[str, LossSum]
    conserved: bool | None
    steps: tuple[TraceStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparedAccount:
    """What each conserving rule finds in one account."""

    account: str
    by_rule: Mapping[Rule, int]

    @property
    def lowest_vnd(self) -> int:
        """What all rules agree on: it is held without argument."""
        return min(self.by_rule.values())

    @property
    def highest_vnd(self) -> int:
        """The most that any rule finds."""
        return max(self.by_rule.values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """The conserving rules side by side; accounts with the most agreed on first."""

    traces: Mapping[Rule, Trace]
    accounts: tuple[ComparedAccount, ...]
