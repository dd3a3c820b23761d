"""How long a trace may wait for its analysis, and until when it may be cancelled. Pure."""

from datetime import datetime

from lachan.foundation.taxonomy import clock
from lachan.response.model import CANCELLABLE, Trace


def analysis_by(trace: Trace) -> datetime:
    """By when every hop should be analysed: the clock runs from the first notice to an institution."""
    start = trace.first_request_at or trace.opened_at
    return clock("hop_analysis", start).deadline(start)


def cancellable_until(trace: Trace) -> datetime:
    """The first instant at which a trace that nobody has analysed can no longer be cancelled either."""
    start = trace.first_request_at or trace.opened_at
    return clock("trace_cancellation", start).deadline(start)


def is_cancellable(trace: Trace, now: datetime) -> bool:
    """Until it is analysed, and only while its clock runs."""
    return trace.state in CANCELLABLE and now < cancellable_until(trace)
