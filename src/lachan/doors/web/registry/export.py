"""The list leaves the house as a file: what for is asked first and stands in the trail."""

import csv
import io
from datetime import datetime

import orjson
from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf
from lachan.foundation.access import Permission
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError, translate
from lachan.registry import Entry, export_entries
from lachan.response.shapes import Choice, DecisionPage, Field, FormField, Message

router = APIRouter(route_class=PageRoute, include_in_schema=False)
COLUMNS = ("key", "verdict", "reasons", "state", "until", "review_at", "entry")
FORMATS = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
_PURPOSE_LEAST = 5


@router.get("/registry/export")
def ask(visit: VisitOf) -> Response:
    """What for?"""
    visit.require(Permission.REGISTRY_EXPORT)
    return _page(visit, Field(), "csv")


@router.post("/registry/export")
def export(visit: VisitOf, form: FormOf) -> Response:
    """The file, once its purpose is recorded."""
    actor = visit.require(Permission.REGISTRY_EXPORT)
    out = io.StringIO()
    ending = form.text("format")
    try:
        if ending not in FORMATS:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="format", value=ending[:40])
        purpose = _purpose(form)
        table = csv.writer(out, lineterminator="\r\n")
        if ending == "csv":
            out.write("\ufeff")
            table.writerow(COLUMNS)

        def write(one: Entry) -> None:
            values = _values(one)
            if ending == "csv":
                table.writerow(values)
            else:
                out.write(orjson.dumps(dict(zip(COLUMNS, values, strict=True))).decode() + "\n")

        with visit.services.db.unit(visit.now, actor) as unit:
            export_entries(unit, purpose, write)
    except LachanError as error:
        return _page(visit, Field(form.text("purpose")), ending, error)
    name = f"registry-{visit.now.astimezone(VIETNAM):%Y%m%d-%H%M}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(out.getvalue(), media_type=FORMATS[ending], headers=headers)


def _purpose(form: Form) -> str:
    said = form.needed("purpose")
    if len(said) < _PURPOSE_LEAST:
        raise BadInput(InputReason.TOO_SHORT, field="purpose", limit=_PURPOSE_LEAST)
    return said


def _values(one: Entry) -> list[str]:
    return [
        one.key, one.verdict.value, ";".join(one.reasons), one.state.value, _iso(one.until), _iso(one.review_at),
        one.id,
    ]  # fmt: skip


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _page(visit: Visit, purpose: Field, chosen: str, error: LachanError | None = None) -> Response:
    wrong = {(error.field or ""): sentence(error)} if error else {}
    fields = (
        FormField(
            "purpose", "area", Message("web.registry.export_purpose"),
            Field(purpose.value, wrong.get("purpose")), hint=Message("web.registry.export_purpose_hint"),
        ),
        FormField(
            "format", "select", Message("web.registry.export_format"), Field(chosen, wrong.get("format")),
            choices=tuple(Choice(one, text=one.upper()) for one in FORMATS),
        ),
    )  # fmt: skip
    page = DecisionPage(
        code=translate("web.nav.registry", visit.language), title=Message("web.registry.export_title"),
        effect=Message("web.registry.export_effect"), facts=(), fields=fields, action="/registry/export",
        submit=Message("web.registry.export_do"), back_href="/registry", compelling=True,
    )  # fmt: skip
    return visit.page("registry/act.html", page, status=int(status_of(error)) if error else 200)
