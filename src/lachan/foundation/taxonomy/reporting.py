"""Periodic reports as data: up to which day each period counts, and what stands in a report's form."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.taxonomy.loading import current, find, load
from lachan.foundation.taxonomy.model import Entry, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCutoff(Rule):
    """On which days a period ends where a plan says nothing: `ends` as `MM-DD`, each period `months` long."""

    ends: tuple[str, ...]
    months: int


class ReportFieldKind(StrEnum):
    """What is done with a line of a form."""

    SECTION = "section"
    FIGURE = "figure"
    NARRATIVE = "narrative"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFormRow(Entry):
    """One line of a form, in the form's order. `figure`: the name of what is counted, `none` for other kinds."""

    form: str
    kind: ReportFieldKind
    figure: str
    required: bool


def report_cutoff(period: str, on: date | datetime) -> ReportCutoff:
    """How a period is cut off where nothing else is said.

    Raises:
        NotFound: `taxonomy_code_unknown` or `taxonomy_not_in_force`.
    """
    return find(load("report_cutoffs", ReportCutoff), period, on)


def report_cutoffs(on: date | datetime) -> tuple[ReportCutoff, ...]:
    """How every period is cut off on that day."""
    return current(load("report_cutoffs", ReportCutoff), on)


def report_form(form: str, on: date | datetime) -> tuple[ReportFormRow, ...]:
    """The lines of a form as they stand on that day; empty where there is no such form."""
    return tuple(row for row in current(load("report_forms", ReportFormRow), on) if row.form == form)


def report_forms(on: date | datetime) -> tuple[str, ...]:
    """The names of all forms on that day."""
    return tuple(dict.fromkeys(row.form for row in current(load("report_forms", ReportFormRow), on)))
