"""What people do with reports: set the calendar, write, hand in, return, approve, gather, restate, issue."""

from lachan.plans.reporting.actions.asking import ask_once, follow_plan, set_calendar
from lachan.plans.reporting.actions.deciding import approve, give_back, submit
from lachan.plans.reporting.actions.gathering import consolidate
from lachan.plans.reporting.actions.issuing import (
    UNSIGNED,
    Signing,
    draft_paper,
    issue_report,
    issuer_of,
    report_paper,
)
from lachan.plans.reporting.actions.writing import begin, enter_figure, recount, restate, save_text

__all__ = [
    "UNSIGNED",
    "Signing",
    "approve",
    "ask_once",
    "begin",
    "consolidate",
    "draft_paper",
    "enter_figure",
    "follow_plan",
    "give_back",
    "issue_report",
    "issuer_of",
    "recount",
    "report_paper",
    "restate",
    "save_text",
    "set_calendar",
    "submit",
]
