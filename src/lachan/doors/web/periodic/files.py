"""A report as a file before it is issued: PDF, DOCX, XLSX."""

import tempfile
from pathlib import Path

from fastapi import APIRouter, Response

from lachan.doors.web.periodic.register import DOCX, attachment
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission
from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.documents.administrative import paper_docx, paper_pdf
from lachan.plans.reporting import UNSIGNED, report_paper, views
from lachan.plans.reporting.sheet import write_sheet

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/periodic/{report_id}/report.{form}")
def draft(visit: VisitOf, report_id: str, form: str) -> Response:
    """The report as it stands now, without a number."""
    actor = visit.require(Permission.PERIODIC_READ)
    if form not in {"pdf", "docx", "xlsx"}:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    with visit.services.db.read() as conn:
        found = views.report(conn, actor, visit.now, report_id)
        paper = report_paper(conn, actor, visit.now, found.report, UNSIGNED) if form != "xlsx" else None
        names = views.full_names(conn)
    name = f"{found.report.key}.{form}"
    if paper is None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            write_sheet(path, found.report, names, visit.language)
            return attachment(path.read_bytes(), _XLSX, name)
    if form == "docx":
        return attachment(paper_docx(paper), DOCX, name)
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(paper_pdf(paper), media_type="application/pdf", headers=headers)
