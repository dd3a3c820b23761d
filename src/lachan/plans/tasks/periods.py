"""When work that comes again is due: weeks, months, quarters, half-years and years, by the calendar. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lachan.plans.model import Recurrence

# How many months a period has; a week has none.
_MONTHS = {
    Recurrence.MONTHLY: 1, Recurrence.QUARTERLY: 3, Recurrence.HALF_YEARLY: 6, Recurrence.YEARLY: 12,
}  # fmt: skip
TIMED = (Recurrence.WEEKLY, *_MONTHS)
"""The recurrences that have a due day of their own, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it. What a period demands is due on its last day."""

    begins: date
    ends: date


def beat(recurrence: Sequence[Recurrence]) -> Recurrence | None:
    """The most frequent of them that has a due day; None where none has."""
    return next((one for one in TIMED if one in recurrence), None)


def lasts(recurrence: Sequence[Recurrence]) -> bool:
    """Whether the work goes on after it was reported."""
    return beat(recurrence) is not None or Recurrence.CONTINUOUS in recurrence


def period_of(recurrence: Recurrence, day: date) -> Period:
    """The period of the calendar in which a day lies; a week begins on Monday."""
    if recurrence is Recurrence.WEEKLY:
        begins = day - timedelta(days=day.weekday())
        return Period(begins, begins + timedelta(days=6))
    months = _MONTHS[recurrence]
    first = (day.month - 1) // months * months
    years, month = divmod(first + months, 12)
    return Period(date(day.year, first + 1, 1), date(day.year + years, month + 1, 1) - timedelta(days=1))


def running(recurrence: Sequence[Recurrence], day: date) -> Period | None:
    """The period that runs on a day; None for work that does not come again."""
    found = beat(recurrence)
    return period_of(found, day) if found else None


def following(recurrence: Sequence[Recurrence], ended: date) -> Period | None:
    """The period after the one that ended on a day."""
    return running(recurrence, ended + timedelta(days=1))
