"""Lineage, read receipts, sub-plans and contacts. All frozen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lachan.plans.kept.model import Plan
from lachan.plans.views.counts import Counts


class SubPlanState(StrEnum):
    """How an agency's own plan came in: in time, late, or not (yet)."""

    SUBMITTED = "submitted"
    LATE = "late"
    AWAITED = "awaited"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom reminders of an agency go to; empty where nobody has said."""

    agency_id: str
    head: str = ""
    email: str = ""
    head_email: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Somebody of an agency has taken note of a plan."""

    agency_id: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SubPlanRow:
    """One row of the completeness matrix: an agency that owes a plan of its own, whether it came, and since when
    somebody there has taken note of the plan (`noted_at`)."""

    agency_id: str
    state: SubPlanState
    title: str = ""
    kept_id: str | None = None
    submitted_at: datetime | None = None
    noted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ancestor:
    """What a plan carries out: a directive by its words, or a plan that is kept here itself."""

    text: str
    plan_id: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class Descendant:
    """A plan that carries this one out: its own, or an agency's."""

    plan_id: str
    number: str
    issuer: str
    depth: int


@dataclass(frozen=True, slots=True)
class Registered:
    """A plan in the register of directives, so many steps under its directive: its tasks, of how many of the `part`
    agencies that take part somebody has read it, and how many of their own plans came."""

    plan: Plan
    depth: int
    counts: Counts
    read: int
    part: int
    came: int


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive as plans name it, and the plans that carry it out, each before those below it."""

    text: str
    plans: tuple[Registered, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a plan comes from, nearest first, and what follows from it."""

    above: tuple[Ancestor, ...]
    below: tuple[Descendant, ...]
