"""How long the questions behind the pages of plans take: 100 plans × 300 tasks and a million activities,
on SQLite and on PostgreSQL.

    python -m benchmarks.plan_pages [--plans 100] [--tasks 300] [--activities 1000000] [--rounds 30]

Each round draws what a page shows, template included, with nothing kept from the round before; wall time in
milliseconds. The same record, the same questions, both stores in one run.
"""

import argparse
import gc
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import lachan.bootstrap
from benchmarks.activities import KIND
from benchmarks.activities import fill as records
from benchmarks.instance import postgres
from lachan.activities import views as activity_views
from lachan.doors.web.plans.figures import ON_PAPER, STATES, drawn
from lachan.doors.web.plans.words import names_of
from lachan.doors.web.render import make_environment, page_context, render
from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency
from lachan.foundation.base import Actor, ActorKind, Language, WallClock, new_ids
from lachan.foundation.storage import Database
from lachan.foundation.storage.migrations import upgrade
from lachan.plans import tables
from lachan.plans.tasks.model import TaskState
from lachan.plans.views import board, lists
from lachan.plans.views.compare import compare
from lachan.plans.views.coverage import coverage
from lachan.plans.views.one import plan_page
from lachan.plans.views.sight import Sight, sight_of

assert lachan.bootstrap.OUTBOX_KINDS
NOW = datetime(2026, 11, 18, 5, tzinfo=UTC)
AGENCIES = 40
_STATES = (TaskState.GIVEN, TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.REPORTED, TaskState.DONE)


