"""The walk: every payment in its order takes money by the rule and brings it, coin by coin, to where it goes.

Only accounts that taint can reach at all are kept account of; what comes from any other is clean.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lachan.tracing.facts import Facts, Step
from lachan.tracing.footprints import Carried, Footprints
from lachan.tracing.rules import CLEAN, Leg, Pool, Run


@dataclass(slots=True)
class Outcome:
    """Where the walk left the money: by account, and by loss what left the accounts or fell under the floor."""

    pools: dict[str, Pool]
    footprints: Footprints = field(default_factory=Footprints)
    out_of_reach: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    diluted: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    overlap: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def walk(
    facts: Facts,
    losses: Mapping[str, int],
    new_pool: Callable[[int], Pool],
    openings: Mapping[str, int],
    floor_vnd: int,
    *,
    keep_steps: bool = False,
) -> Outcome:
    """Follow the losses (disputed transfer -> number) through all steps.

    `openings` are the stated ones; `keep_steps` notes every payment that carried taint. A payment whose
    tainted part is below `floor_vnd` goes on as clean money, and that part is diluted; a disputed transfer
    itself never is.
    """
    reached = within_reach(facts.steps, losses)
    pools = {account: new_pool(facts.opening(account, openings).amount_vnd) for account in reached}
    outcome = Outcome(pools, Footprints(keep_steps=keep_steps))
    return _Walk(outcome, facts.undone, losses, floor_vnd).run(facts.steps)


def within_reach(steps: Sequence[Step], losses: Mapping[str, int]) -> set[str]:
    """Every account that money of a disputed transfer can have come to, by any rule.

    With them come the accounts that exchange reversals with one of these, in any number of steps: whether coins are
    still there to come back is known only where they are kept account of.
    """
    reached: set[str] = set()
    exchanging: dict[str, set[str]] = defaultdict(set)
    for step in steps:
        begins = step.transfer.id in losses or step.undoes in losses
        if step.target is not None and (begins or step.source in reached):
            reached.add(step.target)
        if step.undoes is not None and step.source is not None and step.target is not None:
            exchanging[step.source].add(step.target)
            exchanging[step.target].add(step.source)
    pending = [account for account in exchanging if account in reached]
    while pending:
        for account in exchanging[pending.pop()] - reached:
            reached.add(account)
            pending.append(account)
    return reached


class _Walk:
    def __init__(self, outcome: Outcome, undone: frozenset[str], losses: Mapping[str, int], floor_vnd: int) -> None:
        self.outcome = outcome
        self.pools = outcome.pools
        self.losses = losses
        self.floor_vnd = floor_vnd
        self.carried = outcome.footprints.carried
        # Of each payment that will be undone: the legs that did not come back yet.
        self.legs: dict[str, list[Leg]] = {transfer_id: [] for transfer_id in undone}

    def run(self, steps: Sequence[Step]) -> Outcome:
        """Take the steps in their order."""
        pools, losses = self.pools, self.losses
        for step in steps:
            if step.source in pools or step.target in pools or step.transfer.id in losses:
                if step.undoes is None:
                    self._pay(step, step.amount_vnd, losses.get(step.transfer.id))
                else:
                    self._undo(step, step.undoes)
        return self.outcome

    def _pay(self, step: Step, amount_vnd: int, loss: int | None) -> None:
        source = self.pools.get(step.source or "")
        given = source.give(amount_vnd) if source else (Run(0, amount_vnd, CLEAN),)
        arriving = given
        if loss is not None:
            arriving = self._dispute(given, loss)
        elif self.floor_vnd:
            arriving = self._above_floor(given)
        if self.carried is not None:
            diluted = arriving is not given and loss is None
            self._note(Carried(step, _taint(given if diluted else arriving), loss, None, diluted))
        owners = {run.owner for run in arriving} - {CLEAN}
        if owners:
            self.outcome.footprints.carry(step, owners, loss)
        place = self._arrive(step.target, arriving)
        if (legs := self.legs.get(step.transfer.id)) is not None:
            for run, came in zip(given, arriving, strict=True):
                restored = came.owner if loss is not None else run.owner
                legs.append(Leg(run.place, place, run.amount_vnd, came.owner, restored))
                place += run.amount_vnd

    def _note(self, carried: Carried) -> None:
        if carried.by_loss and self.carried is not None:
            self.carried.append(carried)

    def _dispute(self, given: Sequence[Run], loss: int) -> Sequence[Run]:
        """The clean coins become the loss's; those of another loss stay that loss's."""
        for run in given:
            if run.owner != CLEAN:
                self.outcome.overlap[loss] += run.amount_vnd
        return [run if run.owner != CLEAN else Run(run.place, run.amount_vnd, loss) for run in given]

    def _above_floor(self, given: Sequence[Run]) -> Sequence[Run]:
        """The same, or, where its tainted part is dust, all of it as clean money."""
        if sum(run.amount_vnd for run in given if run.owner != CLEAN) >= self.floor_vnd:
            return given
        for run in given:
            if run.owner != CLEAN:
                self.outcome.diluted[run.owner] += run.amount_vnd
        return [Run(run.place, run.amount_vnd, CLEAN) for run in given]

    def _arrive(self, target: str | None, runs: Sequence[Run]) -> int:
        if target is None:
            for run in runs:
                if run.owner != CLEAN:
                    self.outcome.out_of_reach[run.owner] += run.amount_vnd
            return 0
        pool = self.pools.get(target)
        return pool.receive(runs) if pool else 0

    def _undo(self, step: Step, undoes: str) -> None:
        """Bring back the very coins, as far as they are still there; what is missing is paid like any payment."""
        coming, missing_vnd = self._coming_back(step, undoes)
        owners = {leg.restored for leg in coming} - {CLEAN}
        if owners:
            self.outcome.footprints.carry(step, owners, None)
        if self.carried is not None:
            runs = [Run(leg.source_place, leg.amount_vnd, leg.restored) for leg in coming]
            self._note(Carried(step, _taint(runs), None, undoes))
        target = self.pools.get(step.target or "")
        for leg in coming:
            if leg.restored != leg.owner:
                self.outcome.diluted[leg.restored] -= leg.amount_vnd
            if target:
                target.put(Run(leg.source_place, leg.amount_vnd, leg.restored))
            elif leg.restored != CLEAN:
                self.outcome.out_of_reach[leg.restored] += leg.amount_vnd
        if (legs := self.legs.get(step.transfer.id)) is not None:
            legs += [
                Leg(leg.target_place, leg.source_place, leg.amount_vnd, leg.restored, leg.restored)
                for leg in coming
            ]
        if missing_vnd:
            self._pay(step, missing_vnd, None)

    def _coming_back(self, step: Step, undoes: str) -> tuple[list[Leg], int]:
        """The legs that are still at the step's source, taken out of it, and how much of its amount is missing."""
        source = self.pools.get(step.source or "")
        pool = source or self.pools[step.target or ""]
        part, self.legs[undoes] = pool.last(self.legs[undoes], step.amount_vnd)
        coming: list[Leg] = []
        for leg in part:
            if source:
                found = source.pull(leg.target_place, leg.amount_vnd, leg.owner)
            else:  # whatever left the accounts is still out there
                found = [Run(leg.target_place, leg.amount_vnd, leg.owner)]
                if leg.owner != CLEAN:
                    self.outcome.out_of_reach[leg.owner] -= leg.amount_vnd
            for run in found:
                place = leg.source_place + run.place - leg.target_place
                restored = leg.restored if run.owner == leg.owner else run.owner
                coming.append(Leg(place, run.place, run.amount_vnd, run.owner, restored))
        return coming, step.amount_vnd - sum(leg.amount_vnd for leg in coming)


def _taint(runs: Sequence[Run]) -> dict[int, int]:
    """How much of each loss."""
    found: dict[int, int] = {}
    for _, amount_vnd, owner in runs:
        if owner != CLEAN:
            found[owner] = found.get(owner, 0) + amount_vnd
    return found
