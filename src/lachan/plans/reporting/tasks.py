"""Figures from the plan's own tasks and from the records of activities: what each agency was given and did."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.activities import Total
from lachan.activities import views as activities
from lachan.foundation.access import works_for
from lachan.foundation.storage import among
from lachan.foundation.taxonomy import FigureOf, vietnam_date
from lachan.plans.reporting.asked import Asked, Counted
from lachan.plans.tables import step, task
from lachan.plans.tasks.model import WAITING, TaskState, Verb

_GONE = (TaskState.CANCELLED.value, TaskState.CARRIED_OVER.value)
_MOMENT = timedelta(microseconds=1)


def given(conn: Connection, asked: Asked) -> Counted:
    """The plan's tasks that the agencies were given until the end of the period."""
    query = sa.select(sa.func.count()).where(
        *_led(conn, asked), task.c.given_at < asked.until, task.c.state.not_in(_GONE)
    )
    return Counted(_number(conn, query), _page(asked))


def done(conn: Connection, asked: Asked) -> Counted:
    """Those of which a report was approved in the period, once each, however often it comes again."""
    approved = sa.exists().where(
        step.c.task_id == task.c.id, step.c.verb == Verb.APPROVE.value, step.c.at >= asked.begin,
        step.c.at < asked.until,
    )  # fmt: skip
    return Counted(_number(conn, sa.select(sa.func.count()).where(*_led(conn, asked), approved)), _page(asked))


def overdue(conn: Connection, asked: Asked) -> Counted:
    """Those that wait for their lead, as the record stands when they are counted, and were due in the period or
    before."""
    query = sa.select(sa.func.count()).where(
        *_led(conn, asked), task.c.state.in_([one.value for one in WAITING]),
        task.c.due_on < vietnam_date(asked.until).isoformat(),
    )  # fmt: skip
    return Counted(_number(conn, query), _page(asked, only="late"))


def activity(kind: str, code: str, of: FigureOf, parts: int, conn: Connection, asked: Asked) -> Counted:
    """One figure of a kind of activity, of work done on days of the period; a share in percent.

    `parts`: of how many parts of one the kept sum is made (a decimal's thousandths).
    """
    since, until = vietnam_date(asked.begin), vietnam_date(asked.until - _MOMENT)
    kinds = asked.kinds if kind in asked.kinds else (kind,)
    sums: Mapping[tuple[str, str], Total] = asked.once(
        f"work {' '.join(kinds)}", lambda: activities.summed(conn, kinds, _bodies(conn, asked), since, until)
    )
    found = sums.get((kind, code), Total(0))
    days = {"since": since.isoformat(), "until": until.isoformat()}
    link = f"/activities/{kind}?" + urlencode({**days, **_one_agency(asked)})
    if of is FigureOf.SHARE:
        share = found.permille
        return Counted(None if share is None else Decimal(share) / 10, link)
    return Counted(Decimal(found.amount) / parts, link)


def _led(conn: Connection, asked: Asked) -> Iterator[sa.ColumnElement[bool]]:
    yield task.c.plan_id == asked.plan_id
    yield among(conn, task.c.lead_id, _bodies(conn, asked))


def _bodies(conn: Connection, asked: Asked) -> list[str]:
    """The agencies, and those whose work they took over."""
    day: date = vietnam_date(asked.until - _MOMENT)
    found: list[str] = asked.once(
        "bodies", lambda: sorted({body for one in asked.agency_ids for body in works_for(conn, one, day)})
    )
    return found


def _page(asked: Asked, **narrowed: str) -> str:
    return "/plans/tasks?" + urlencode({"plan": asked.plan_id, **_one_agency(asked), **narrowed})


def _one_agency(asked: Asked) -> dict[str, str]:
    """How a list is narrowed to whose work was counted, where that is one agency."""
    return {"agency": asked.agency_ids[0]} if len(asked.agency_ids) == 1 else {}


def _number(conn: Connection, query: sa.Select[Any]) -> Decimal:
    return Decimal(int(conn.execute(query).scalar_one()))
