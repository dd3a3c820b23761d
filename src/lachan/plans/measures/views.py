"""Today's value of measures: counted from the first of January in Việt Nam."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.engine import Connection

from lachan.foundation.access import may
from lachan.foundation.base import VIETNAM
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.demands import demand
from lachan.plans.measures.catalogue import MEASURES, Measure
from lachan.plans.tasks.model import Task
from lachan.plans.tasks.periods import beat, period_of
from lachan.plans.views.sight import Sight


@dataclass(frozen=True, slots=True)
class Shown:
    """A measure with its value; `href` where the viewer may see the records behind it."""

    measure: Measure
    value: int | None
    href: str | None


def year_begins(now: datetime) -> datetime:
    """The first instant of the running year in Việt Nam."""
    return datetime(now.astimezone(VIETNAM).year, 1, 1, tzinfo=VIETNAM)


def value_of(conn: Connection, code: str, now: datetime) -> int | None:
    """A measure's value of this year until now; KeyError for a code that there is not."""
    return MEASURES[code].compute(conn, year_begins(now), now)


def shown_by(conn: Connection, demands: Iterable[int], sight: Sight, now: datetime) -> tuple[Shown, ...]:
    """What the demands of a clause show of themselves, each measure once."""
    codes = dict.fromkeys(code for number in demands for code in demand(number).measures)
    return tuple(shown(conn, MEASURES[code], sight, now) for code in codes)


def of_period(
    conn: Connection, task: Task, demands: Iterable[int], now: datetime
) -> tuple[date, tuple[tuple[Measure, int], ...]]:
    """What the demands of a task's clause came to in the period that is to be reported, and since which day.

    The running period's first, else the day on which the task was given. What counted nothing is left out.
    """
    every = beat(task.recurrence)
    if every is not None and task.period_to is not None:
        since = period_of(every, task.period_to).begins
    else:
        since = vietnam_date(task.given_at)
    begin = datetime.combine(since, time(), VIETNAM)
    codes = dict.fromkeys(code for number in demands for code in demand(number).measures)
    counted = ((MEASURES[code], MEASURES[code].compute(conn, begin, now)) for code in codes)
    return since, tuple((one, value) for one, value in counted if value)


def shown(conn: Connection, one: Measure, sight: Sight, now: datetime) -> Shown:
    """One measure for one viewer."""
    return Shown(one, value_of(conn, one.code, now), one.href if may(sight.actor, one.needs) else None)
