"""A plan arrives as a document and carries itself out: every clause to its owner, deadline, evidence and report."""

from lachan.plans.model import PlanDraft, Recurrence, ReportDuty, ReportPeriod, SourceLine, TaskDraft, Warned

__all__ = ["PlanDraft", "Recurrence", "ReportDuty", "ReportPeriod", "SourceLine", "TaskDraft", "Warned"]
