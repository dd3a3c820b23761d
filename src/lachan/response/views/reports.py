"""Reports and their deadlines, as the desk sees them: what runs out next, and one report's file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agencies, may
from lachan.foundation.base import Actor, Language
from lachan.foundation.taxonomy import agency_kind, clock, follow_up, scam_forms, vietnam_date
from lachan.intake import RUNNING, Outcome, Report, ReportStatus, extension_last_asked, may_become, outcome_of
from lachan.intake.tables import report as table
from lachan.response import store, tables
from lachan.response.actions.course import books
from lachan.response.model import TraceState
from lachan.response.rules.analysis import is_cancellable
from lachan.response.rules.forwarding import NOTHING_TO_PASS_ON, must_pass_on
from lachan.response.rules.tasks import OWN_KINDS, TELEPHONE, ends_only_by_fact
from lachan.response.shapes import (
    Action,
    Choice,
    Deadline,
    DecisionPage,
    Field,
    FormField,
    Message,
    Notice,
    RemarkRow,
    ReportPage,
    ReportRow,
    ReportsPage,
    State,
    TaskRow,
)
from lachan.response.views.names import names_of, words
from lachan.response.views.queue import Sight

PAGE_ROWS, TASKS_ROWS = 40, 60
# A day before its end a deadline counted in days is drawn as urgent.
URGENT_S = 24 * 3600
_STATES = {
    ReportStatus.DISPATCHED: State.MOVING,
    ReportStatus.ACTIONED: State.HELD,
    ReportStatus.FORMALISED: State.LOCATED,
    ReportStatus.CLOSED: State.NOTHING,
    ReportStatus.WITHDRAWN: State.NOTHING,
}
# What its words tell of the time that the law gives.
_CLOCKS = {
    "complex": "report_resolution_complex",
    "request": "report_extension_request",
    "extend": "report_resolution_extension",
    "close": "report_notice",
}
# What may be done with a report: name in the address -> who may; in the order of the work.
ACTIONS: Mapping[str, Permission] = {
    "formalise": Permission.REPORT_HANDLE,
    "form": Permission.REPORT_HANDLE,
    "complex": Permission.REPORT_CLOSE,
    "request": Permission.REPORT_CLOSE,
    "extend": Permission.REPORT_CLOSE,
    "pass-on": Permission.REPORT_HANDLE,
    "close": Permission.REPORT_CLOSE,
    "notice": Permission.REPORT_HANDLE,
    "refer": Permission.REPORT_CLOSE,
    "withdraw": Permission.REPORT_CLOSE,
}
_TO_FORWARD = sa.and_(
    table.c.forward_by.is_not(None), table.c.forwarded_at.is_(None), table.c.referred_to.is_(None),
    table.c.status.not_in(NOTHING_TO_PASS_ON),
)  # fmt: skip
_TO_TELL = sa.and_(table.c.notice_by.is_not(None), table.c.notified_at.is_(None))
_IN_TIME = table.c.status.in_(list(RUNNING))


def reports_page(
    conn: Connection, sight: Sight, language: Language, now: datetime, page: int = 1, tasks: int = 1
) -> ReportsPage:  # fmt: skip
    """The desk's open tasks and its reports with a running deadline, the nearest first; a page of each."""
    mine = sa.true() if sight.desk_id is None else table.c.agency_id == sight.desk_id
    due = sa.case((_TO_FORWARD, table.c.forward_by), (_TO_TELL, table.c.notice_by), else_=table.c.resolve_by)
    found = conn.execute(
        sa.select(table)
        .where(mine, sa.or_(_TO_FORWARD, _TO_TELL, _IN_TIME))
        .order_by(due, table.c.id)
        .offset((page - 1) * PAGE_ROWS)
        .limit(PAGE_ROWS + 1)
    ).all()
    work, more = _tasks(conn, _at_desk(sight), language, now, tasks) if page == 1 else ((), False)
    return ReportsPage(
        work, tuple(_row(row) for row in found[:PAGE_ROWS]),
        f"/desk/reports?page={page + 1}" if len(found) > PAGE_ROWS else None,
        f"/desk/reports?tasks={tasks + 1}" if more else None,
    )  # fmt: skip


