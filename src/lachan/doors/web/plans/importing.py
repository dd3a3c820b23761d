"""A plan's document is uploaded, read, kept as a draft, and reviewed."""

from dataclasses import replace

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.plans.words import day_in
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput, InputReason, LachanError
from lachan.plans.kept.importing import keep_plan
from lachan.plans.kept.reader import read
from lachan.response.shapes import Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans/import")
def upload(visit: VisitOf) -> Response:
    """The form."""
    visit.require(Permission.PLAN_KEEP)
    return _form(visit)


@router.post("/plans/import")
def receive(visit: VisitOf, form: FormOf) -> Response:
    """Read it and keep it; then a person looks at it beside the document."""
    actor = visit.require(Permission.PLAN_KEEP)

    def do() -> Response:
        file = form.file("file")
        if file is None:
            raise BadInput(InputReason.MISSING, field="file")
        draft, document = read(file.file.read(), file.filename or "", file.content_type or "")
        # A draft that was not signed yet leaves its number open; a person writes it down.
        draft = replace(
            draft, number=form.text("number") or draft.number, issuer=form.text("issuer") or draft.issuer,
            issued_on=day_in(form, "issued_on") or draft.issued_on,
        )  # fmt: skip
        with visit.services.db.unit(visit.now, actor) as unit:
            kept = keep_plan(unit, draft, document)
        done = "plan_read_again" if kept.reading > 1 else "plan_kept"
        return go(f"/plans/{kept.plan_id}/review?done={done}")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return _form(visit, sentence(error), status_of(error), form)


def _form(visit: Visit, wrong: Message | None = None, status: int = 200, form: Form | None = None) -> Response:
    typed = {name: form.text(name) if form else "" for name in ("number", "issuer", "issued_on")}
    return visit.page(
        "plans/import.html", None, status=status, refused=Notice("error", wrong) if wrong else None, typed=typed
    )  # fmt: skip
