"""What a report can count: one table of figures of every capability, and those of every kind of activity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from types import MappingProxyType

from sqlalchemy.engine import Connection

from lachan.foundation.taxonomy import ActivityFigure, ActivityKind, FieldType, FigureOf, all_activity_kinds
from lachan.plans.reporting import counting, tasks
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
    Figure("tasks_given", Measure.COUNT, Gather.SUM, tasks.given),
    Figure("tasks_done", Measure.COUNT, Gather.SUM, tasks.done),
    Figure("tasks_overdue", Measure.COUNT, Gather.SUM, tasks.overdue),
)


_DECIMAL_PARTS = 1_000  # a decimal is kept and summed in thousandths


@cache
def figures() -> Mapping[str, Figure]:
    """All that can be counted, by name; of activities `activity.<kind>.<figure>`."""
    kinds = [_activity(kind, one) for kind in all_activity_kinds() for one in kind.figures]
    return MappingProxyType({one.name: one for one in (*_TABLE, *kinds)})


def _activity(kind: ActivityKind, one: ActivityFigure) -> Figure:
    summed = next((each.type for each in kind.fields if each.code == one.field), None)
    parts = _DECIMAL_PARTS if one.of is FigureOf.SUM and summed is FieldType.DECIMAL else 1
    name, count = f"activity.{kind.code}.{one.code}", partial(tasks.activity, kind.code, one.code, one.of, parts)
    if one.of is FigureOf.SHARE:
        return Figure(name, Measure.PERCENT, Gather.RECOUNT, count)
    money = one.of is FigureOf.SUM and summed is FieldType.MONEY
    return Figure(name, Measure.VND if money else Measure.COUNT, Gather.SUM, count)
