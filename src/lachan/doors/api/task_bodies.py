"""What a program reads of tasks, and what it sends with each step."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lachan.plans.model import Recurrence
from lachan.plans.tasks.model import EvidenceKind, TaskState, Verb

_PLAIN = ConfigDict(frozen=True)
_SENT = ConfigDict(extra="forbid", frozen=True, strict=True)
Words = Annotated[str, Field(max_length=8_000)]


class AgencyRef(BaseModel):
    """An agency of the register."""

    model_config = _PLAIN

    id: str
    name: str


class TaskItem(BaseModel):
    """One task: what the plan's clause demands of its lead. `due_on` is what is due next; None where nothing is."""

    model_config = _PLAIN

    id: str
    plan: str
    plan_number: str
    ref: str
    text: str
    demands: tuple[int, ...]
    lead: AgencyRef
    delegate: AgencyRef | None
    head: str
    person: str
    state: TaskState
    due_on: date | None
    deadline: date | None
    period_to: date | None
    overdue: bool
    version: int


class TaskList(BaseModel):
    """Tasks, the soonest due first. `next` is the `after` of the next page, absent on the last."""

    model_config = _PLAIN

    items: tuple[TaskItem, ...]
    next: str | None = None


class StepItem(BaseModel):
    """One step of a task's history."""

    model_config = _PLAIN

    verb: Verb
    state: TaskState
    agency: AgencyRef | None
    at: datetime
    words: str


class EvidenceItem(BaseModel):
    """One thing that shows the work; `reference` is empty where it is not the caller's to see, or gone."""

    model_config = _PLAIN

    kind: EvidenceKind
    reference: str
    title: str
    added_at: datetime


class TaskDetails(TaskItem):
    """The clause, the history and the evidence, too; `may` is what the caller may do with it now."""

    section: str
    recurrence: tuple[Recurrence, ...]
    coordinators: tuple[AgencyRef, ...]
    steps: tuple[StepItem, ...]
    evidence: tuple[EvidenceItem, ...]
    may: tuple[Verb, ...]


class TaskAccepted(BaseModel):
    """The lead takes the task on: nothing to say."""

    model_config = _SENT


class TaskStarted(BaseModel):
    """Work has begun: nothing to say."""

    model_config = _SENT


class TaskNamed(BaseModel):
    """Who answers for the task (`head`), and who does it (`person`); empty where nobody is named any more."""

    model_config = _SENT

    head: Annotated[str, Field(max_length=200)]
    person: Annotated[str, Field(max_length=200)]


class TaskDelegated(BaseModel):
    """Who is to do the work: an agency's id, or its name as the register has it."""

    model_config = _SENT

    to: Annotated[str, Field(min_length=1, max_length=300)]
    words: Words = ""


class EvidenceSent(BaseModel):
    """What shows the work. `reference` by `kind`: a record's id or code, a document's number, an address."""

    model_config = _SENT

    kind: Literal["activity", "document", "paper", "file", "report", "hold", "link", "measure"]
    reference: Annotated[str, Field(min_length=1, max_length=1_000)]
    title: Annotated[str, Field(max_length=400)] = ""


class TaskReported(BaseModel):
    """What was done: in words, or by what shows it."""

    model_config = _SENT

    words: Words = ""
    evidence: Annotated[tuple[EvidenceSent, ...], Field(max_length=20)] = ()


class TaskReturned(BaseModel):
    """What is missing in the report."""

    model_config = _SENT

    remark: Annotated[str, Field(min_length=1, max_length=8_000)]


class TaskApproved(BaseModel):
    """The report is taken, with a remark if there is one."""

    model_config = _SENT

    remark: Words = ""


class TaskReceipt(BaseModel):
    """The state and version that the task has now."""

    model_config = _PLAIN

    state: TaskState
    version: int


SENT = (
    TaskAccepted, TaskStarted, TaskNamed, TaskDelegated, TaskReported, TaskReturned, TaskApproved, EvidenceSent,
)  # fmt: skip