def report_page(conn: Connection, report: Report, actor: Actor, language: Language, now: datetime) -> ReportPage:
    """One report's file, with what this viewer may do."""
    trace = store.trace_of_report(conn, report.id)
    return ReportPage(
        code=report.code,
        status=_status(report.status),
        state=_STATES.get(report.status, State.WAITING),
        facts=_facts(conn, report),
        deadlines=tuple(_deadlines(report, now)),
        tasks=_tasks(conn, table.c.id == report.id, language, now)[0],
        remarks=tuple(
            RemarkRow(one.at, one.by, Message(f"web.fact.{one.what.replace('.', '_')}"), one.why)
            for one in reversed(report.remarks)
        ),
        actions=tuple(
            Action(Message(f"web.course.{name}_title"), f"/desk/reports/{report.code}/{name}", more=True)
            for name, permission in ACTIONS.items()
            if may(actor, permission, report.agency_id) and possible(conn, report, name, now)
        ),
        trace_href=f"/trace/{report.code}" if trace else None,
    )


def possible(conn: Connection, report: Report, name: str, now: datetime) -> bool:
    """Whether this can be done with a report as it stands; the action itself asks again."""
    runs, trace = report.status in RUNNING, store.trace_of_report(conn, report.id)
    can_withdraw = trace is None or trace.state is TraceState.CANCELLED or is_cancellable(trace, now)
    in_time = report.resolve_by is not None and now < report.resolve_by
    return {
        "form": report.status not in {ReportStatus.DUPLICATE, ReportStatus.WITHDRAWN},
        "formalise": may_become(report, ReportStatus.FORMALISED),
        "complex": runs and report.complex_at is None and in_time,
        "request": (
            runs and report.complex_at is not None and report.extension_requested_at is None
            and report.resolve_by is not None and now < extension_last_asked(report.resolve_by, now)
        ),
        "extend": runs and report.extension_requested_at is not None and report.extended_at is None,
        "pass-on": must_pass_on(report),
        "close": may_become(report, ReportStatus.CLOSED)
        and (trace is None or trace.state not in {TraceState.CREATED, TraceState.TRACKED}),
        "notice": report.notice_by is not None and report.notified_at is None,
        "refer": may_become(report, ReportStatus.REFERRED),
        "withdraw": may_become(report, ReportStatus.WITHDRAWN) and can_withdraw,
    }[name]  # fmt: skip


def report_decision_page(
    conn: Connection,
    report: Report,
    name: str,
    now: datetime,
    *,
    language: Language,
    typed: Mapping[str, str],
    wrong: Mapping[str, Message] | None = None,
    notice: Notice | None = None,
) -> DecisionPage:
    """The form of one thing to do with a report."""
    base = f"/desk/reports/{report.code}"
    facts = _facts(conn, report)
    if name == "close":
        saved_vnd, owed_vnd = books(store.trace_of_report(conn, report.id))
        said = Message("web.course.books_say", {"saved_vnd": saved_vnd, "owed_vnd": owed_vnd})
        facts = (*facts, (Message("web.course.books"), said))
    return DecisionPage(
        code=report.code, title=Message(f"web.course.{name}_title"),
        effect=Message(f"web.course.{name}_effect", _period(name, now)),
        facts=facts, action=f"{base}/{name}", submit=Message(f"web.course.{name}_do"), back_href=base,
        fields=tuple(
            FormField(
                one.name, one.kind, one.label,
                Field(typed.get(one.name, one.value.value), (wrong or {}).get(one.name)), one.choices,
            )
            for one in _fields(conn, report, name, language, now)
        ),
        compelling=name in {"close", "withdraw", "refer"}, notice=notice,
    )  # fmt: skip


