"""One task: its clause, who answers for it, what was done, what shows it, and what may be done now."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Response

from lachan.doors.web.agency_search import agency_box
from lachan.doors.web.plans.meanwhile import TASK, typed_rows
from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Visit, VisitOf
from lachan.foundation.access import Permission
from lachan.foundation.base import Language, translate
from lachan.foundation.taxonomy import activity_kind
from lachan.plans.measures import Measure, of_period, shown_by
from lachan.plans.tasks.model import Evidence, EvidenceKind, Verb
from lachan.plans.tasks.rules import offered
from lachan.plans.tasks.showing import Pointed
from lachan.plans.views.one import task_page
from lachan.response.shapes import Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# Done with one button; the others ask something first.
AT_ONCE = (Verb.ACCEPT, Verb.START)


@router.get("/plans/tasks/{task_id}")
def task(visit: VisitOf, task_id: str) -> Response:
    """Everything about a task."""
    return show(visit, task_id)


def show(
    visit: Visit, task_id: str, *, typed: Mapping[str, str] | None = None, wrong: tuple[str, Message] | None = None,
    opened: str = "", status: int = 200, read: str = "",
) -> Response:  # fmt: skip
    """The page, with what was typed and what is wrong with it where a form came back: nothing is lost.

    `read`: the version that its forms go on from, where it is not to be the task's own.
    """
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = task_page(conn, sight, task_id)
        one = found.task
        verbs = offered(one, leads=sight.does(one), consolidates=sight.gathers(found.plan))
        ids = [one.lead_id, one.delegate_id, found.plan.consolidator_id, *found.clause.coordinators]
        ids += [step.agency_id for step in found.steps]
        ids += [str(step.details["to"]) for step in found.steps if step.verb is Verb.DELEGATE]
        names = names_of(conn, ids)
        box = agency_box(conn, sight.today) if Verb.DELEGATE in verbs else None
        measured = shown_by(conn, found.clause.demands, sight, visit.now)
        draft = ""
        if Verb.REPORT in verbs and measured:
            draft = _drafted(*of_period(conn, one, found.clause.demands, visit.now))
    unkept = typed_rows(visit, TASK, typed or {}) if opened and opened not in verbs else ()
    called = {one.id: _name(visit, one, found.shown[one.id]) for one in found.evidence}
    return visit.page(
        "plans/task.html", found, status=status, names=names, verbs=verbs, box=box, today=sight.today,
        typed=typed or {}, wrong=wrong, opened=opened, at_once=AT_ONCE, kinds=tuple(EvidenceKind),
        measured=measured, evidence_names=called, draft=draft,
        unkept=unkept, version=read or found.task.version,
        refused=Notice("error", wrong[1]) if wrong and not wrong[0] else None,
    )  # fmt: skip


def _drafted(since: date, counted: tuple[tuple[Measure, int], ...]) -> str:
    """The report that the system's own figures make: a person hands it in, for they are the whole province's."""
    if not counted:
        return ""
    lines = [translate("plans.measured_since", Language.VI, day=since.strftime("%d/%m/%Y"))]
    for measure, value in counted:
        unit = translate(f"plans.unit_{measure.unit.value}", Language.VI, value=f"{value:,}".replace(",", "."))
        lines.append(f"- {translate(f'plans.measure.{measure.code}', Language.VI)}: {unit}")
    return "\n".join(lines)


def _name(visit: Visit, one: Evidence, at: Pointed | None) -> str:
    """What a piece of evidence is called: as it was titled, else by what it points to."""
    if one.kind is EvidenceKind.MEASURE:
        return translate(f"plans.measure.{one.reference}", visit.language)
    if at is not None and at.activity:
        kind = activity_kind(at.activity, visit.now).label(visit.language)
        return f"{kind}: {one.title}" if one.title else kind
    return one.title or one.reference
