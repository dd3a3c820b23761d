"""Ways of working: each hears reports and acts through its desk. None can see more than banks answer."""

from collections.abc import Callable

from lachan.race.model import Strategy
from lachan.race.strategies.desk import Desk, Hears
from lachan.race.strategies.freeze_all import freeze_all
from lachan.race.strategies.letters import letters

STRATEGIES: dict[Strategy, Callable[[Desk], Hears]] = {Strategy.LETTERS: letters, Strategy.FREEZE_ALL: freeze_all}

__all__ = ["STRATEGIES", "Desk", "Hears"]
