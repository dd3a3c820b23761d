"""`lachan plan show`: the plans that are kept, or one of them with its tasks."""

from typing import Any

from lachan.doors.cli.output import out
from lachan.foundation.base import translate


def run(number: str | None) -> None:
    """Show all, or one; NotFound: NO_SUCH_RECORD."""
    if number is None:
        _all()
    else:
        _one(number)


def _all() -> None:
    from lachan.bootstrap import build
    from lachan.foundation.access import OPERATOR
    from lachan.foundation.base.settings import Settings
    from lachan.plans.views.lists import plans
    from lachan.plans.views.sight import sight_of

    services = build(Settings())
    with services.db.read() as conn:
        rows = plans(conn, sight_of(conn, OPERATOR, services.clock.now()))
    values: list[dict[str, Any]] = [
        {
            "number": row.plan.number, "issuer": row.plan.issuer, "title": row.plan.title,
            "issued_on": row.plan.issued_on.isoformat() if row.plan.issued_on else None,
            "state": row.plan.state.value, "tasks": row.counts.total, "overdue": row.counts.overdue,
        }
        for row in rows
    ]  # fmt: skip
    lines = [
        f"{one['number']}  {translate('plans.plan_' + one['state'], out.language)}  {one['tasks']}  {one['title']}"
        for one in values
    ]
    out.result({"plans": values}, lines or [translate("web.plans.empty_title", out.language)])


def _one(number: str) -> None:
    from lachan.bootstrap import build
    from lachan.foundation.access import OPERATOR, agency_names
    from lachan.foundation.base import InputReason, NotFound
    from lachan.foundation.base.settings import Settings
    from lachan.plans.kept.rules import number_key
    from lachan.plans.kept.store import find_by_number
    from lachan.plans.views.one import plan_page
    from lachan.plans.views.sight import sight_of

    services = build(Settings())
    with services.db.read() as conn:
        found = find_by_number(conn, number_key(number))
        if not found:
            raise NotFound(InputReason.NO_SUCH_RECORD, field="number")
        sight = sight_of(conn, OPERATOR, services.clock.now())
        page = plan_page(conn, sight, found[0].id)
        rows = [row for _, rows in page.sections for row in rows if row.clause.living]
        names = agency_names(conn, {task.lead_id for row in rows for task in row.tasks})
    tasks: list[dict[str, Any]] = [
        {
            "ref": row.clause.ref, "lead": names.get(task.lead_id, ""), "state": task.state.value,
            "due_on": task.due_on.isoformat() if task.due_on else None, "overdue": task.overdue(sight.today),
            "text": row.clause.text,
        }
        for row in rows
        for task in row.tasks
    ]  # fmt: skip
    value = {
        "number": page.plan.number, "issuer": page.plan.issuer, "title": page.plan.title,
        "state": page.plan.state.value, "clauses": len(rows), "tasks": tasks,
    }  # fmt: skip
    state = translate(f"plans.plan_{page.plan.state.value}", out.language)
    lines = [f"{page.plan.number}  {state}  {page.plan.title}"]
    lines += [
        f"{one['ref']:<10} {one['due_on'] or '–':<10} {translate('plans.task_' + one['state'], out.language):<12} "
        f"{one['lead']}: {one['text'][:60]}"
        for one in tasks
    ] or [f"{row.clause.ref:<10} {row.clause.text[:80]}" for row in rows]
    out.result(value, lines)
