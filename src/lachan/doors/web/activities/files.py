"""A file of records: the template to fill in, the import, and the list of what was refused."""

import base64

from fastapi import APIRouter, Response

from lachan.activities import Imported, import_grid, saying, sheets, views
from lachan.activities.importing import BYTES_MOST, ROWS_MOST
from lachan.doors.api.problems import status_of
from lachan.doors.web.activities.common import BASE, kind_of
from lachan.doors.web.activities.shapes import ImportPage, RefusedRow
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import Permission, agency
from lachan.foundation.base import BadInput, InputReason, LachanError
from lachan.foundation.documents.workbooks import read_grid
from lachan.foundation.taxonomy import ActivityKind
from lachan.response.shapes import Field, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN_MOST = 200
USE = "activities"


@router.get("/activities/{kind}/template.xlsx")
def template(visit: VisitOf, kind: str) -> Response:
    """The spreadsheet to fill in, in the viewer's language."""
    found = _recordable(visit, kind)
    with visit.services.db.read() as conn:
        mine = agency(conn, visit.actor.agency_id).province_code if visit.actor.agency_id else None
    headers = {"content-disposition": f'attachment; filename="{kind}.xlsx"'}
    return Response(sheets.template(found, visit.language, mine), media_type=_XLSX, headers=headers)


@router.get("/activities/{kind}/import")
def ask_file(visit: VisitOf, kind: str) -> Response:
    """The form."""
    return _page(visit, _recordable(visit, kind))


@router.post("/activities/{kind}/import")
def take_file(visit: VisitOf, kind: str, form: FormOf) -> Response:
    """Good rows are recorded, bad ones listed with line and column."""
    found, given = _recordable(visit, kind), form.file("file")

    def run() -> Response:
        if given is None or not given.filename:
            raise BadInput(InputReason.MISSING, field="file")
        grid = read_grid(given.filename, given.file.read(), rows_most=ROWS_MOST, bytes_most=BYTES_MOST)
        services = visit.services
        done = import_grid(
            services.db, visit.actor, services.clock.now, kind, grid, secret=services.secret.derive(USE)
        )  # fmt: skip
        return _page(visit, found, done)

    try:
        return visit.once(form, run)
    except LachanError as error:
        place = error.field if error.field and error.field != "file" else ""
        said = sentence(error)
        wrong = Message("web.activities.at_column", {"column": place, "what": said}) if place else said
        return _page(visit, found, error=wrong, status=int(status_of(error)))


def _page(
    visit: Visit, kind: ActivityKind, done: Imported | None = None, *, error: Message | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    language = visit.language
    counts: tuple[tuple[Message, int], ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    rejects, notice = "", None
    if done is not None:
        counts = tuple(
            (Message(f"web.activities.count.{name}"), getattr(done, name))
            for name in ("rows", "recorded", "repeated", "refused_rows")
        )
        refused = tuple(
            RefusedRow(one.line, one.column, one.head, saying.fault_text(one.fault, language), one.text)
            for one in done.refused[:_SHOWN_MOST]
        )
        if done.refused:
            text = sheets.rejects_csv(done.refused, language)
            rejects = f"data:text/csv;charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"
        key = "web.activities.imported_some" if done.refused_rows else "web.activities.imported_all"
        notice = Notice("caution" if done.refused_rows else "done", Message(key, {"count": done.recorded}))
    page = ImportPage(
        kind.code, kind.label(language), f"{BASE}/{kind.code}/template.xlsx", f"{BYTES_MOST // 1024 // 1024} MB",
        ROWS_MOST, Field("", error), counts, refused,
        len(done.refused) - len(refused) if done else 0, rejects, notice,
    )  # fmt: skip
    return visit.page("activities/import.html", page, status=status)


def _recordable(visit: Visit, code: str) -> ActivityKind:
    actor, kind = visit.require(Permission.ACTIVITY_RECORD), kind_of(visit, code)
    with visit.services.db.read() as conn:
        views.require_recordable(conn, actor, kind)
    return kind
