"""One record: what it says, its evidence, what was done with it, what may be done now."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from lachan.activities import Activity, Change, evidence, views
from lachan.activities.rules import differences
from lachan.activities.saying import hides, shown
from lachan.activities.views import ActivityPage
from lachan.doors.web.activities.common import BASE, Names, dmy, names_of, personal, sees_whole, subject_of
from lachan.doors.web.activities.listing import is_late
from lachan.doors.web.activities.purposes import purpose_page, state_purpose
from lachan.doors.web.activities.shapes import HistoryRow, RecordPage, ValueRow
from lachan.doors.web.agency_search import agency_box
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import AccessReason, Permission
from lachan.foundation.base import InputReason, NotAllowed, NotFound, translate
from lachan.foundation.taxonomy import ActivityField, ActivityKind, FieldType, vietnam_date
from lachan.response.shapes import Action, Field, Message, Notice, Unkept

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What a browser does with evidence: nothing. A picture is shown, everything else is saved.
_STILL = {"content-security-policy": "sandbox; default-src 'none'; img-src 'self'; style-src 'none'"}


@router.get("/activities/{kind}/{activity_id}")
def activity(visit: VisitOf, kind: str, activity_id: str) -> Response:
    """One record."""
    return show(visit, kind, activity_id)


@router.get("/activities/{kind}/{activity_id}/purpose")
def ask_purpose(visit: VisitOf, kind: str, activity_id: str) -> Response:
    """What for is it shown whole?"""
    page = page_of(visit, kind, activity_id)
    address = f"{BASE}/{kind}/{activity_id}"
    return purpose_page(visit, _title(visit, page), address, address)


@router.post("/activities/{kind}/{activity_id}/purpose")
def say_purpose(visit: VisitOf, kind: str, activity_id: str, form: FormOf) -> Response:
    """Record it; what is personal is shown for 15 minutes."""
    page = page_of(visit, kind, activity_id)
    return state_purpose(
        visit, form, subject_of(page.activity), visit.actor.agency_id, _title(visit, page),
        f"{BASE}/{kind}/{activity_id}",
    )  # fmt: skip


@router.get("/activities/{kind}/{activity_id}/files/{sha256}")
def file(visit: VisitOf, kind: str, activity_id: str, sha256: str) -> Response:
    """A piece of evidence of a record that the viewer may see; of a personal one after a purpose was stated."""
    page = page_of(visit, kind, activity_id)
    with visit.services.db.read() as conn:
        if not sees_whole(conn, visit, page.kind, page.activity):
            raise NotAllowed(AccessReason.PURPOSE_NEEDED)
    held: list[Any] = [page.activity.values, *(one.before for one in page.changes)]
    found = [
        each
        for values in held
        for field in page.kind.fields
        if field.type is FieldType.FILE
        for each in values.get(field.code) or ()
        if each["sha256"] == sha256
    ]
    if not found or not evidence.path_of(visit.services.settings.home, sha256).exists():
        raise NotFound(InputReason.NO_SUCH_RECORD, field="file")
    media = evidence.media_type(found[0]["ending"])
    return FileResponse(
        evidence.path_of(visit.services.settings.home, sha256), media_type=media, headers=_STILL,
        filename=found[0]["name"],
        content_disposition_type="inline" if media.startswith("image/") else "attachment",
    )  # fmt: skip


def show(
    visit: Visit, kind: str, activity_id: str, *, fields: dict[str, Field] | None = None,
    notice: Notice | None = None, status: int = 200, unkept: tuple[Unkept, ...] = (),
) -> Response:  # fmt: skip
    """The page of a record; `unkept` is what was typed for it and cannot be sent any more."""
    page = page_of(visit, kind, activity_id)
    with visit.services.db.read() as conn:
        names = names_of(conn, visit, [page.activity.recorded_by, *(one.by for one in page.changes)])
        whole = sees_whole(conn, visit, page.kind, page.activity)
        box = agency_box(conn, vietnam_date(visit.now))
    view = _view(visit, page, names, whole, fields or {})
    share_to = box if view.may_change and not page.kind.restricted else None
    asked = {"words": view.may_change, "agency": share_to is not None}
    typed = tuple(
        Unkept(translate(f"web.activities.{label}", visit.language), (fields or {}).get(name, Field()).value)
        for name, label in (("words", "why"), ("agency", "share_with"))
        if not asked[name] and (fields or {}).get(name, Field()).value
    )
    return visit.page(
        "activities/one.html", view, status=status, refused=notice, share_to=share_to, unkept=(*unkept, *typed)
    )  # fmt: skip


def page_of(visit: Visit, kind: str, activity_id: str) -> ActivityPage:
    """Everything about one record; refuses what is not the viewer's to see."""
    actor = visit.require(Permission.ACTIVITY_READ)
    with visit.services.db.read() as conn:
        page = views.page(conn, actor, activity_id, vietnam_date(visit.now))
    if page.kind.code != kind:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="activity")
    return page


