"""The register of outgoing documents: numbers, files, cancelling."""

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.letters import signed_pdf
from lachan.doors.web.periodic.shapes import DraftRow, RegisterPage, RegisterRow
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, may, person_names
from lachan.foundation.base import InputReason, LachanError, NotFound
from lachan.foundation.exchange.edxml import VERIFIED
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans import drafting
from lachan.plans.outgoing import OutgoingState, cancel, envelope, file_name, views, write_files
from lachan.plans.outgoing.views import PAGE_ROWS
from lachan.plans.reporting.views import agency_names
from lachan.response.shapes import Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# Of an envelope that nobody has validated, its name says so.
EDXML = "edxml" if VERIFIED else "unverified.edxml"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get("/documents")
def register(visit: VisitOf, year: str = "", book: str = "", before: str = "") -> Response:
    """A year's documents."""
    return _page(visit, year, book, before)


@router.get("/documents/{document_id}/file.{form}")
def file(visit: VisitOf, document_id: str, form: str) -> Response:
    """A document's file, as it was first written; or the envelope in which it is exchanged."""
    actor = visit.require(Permission.DOCUMENT_READ)
    if form == EDXML:
        with visit.services.db.read() as conn:
            document = views.document(conn, actor, vietnam_date(visit.now), document_id)
            return attachment(
                envelope(conn, actor, vietnam_date(visit.now), document_id),
                "application/xml",
                file_name(document, EDXML),
            )
    found = write_files(visit.services.db, visit.now, actor, document_id).get(form)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    with visit.services.db.read() as conn:
        document = views.document(conn, actor, vietnam_date(visit.now), document_id)
    name = file_name(document, form)
    return signed_pdf(visit, found.content, name) if form == "pdf" else attachment(found.content, DOCX, name)


@router.post("/documents/{document_id}/cancel")
def take_back(visit: VisitOf, document_id: str, form: FormOf) -> Response:
    """Cancel a document, with the reason."""
    actor = visit.require(Permission.DOCUMENT_ISSUE)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            cancel(unit, document_id, form.needed("reasons"))
        return go("/documents?done=document_cancelled")

    try:
        return visit.once(form, run, as_typed=True)
    except LachanError as error:
        return _page(visit, "", "", "", Notice("error", sentence(error)), int(status_of(error)))


def attachment(content: bytes, kind: str, name: str) -> Response:
    """A file to keep."""
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def _page(
    visit: Visit, year: str, book: str, before: str, notice: Notice | None = None, status: int = 200
) -> Response:  # fmt: skip
    actor = visit.require(Permission.DOCUMENT_READ)
    today = vietnam_date(visit.now)
    shown = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else today.year
    with visit.services.db.read() as conn:
        books = tuple(views.books(conn, actor, today))
        known = book if book in {one.book for one in books} else None
        rows = views.register(conn, actor, today, year=shown, book=known, before=before[:36] or None)
        names, own = agency_names(conn), views.own(conn, actor, today)
        drafts = drafting.views.drafts(conn, actor)
        who = [one for row in rows for one in (row.made_by, row.cancelled_by or "")]
        people = person_names(
            conn, [one.partition(":")[2] for one in (*who, *(draft.changed_by for draft in drafts))]
        )
    made = tuple(
        RegisterRow(
            one, names.get(one.agency_id, ""), people.get(one.made_by.partition(":")[2], one.made_by),
            people.get((one.cancelled_by or "").partition(":")[2], ""),
            one.state is OutgoingState.ISSUED and one.agency_id in own
            and may(actor, Permission.DOCUMENT_ISSUE),
        )
        for one in rows
    )  # fmt: skip
    more = rows[-1].id if len(rows) == PAGE_ROWS else ""
    return visit.page(
        "periodic/register.html",
        RegisterPage(
            shown,
            known or "",
            books,
            made,
            more,
            tuple(DraftRow(one, people.get(one.changed_by.partition(":")[2], "")) for one in drafts),
            may(actor, Permission.PERIODIC_WRITE),
            notice,
        ),
        status=status,
        edxml=EDXML,
        verified=VERIFIED,
    )
