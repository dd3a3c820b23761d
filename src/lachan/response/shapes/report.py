"""A report's file and the list of what has a deadline."""

from dataclasses import dataclass
from datetime import datetime

from lachan.response.shapes.common import Action, Deadline, Message, State


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One open task of the desk, whatever it is about."""

    what: Message
    code: str
    href: str
    amount_vnd: int
    due: Deadline | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report with a running deadline, and what the deadline is for."""

    code: str
    href: str
    status: Message
    state: State
    received_at: datetime
    due: Deadline | None
    due_for: Message | None


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """What has a deadline at this desk."""

    tasks: tuple[TaskRow, ...]
    rows: tuple[ReportRow, ...]
    more_href: str | None = None
    more_tasks_href: str | None = None


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """What somebody did and why."""

    at: datetime
    by: str
    what: Message
    why: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One report's file: how it stands, what runs, what was done, what may be done."""

    code: str
    status: Message
    state: State
    facts: tuple[tuple[Message, Message], ...]
    deadlines: tuple[tuple[Message, Deadline], ...]
    tasks: tuple[TaskRow, ...]
    remarks: tuple[RemarkRow, ...]
    actions: tuple[Action, ...]
    trace_href: str | None
