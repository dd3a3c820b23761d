"""Steps of reminding as dated rows: how many days from the day that is due, whom, and by which way."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.taxonomy.loading import current, load
from lachan.foundation.taxonomy.model import Rule


class RemindedOne(StrEnum):
    """Who is reminded of a task."""

    LEAD = "lead"
    HEAD = "head"
    CONSOLIDATOR = "consolidator"


class RemindedBy(StrEnum):
    """By which way: in the system's own list, by e-mail, by letter."""

    LIST = "list"
    MAIL = "mail"
    LETTER = "letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderStep(Rule):
    """One step: `days` after the day that is due; before it less than 0."""

    days: int
    to: RemindedOne
    by: tuple[RemindedBy, ...]


def reminder_steps(on: date | datetime) -> tuple[ReminderStep, ...]:
    """The steps in force on that day, the earliest first."""
    return tuple(sorted(current(load("reminder_steps", ReminderStep), on), key=lambda step: step.days))
