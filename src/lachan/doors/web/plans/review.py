"""Review side by side with the document: clauses and warnings at their lines, and what a person corrects."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.agency_search import agencies_in, agency_box
from lachan.doors.web.plans.meanwhile import (
    CLAUSE,
    HEAD,
    SETTINGS,
    of_clause,
    of_head,
    of_rhythm,
    of_settings,
    standing_rows,
    typed_rows,
)
from lachan.doors.web.plans.words import day_in, look, names_of, several, version_in
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, agency_called
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.demands import DEMANDS
from lachan.plans.kept import store
from lachan.plans.kept.actions import (
    add_clause,
    approve_plan,
    cancel_plan,
    correct,
    drop_clause,
    keep_clause,
    set_consolidator,
)
from lachan.plans.kept.heading import carried_out, correct_plan
from lachan.plans.kept.model import ClauseField, PlanField
from lachan.plans.model import Recurrence
from lachan.plans.views.one import ClauseRow, plan_page
from lachan.plans.views.sight import seen_plan
from lachan.response.shapes import Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_F = ClauseField


@router.get("/plans/{plan_id}/review")
def review(visit: VisitOf, plan_id: str, clause: str = "") -> Response:
    """The document left, the clauses right; one clause is opened to be corrected."""
    visit.require(Permission.PLAN_KEEP)
    return _show(visit, plan_id, clause)


def _show(
    visit: Visit, plan_id: str, clause: str = "", *, typed: Mapping[str, str] | None = None,
    named: Mapping[str, list[str]] | None = None, rhythm: list[str] | None = None, act: str = "",
    wrong: Message | None = None, status: int = 200, changed: bool = False,
) -> Response:  # fmt: skip
    """The page. `changed`: the form of `act` came back because another was faster; what stands there is shown."""
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = plan_page(conn, sight, plan_id)
        rows = [row for _, rows in found.sections for row in rows]
        opened = next((row for row in rows if row.clause.id == clause), None)
        ids = [i for row in rows for i in (*row.clause.leads, *row.clause.coordinators)]
        names = names_of(conn, [*ids, found.plan.consolidator_id])
        box = agency_box(conn, sight.today)
        kept = {
            role: [box.name(i) or names.agency(i) for i in ids]
            for role, ids in (
                ("leads", opened.clause.leads if opened else ()),
                ("coordinators", opened.clause.coordinators if opened else ()),
            )
        }
        keeps, approves = sight.keeps(found.plan), sight.approves(found.plan)
        implements = carried_out(conn, found.plan.id)
        gathers = box.name(found.plan.consolidator_id) or names.agency(found.plan.consolidator_id)
    typed = dict(typed or {})
    stands = {
        "head": (HEAD, of_head(found.plan, implements)),
        "settings": (SETTINGS, of_settings(found.plan, gathers)),
        "correct": (CLAUSE, of_clause(visit, opened, kept["leads"], kept["coordinators"]) if opened else {}),
    }
    said = typed | {role: "\n".join(chosen) for role, chosen in (named or {}).items()}
    said |= {"recurrence": of_rhythm(visit, rhythm)} if rhythm is not None else {}
    there = _there(act, opened, {row.clause.id for row in found.undecided}, approves, said.get("clause", ""))
    unkept = () if there else typed_rows(visit, CLAUSE | {"reason": "field_reason"}, said)
    standing = standing_rows(visit, *stands[act], said) if there and changed and act in stands else ()
    # Who has not been told what another changed has still read the version that the form was made from.
    version = (typed.get("version") if not changed else "") or found.plan.version
    warned: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for one in found.reading.warnings:
        warned[one["line"] or 0].append(one)
    return visit.page(
        "plans/review.html", found, status=status, names=names, box=box, opened=opened, chosen=named or kept,
        warned=dict(warned),
        at={row.clause.line: row.clause for row in rows if row.clause.line}, keeps=keeps, typed=typed,
        act=act, approves=approves, demands=DEMANDS, implements=implements, rhythm_typed=rhythm,
        recurrences=tuple(Recurrence), nobody=[r.clause for r in rows if r.clause.living and not r.clause.leads],
        refused=Notice("error", wrong) if wrong else None, unkept=unkept, standing=standing,
        version=version,
    )  # fmt: skip


def _there(act: str, opened: ClauseRow | None, undecided: set[str], approves: bool, clause: str) -> bool:
    """Whether the page still has the form that was sent: another may have gone further with plan or clause."""
    living = opened is not None and opened.clause.living
    return {
        "correct": living, "drop": living or clause in undecided, "keep": clause in undecided,
        "restore": opened is not None and not living, "cancel": approves,
    }.get(act, True)  # fmt: skip


def _numbers(text: str) -> list[int]:
    return sorted(_number(one) for one in text.replace(",", " ").split())


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="demands", value=text[:20])
    return int(text)


def _correct(unit: Unit, _plan_id: str, form: Form) -> object:
    """Only what was changed on the form is a correction; all of it, or none."""
    clause_id, reason = form.needed("clause"), form.needed("reason")
    before, today = store.clause(unit.conn, clause_id), vietnam_date(unit.now)
    said: dict[ClauseField, tuple[Any, Any]] = {
        _F.TEXT: (before.text, form.needed("text")),
        _F.LEAD_AGENCIES: (list(before.leads), agencies_in(unit.conn, form, "leads", today)),
        _F.COORDINATING: (list(before.coordinators), agencies_in(unit.conn, form, "coordinators", today)),
        _F.DEADLINE: (before.deadline, day_in(form, "deadline")),
        _F.RECURRENCE: ([one.value for one in before.recurrence], several(form, "recurrence")),
        _F.DEMANDS: (list(before.demands), _numbers(form.text("demands"))),
    }  # fmt: skip
    version = version_in(form)
    for field, (was, now_is) in said.items():
        changed = set(was) != set(now_is) if isinstance(was, list) else was != now_is
        if changed:
            correct(unit, clause_id, field, now_is, reason, version=version)
            version = None
    return None


def _head(unit: Unit, plan_id: str, form: Form) -> object:
    """What the plan says of itself; only what was changed on the form is a correction."""
    plan, reason = store.find(unit.conn, plan_id), form.needed("reason")
    version = version_in(form)
    said: dict[PlanField, tuple[Any, Any]] = {
        PlanField.TITLE: (plan.title, form.needed("title")),
        PlanField.ISSUED_ON: (plan.issued_on, day_in(form, "issued_on")),
        PlanField.SIGNED_BY: (plan.signed_by or "", form.text("signed_by")),
        PlanField.SUPERSEDES: (plan.supersedes or "", form.text("supersedes")),
        PlanField.IMPLEMENTS: (carried_out(unit.conn, plan_id), _lines(form, "implements")),
        PlanField.RECIPIENTS: (list(plan.recipients), _lines(form, "recipients")),
    }
    for field, (was, now_is) in said.items():
        if was != now_is:
            correct_plan(unit, plan_id, field, now_is, reason, version=version)
            version = None
    return None


def _lines(form: Form, name: str) -> list[str]:
    """One thing a line."""
    return [one for one in (line.strip() for line in form.text(name).splitlines()) if one]


def _add(unit: Unit, plan_id: str, form: Form) -> object:
    return add_clause(
        unit, plan_id, form.needed("ref"), form.needed("text"), form.needed("reason"),
        leads=agencies_in(unit.conn, form, "leads", vietnam_date(unit.now)),
        deadline=day_in(form, "deadline"), recurrence=several(form, "recurrence"), version=version_in(form),
    )  # fmt: skip


ACTS: Mapping[str, tuple[Permission, Callable[[Unit, str, Form], object]]] = {
    "correct": (Permission.PLAN_KEEP, _correct),
    "head": (Permission.PLAN_KEEP, _head),
    "drop": (
        Permission.PLAN_KEEP,
        lambda u, _p, f: drop_clause(u, f.needed("clause"), f.needed("reason"), version=version_in(f)),
    ),
    "keep": (
        Permission.PLAN_KEEP,
        lambda u, _p, f: keep_clause(u, f.needed("clause"), f.needed("reason"), version=version_in(f)),
    ),
    "restore": (
        Permission.PLAN_KEEP,
        lambda u, _p, f: correct(
            u, f.needed("clause"), _F.DROPPED, None, f.needed("reason"), version=version_in(f)
        ),
    ),
    "add": (Permission.PLAN_KEEP, _add),
    "settings": (
        Permission.PLAN_KEEP,
        lambda u, p, f: set_consolidator(
            u, p, agency_called(u.conn, f.needed("consolidator"), vietnam_date(u.now), "consolidator").id,
            day_in(f, "sub_plans_due"), version=version_in(f),
        ),
    ),
    "approve": (
        Permission.PLAN_APPROVE,
        lambda u, p, f: approve_plan(u, p, rest_to_consolidator=f.text("rest") == "1", version=version_in(f)),
    ),
    "cancel": (
        Permission.PLAN_APPROVE, lambda u, p, f: cancel_plan(u, p, f.needed("reason"), version=version_in(f)),
    ),
}  # fmt: skip


@router.post("/plans/{plan_id}/review/{act}")
def change(visit: VisitOf, plan_id: str, act: str, form: FormOf) -> Response:
    """One act of the review; what is refused is said above the page, and what was typed stays."""
    if act not in ACTS:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    permission, do = ACTS[act]
    actor = visit.require(permission)
    with visit.services.db.read() as conn:
        seen_plan(conn, look(visit, conn), plan_id)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            do(unit, plan_id, form)
        there = f"/plans/{plan_id}" if act in {"approve", "cancel"} else f"/plans/{plan_id}/review"
        return go(f"{there}?done=plan_{act}")

    try:
        return visit.once(form, run, as_typed=True)
    except LachanError as error:
        typed = {name: form.text(name) for name in form.fields}
        return _show(
            visit, plan_id, form.text("clause"), typed=typed, act=act, wrong=sentence(error),
            status=status_of(error),
            named={role: several(form, role) for role in ("leads", "coordinators")} if act == "correct" else None,
            rhythm=several(form, "recurrence") if act == "correct" else None,
            changed=error.reason is InputReason.CHANGED_MEANWHILE,
        )  # fmt: skip
