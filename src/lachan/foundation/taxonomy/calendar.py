"""The Vietnamese working calendar: weekends, public holidays, compensation days and swapped days.

A day that ends, ends at 24:00 in Asia/Ho_Chi_Minh (Civil Code art. 148); office hours do not count. Holidays
are data (`data/holidays.yaml`), so a year that nobody has entered is refused rather than guessed.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from lachan.foundation.base import VIETNAM, NotReady
from lachan.foundation.taxonomy.loading import load
from lachan.foundation.taxonomy.model import DayKind, SpecialDay, TaxonomyReason

_SATURDAY = 5


@cache
def special_days() -> dict[date, SpecialDay]:
    """Every day whose working character differs from its weekday's, or that bears a holiday's name."""
    return {day.date: day for day in load("holidays", SpecialDay)}


def is_working_day(day: date) -> bool:
    """Whether authorities and banks' back offices work on that day.

    Raises:
        NotReady: `calendar_year_missing` for a year without holidays in the data.
    """
    if day.year not in _years():
        raise NotReady(TaxonomyReason.CALENDAR_YEAR_MISSING, field="day", year=day.year)
    special = special_days().get(day)
    if special is not None:
        return special.kind is DayKind.SWAP_WORKED
    return day.weekday() < _SATURDAY


def next_working_day(day: date) -> date:
    """That day, or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(start: date, count: int) -> date:
    """The `count`-th working day after `start`; the first day is not counted (Civil Code art. 147).

    `count` 0 gives the first working day on or after `start`.
    """
    if count < 0:
        raise ValueError("working days are counted forward")
    day = start
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return next_working_day(day)


def count_working_days(after: date, until: date) -> int:
    """How many working days lie after `after`, up to and including `until`; 0 where `until` is not later."""
    span = range(1, (until - after).days + 1)
    return sum(is_working_day(after + timedelta(days=offset)) for offset in span)


def add_months(start: date, count: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day (art. 148)."""
    if count < 0:
        raise ValueError("months are counted forward")
    years, month = divmod(start.month - 1 + count, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def end_of_day(day: date) -> datetime:
    """24:00 of that day in Việt Nam, in UTC: the first instant that no longer belongs to it."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=VIETNAM).astimezone(UTC)


@cache
def _years() -> frozenset[int]:
    return frozenset(day.year for day in special_days())
