"""Where the money went, and what to hold now: victims' money followed through every account, to the đồng."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lachan.tracing.model import (
    CONSERVING,
    AccountTrace,
    ComparedAccount,
    Comparison,
    LossSum,
    Opening,
    OpeningSource,
    Rule,
    Trace,
    TraceReason,
)
from lachan.tracing.views import compare, trace

if TYPE_CHECKING:
    from lachan.tracing.flow import COMPILED, AmountTrace, End, ReversalOnTheWay
    from lachan.tracing.graph import Graph
    from lachan.tracing.overlay import NoRoom
    from lachan.tracing.reach import Reach, Reached
    from lachan.tracing.rings import Ring, Rings, find_rings

__all__ = [
    "COMPILED",
    "CONSERVING",
    "AccountTrace",
    "AmountTrace",
    "ComparedAccount",
    "Comparison",
    "End",
    "Graph",
    "LossSum",
    "NoRoom",
    "Opening",
    "OpeningSource",
    "Reach",
    "Reached",
    "ReversalOnTheWay",
    "Ring",
    "Rings",
    "Rule",
    "Trace",
    "TraceReason",
    "compare",
    "find_rings",
    "trace",
]
# What is compiled is loaded when it is asked for.
_HOMES = {
    "COMPILED": "flow", "AmountTrace": "flow", "End": "flow", "Graph": "graph", "NoRoom": "overlay", "Reach": "reach",
    "Reached": "reach", "ReversalOnTheWay": "flow", "Ring": "rings", "Rings": "rings", "find_rings": "rings",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
