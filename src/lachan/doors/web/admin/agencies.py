"""Agencies: recorded with their time, ended with a successor."""

from collections import Counter

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.reading import needed_day
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import (
    AgencyDraft,
    add_agency,
    agencies,
    appointments,
    end_agency,
    set_phone,
    set_place,
)
from lachan.foundation.base import VIETNAM, BadInput, InputReason
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import agency_kinds
from lachan.response.shapes import AgenciesPage, AgencyRow, Choice, Fields, Notice
from lachan.response.views.names import words

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "agencies"


@router.get("/admin/agencies")
def page(visit: VisitOf) -> Response:
    """The list and the form."""
    return show(visit, {}, None, 200)


@router.post("/admin/agencies")
def add(visit: VisitOf, form: FormOf) -> Response:
    """Record one."""

    def do(unit: Unit) -> str:
        kind = form.needed("kind")
        if kind not in {one.code for one in agency_kinds(visit.now)}:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="kind", value=kind[:40])
        add_agency(
            unit,
            AgencyDraft(
                kind, form.text("name"), form.text("short_name"), needed_day(form, "valid_from"),
                codes=tuple(form.text("codes").replace(",", " ").split()), place=form.text("place"),
                phone=form.text("phone"),
            ),
        )  # fmt: skip
        return "/admin/agencies?done=saved"

    return carry_out(visit, SECTION, form, do, show)


@router.post("/admin/agencies/{key}/place")
def seat(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Where it sits, as its letters say."""

    def do(unit: Unit) -> str:
        set_place(unit, key, form.text("place"))
        return "/admin/agencies?done=saved"

    return carry_out(visit, SECTION, form, do, show)


@router.post("/admin/agencies/{key}/phone")
def telephone(visit: VisitOf, key: str, form: FormOf) -> Response:
    """What the desk calls when no message reaches it."""

    def do(unit: Unit) -> str:
        set_phone(unit, key, form.text("phone"))
        return "/admin/agencies?done=saved"

    return carry_out(visit, SECTION, form, do, show)


@router.post("/admin/agencies/{key}/end")
def end(visit: VisitOf, key: str, form: FormOf) -> Response:
    """It ends; somebody else takes over its work."""

    def do(unit: Unit) -> str:
        end_agency(unit, key, needed_day(form, "last_day"), form.text("successor") or None)
        return "/admin/agencies?done=saved"

    return carry_out(visit, SECTION, form, do, show)


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    today = visit.now.astimezone(VIETNAM).date()
    with visit.services.db.read() as conn:
        found = agencies(conn)
        people = Counter({(a.agency_id, a.person_id) for a in appointments(conn, visit.now)})
    kinds = {one.code: one.label(visit.language) for one in agency_kinds(visit.now)}
    names = {one.id: one.name for one in found}
    rows = tuple(
        AgencyRow(
            ", ".join(one.codes), one.name, words(kinds.get(one.kind, one.kind)), one.valid_from, one.valid_to,
            names.get(one.successor_id or ""), sum(1 for agency_id, _ in people if agency_id == one.id), one.id,
            may_end=one.valid_to is None or one.valid_to >= today, place=one.place, phone=one.phone,
        )
        for one in found
    )  # fmt: skip
    made = AgenciesPage(
        rows,
        tuple(Choice(code, text=label) for code, label in kinds.items()),
        tuple(Choice(one.id, text=one.short_name) for one in found if one.exists_on(today)),
        fields,
        notice,
    )
    return section_page(visit, SECTION, made, status)
