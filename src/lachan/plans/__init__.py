"""Plans that carry themselves out: a document becomes tasks with a lead, a deadline, evidence and reports."""

from lachan.plans.model import (
    PlanDraft,
    Recurrence,
    ReportDuty,
    ReportPeriod,
    SourceLine,
    TaskDraft,
    Warned,
)
from lachan.plans.reading import PlanReason, Resolved, plan_document, read_plan, resolve, warning_text

__all__ = [
    "PlanDraft",
    "PlanReason",
    "Recurrence",
    "ReportDuty",
    "ReportPeriod",
    "Resolved",
    "SourceLine",
    "TaskDraft",
    "Warned",
    "plan_document",
    "read_plan",
    "resolve",
    "warning_text",
]
