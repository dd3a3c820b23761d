"""A file of records: the template to fill in, the import, and the list of what was refused.

A short file is taken in at once; a long one by a worker, while its page says how far it is.
"""

import base64
from collections.abc import Sequence

from fastapi import APIRouter, Response

from lachan.activities import import_grid, saying, sheets, views
from lachan.activities.filed import Filed, file_of, kept_cells, start_again, take_file, unfinished_files
from lachan.activities.importing import BYTES_MOST, ROWS_MOST
from lachan.activities.model import RefusedCell
from lachan.doors.api.problems import status_of
from lachan.doors.web.activities.common import BASE, kind_of
from lachan.doors.web.activities.shapes import FilePage, ImportPage, RefusedRow
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, agency
from lachan.foundation.base import BadInput, InputReason, LachanError
from lachan.foundation.documents.workbooks import read_grid
from lachan.foundation.taxonomy import ActivityKind
from lachan.response.shapes import Field, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN_MOST = 200
# So many rows are recorded while somebody waits for the page.
_AT_ONCE_MOST = 1_000
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
def receive(visit: VisitOf, kind: str, form: FormOf) -> Response:
    """Good rows are recorded, bad ones listed with line and column."""
    found, given = _recordable(visit, kind), form.file("file")

    def run() -> Response:
        if given is None or not given.filename:
            raise BadInput(InputReason.MISSING, field="file")
        content, services = given.file.read(), visit.services
        grid = read_grid(given.filename, content, rows_most=ROWS_MOST, bytes_most=BYTES_MOST)
        if len(grid.rows) - 1 > _AT_ONCE_MOST:
            with services.db.unit(visit.now, visit.actor) as unit:
                file_id = take_file(unit, found, given.filename, content, grid)
            return go(f"{BASE}/{kind}/import/{file_id}")
        done = import_grid(
            services.db, visit.actor, services.clock.now, kind, grid, secret=services.secret.derive(USE)
        )  # fmt: skip
        counts = (done.rows, done.recorded, done.repeated, done.refused_rows)
        return _page(visit, found, counts, kept_cells(done.refused))

    try:
        return visit.once(form, run)
    except LachanError as error:
        place = error.field if error.field and error.field != "file" else ""
        said = sentence(error)
        wrong = Message("web.activities.at_column", {"column": place, "what": said}) if place else said
        return _page(visit, found, error=wrong, status=int(status_of(error)))


@router.get("/activities/{kind}/import/{file_id}")
def how_far(visit: VisitOf, kind: str, file_id: str) -> Response:
    """How far a long file is; at its end, what became of it."""
    found = _recordable(visit, kind)
    with visit.services.db.read() as conn:
        one = file_of(conn, visit.actor, kind, file_id)
    if one.failed:
        # What was recorded before it failed stays recorded: whoever sends the rest knows how much there is.
        there = one.so_far.recorded + one.so_far.repeated
        done = (one.rows, one.so_far.recorded, one.so_far.repeated, one.rows - there) if there else ()
        return _page(visit, found, done, error=Message(f"reason.{one.failed}"))
    if one.ended_at is None:
        stopped = Notice("error", Message("web.activities.file_stopped")) if one.stopped else None
        return visit.page("activities/file.html", _far(found, one, visit), stopped=stopped)
    counts = (one.rows, one.so_far.recorded, one.so_far.repeated, one.refused_rows)
    return _page(visit, found, counts, one.refused)


@router.post("/activities/{kind}/import/{file_id}/again")
def go_on(visit: VisitOf, kind: str, file_id: str, form: FormOf) -> Response:
    """Start a file that stopped again, where it stopped; one that goes on already is let alone."""
    _recordable(visit, kind)

    def run() -> Response:
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            start_again(unit, kind, file_id)
        return go(f"{BASE}/{kind}/import/{file_id}")

    return visit.once(form, run)


def _far(kind: ActivityKind, one: Filed, visit: Visit) -> FilePage:
    return FilePage(
        kind.code, kind.label(visit.language), f"{BASE}/{kind.code}/import/{one.id}", one.name, one.rows,
        one.so_far.done, one.so_far.recorded + one.so_far.repeated, one.broke, one.stopped,
    )  # fmt: skip


def _page(
    visit: Visit, kind: ActivityKind, counts: tuple[int, ...] = (), refused: Sequence[RefusedCell] = (), *,
    error: Message | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """The form; `counts` of a file that was taken in: rows, recorded, there before, refused."""
    language = visit.language
    shown = tuple(
        RefusedRow(one.line, one.column, one.head, one.wrong[language.value], one.text)
        for one in refused[:_SHOWN_MOST]
    )
    rejects, notice = "", None
    if refused:
        text = sheets.rejects_csv(refused, language)
        rejects = f"data:text/csv;charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"
    if counts:
        key = "web.activities.imported_some" if counts[-1] else "web.activities.imported_all"
        notice = Notice(
            "caution" if counts[-1] else "done", Message(key, {"count": saying.number(counts[1] * 1000, language)})
        )
    with visit.services.db.read() as conn:
        open_ = tuple(_far(kind, one, visit) for one in unfinished_files(conn, visit.actor, kind.code))
    named = (Message(f"web.activities.count.{name}") for name in ("rows", "recorded", "repeated", "refused_rows"))
    page = ImportPage(
        kind.code, kind.label(language), f"{BASE}/{kind.code}/template.xlsx", f"{BYTES_MOST // 1024 // 1024} MB",
        ROWS_MOST, Field("", error), tuple(zip(named, counts, strict=False)), shown, len(refused) - len(shown),
        rejects, notice, open_,
    )  # fmt: skip
    return visit.page("activities/import.html", page, status=status)


def _recordable(visit: Visit, code: str) -> ActivityKind:
    actor, kind = visit.require(Permission.ACTIVITY_RECORD), kind_of(visit, code)
    with visit.services.db.read() as conn:
        views.require_recordable(conn, actor, kind)
    return kind