def main() -> None:
    """Print a table, or with `--json` one document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=100)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args()
    found: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for store in ("sqlite", "postgresql"):
            with record(Path(folder), store) as db:
                agencies, plan_id = fill(db, said.plans, said.tasks)
                records(db, said.activities, random.Random(34))
                # What a server's housekeeping has long done when its pages are asked.
                with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
                    conn.execute(sa.text("ANALYZE" if store == "sqlite" else "VACUUM ANALYZE"))
                # A server's process has not made the million records that it now asks: what collects garbage there
                # does not look at them.
                gc.collect()
                gc.freeze()
                found[store] = measure(db, agencies, plan_id, said.rounds)
    if said.json:
        print(json.dumps({"plans": said.plans, "tasks": said.plans * said.tasks, "milliseconds": found}))
        return
    print(
        f"{said.plans} plans, {said.plans * said.tasks} tasks, {said.activities} activities; "
        "milliseconds of wall time"
    )
    print(f"{'page':<14}" + "".join(f"{store + ' p50':>18}{'p95':>8}" for store in found))
    for page in found["sqlite"]:
        figures = [one[page] for one in found.values()]
        print(f"{page:<14}" + "".join(f"{one['p50']:>18.1f}{one['p95']:>8.1f}" for one in figures))


@contextmanager
def record(folder: Path, store: str) -> Iterator[Database]:
    """An empty record of that store."""
    if store == "sqlite":
        db = Database(f"sqlite:///{folder / 'lachan.db'}")
        upgrade(db)
        yield db
        db.close()
        return
    with postgres(folder / "pg") as url:
        db = Database(url.replace("postgresql://", "postgresql+psycopg://"))
        upgrade(db)
        yield db
        db.close()


def fill(db: Database, plans: int, tasks: int) -> tuple[list[str], str]:
    """Plans in force whose tasks stand in every state, some overdue; the rows that the actions would write."""
    with db.unit(NOW, OPERATOR) as unit:
        agencies = [
            add_agency(unit, AgencyDraft("finance_department", f"Sở số {at}", f"S{at}", date(2020, 1, 1))).id
            for at in range(AGENCIES)
        ]
        plan_ids = new_ids(plans)
        for number, plan_id in enumerate(plan_ids):
            _plan(unit.conn, plan_id, number, tasks, agencies)
    return agencies, plan_ids[0]


def _plan(conn: sa.Connection, plan_id: str, number: int, tasks: int, agencies: list[str]) -> None:
    conn.execute(
        sa.insert(tables.plan),
        {
            "id": plan_id, "number": f"{number}/KH-UBND", "number_key": f"{number}/KH-UBND", "issuer": "Tỉnh",
            "issuer_key": "tinh", "issued_on": "2026-01-05", "year": 2026, "title": "Phòng ngừa lừa đảo",
            "recipients": [],
            "signed_by": None, "state": "in_force", "keeper_id": agencies[0], "consolidator_id": agencies[0],
            "supersedes": None, "supersedes_id": None, "sub_plans_due": None, "in_force_at": NOW, "ended_at": None,
            "made_by": "person:x", "made_at": NOW, "approved_by": None, "version": 1,
        },
    )  # fmt: skip
    conn.execute(
        sa.insert(tables.document),
        {
            "id": f"{number:064}", "name": "a.txt", "media_type": "text/plain", "size_bytes": 1, "content": b"a",
            "kept_at": NOW,
        },
    )  # fmt: skip
    conn.execute(
        sa.insert(tables.reading),
        {
            "id": new_ids(1)[0], "plan_id": plan_id, "number": 1, "document_id": f"{number:064}", "lines": [],
            "warnings": [], "read_by": "person:x", "read_at": NOW,
        },
    )  # fmt: skip
    clauses, works, parties = [], [], []
    for at, (clause_id, task_id, party_id) in enumerate(
        zip(new_ids(tasks), new_ids(tasks), new_ids(tasks), strict=True)
    ):
        state, lead = _STATES[at % 5], agencies[at % AGENCIES]
        due = None if at % 3 == 0 else (NOW.date() + timedelta(days=at % 60 - 20)).isoformat()
        clauses.append({
            "id": clause_id, "plan_id": plan_id, "position": at, "ref": f"III.{at // 10}.{at % 10}",
            "section": f"Phần {at // 30}", "text": "Rà soát, kiểm tra và báo cáo kết quả về cơ quan tổng hợp. " * 4,
            "lead": "Sở", "coordinating": [], "deadline": due, "recurrence": ["quarterly"],
            "demands": [at % 103 + 1], "line": at + 1, "read": {}, "gone": False, "dropped": None, "kept": None,
        })  # fmt: skip
        parties.append(
            {"id": party_id, "clause_id": clause_id, "plan_id": plan_id, "role": "lead", "agency_id": lead}
        )
        works.append({
            "id": task_id, "plan_id": plan_id, "clause_id": clause_id, "lead_id": lead, "delegate_id": None,
            "head": f"Đồng chí {at % AGENCIES}", "person": "", "state": state.value, "due_on": due,
            "deadline": due, "period_to": None, "recurrence": ["quarterly"],
            "carried_from": None, "given_at": NOW, "reported_by": None,
            "ended_at": None, "version": 1,
        })  # fmt: skip
    conn.execute(sa.insert(tables.clause), clauses)
    conn.execute(sa.insert(tables.party), parties)
    conn.execute(sa.insert(tables.task), works)


def measure(db: Database, agencies: list[str], plan_id: str, rounds: int) -> dict[str, dict[str, float]]:
    """p50 and p95 of each page, for a leader who sees all and for one agency's clerk."""
    environment = make_environment()
    context = page_context(
        language=Language.VI, viewer=None, now=NOW, clock=WallClock(), csrf="x"
    )  # fmt: skip
    leader = Actor(ActorKind.PERSON, "leader", agencies[0], frozenset({Role.LEADER.value}))
    auditor = Actor(ActorKind.PERSON, "auditor", agencies[0], frozenset({Role.AUDITOR.value}))
    clerk = Actor(ActorKind.PERSON, "clerk", agencies[7], frozenset({Role.PLAN_OFFICER.value}))

    def draw(template: str, page: object, **values: object) -> None:
        render(environment, template, context, page=page, **values)

    def dashboard(conn: sa.Connection, sight: Sight) -> None:
        found = board.dashboard(conn, sight)
        names = names_of(conn, [one for one, _ in found.agencies] + [row.task.lead_id for row in found.ahead])
        sheet = drawn(Language.VI, found.places)
        draw(
            "plans/dashboard.html", found, names=names, states=STATES, today=sight.today, map=sheet,
            on_paper=ON_PAPER,
        )  # fmt: skip

    def matrix(conn: sa.Connection, sight: Sight) -> None:
        found = board.matrix(conn, sight, plan_id)
        draw("plans/matrix.html", found, names=names_of(conn, [row[0] for row in found.rows]), states=STATES)

    def side_by_side(conn: sa.Connection, sight: Sight) -> None:
        compare(conn, sight, [row.plan.id for row in lists.plans(conn, sight)[:4]])

    def plan(conn: sa.Connection, sight: Sight) -> None:
        found = plan_page(conn, sight, plan_id)
        names = names_of(conn, agencies)
        draw("plans/plan.html", found, names=names, today=sight.today, keeps=False)

    def plans(conn: sa.Connection, sight: Sight) -> None:
        draw("plans/list.html", lists.plans(conn, sight), names=names_of(conn, agencies[:1]), keeps=False)

    def tasks(conn: sa.Connection, sight: Sight) -> None:
        lists.task_page(conn, sight, lists.Narrow(late=True))

    def mine(conn: sa.Connection, sight: Sight) -> None:
        for state in _STATES:
            lists.task_page(conn, sight, lists.Narrow(mine=True, state=state), rows=30)

    def demands(conn: sa.Connection, sight: Sight) -> None:
        coverage(conn, sight, NOW)

    def kinds(conn: sa.Connection, sight: Sight) -> None:
        activity_views.kinds_for(conn, auditor, NOW)

    def work(conn: sa.Connection, sight: Sight) -> None:
        activity_views.listing(conn, auditor, KIND, activity_views.Narrow(), NOW)
        activity_views.figures(conn, KIND)

    asked: dict[str, tuple[Actor, Callable[[sa.Connection, Sight], Any]]] = {
        "dashboard": (leader, dashboard), "matrix": (leader, matrix), "plan": (leader, plan),
        "plans": (leader, plans), "tasks": (leader, tasks), "demands": (leader, demands),
        "compare": (leader, side_by_side), "activities": (leader, kinds), "one kind": (leader, work),
        "mine": (clerk, mine), "own dashboard": (clerk, dashboard),
    }  # fmt: skip
    return {name: _timed(db, actor, do, rounds) for name, (actor, do) in asked.items()}


def _timed(
    db: Database, actor: Actor, do: Callable[[sa.Connection, Sight], Any], rounds: int
) -> dict[str, float]:  # fmt: skip
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        with db.read() as conn:
            do(conn, sight_of(conn, actor, NOW))
        taken.append((time.perf_counter() - start) * 1000)
    # The first round fills caches of statements and templates, which a server has filled for long.
    ordered = sorted(taken[1:])
    return {"p50": ordered[len(ordered) // 2], "p95": ordered[-(-len(ordered) * 95 // 100) - 1]}


if __name__ == "__main__":
    main()
