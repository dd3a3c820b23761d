"""A plan that is kept: what it is now, its clauses as people corrected them, what they corrected. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lachan.foundation.base import Reason
from lachan.plans.model import Recurrence


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"


# A plan is read and reviewed, is in force, and ends by another that takes its place or by being cancelled.
PLAN_NEXT: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFT: frozenset({PlanState.IN_FORCE, PlanState.CANCELLED}),
    PlanState.IN_FORCE: frozenset({PlanState.SUPERSEDED, PlanState.CANCELLED}),
    PlanState.SUPERSEDED: frozenset(),
    PlanState.CANCELLED: frozenset(),
}


class PartyRole(StrEnum):
    """What an agency has to do with a clause."""

    LEAD = "lead"
    COORDINATOR = "coordinator"


class ClauseField(StrEnum):
    """What a person can correct in a clause. `added`, `dropped`, `kept` speak of the clause as a whole."""

    LEAD = "lead"
    COORDINATING = "coordinating"
    LEAD_AGENCIES = "lead_agencies"
    TEXT = "text"
    DEADLINE = "deadline"
    RECURRENCE = "recurrence"
    DEMANDS = "demands"
    ADDED = "added"
    DROPPED = "dropped"
    KEPT = "kept"


class PlanField(StrEnum):
    """What a person can correct of what a plan says of itself as a whole."""

    TITLE = "title"
    ISSUED_ON = "issued_on"
    SIGNED_BY = "signed_by"
    SUPERSEDES = "supersedes"
    IMPLEMENTS = "implements"
    RECIPIENTS = "recipients"


class PlanReason(Reason):
    """Why something cannot be done with a plan."""

    NO_NUMBER = "plan_no_number"
    NO_CLAUSES = "plan_no_clauses"
    NOT_IN_THIS_STATE = "plan_not_in_this_state"
    LEADS_MISSING = "plan_leads_missing"
    CLAUSE_DROPPED = "plan_clause_dropped"
    CLAUSE_NOT_GONE = "plan_clause_not_gone"
    REF_TAKEN = "plan_ref_taken"
    OTHER_KEEPER = "plan_other_keeper"
    DUTY_TWICE = "plan_duty_twice"
    NUMBER_TAKEN = "plan_number_taken"


@dataclass(frozen=True, slots=True)
class Document:
    """The file as it came. `lines` is the text that was read, the first line being number 1."""

    name: str
    media_type: str
    content: bytes
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause that demands something, as it stands after every correction.

    `leads` and `coordinators` are ids of agencies of the register; `lead` and `coordinating` are the words of the
    document. `gone`: the newest reading no longer has it. `dropped`: why a person took it out; `kept`: why one
    keeps it though it is gone.
    """

    id: str
    plan_id: str
    position: int
    ref: str
    section: str
    text: str
    lead: str | None
    coordinating: tuple[str, ...]
    deadline: date | None
    recurrence: tuple[Recurrence, ...]
    demands: tuple[int, ...]
    line: int | None
    read: Mapping[str, Any] | None
    gone: bool
    dropped: str | None
    kept: str | None = None
    leads: tuple[str, ...] = ()
    coordinators: tuple[str, ...] = ()

    @property
    def living(self) -> bool:
        """Whether work follows from it."""
        return self.dropped is None

    @property
    def undecided(self) -> bool:
        """Whether the newest reading lacks it, and nobody has said yet whether its work goes on."""
        return self.gone and self.living and self.kept is None


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. `keeper_id` reviews and approves it; `consolidator_id` gathers what the others report."""

    id: str
    number: str
    issuer: str
    issued_on: date | None
    title: str
    recipients: tuple[str, ...]
    signed_by: str | None
    state: PlanState
    keeper_id: str
    consolidator_id: str
    supersedes: str | None
    supersedes_id: str | None
    sub_plans_due: date | None
    in_force_at: datetime | None
    ended_at: datetime | None
    made_by: str
    made_at: datetime
    approved_by: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person changed in a clause, from what to what, and why; `clause_id` None: of the plan as a whole."""

    id: str
    clause_id: str | None
    field: ClauseField | PlanField
    before: Any
    after: Any
    reason: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """One time that the plan's document was read: its lines, and what the reader was unsure of."""

    number: int
    document_id: str
    lines: tuple[str, ...]
    warnings: tuple[Mapping[str, Any], ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping a plan came to: its id, and how its clauses compare with what stood there before."""

    plan_id: str
    reading: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    gone: tuple[str, ...]
    corrected: tuple[str, ...]