def _period(name: str, now: datetime) -> dict[str, object]:
    """The time that the law gives for it today, in words."""
    if name not in _CLOCKS:
        return {}
    row = clock(_CLOCKS[name], now)
    return {"period": Message(f"web.unit.{row.unit.value}", {"count": row.value})}


def _fields(
    conn: Connection, report: Report, name: str, language: Language, now: datetime
) -> tuple[FormField, ...]:
    why = FormField("why", "area", Message("web.course.why"))
    if name == "form":
        forms = tuple(Choice(one.code, text=one.label(language)) for one in scam_forms(now))
        return (FormField("form", "select", Message("web.course.form"), Field(report.scam_form or ""), forms),)
    if name == "formalise":
        return (FormField("number", "text", Message("web.course.number")),)
    if name == "extend":
        return (FormField("decision", "text", Message("web.course.extend_decision")),)
    if name == "pass-on":
        return (FormField("to", "select", Message("web.course.to"), choices=_recipients(conn, report, now)),)
    if name == "refer":
        return (FormField("to", "text", Message("web.course.to")), why)
    if name == "close":
        books_say = outcome_of(*books(store.trace_of_report(conn, report.id)))
        outcomes = tuple(Choice(one.value, Message(f"web.course.outcome_{one.value}")) for one in Outcome)
        return (
            FormField("outcome", "select", Message("web.course.outcome"), Field(books_say.value), outcomes),
            FormField("why", "area", Message("web.course.close_why")),
        )
    if name == "notice":
        return (FormField("why", "area", Message("web.course.notice_why")),)
    return (why,)


def _recipients(conn: Connection, report: Report, now: datetime) -> tuple[Choice, ...]:
    """Bodies that resolve reports, and exist today."""
    found = []
    for one in agencies(conn, on=vietnam_date(now)):
        kind = agency_kind(one.kind, now)
        if one.id != report.agency_id and not kind.institution and not kind.forwarding_clock:
            found.append(Choice(one.id, text=one.name))
    return tuple(found)


def _facts(conn: Connection, report: Report) -> tuple[tuple[Message, Message], ...]:
    found = [
        (Message("web.course.state"), _status(report.status)),
        (Message("web.course.received"), _at(report.received_at)),
    ]
    for key, text in (
        ("number", report.police_number), ("referred_to", report.referred_to),
        ("decision", report.extension_decision),
    ):  # fmt: skip
        if text:
            found.append((Message(f"web.course.{key}"), words(text)))
    if report.outcome is not None:
        found.append((Message("web.course.outcome"), Message(f"web.course.outcome_{report.outcome.value}")))
    return tuple(found)


def _deadlines(report: Report, now: datetime) -> list[tuple[Message, Deadline]]:
    """What runs now, the nearest first."""
    found: list[tuple[str, datetime, datetime]] = []
    if report.forward_by is not None and must_pass_on(report):
        found.append(("forward", report.forward_by, report.received_at))
    if report.status in RUNNING and report.resolve_by is not None:
        found.append(("resolve", report.resolve_by, report.received_at))
        if report.complex_at is not None and report.extension_requested_at is None:
            found.append(("extension", extension_last_asked(report.resolve_by, now), report.complex_at))
    if report.notice_by is not None and report.notified_at is None:
        found.append(("notice", report.notice_by, report.closed_at or report.received_at))
    found.sort(key=lambda one: one[1])
    return [(Message(f"web.course.until_{name}"), Deadline(due, since, URGENT_S)) for name, due, since in found]


