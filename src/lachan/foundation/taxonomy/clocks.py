"""Deadlines as dated rows: how long, in which unit, by what right, and when exactly the time is up."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from lachan.foundation.taxonomy.calendar import add_months, add_working_days, end_of_day, next_working_day
from lachan.foundation.taxonomy.loading import current, find, load
from lachan.foundation.taxonomy.model import Rule, Threshold, vietnam_date


class Unit(StrEnum):
    """In what a period is counted. The first three run through nights and holidays, to the microsecond."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


_SECONDS = {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.HOURS: 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow(Rule):
    """A period of time that the law or this system grants.

    Days and months leave out the first day and end at 24:00 in Việt Nam (Civil Code art. 147–148). Where
    `rest_day_moves`, a last day that is a rest day is followed by the next working day.
    """

    value: int
    unit: Unit
    rest_day_moves: bool

    def deadline(self, start: datetime) -> datetime:
        """The first instant at which the period is over, in UTC."""
        if self.unit in _SECONDS:
            return _aware(start) + self.duration
        first = vietnam_date(start)
        if self.unit is Unit.WORKING_DAYS:
            return end_of_day(add_working_days(first, self.value))
        if self.unit is Unit.MONTHS:
            last = add_months(first, self.value)
        else:
            last = first + timedelta(days=self.value)
        return end_of_day(next_working_day(last) if self.rest_day_moves else last)

    def has_run_out(self, start: datetime, now: datetime) -> bool:
        """Whether the period that began at `start` is over at `now`; the deadline itself is over."""
        return now >= self.deadline(start)

    def before(self, end: datetime) -> datetime:
        """The instant that lies this long before `end`, in UTC: when an alarm goes off.

        Raises:
            ValueError: the row counts in working days or months, which are counted forward only.
        """
        if self.unit is Unit.CALENDAR_DAYS:
            return _aware(end) - timedelta(days=self.value)
        return _aware(end) - self.duration

    @property
    def duration(self) -> timedelta:
        """The length of a period of seconds, minutes or hours.

        Raises:
            ValueError: the length depends on the calendar.
        """
        if self.unit not in _SECONDS:
            raise ValueError(f"{self.code} counts {self.unit.value}: its length depends on the calendar")
        return timedelta(seconds=self.value * _SECONDS[self.unit])


def clock(code: str, on: date | datetime) -> ClockRow:
    """The clock of that code as it stands on that day.

    Raises:
        NotFound: `taxonomy_code_unknown` or `taxonomy_not_in_force`.
    """
    return find(_clocks(), code, on)


def clocks(on: date | datetime) -> tuple[ClockRow, ...]:
    """Every clock in force on that day, retention classes included."""
    return current(_clocks(), on)


def all_clocks() -> tuple[ClockRow, ...]:
    """Every row that there is or was, whether in force or not."""
    return _clocks()


def all_thresholds() -> tuple[Threshold, ...]:
    """Every threshold that there is or was."""
    return load("thresholds", Threshold)


def retention(code: str, on: date | datetime) -> ClockRow:
    """How long a class of records is kept; `.deadline(closed_at)` is when its salt and files are destroyed.

    Raises:
        NotFound: `taxonomy_code_unknown` or `taxonomy_not_in_force`.
    """
    return find(load("retention", ClockRow), code, on)


def retention_classes(on: date | datetime) -> tuple[ClockRow, ...]:
    """Every retention class in force on that day."""
    return current(load("retention", ClockRow), on)


def threshold(code: str, on: date | datetime) -> Threshold:
    """The threshold of that code as it stands on that day.

    Raises:
        NotFound: `taxonomy_code_unknown` or `taxonomy_not_in_force`.
    """
    return find(load("thresholds", Threshold), code, on)


def _clocks() -> tuple[ClockRow, ...]:
    return load("clocks", ClockRow) + load("retention", ClockRow)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(UTC)
