"""What may follow what in a task's life, and what is due next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lachan.foundation.base import Conflict, InputReason
from lachan.plans.model import Recurrence
from lachan.plans.tasks.model import TASK_NEXT, Task, TaskReason, TaskState, Verb
from lachan.plans.tasks.periods import following, lasts, running


@dataclass(frozen=True, slots=True)
class Due:
    """What is due next: the day, and the last day of the period it belongs to, if it belongs to one."""

    on: date | None
    period_to: date | None


def check_step(task: Task, verb: Verb) -> TaskState:
    """The state to which a verb leads; Conflict NOT_IN_THIS_STATE where it leads nowhere from here."""
    sources, target = TASK_NEXT[verb]
    if task.state not in sources:
        raise Conflict(TaskReason.NOT_IN_THIS_STATE, task_state=task.state.value)
    return target or task.state


def check_version(task: Task, version: int | None) -> None:
    """Conflict CHANGED_MEANWHILE where somebody else was faster than who read that version."""
    if version is not None and version != task.version:
        raise Conflict(InputReason.CHANGED_MEANWHILE, field="version")


def first_due(deadline: date | None, recurrence: Sequence[Recurrence], day: date) -> Due:
    """What is due first of a task that is given on a day: its own deadline, else the end of the running period."""
    if deadline is not None:
        return Due(deadline, None)
    period = running(recurrence, day)
    return Due(period.ends, period.ends) if period else Due(None, None)


def redated(task: Task, deadline: date | None, recurrence: Sequence[Recurrence], day: date) -> Due:
    """What is due of an open task whose clause says on a day another deadline or rhythm.

    A period that went by with nothing reported stays due until it is reported, and one whose report waits for
    approval stays the one that was reported: the new rhythm goes on after it.
    """
    if deadline is not None and (deadline != task.deadline or task.period_to is None):
        return Due(deadline, None)
    due = first_due(None, recurrence, day)
    if task.period_to is not None and (task.overdue(day) or (task.state is TaskState.REPORTED and due.period_to)):
        return Due(task.due_on, task.period_to)
    return due


def due_after(task: Task, recurrence: Sequence[Recurrence], day: date) -> Due:
    """What is due once a report was approved on a day: the period after the reported one, or nothing."""
    if not lasts(recurrence):
        return Due(None, None)
    # After a deadline of its own the calendar goes on from the day of the approval.
    period = following(recurrence, task.period_to) if task.period_to else running(recurrence, day)
    return Due(period.ends, period.ends) if period else Due(None, None)


def state_after(recurrence: Sequence[Recurrence]) -> TaskState:
    """Where an approved report leaves a task: done, or at work on what comes next."""
    return TaskState.IN_PROGRESS if lasts(recurrence) else TaskState.DONE


def offered(task: Task, *, leads: bool, consolidates: bool) -> tuple[Verb, ...]:
    """What somebody may do next with a task, in the order in which a page offers it."""
    mine = (Verb.ACCEPT, Verb.START, Verb.REPORT, Verb.ADD_EVIDENCE, Verb.DELEGATE, Verb.NAME) if leads else ()
    theirs = (Verb.APPROVE, Verb.RETURN, Verb.SET_DEADLINE) if consolidates else ()
    return tuple(verb for verb in (*mine, *theirs) if task.state in TASK_NEXT[verb][0])
