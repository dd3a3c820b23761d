"""Every typology in plain words, with its numbers and their sources, and how often people found it right."""

from fastapi import APIRouter, Response

from lachan.doors.web.alerts.listing import address
from lachan.doors.web.alerts.shapes import ParameterRow, TypologiesPage, TypologyRow
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.registry.words import Words, words_of
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission
from lachan.foundation.base import alphabetical, translate
from lachan.monitoring import ASSUMED, Parameter, Typology, in_words, kinds_of_alerts
from lachan.monitoring.alerts import AlertState, Precision, precisions

_SIGNS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "equals": "=", "not_equals": "≠"}
router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/alerts/typologies")
def all_typologies(visit: VisitOf) -> Response:
    """All of them, those that people have judged most often first."""
    visit.require(Permission.ALERT_READ)
    with visit.services.db.read() as conn:
        right = precisions(conn, visit.now)
        words = words_of(conn, visit.language, visit.now)
    rows = [_row(one, right.get(one.code, Precision(one.code)), words) for one in kinds_of_alerts(visit.now)]
    rows.sort(key=lambda one: (-one.right.decided, -one.right.living, alphabetical(one.name)))
    return visit.page("alerts/typologies.html", TypologiesPage(tuple(rows)))


def _row(one: Typology, right: Precision, words: Words) -> TypologyRow:
    low, high = right.interval
    return TypologyRow(
        one.code, one.label(words.language), one.explanation(words.language),
        f"{one.reason} · {words.reason(one.reason)}", one.interdict_weight > 0,
        tuple(_parameter(one, each, words) for each in one.parameters), right,
        percent(right.share) if right.share is not None else "", percent(low), percent(high),
        address({}, state=AlertState.OPEN.value, typology=one.code),
    )  # fmt: skip


def _parameter(one: Typology, each: Parameter, words: Words) -> ParameterRow:
    """A number beside the feature that it is compared with."""
    tested = next(
        test for clause in one.clauses for test in clause if test.parameter == each.name
    )  # fmt: skip
    return ParameterRow(
        translate(f"alerts.feature.{tested.feature}", words.language), _SIGNS[tested.compare],
        in_words(tested.feature, each.alert, words.language), _published(each.source),
        in_words(tested.feature, each.interdict, words.language), _published(each.interdict_source),
    )  # fmt: skip


def _published(source: str) -> str:
    return "" if source == ASSUMED else source


def percent(share: float) -> str:
    """A share in whole percent."""
    return f"{round(100 * share)}\u00a0%"
