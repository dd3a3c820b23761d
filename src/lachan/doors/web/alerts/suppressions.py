"""What is not shown for a while, why, until when, and how much it has covered."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.alerts.shapes import SuppressionRow, SuppressionsPage
from lachan.doors.web.reading import needed_moment
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.registry.words import Words, words_of
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, agency, mask_text, may, reaches_all
from lachan.foundation.base import LachanError, alphabetical
from lachan.monitoring import kinds_of_alerts
from lachan.monitoring.alerts import end_suppression, saying, suppress_kind, views
from lachan.monitoring.alerts.views import Covering
from lachan.response.shapes import Choice, Field, FormField, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/alerts/suppressions")
def suppressions(visit: VisitOf) -> Response:
    """All that are in force."""
    return _page(visit, {})


@router.post("/alerts/suppressions")
def add(visit: VisitOf, form: FormOf) -> Response:
    """Suppress a typology for a while."""
    actor = visit.require(Permission.ALERT_APPROVE)

    def run() -> Response:
        typology, until = form.needed("typology"), needed_moment(form, "until")
        with visit.services.db.unit(visit.now, actor) as unit:
            institution = None
            if not reaches_all(actor, Permission.ALERT_APPROVE) and actor.agency_id:
                institution = next(iter(agency(unit.conn, actor.agency_id).codes), None)
            suppress_kind(
                unit, until, form.needed("reasons"), typology=typology, institution=institution
            )  # fmt: skip
        return go("/alerts/suppressions?done=alert_suppressed")

    return _once(visit, form, run)


@router.post("/alerts/suppressions/{suppression_id}/end")
def end(visit: VisitOf, suppression_id: str, form: FormOf) -> Response:
    """Show it again."""
    actor = visit.require(Permission.ALERT_WORK)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            end_suppression(unit, suppression_id)
        return go("/alerts/suppressions?done=alert_shown_again")

    return _once(visit, form, run)


def _once(visit: Visit, form: Form, run: Callable[[], Response]) -> Response:
    try:
        return visit.once(form, run)
    except LachanError as error:
        typed = {key: form.text(key) for key in form.fields}
        wrong = (error.field or "", sentence(error))
        return _page(visit, typed, wrong=wrong, status=int(status_of(error)))


def _page(
    visit: Visit, typed: dict[str, str], *, wrong: tuple[str, Message] | None = None, status: int = 200
) -> Response:
    actor = visit.require(Permission.ALERT_READ)
    with visit.services.db.read() as conn:
        found = views.suppressions(conn, actor, visit.now)
        words = words_of(conn, visit.language, visit.now, more=[one.suppression.made_by for one in found])
        rows = tuple(
            _row(visit, one, words, views.may_see(conn, actor, _needs(one), one.suppression.institution))
            for one in found
        )
    kinds = tuple(
        Choice(one.code, text=one.label(visit.language))
        for one in sorted(kinds_of_alerts(visit.now), key=lambda one: alphabetical(one.label(visit.language)))
    )
    fields = (
        FormField("typology", "select", Message("web.alerts.kind"), choices=kinds),
        FormField("until", "moment", Message("web.alerts.until"), hint=Message("web.alerts.until_hint")),
        FormField("reasons", "area", Message("web.registry.field.reasons")),
    )
    filled = tuple(
        FormField(
            one.name, one.kind, one.label,
            Field(typed.get(one.name, ""), wrong[1] if wrong and wrong[0] == one.name else None), one.choices,
            one.required, one.hint,
        )
        for one in fields
    )  # fmt: skip
    at_field = wrong is not None and any(one.name == wrong[0] for one in fields)
    notice = Notice("error", wrong[1]) if wrong is not None and not at_field else None
    page = SuppressionsPage(rows, filled, may(actor, Permission.ALERT_APPROVE), notice)
    return visit.page("alerts/suppressions.html", page, status=status)


def _needs(one: Covering) -> Permission:
    return Permission.ALERT_APPROVE if one.suppression.alert_id is None else Permission.ALERT_WORK


def _row(visit: Visit, found: Covering, words: Words, may_end: bool) -> SuppressionRow:
    one = found.suppression
    return SuppressionRow(
        one.id, saying.name_of(one.typology, visit.now, visit.language) if one.typology else "",
        words.identified(one.account) if one.account else None,
        words.names.institution(one.institution) if one.institution else "", one.until,
        mask_text(one.reasons) if one.account else one.reasons, words.who(one.made_by), found.covered,
        f"/alerts/{one.alert_id}" if one.alert_id else None, may_end and may(visit.actor, _needs(found)),
    )  # fmt: skip
