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
    TraceStep,
)
from lachan.tracing.views import compare, trace

if TYPE_CHECKING:
    from lachan.tracing.asking import corrected, whom
    from lachan.tracing.communities import find_communities
    from lachan.tracing.flow import COMPILED, AmountTrace, End, ReversalOnTheWay
    from lachan.tracing.following import Following
    from lachan.tracing.graph import Graph
    from lachan.tracing.overlay import NoRoom
    from lachan.tracing.quick import told, trace_columns
    from lachan.tracing.reach import Reach, Reached
    from lachan.tracing.ringfile import RING_COLUMNS, Chosen, Member, member_rows, ring_members
    from lachan.tracing.rings import Ring, Rings, find_rings

__all__ = [
    "COMPILED",
    "CONSERVING",
    "RING_COLUMNS",
    "AccountTrace",
    "AmountTrace",
    "Chosen",
    "ComparedAccount",
    "Comparison",
    "End",
    "Following",
    "Graph",
    "LossSum",
    "Member",
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
    "TraceStep",
    "compare",
    "corrected",
    "find_communities",
    "find_rings",
    "member_rows",
    "ring_members",
    "told",
    "trace",
    "trace_columns",
    "whom",
]
# What is compiled is loaded when it is asked for.
_HOMES = {
    "COMPILED": "flow", "AmountTrace": "flow", "End": "flow", "Graph": "graph", "NoRoom": "overlay",
    "Reach": "reach",
    "Reached": "reach", "ReversalOnTheWay": "flow", "Ring": "rings", "Rings": "rings",
    "find_communities": "communities", "RING_COLUMNS": "ringfile",
    "Chosen": "ringfile", "Member": "ringfile", "member_rows": "ringfile", "ring_members": "ringfile",
    "find_rings": "rings", "Following": "following",
    "corrected": "asking", "whom": "asking", "told": "quick", "trace_columns": "quick",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
