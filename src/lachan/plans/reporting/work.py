"""What a plan's reports count of activities: every kind that serves a demand of the plan has its lines."""

from collections.abc import Collection, Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.taxonomy import ActivityKind, FigureOf, ReportFieldKind, activity_kinds
from lachan.plans import tables
from lachan.plans.reporting.model import WORK, FormField

_SECTION = FormField(WORK, ReportFieldKind.SECTION, "Hoạt động theo từng nhiệm vụ", "Activities by task")


def demands_of(conn: Connection, plan_id: str) -> frozenset[int]:
    """The demands that the living clauses of a plan serve."""
    _c = tables.clause
    rows = conn.execute(sa.select(_c.c.demands).where(_c.c.plan_id == plan_id, _c.c.dropped.is_(None)))
    return frozenset(number for row in rows for number in row.demands)


def with_work(form: tuple[FormField, ...], demands: Collection[int], day: date) -> tuple[FormField, ...]:
    """The form with a line for each figure of the kinds that serve these demands, after its own figures.

    Only what can be added up, and nothing of restricted kinds: a report is read by more people than are named for
    one. What the form asks already is not asked twice.
    """
    there = {field.figure for field in form}
    lines = tuple(
        line
        for kind in activity_kinds(day)
        if not kind.restricted and any(one in demands for one in kind.demands)
        for line in _lines(kind)
        if line.figure not in there
    )
    last = max((at for at, field in enumerate(form) if field.kind is ReportFieldKind.FIGURE), default=-1)
    return (*form[: last + 1], _SECTION, *lines, *form[last + 1 :]) if lines else form


def kinds_of(form: Collection[FormField]) -> tuple[str, ...]:
    """The kinds of activity that a form's figures count."""
    named = {field.figure.split(".")[1] for field in form if field.figure.startswith("activity.")}
    return tuple(sorted(named))


def _lines(kind: ActivityKind) -> Iterator[FormField]:
    for one in kind.figures:
        if one.of is FigureOf.SHARE or one.by:
            continue
        name = f"{kind.code}.{one.code}"
        yield FormField(
            f"{WORK}.{name}", ReportFieldKind.FIGURE, f"{kind.vi}: {_small(one.vi)}",
            f"{kind.en}: {_small(one.en)}", f"activity.{name}",
        )  # fmt: skip


def _small(label: str) -> str:
    """As it goes on after a colon; abbreviations stay."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label
