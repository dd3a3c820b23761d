"""The rhythm of days: weekdays, paydays, and Tết, from the taxonomy's calendar."""

from datetime import date, timedelta

import numpy as np

from lachan.foundation.base import BadInput
from lachan.foundation.taxonomy import add_working_days, is_working_day, special_days
from lachan.sandbox.people.figures import pair, table
from lachan.sandbox.people.model import Flags, Ints, Plan, SimulationReason

_TET = "Tết Nguyên đán: mùng 1"
_BONUS_FROM, _BONUS_TO = -14, -8


def check_calendar(plan: Plan) -> None:
    """Refuse days of a year whose holidays nobody has entered."""
    years = sorted({day.year for day in special_days()})
    for day in (plan.start, plan.day(plan.days + 10)):
        if day.year not in years:
            raise BadInput(SimulationReason.DATE_WITHOUT_CALENDAR, field="start", first=years[0], last=years[-1])


def days_from_tet(day: date) -> int | None:
    """So many days after the first day of the nearest Tết (before it: negative); None if none is near."""
    for other, special in special_days().items():
        if special.vi == _TET and abs((day - other).days) <= 40:
            return (day - other).days
    return None


def spending(day: date) -> float:
    """The factor on what people spend that day."""
    factor = float(table("weekdays", "shop")[day.weekday()])
    distance = days_from_tet(day)
    steps = table("tet_days")
    if distance is not None and distance >= min(steps):
        factor *= float(steps[max(step for step in steps if step <= distance)])
    return factor


def office_work(day: date) -> float:
    """The factor on what offices pay that day."""
    if not is_working_day(day):
        return float(table("weekdays", "office")[-1])
    return float(table("weekdays", "office")[day.weekday()])


def is_payday(day: date, paydays: Ints) -> Flags:
    """Which companies pay today: on their day, or on the last working day before it."""
    found = np.zeros(len(paydays), dtype=np.bool_)
    if is_working_day(day):
        after = day
        while True:
            found |= paydays == after.day
            after += timedelta(days=1)
            if is_working_day(after):
                return found
    return found


def days_since_payday(day: date, payday: int) -> int:
    """How many days ago the company with this payday paid; 31 where it was longer."""
    return next((ago for ago in range(31) if is_payday(day - timedelta(ago), np.array([payday]))[0]), 31)


def bonus_share(day: date) -> float:
    """Which share of companies pays its Tết bonus today."""
    distance = days_from_tet(day)
    if distance is None or not _BONUS_FROM <= distance <= _BONUS_TO:
        return 0
    return 1 / (_BONUS_TO - _BONUS_FROM + 1)


def bonus_months() -> tuple[float, float]:
    """How many months' salary a bonus is, from and to."""
    return pair("tet_bonus")


def bank_stops_on(day: date, working_days: int) -> date:
    """The day on which a bank acts on a report of `day`."""
    return add_working_days(day, working_days)