def _row(row: sa.Row[Any]) -> ReportRow:
    status = ReportStatus(row.status)
    ended = status in NOTHING_TO_PASS_ON or row.referred_to is not None
    if row.forward_by is not None and row.forwarded_at is None and not ended:
        name, due_at, since = "forward", row.forward_by, row.received_at
    elif row.notice_by is not None and row.notified_at is None:
        name, due_at, since = "notice", row.notice_by, row.closed_at
    else:
        name, due_at, since = "resolve", row.resolve_by, row.received_at
    return ReportRow(
        row.code, f"/desk/reports/{row.code}", _status(status), _STATES.get(status, State.WAITING), row.received_at,
        Deadline(due_at, since, URGENT_S) if due_at else None, Message(f"web.course.until_{name}"),
    )  # fmt: skip


def _tasks(
    conn: Connection, where: sa.ColumnElement[bool], language: Language, now: datetime, page: int = 1
) -> tuple[tuple[TaskRow, ...], bool]:  # fmt: skip
    """A page of open tasks in their turn, and whether there are more.

    Calls about money that may still be there come first, the largest first (decision 32); the rest by its deadline.
    One row for each switchboard, its most urgent call: what a mule's eighty payers need must not hide the rest.
    """
    task, names = tables.task, names_of(conn)
    turn = (
        sa.case((task.c.kind == TELEPHONE, -task.c.amount_vnd), else_=1), task.c.due_at.is_(None), task.c.due_at,
        task.c.id,
    )  # fmt: skip
    together = sa.case(
        (task.c.report_id.is_(None), sa.literal("calls:").concat(sa.func.coalesce(task.c.institution, ""))),
        else_=task.c.id,
    )
    ranked = (
        sa.select(
            task, table.c.code, sa.func.row_number().over(partition_by=together, order_by=turn).label("place"),
            sa.func.count().over(partition_by=together).label("together"),
        )
        .outerjoin(table, table.c.id == task.c.report_id)
        .where(task.c.state == "open", where)
        .subquery()
    )  # fmt: skip
    one = ranked.c
    query = (
        sa.select(ranked)
        .where(one.place == 1)
        .order_by(
            sa.case((one.kind == TELEPHONE, -one.amount_vnd), else_=1), one.due_at.is_(None), one.due_at, one.id
        )
        .offset((page - 1) * TASKS_ROWS)
        .limit(TASKS_ROWS + 1)
    )
    rows = conn.execute(query).all()

    def title(row: sa.Row[Any]) -> Message:
        if row.kind not in OWN_KINDS:
            return words(follow_up(row.kind, now).label(language))
        who = names.institution(row.institution)
        if row.report_id is None and row.together > 1:
            return Message("web.call.several", {"institution": who, "count": row.together})
        return Message(f"web.act.{row.kind}", {"institution": who})

    return tuple(
        TaskRow(
            title(row), row.code or "–", task_href(row, row.code), row.amount_vnd,
            Deadline(row.due_at, row.opened_at, URGENT_S) if row.due_at else None,
        )
        for row in rows[:TASKS_ROWS]
    ), len(rows) > TASKS_ROWS  # fmt: skip


def _at_desk(sight: Sight) -> sa.ColumnElement[bool]:
    """The desk's tasks: about its reports, and its own."""
    if sight.desk_id is None:
        return sa.true()
    own = sa.and_(tables.task.c.report_id.is_(None), tables.task.c.desk_id == sight.desk_id)
    return sa.or_(table.c.agency_id == sight.desk_id, own)


def task_href(row: Any, code: str | None) -> str:
    """Where a task is worked on: its own form, or where the thing is done that ends it."""
    if row.report_id is None:
        return f"/desk/calls/{row.id}"
    if row.trace_id is not None and row.reason == "analysis_due":
        return f"/trace/{code}/analyse"
    if row.trace_id is None or ends_only_by_fact(row.reason) or row.kind.startswith("report_"):
        return f"/desk/reports/{code}"
    return f"/trace/{code}/tasks/{row.id}"


def _status(status: ReportStatus) -> Message:
    return Message(f"web.course.status_{status.value}")


def _at(at: datetime) -> Message:
    return Message("web.course.at", {"at": at, "day": vietnam_date(at)})
