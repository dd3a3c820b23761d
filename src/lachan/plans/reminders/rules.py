"""Which reminder a day asks for. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from lachan.foundation.taxonomy import RemindedOne, ReminderStep


def reached(due_on: date, steps: Sequence[ReminderStep], today: date) -> tuple[ReminderStep, ...]:
    """The steps that a day has reached: for each audience the newest one, the audience in the order of the steps.

    Whoever was not told in time, because nothing ran or the plan came late, is told once and not of every step.
    """
    newest: dict[RemindedOne, ReminderStep] = {}
    for step in sorted(steps, key=lambda one: one.days):
        if due_on + timedelta(days=step.days) <= today:
            newest[step.to] = step
    return tuple(sorted(newest.values(), key=lambda one: one.days))


def looks_ahead(steps: Iterable[ReminderStep]) -> int:
    """How many days before its day a task may first be reminded of."""
    return max((-step.days for step in steps), default=0)
