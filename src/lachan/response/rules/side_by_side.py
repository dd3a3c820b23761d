"""The rules side by side over one state of knowledge, counted for one report's losses."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lachan.ledger import UNKNOWN, Known
from lachan.tracing import CONSERVING, AccountTrace, LossSum, Opening, Rule, Trace, compare, trace

REACH = (Rule.POISON, Rule.BOUNDED)


@dataclass(frozen=True, slots=True)
class Side:
    """One account: what each conserving rule finds there of these losses."""

    account: str
    by_rule: Mapping[Rule, int]
    opening: Opening
    first: AccountTrace

    @property
    def lowest_vnd(self) -> int:
        """What every rule finds: which one is chosen does not matter to it."""
        return min(self.by_rule.values())

    @property
    def highest_vnd(self) -> int:
        """The most that any rule finds."""
        return max(self.by_rule.values())

    @property
    def is_known(self) -> bool:
        """Whether somebody has named the account; in an unnamed one nothing can be held."""
        return not self.account.startswith(UNKNOWN)


@dataclass(frozen=True, slots=True)
class Closing:
    """Under one rule: disputed - overlap = in accounts + nobody knows where + out of reach + diluted."""

    rule: Rule
    disputed_vnd: int
    overlap_vnd: int
    located_vnd: int
    unknown_vnd: int
    out_of_reach_vnd: int
    diluted_vnd: int

    @property
    def closes(self) -> bool:
        """Whether every đồng has a place."""
        parts_vnd = self.located_vnd + self.unknown_vnd + self.out_of_reach_vnd + self.diluted_vnd
        return self.disputed_vnd - self.overlap_vnd == parts_vnd


@dataclass(frozen=True, slots=True)
class SideBySide:
    """`losses`: of this report, by disputed transfer. Accounts with the most agreed on first."""

    losses: Mapping[str, str]
    sides: tuple[Side, ...]
    closings: tuple[Closing, ...]
    reach: Mapping[Rule, Trace]


def side_by_side(known: Known, own: Collection[str], floor_vnd: int) -> SideBySide:
    """All rules over all that is known, counted for the report's `own` losses; others' money is followed, too."""
    transfers = [one.transfer for one in known.transfers]
    names = list(known.disputed)
    mine = {name: loss for name, loss in known.disputed.items() if loss in set(own)}
    if not mine:
        return SideBySide({}, (), tuple(Closing(rule, 0, 0, 0, 0, 0, 0) for rule in CONSERVING), {})
    traces = compare(transfers, names, openings=known.openings, floor_vnd=floor_vnd).traces
    reach = {rule: trace(transfers, list(mine), rule=rule, openings=known.openings) for rule in REACH}
    return SideBySide(mine, _sides(traces, mine), tuple(closing(one, mine) for one in traces.values()), reach)


def closing(found: Trace, mine: Collection[str]) -> Closing:
    """The sum of some losses under one rule."""
    sums = [found.losses[name] for name in mine]
    at = {one.account: own_vnd(one, mine) for one in found.accounts}
    unknown_vnd = sum(vnd for account, vnd in at.items() if account.startswith(UNKNOWN))
    return Closing(
        found.rule, _sum(sums, "disputed_vnd"), _sum(sums, "overlap_vnd"), sum(at.values()) - unknown_vnd,
        unknown_vnd, _sum(sums, "out_of_reach_vnd"), _sum(sums, "diluted_vnd"),
    )  # fmt: skip


def own_vnd(account: AccountTrace, mine: Collection[str]) -> int:
    """How much of these losses is in an account."""
    return sum(vnd for name, vnd in account.by_loss.items() if name in mine)


def sure_vnd(side: Side, answered: Side | None) -> int:
    """What every rule finds in an account, and finds there too where nobody's word about another's book counts."""
    return min(side.lowest_vnd, answered.lowest_vnd if answered is not None else 0)


def _sides(traces: Mapping[Rule, Trace], mine: Collection[str]) -> tuple[Side, ...]:
    found: dict[str, dict[Rule, int]] = {}
    first: dict[str, AccountTrace] = {}
    for rule, one in traces.items():
        for account in one.accounts:
            if vnd := own_vnd(account, mine):
                first.setdefault(account.account, account)
                found.setdefault(account.account, dict.fromkeys(CONSERVING, 0))[rule] = vnd
    sides = [Side(name, by_rule, first[name].opening, first[name]) for name, by_rule in found.items()]
    sides.sort(key=lambda one: (not one.is_known, -one.lowest_vnd, -one.highest_vnd, one.account))
    return tuple(sides)


def _sum(sums: Collection[LossSum], name: str) -> int:
    return sum(getattr(one, name) for one in sums)
