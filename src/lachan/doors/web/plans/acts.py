"""What is done with a task on its page: each verb once, against the version that was on the screen."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.plans.task import show
from lachan.doors.web.plans.words import day_in, look, version_in
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, VisitOf, go
from lachan.foundation.access import Permission, agency_called
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.tasks.actions import (
    accept,
    add_evidence,
    approve,
    delegate,
    name,
    report,
    return_,
    set_deadline,
    start,
)
from lachan.plans.tasks.model import EvidenceDraft, EvidenceKind, Task, Verb
from lachan.plans.views.sight import seen_task

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Do = Callable[[Unit, str, Form, int | None], Task]


def _shown(form: Form) -> list[EvidenceDraft]:
    """The one piece of evidence that a form can carry; none where nothing was typed."""
    reference = form.text("reference")
    if not reference:
        return []
    kind = form.text("kind")
    if kind not in set(EvidenceKind):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="kind", value=kind[:20])
    return [EvidenceDraft(EvidenceKind(kind), reference, form.text("title"))]


def _other(unit: Unit, form: Form) -> str:
    return agency_called(unit.conn, form.needed("to"), vietnam_date(unit.now), "to").id


def _deadline(unit: Unit, task_id: str, form: Form, version: int | None) -> Task:
    day = day_in(form, "day")
    if day is None:
        raise BadInput(InputReason.MISSING, field="day")
    return set_deadline(unit, task_id, day, form.text("reason"), version=version)


ACTS: Mapping[Verb, tuple[Permission, Do]] = {
    Verb.ACCEPT: (Permission.PLAN_WORK, lambda u, t, _f, v: accept(u, t, version=v)),
    Verb.START: (Permission.PLAN_WORK, lambda u, t, _f, v: start(u, t, version=v)),
    Verb.NAME: (
        Permission.PLAN_WORK, lambda u, t, f, v: name(u, t, f.text("head"), f.text("person"), version=v),
    ),
    Verb.DELEGATE: (
        Permission.PLAN_WORK, lambda u, t, f, v: delegate(u, t, _other(u, f), f.text("words"), version=v),
    ),
    Verb.REPORT: (
        Permission.PLAN_WORK, lambda u, t, f, v: report(u, t, f.text("words"), _shown(f), version=v),
    ),
    Verb.ADD_EVIDENCE: (Permission.PLAN_WORK, lambda u, t, f, v: add_evidence(u, t, _shown(f), version=v)),
    Verb.RETURN: (Permission.PLAN_CHECK, lambda u, t, f, v: return_(u, t, f.text("remark"), version=v)),
    Verb.APPROVE: (Permission.PLAN_CHECK, lambda u, t, f, v: approve(u, t, f.text("remark"), version=v)),
    Verb.SET_DEADLINE: (Permission.PLAN_CHECK, _deadline),
}  # fmt: skip


@router.post("/plans/tasks/{task_id}/{verb}")
def act(visit: VisitOf, task_id: str, verb: str, form: FormOf) -> Response:
    """Carry it out once; what is missing or refused is said at its field, and what was typed stays."""
    if verb not in {one.value for one in ACTS}:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    permission, do = ACTS[Verb(verb)]
    actor = visit.require(permission)
    with visit.services.db.read() as conn:
        seen_task(conn, look(visit, conn), task_id)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            do(unit, task_id, form, version_in(form))
        return go(f"/plans/tasks/{task_id}?done=plan_task_{verb}")

    try:
        return visit.once(form, run, as_typed=True)
    except LachanError as error:
        typed = {name: form.text(name) for name in form.fields}
        named = error.field if error.field and error.field in typed and error.field != "version" else ""
        # Who has not been told what another did has still read the version that the form was made from.
        read = "" if error.reason is InputReason.CHANGED_MEANWHILE else form.text("version")
        return show(
            visit, task_id, typed=typed, wrong=(named, sentence(error)), opened=verb, status=status_of(error),
            read=read,
        )  # fmt: skip
