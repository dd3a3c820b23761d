"""What people do with periodic reports: set the calendar, write, hand in, return, approve, gather, restate, issue."""

from lachan.plans.reporting.actions.asking import ask_once, set_calendar
from lachan.plans.reporting.actions.gathering import consolidate
from lachan.plans.reporting.actions.issuing import issue_report
from lachan.plans.reporting.actions.writing import begin, enter_figure, recount, restate, save_text
from lachan.plans.reporting.actions.deciding import approve, give_back, submit

__all__ = [
    "approve",
    "ask_once",
    "begin",
    "consolidate",
    "enter_figure",
    "give_back",
    "issue_report",
    "recount",
    "restate",
    "save_text",
    "set_calendar",
    "submit",
]
