"""The library of methods of fraud: how each form goes, how to recognise it, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Visit, VisitOf
from lachan.foundation.access import Permission, may
from lachan.foundation.base import LachanError, Language
from lachan.foundation.taxonomy import (
    Facet,
    ModusOperandi,
    ScamForm,
    facet_words,
    legal_basis,
    modus_operandi,
    scam_form,
    scam_forms,
)
from lachan.outreach import Item, ItemKind, views
from lachan.outreach.public import in_force
from lachan.response.shapes import Choice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_COUNTED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One form of the list."""

    code: str
    name: str
    story: str
    facets: tuple[str, ...]
    reports: int | None


@dataclass(frozen=True, slots=True)
class MethodsPage:
    """The library, narrowed by the four sides of a form."""

    filters: tuple[tuple[str, tuple[Choice, ...]], ...]
    rows: tuple[MethodRow, ...]
    writes: bool


@dataclass(frozen=True, slots=True)
class MethodPage:
    """One form with everything that is known: the library's words, approved entries, warnings in force."""

    form: ScamForm
    name: str
    method: ModusOperandi
    signs: tuple[str, ...]
    steps: tuple[str, ...]
    story: str
    facets: tuple[tuple[str, str], ...]
    articles: tuple[str, ...]
    entries: tuple[Item, ...]
    warnings: tuple[Item, ...]
    reports: int | None
    writes: bool
    language: Language


@router.get("/outreach/methods")
def methods(
    visit: VisitOf, pretexts: str = "", channels: str = "", payouts: str = "", victim_groups: str = ""
) -> Response:
    """The library for staff, with how often each form was reported."""
    visit.require(Permission.OUTREACH_READ)
    chosen = {"pretexts": pretexts, "channels": channels, "payouts": payouts, "victim_groups": victim_groups}
    return visit.page("outreach/methods.html", methods_page(visit, chosen, staff=True))


@router.get("/outreach/methods/{form}")
def method(visit: VisitOf, form: str) -> Response:
    """One form for staff."""
    visit.require(Permission.OUTREACH_READ)
    with visit.services.db.read() as conn:
        page = method_page(visit, conn, form, staff=True)
    return visit.page("outreach/method.html", page)


def methods_page(visit: Visit, chosen: Mapping[str, str], *, staff: bool) -> MethodsPage:
    """The forms that match every chosen side; a desk also sees how many reports of 90 days name each."""
    language, now = visit.language, visit.now
    counted: dict[str, int] = {}
    counts = staff and _counts(visit)
    if counts:
        with visit.services.db.read() as conn:
            counted = views.reports_since(conn, now - _COUNTED)
    labels = {facet: {one.code: one.label(language) for one in facet_words(facet, now)} for facet in Facet}
    rows = [
        MethodRow(
            one.code, one.label(language), modus_operandi(one.code, now).label(language),
            tuple(labels[facet][code] for facet in Facet for code in getattr(one, facet.value)),
            counted.get(one.code, 0) if counts else None,
        )
        for one in scam_forms(now)
        if all(not chosen.get(facet.value) or chosen[facet.value] in getattr(one, facet.value) for facet in Facet)
    ]  # fmt: skip
    if counts:
        rows.sort(key=lambda one: -(one.reports or 0))
    filters = tuple(
        (
            facet.value,
            tuple(
                Choice(code, text=label, chosen=code == chosen.get(facet.value))
                for code, label in labels[facet].items()
            ),
        )
        for facet in Facet
    )  # fmt: skip
    writes = staff and may(visit.actor, Permission.OUTREACH_WRITE)
    return MethodsPage(filters, tuple(rows), writes)


def method_page(visit: Visit, conn: Connection, code: str, *, staff: bool) -> MethodPage:
    """One form; NotFound where there is none."""
    language, now = visit.language, visit.now
    form, known = scam_form(code, now), modus_operandi(code, now)
    facets = []
    for facet in Facet:
        words = {one.code: one.label(language) for one in facet_words(facet, now)}
        facets.append((facet.value, ", ".join(words[one] for one in getattr(form, facet.value))))
    return MethodPage(
        form, form.label(language), known, known.signs(language), known.steps(language), known.label(language),
        tuple(facets), tuple(_article(one, now, language) for one in form.articles) if staff else (),
        tuple(in_force(conn, ItemKind.METHOD, now, form=code)),
        tuple(in_force(conn, ItemKind.WARNING, now, form=code)),
        views.reports_since(conn, now - _COUNTED).get(code, 0) if staff and _counts(visit) else None,
        staff and may(visit.actor, Permission.OUTREACH_WRITE), language,
    )  # fmt: skip


def _counts(visit: Visit) -> bool:
    """Whether this person may know how many reports there are: a bank's people may not."""
    return may(visit.actor, Permission.REPORT_READ)


def _article(code: str, now: datetime, language: Language) -> str:
    try:
        return legal_basis(code, now).citation(language)
    except LachanError:
        return code
