"""Where the money went, and what to hold now: victims' money followed through every account, to the đồng."""

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

__all__ = [
    "CONSERVING",
    "AccountTrace",
    "ComparedAccount",
    "Comparison",
    "LossSum",
    "Opening",
    "OpeningSource",
    "Rule",
    "Trace",
    "TraceReason",
    "TraceStep",
    "compare",
    "trace",
]
