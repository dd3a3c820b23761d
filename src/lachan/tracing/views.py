"""The questions: where is the disputed money under this rule, and what do all rules agree on?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from lachan.foundation.base import BadInput
from lachan.ledger import Transfer
from lachan.tracing.engine import Outcome, walk
from lachan.tracing.facts import Facts, facts
from lachan.tracing.footprints import Carried, Footprints
from lachan.tracing.model import (
    CONSERVING,
    AccountTrace,
    ComparedAccount,
    Comparison,
    LossSum,
    Rule,
    Trace,
    TraceReason,
    TraceStep,
)
from lachan.tracing.rules import POOLS, poison, search

_NO_OPENINGS: Mapping[str, int] = {}


def trace(
    transfers: Iterable[Transfer],
    disputed: Sequence[str],
    *,
    rule: Rule = Rule.LIFO,
    openings: Mapping[str, int] = _NO_OPENINGS,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    floor_vnd: int = 0,
    keep_steps: bool = False,
) -> Trace:
    """Where the money of the disputed transfers is, each its own loss, in the order in which they are named.

    Counted are the facts booked at or before `as_of` and learned at or before `known_at`; a disputed transfer that
    is not among them has lost nothing yet. `openings` are stated balances before the first transfer. Under haircut,
    a payment whose tainted part is below `floor_vnd` is not followed further; that part is diluted.
    `keep_steps`: under a conserving rule the answer has every transfer that carried taint, too.

    BadInput with a `TraceReason` for what cannot be disputed.
    """
    known = facts(transfers, as_of=as_of, known_at=known_at)
    losses = _numbered(known, disputed)
    return _trace(known, losses, disputed, rule, openings, floor_vnd, keep_steps=keep_steps)


def compare(
    transfers: Iterable[Transfer],
    disputed: Sequence[str],
    *,
    openings: Mapping[str, int] = _NO_OPENINGS,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    floor_vnd: int = 0,
) -> Comparison:
    """All conserving rules side by side, account by account, as `trace` says each of them.

    The least that any rule finds in an account is there by all of them: that may be held without argument.
    """
    known = facts(transfers, as_of=as_of, known_at=known_at)
    losses = _numbered(known, disputed)
    traces = {rule: _trace(known, losses, disputed, rule, openings, floor_vnd) for rule in CONSERVING}
    taints: dict[str, dict[Rule, int]] = {}
    for rule, found in traces.items():
        for each in found.accounts:
            taints.setdefault(each.account, dict.fromkeys(CONSERVING, 0))[rule] = each.taint_vnd
    rows = [ComparedAccount(account, by_rule) for account, by_rule in taints.items()]
    rows.sort(key=lambda row: (-row.lowest_vnd, -row.highest_vnd, row.account))
    return Comparison(traces, tuple(rows))


def _numbered(known: Facts, disputed: Sequence[str]) -> dict[str, int]:
    """The number of each loss by the id of its record; a disputed transfer that is not known yet has none."""
    numbers: dict[str, int] = {}
    for number, each in enumerate(disputed):
        if each not in known.everything:
            raise BadInput(TraceReason.UNKNOWN_DISPUTED, field="disputed", value=each)
        root = known.root(each)
        if root in numbers:
            raise BadInput(TraceReason.DISPUTED_TWICE, field="disputed", value=each)
        record = known.known.get(root) or known.everything[each]
        if record.reverses:
            raise BadInput(TraceReason.DISPUTED_REVERSAL, field="disputed", value=each)
        if record.payer == record.payee:
            raise BadInput(TraceReason.DISPUTED_SELF_TRANSFER, field="disputed", value=each)
        numbers[root] = number
    return {root: number for root, number in numbers.items() if root in known.known}


def _trace(
    known: Facts,
    losses: Mapping[str, int],
    disputed: Sequence[str],
    rule: Rule,
    openings: Mapping[str, int],
    floor_vnd: int,
    *,
    keep_steps: bool = False,
) -> Trace:
    amounts = {number: known.known[root].amount_vnd for root, number in losses.items()}
    names = _Names(known, disputed, openings)
    if rule is Rule.POISON:
        touched = poison(known, losses, openings)
        taints = {
            account: {owner: names.balance(account) for owner in owners}
            for account, owners in touched.accounts.items()
        }
        accounts = names.accounts(touched.footprints, taints, {each: max(taints[each].values()) for each in taints})
        return _reach(rule, accounts, amounts, touched.out_of_reach_vnd, touched.overlap_vnd, touched.footprints)
    if rule is Rule.BOUNDED:
        found = search(known, losses)
        taints = {
            account: {owner: min(came, names.balance(account)) for owner, came in arrived.items()}
            for account, arrived in found.arrived.items()
        }
        whole = {account: min(came, names.balance(account)) for account, came in found.at_all.items()}
        accounts = names.accounts(found.footprints, taints, whole)
        return _reach(rule, accounts, amounts, found.out_of_reach_vnd, found.overlap_vnd, found.footprints)
    floor_vnd = floor_vnd if rule is Rule.HAIRCUT else 0
    outcome = walk(known, losses, POOLS[rule], openings, floor_vnd, keep_steps=keep_steps)
    return _conserved(rule, names, amounts, outcome)


def _conserved(rule: Rule, names: "_Names", amounts: Mapping[int, int], outcome: Outcome) -> Trace:
    taints = {account: taint for account, pool in outcome.pools.items() if (taint := pool.taint())}
    located = dict.fromkeys(amounts, 0)
    for taint in taints.values():
        for owner, amount_vnd in taint.items():
            located[owner] += amount_vnd
    sums = {
        names.disputed[number]: LossSum(
            amount_vnd,
            outcome.overlap[number],
            located[number],
            outcome.out_of_reach[number],
            outcome.diluted[number],
        )
        for number, amount_vnd in amounts.items()
    }
    accounts = names.accounts(outcome.footprints, taints, {each: sum(taints[each].values()) for each in taints})
    return Trace(
        rule,
        accounts,
        sum(amounts.values()),
        sum(each.out_of_reach_vnd for each in sums.values()),
        sum(each.diluted_vnd for each in sums.values()),
        sum(each.overlap_vnd for each in sums.values()),
        outcome.footprints.edges,
        sums,
        all(each.closes for each in sums.values()),
        tuple(map(names.step, outcome.footprints.carried or ())),
    )


def _reach(
    rule: Rule,
    accounts: tuple[AccountTrace, ...],
    amounts: Mapping[int, int],
    out_of_reach_vnd: int,
    overlap_vnd: int,
    footprints: Footprints,
) -> Trace:
    disputed_vnd = sum(amounts.values())
    return Trace(rule, accounts, disputed_vnd, out_of_reach_vnd, 0, overlap_vnd, footprints.edges, {}, None)


class _Names:
    """Accounts and losses as the answer names them."""

    def __init__(self, known: Facts, disputed: Sequence[str], openings: Mapping[str, int]) -> None:
        self.known = known
        self.disputed = disputed
        self.openings = openings

    def balance(self, account: str) -> int:
        """What is in the account after all steps."""
        return self.known.opening(account, self.openings).amount_vnd + self.known.added_vnd.get(account, 0)

    def step(self, carried: Carried) -> TraceStep:
        """A payment as the answer has it."""
        step = carried.step
        by_loss = {self.disputed[owner]: part for owner, part in sorted(carried.by_loss.items())}
        return TraceStep(
            step.transfer.id, step.source, step.target, step.amount_vnd, by_loss, carried.loss is not None,
            carried.undone, carried.diluted,
        )  # fmt: skip

    def accounts(
        self, footprints: Footprints, taints: Mapping[str, Mapping[int, int]], whole: Mapping[str, int]
    ) -> tuple[AccountTrace, ...]:
        """Every account that taint came to: most tainted first, then as it came."""
        rows = [
            AccountTrace(
                account,
                self.balance(account),
                whole.get(account, 0),
                {self.disputed[owner]: part for owner, part in sorted(taints.get(account, {}).items()) if part},
                hops,
                first_at,
                self.known.opening(account, self.openings),
            )
            for account, (hops, first_at) in footprints.first.items()
        ]
        rows.sort(key=lambda row: (-row.taint_vnd, row.first_at, row.hops, row.account))
        return tuple(rows)
