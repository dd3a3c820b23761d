"""When, and after how many transfers, each loss first came to each account; if asked for, every such transfer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lachan.tracing.facts import Step


@dataclass(frozen=True, slots=True)
class Carried:
    """A payment, and how much of each loss it carried; `loss` begins with it, `undone`: it brings this back."""

    step: Step
    by_loss: Mapping[int, int]
    loss: int | None = None
    undone: str | None = None
    diluted: bool = False


class Footprints:
    """Notes the transfers that carry taint, in their order."""

    def __init__(self, *, keep_steps: bool = False) -> None:
        self.edges = 0
        self.carried: list[Carried] | None = [] if keep_steps else None
        self.first: dict[str, tuple[int, datetime]] = {}  # account -> hops and time of the first taint
        self._last: Step | None = None
        self._hops: dict[str, dict[int, int]] = {}  # account -> loss -> transfers from the disputed one

    def carry(self, step: Step, owners: Iterable[int], disputed: int | None) -> None:
        """Note a transfer that carries money of these losses; `disputed`: the loss that begins with it."""
        if step is not self._last:
            self.edges += 1
            self._last = step
        if step.target is None:
            return
        before = self._hops.get(step.source or "", {})
        here = self._hops.setdefault(step.target, {})
        nearest: int | None = None
        for owner in owners:
            hops = 1 if owner == disputed else before.get(owner, 0) + 1
            here.setdefault(owner, hops)
            nearest = hops if nearest is None else min(nearest, hops)
        if step.target not in self.first and nearest is not None:
            self.first[step.target] = nearest, step.transfer.booked_at
