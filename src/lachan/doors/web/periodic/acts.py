"""What is done with a report: save, count anew, hand in, return, approve, restate, issue."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from lachan.doors.web.periodic.keeping import carry_out, keep_typed
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.documents.administrative import Signature
from lachan.foundation.storage import Unit
from lachan.plans.outgoing import write_files
from lachan.plans.outgoing.rules import behalf_of
from lachan.plans.reporting import (
    Signing,
    approve,
    give_back,
    issue_report,
    recount,
    restate,
    submit,
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/periodic/{report_id}/save")
def save(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Keep what was typed; then hand in, if that button was pressed."""
    actor = visit.require(Permission.PERIODIC_WRITE)

    def run(kept: set[str]) -> Response:
        keep_typed(visit, report_id, form, kept)
        if form.text("then") != "submit":
            return go(f"/periodic/{report_id}?done=saved")
        with visit.services.db.unit(visit.now, actor) as unit:
            submit(unit, report_id)
        return go(f"/periodic/{report_id}?done=periodic_submitted")

    return carry_out(visit, report_id, form, run)


@router.post("/periodic/{report_id}/figure")
def figure(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Enter a figure by hand, or go back to what is counted; whatever else was typed is kept with it."""
    visit.require(Permission.PERIODIC_WRITE)
    code = form.text("figure")

    def run(kept: set[str]) -> Response:
        keep_typed(visit, report_id, form, kept, as_counted=code)
        return go(f"/periodic/{report_id}?done=saved#f-{code}")

    return carry_out(visit, report_id, form, run)


@router.post("/periodic/{report_id}/recount")
def count(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Keep what was typed, and count the figures as they are known now."""
    actor = visit.require(Permission.PERIODIC_WRITE)

    def run(kept: set[str]) -> Response:
        keep_typed(visit, report_id, form, kept)
        with visit.services.db.unit(visit.now, actor) as unit:
            recount(unit, report_id)
        return go(f"/periodic/{report_id}?done=periodic_counted")

    return carry_out(visit, report_id, form, run)


@router.post("/periodic/{report_id}/return")
def send_back(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Return it with remarks."""
    return _act(
        visit, report_id, form, Permission.PERIODIC_CHECK,
        lambda unit: give_back(unit, report_id, form.needed("remarks")), "periodic_returned",
    )  # fmt: skip


@router.post("/periodic/{report_id}/approve")
def take(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Approve it."""
    return _act(
        visit, report_id, form, Permission.PERIODIC_CHECK,
        lambda unit: approve(unit, report_id, form.text("remarks")), "periodic_approved",
    )  # fmt: skip


@router.post("/periodic/{report_id}/restate")
def again(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Open a further revision."""
    actor = visit.require(Permission.PERIODIC_WRITE)

    def run(_kept: set[str]) -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            made = restate(unit, report_id, form.needed("reasons"))
        return go(f"/periodic/{made.id}?done=periodic_restated")

    return carry_out(visit, report_id, form, run)


@router.post("/periodic/{report_id}/issue")
def number_it(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Enter it in the register of outgoing documents, and write its files."""
    actor = visit.require(Permission.DOCUMENT_ISSUE)

    def run(_kept: set[str]) -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            made = issue_report(unit, report_id, signing_of(form))
        write_files(visit.services.db, visit.now, actor, made.id)
        return go(f"/periodic/{report_id}?done=document_issued")

    return carry_out(visit, report_id, form, run)


def signing_of(form: Form) -> Signing:
    """Letters, signature, recipients and archive as an office types them."""
    signature = Signature(form.needed("position"), form.needed("signatory"), behalf_of(form.text("behalf")))
    recipients = tuple(line.strip() for line in form.text("recipients").splitlines() if line.strip())
    return Signing(form.needed("letters"), signature, recipients, form.text("archive"))


def _act(
    visit: Visit, report_id: str, form: Form, permission: Permission, do: Callable[[Unit], object], done: str
) -> Response:  # fmt: skip
    actor = visit.require(permission)

    def run(_kept: set[str]) -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            do(unit)
        return go(f"/periodic/{report_id}?done={done}")

    return carry_out(visit, report_id, form, run)
