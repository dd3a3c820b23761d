"""The list of reminders: marking one as seen, and issuing the letter of urging that one has drafted."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.periodic.acts import signing_of
from lachan.doors.web.periodic.one import SIGNING
from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, may
from lachan.foundation.base import LachanError, translate
from lachan.foundation.taxonomy import reminder_steps
from lachan.plans.outgoing import OutgoingState, write_files
from lachan.plans.outgoing.views import documents_about_each
from lachan.plans.reminders import views
from lachan.plans.reminders.issuing import about, issue_letter
from lachan.response.shapes import Message, Notice, Unkept

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans/reminders")
def reminders(visit: VisitOf, after: str = "") -> Response:
    """What the agency was reminded of, the letters it has to send, and the steps by which everybody is reminded."""
    return _show(visit, after[:40])


def _show(
    visit: Visit, after: str, opened: str = "", *, typed: Mapping[str, str] | None = None,
    wrong: Message | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """The page from `after` on; `opened` is the letter whose form came back, with what was `typed` in it."""
    actor = visit.require(Permission.PLAN_READ)
    issues = may(actor, Permission.DOCUMENT_ISSUE)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = views.reminders(conn, sight, after=after)
        rows = found.rows
        names = names_of(conn, [row.agency_id for row in rows])
        ours = [row.id for row in rows if row.letters_by_us and issues]
        issued_for = documents_about_each(conn, actor, sight.today, [about(one) for one in ours])
        sent = {one: issued_for[about(one)] for one in ours}
    issued = any(one.state is OutgoingState.ISSUED for one in sent.get(opened, ()))
    unkept = tuple(
        Unkept(translate(f"web.periodic.{name}", visit.language), said)
        for name in SIGNING
        if issued and (said := (typed or {}).get(name, ""))
    )
    steps = reminder_steps(visit.now)
    return visit.page(
        "plans/reminders.html", rows, status=status, names=names, steps=steps,
        works=may(actor, Permission.PLAN_WORK), labels={step.code: step.label(visit.language) for step in steps},
        sent=sent, unkept=unkept, opened=opened, typed=typed or {},
        refused=Notice("error", wrong) if wrong else None, after=after,
        more_href=_address(found.after) if found.after else None,
    )  # fmt: skip


@router.post("/plans/reminders/{reminder_id}/letter")
def send(visit: VisitOf, reminder_id: str, form: FormOf) -> Response:
    """Give the letter its number, enter it in the register, and write its files."""
    actor = visit.require(Permission.DOCUMENT_ISSUE)

    def do() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            made = issue_letter(unit, reminder_id, signing_of(form))
        write_files(visit.services.db, visit.now, actor, made.id)
        return go(_address(_after(form), done="document_issued"))

    try:
        return visit.once(form, do, as_typed=True)
    except LachanError as error:
        typed = {name: form.text(name) for name in form.fields}
        return _show(visit, _after(form), reminder_id, typed=typed, wrong=sentence(error), status=status_of(error))


@router.post("/plans/reminders/{reminder_id}/seen")
def seen(visit: VisitOf, reminder_id: str, form: FormOf) -> Response:
    """Seen."""
    actor = visit.require(Permission.PLAN_WORK)

    def do() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            views.see(unit, reminder_id)
        return go(_address(_after(form)))

    return visit.once(form, do)


def _after(form: Form) -> str:
    """Which piece of the list the form stood in."""
    return form.text("after")[:40]


def _address(after: str, **more: str) -> str:
    said = {name: value for name, value in {"after": after, **more}.items() if value}
    return "/plans/reminders" + (f"?{urlencode(said)}" if said else "")
