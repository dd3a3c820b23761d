"""Ways of working: each hears reports and acts through its desk. None can see more than banks answer."""

from collections.abc import Callable

from lachan.race.model import Strategy
from lachan.race.strategies.bounded import bounded
from lachan.race.strategies.desk import Desk, Hears
from lachan.race.strategies.freeze_all import freeze_all
from lachan.race.strategies.hops import hop_by_hop, ours_no_optimiser, ours_no_receipts
from lachan.race.strategies.letters import letters
from lachan.race.strategies.receipts import ours

STRATEGIES: dict[Strategy, Callable[[Desk], Hears]] = {
    Strategy.LETTERS: letters,
    Strategy.HOP_BY_HOP: hop_by_hop,
    Strategy.BOUNDED: bounded,
    Strategy.FREEZE_ALL: freeze_all,
    Strategy.OURS_NO_OPTIMISER: ours_no_optimiser,
    Strategy.OURS_NO_RECEIPTS: ours_no_receipts,
    Strategy.OURS: ours,
}

__all__ = ["STRATEGIES", "Desk", "Hears"]
