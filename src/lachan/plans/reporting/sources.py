"""What a report can count: one table of figures, to which every capability adds its own lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.engine import Connection

from lachan.plans.reporting import counting
from lachan.plans.reporting.asked import Asked, Counted


class Gather(StrEnum):
    """How a consolidated report comes to a figure: the sum of the frozen ones, or counted anew over all."""

    SUM = "sum"
    RECOUNT = "recount"


class Measure(StrEnum):
    """In what a figure is given."""

    COUNT = "count"
    VND = "vnd"
    MINUTES = "minutes"
    PERCENT = "percent"


FigureSource = Callable[[Connection, Asked], Counted]
"""Counts one figure for some agencies and a period, as known at an instant; says the page of its records."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that can be counted. Shares and medians are counted anew: they cannot be added."""

    name: str
    measure: Measure
    gather: Gather
    count: FigureSource


_TABLE = (
    Figure("reports_received", Measure.COUNT, Gather.SUM, counting.reports_received),
    Figure("reports_loss", Measure.VND, Gather.SUM, counting.reports_loss),
    Figure("holds_placed", Measure.COUNT, Gather.SUM, counting.holds_placed),
    Figure("held", Measure.VND, Gather.SUM, counting.held),
    Figure("first_hold_minutes", Measure.MINUTES, Gather.RECOUNT, counting.first_hold_minutes),
    Figure("alerts_opened", Measure.COUNT, Gather.SUM, counting.alerts_opened),
    Figure("alerts_decided_share", Measure.PERCENT, Gather.RECOUNT, counting.alerts_decided_share),
    Figure("accounts_listed", Measure.COUNT, Gather.SUM, counting.accounts_listed),
)
_figures: dict[str, Figure] = {one.name: one for one in _TABLE}


def figures() -> Mapping[str, Figure]:
    """All that can be counted, by name."""
    return _figures


def add_figure(figure: Figure) -> None:
    """Let reports count one more thing. ValueError where the name is another's."""
    if _figures.get(figure.name, figure) != figure:
        raise ValueError(f"{figure.name} is counted already")
    _figures[figure.name] = figure
