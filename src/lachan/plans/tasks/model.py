"""A task: one lead, coordinators, a head who answers for it, a person, and its life as a table. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lachan.foundation.base import Reason
from lachan.plans.model import Recurrence


class TaskState(StrEnum):
    """Where a task stands. Overdue is no state: it is asked of the day that is due."""

    GIVEN = "given"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    REPORTED = "reported"
    RETURNED = "returned"
    DONE = "done"
    CARRIED_OVER = "carried_over"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    """What is done with a task."""

    GIVE = "give"
    ACCEPT = "accept"
    START = "start"
    DELEGATE = "delegate"
    REPORT = "report"
    RETURN = "return"
    APPROVE = "approve"
    SET_DEADLINE = "set_deadline"
    NAME = "name"
    ADD_EVIDENCE = "add_evidence"
    CARRY_OVER = "carry_over"
    CANCEL = "cancel"


_S = TaskState
OPEN = (_S.GIVEN, _S.ACCEPTED, _S.IN_PROGRESS, _S.REPORTED, _S.RETURNED)
"""States in which there is work to do, in the order in which it goes on."""
WAITING = (_S.GIVEN, _S.ACCEPTED, _S.IN_PROGRESS, _S.RETURNED)
"""States in which the lead has something to do: only there can a task be overdue."""

# verb -> the states from which it leads on, and to which; None: the task stays in the state it is in.
TASK_NEXT: Mapping[Verb, tuple[frozenset[TaskState], TaskState | None]] = {
    Verb.ACCEPT: (frozenset({_S.GIVEN}), _S.ACCEPTED),
    Verb.START: (frozenset({_S.ACCEPTED}), _S.IN_PROGRESS),
    Verb.DELEGATE: (frozenset({_S.GIVEN, _S.ACCEPTED, _S.IN_PROGRESS, _S.RETURNED}), None),
    Verb.REPORT: (frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.RETURNED}), _S.REPORTED),
    Verb.RETURN: (frozenset({_S.REPORTED}), _S.RETURNED),
    # What lasts, or comes again, goes on with its next period instead.
    Verb.APPROVE: (frozenset({_S.REPORTED}), _S.DONE),
    Verb.SET_DEADLINE: (frozenset(OPEN), None),
    Verb.NAME: (frozenset(OPEN), None),
    Verb.ADD_EVIDENCE: (frozenset(OPEN), None),
    Verb.CARRY_OVER: (frozenset({*OPEN, _S.DONE}), _S.CARRIED_OVER),
    Verb.CANCEL: (frozenset(OPEN), _S.CANCELLED),
}


# verb -> the kind of the fact that it leaves in the trail
FACTS: Mapping[Verb, str] = {
    Verb.GIVE: "plan_task.given", Verb.ACCEPT: "plan_task.accepted", Verb.START: "plan_task.started",
    Verb.DELEGATE: "plan_task.delegated", Verb.REPORT: "plan_task.reported", Verb.RETURN: "plan_task.returned",
    Verb.APPROVE: "plan_task.approved", Verb.SET_DEADLINE: "plan_task.deadline_set",
    Verb.NAME: "plan_task.people_named", Verb.ADD_EVIDENCE: "plan_task.evidence_added",
    Verb.CARRY_OVER: "plan_task.carried_over", Verb.CANCEL: "plan_task.cancelled",
}  # fmt: skip


class EvidenceKind(StrEnum):
    """What shows that the work was done."""

    ACTIVITY = "activity"
    DOCUMENT = "document"
    PAPER = "paper"
    FILE = "file"
    REPORT = "report"
    HOLD = "hold"
    LINK = "link"
    MEASURE = "measure"


class TaskReason(Reason):
    """Why a step of a task is refused."""

    NOT_IN_THIS_STATE = "task_not_in_this_state"
    NOT_THE_LEAD = "task_not_the_lead"
    NOT_THE_CONSOLIDATOR = "task_not_the_consolidator"
    PLAN_NOT_IN_FORCE = "task_plan_not_in_force"
    NOTHING_REPORTED = "task_nothing_reported"
    DELEGATE_IS_LEAD = "task_delegate_is_lead"
    NO_SUCH_EVIDENCE = "task_no_such_evidence"
    EVIDENCE_NO_ADDRESS = "task_evidence_no_address"
    OWN_PROGRAM = "task_own_program"


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `due_on` is the day on which something is due next; `period_to` the last day of the running period.

    `recurrence` is the rhythm by which `due_on` was reckoned. `lead_id` is whom the plan named; on a day on which
    that body no longer exists its successor has the task.
    """

    id: str
    plan_id: str
    clause_id: str
    lead_id: str
    delegate_id: str | None
    head: str
    person: str
    state: TaskState
    due_on: date | None
    deadline: date | None
    period_to: date | None
    recurrence: tuple[Recurrence, ...]
    carried_from: str | None
    given_at: datetime
    reported_by: str | None
    ended_at: datetime | None
    version: int

    @property
    def is_open(self) -> bool:
        """Whether there is work to do."""
        return self.state in OPEN

    def overdue(self, today: date) -> bool:
        """Whether a day has gone by on which something was due. What is reported waits for others."""
        return self.due_on is not None and self.due_on < today and self.state in WAITING


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a task: what was done, by whom, when, in what words, for which period."""

    id: str
    task_id: str
    verb: Verb
    from_state: TaskState
    state: TaskState
    by: str
    by_name: str
    agency_id: str | None
    at: datetime
    words: str
    period_to: date | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that shows the work: the id or code of a record here, an address, a measure's code."""

    id: str
    task_id: str
    kind: EvidenceKind
    reference: str
    title: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceDraft:
    """Evidence as it is handed in with a report or by itself."""

    kind: EvidenceKind
    reference: str
    title: str = ""
