"""The verdict before money moves: is this key suspected, how badly, why?

What screens is loaded when it is asked for: compiled functions take half a second and more, which most commands do
not need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lachan.screening.actions import COUNT_MAX, OUTCOMES_MAX, Outcome, erase_due_hits, report_outcomes
from lachan.screening.advice import Advice, AgeBand, Context, PaymentChannel, advise
from lachan.screening.alarms import (
    LookupAlarm,
    close_lookup_alarm,
    erase_due_addresses,
    lookup_alarms,
    record_found,
)
from lachan.screening.model import CLEAR, Screened, ScreenReason
from lachan.screening.rules import wilson
from lachan.screening.views import Hit, StopRate, hits_of_entry, stop_rates
from lachan.screening.watch import Asker, Found, Sign, Watch

if TYPE_CHECKING:
    from lachan.screening.engine import Engine
    from lachan.screening.follow import Pull, Screening
    from lachan.screening.hits import Hits
    from lachan.screening.shapes import doubtful, require_canonical

__all__ = [
    "CLEAR",
    "COUNT_MAX",
    "OUTCOMES_MAX",
    "Advice",
    "AgeBand",
    "Asker",
    "Context",
    "Engine",
    "Found",
    "Hit",
    "Hits",
    "LookupAlarm",
    "Outcome",
    "PaymentChannel",
    "Pull",
    "ScreenReason",
    "Screened",
    "Screening",
    "Sign",
    "StopRate",
    "Watch",
    "advise",
    "close_lookup_alarm",
    "doubtful",
    "erase_due_addresses",
    "erase_due_hits",
    "hits_of_entry",
    "lookup_alarms",
    "record_found",
    "report_outcomes",
    "require_canonical",
    "stop_rates",
    "wilson",
]
_HOMES = {
    "Engine": "engine", "Hits": "hits", "Pull": "follow", "Screening": "follow", "doubtful": "shapes",
    "require_canonical": "shapes",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
