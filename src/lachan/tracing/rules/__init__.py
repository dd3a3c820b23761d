"""The rules of tracing, one file each, over one small interface."""

from collections.abc import Callable, Mapping

from lachan.tracing.model import Rule
from lachan.tracing.rules.bounded import MED_2, Bounds, Search, search
from lachan.tracing.rules.clean_first import CleanFirst
from lachan.tracing.rules.fifo import Fifo
from lachan.tracing.rules.haircut import Haircut
from lachan.tracing.rules.lifo import Lifo
from lachan.tracing.rules.poison import Poisoned, poison
from lachan.tracing.rules.pool import CLEAN, Leg, Pool, Run
from lachan.tracing.rules.taint_first import TaintFirst

POOLS: Mapping[Rule, Callable[[int], Pool]] = {
    Rule.LIFO: Lifo,
    Rule.FIFO: Fifo,
    Rule.HAIRCUT: Haircut,
    Rule.TAINT_FIRST: TaintFirst,
    Rule.CLEAN_FIRST: CleanFirst,
}
"""Of each conserving rule, what makes an account from its opening balance."""

__all__ = [
    "CLEAN",
    "MED_2",
    "POOLS",
    "Bounds",
    "Leg",
    "Poisoned",
    "Pool",
    "Run",
    "Search",
    "poison",
    "search",
]