def _title(visit: Visit, page: ActivityPage) -> str:
    return f"{page.kind.label(visit.language)} · {dmy(page.activity.day)}"


def _view(visit: Visit, page: ActivityPage, names: Names, whole: bool, fields: dict[str, Field]) -> RecordPage:
    one, kind = page.activity, page.kind
    address = f"{BASE}/{kind.code}/{one.id}"
    actions: list[Action] = []
    if page.may_change:
        following = kind.state(one.state).next if one.state else ()
        for code in following:
            label = Message("web.activities.to_stage", {"stage": kind.state(code).label(visit.language)})
            actions.append(Action(label, f"{address}/stage/{code}", primary=not actions, more=True))
        actions.append(Action(Message("web.activities.correct"), f"{address}/correct", more=True))
    return RecordPage(
        f"{BASE}/{kind.code}", kind.label(visit.language), names.shown(kind.field(kind.title), one, full=whole),
        dmy(one.day), names.shown(kind.field(kind.place), one, full=True) if kind.place else "",
        names.agency(one.agency_id), kind.state(one.state).label(visit.language) if one.state else "",
        dmy(one.due_on) if one.due_on else "", is_late(one, vietnam_date(visit.now)), one.withdrawn_at is not None,
        one.erased_at is not None,
        tuple(_value(visit, each, one, names, whole, address) for each in kind.fields if each.code in one.values),
        _history(visit, page, names, whole), tuple(actions), page.may_change, address,
        tuple(
            (names.agency(each), f"{address}/share/{each}/end" if page.may_unshare else None)
            for each in page.shared_with
        ), (),
        f"{address}/purpose" if personal(kind) and not whole else None, not whole, fields,
    )  # fmt: skip


def _value(
    visit: Visit, field: ActivityField, one: Activity, names: Names, whole: bool, address: str
) -> ValueRow:  # fmt: skip
    value = one.values[field.code]
    label = field.label(visit.language)
    if field.type is FieldType.FILE and whole:
        return ValueRow(label, "", tuple(
            (f"{address}/files/{each['sha256']}", each["name"], each["ending"] == "jpg") for each in value
        ))  # fmt: skip
    if field.type is FieldType.TABLE and (whole or not hides(field)):
        heads = tuple(column.label(visit.language) for column in field.columns)
        rows = tuple(
            tuple(shown(column, row.get(column.code), visit.language, names.agency) for column in field.columns)
            for row in value
        )
        return ValueRow(label, "", heads=heads, table=rows)
    return ValueRow(label, names.shown(field, one, full=whole))


def _history(visit: Visit, page: ActivityPage, names: Names, whole: bool) -> tuple[HistoryRow, ...]:
    """The newest act first; each with what it changed."""
    one, kind = page.activity, page.kind
    afters = [*(each.before for each in page.changes), one.values][1:]
    rows = [HistoryRow(one.recorded_at, Message("activities.act.recorded"), names.who(one.recorded_by), "", ())]
    for each, after in zip(page.changes, afters, strict=True):
        differs = tuple(_differs(visit, kind, code, names, whole, before, then)
                        for code, before, then in differences(kind, each.before, after))  # fmt: skip
        rows.append(HistoryRow(each.at, _act(each), names.who(each.by), each.words if whole else "", differs))
    return tuple(reversed(rows))


def _act(each: Change) -> Message:
    return Message(f"activities.act.{each.act.value}")


def _differs(
    visit: Visit, kind: ActivityKind, code: str, names: Names, whole: bool, before: Any, after: Any
) -> tuple[str, str, str]:  # fmt: skip
    field = kind.field(code)
    said = [shown(field, value, visit.language, names.agency, full=whole) or "–" for value in (before, after)]
    return field.label(visit.language), said[0], said[1]
