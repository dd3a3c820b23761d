"""A record is filled in, phone first: sent once however often the line breaks, corrected, moved to a next stage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response

from lachan.activities import Activity, Fault, correct, move, record, views
from lachan.activities.saying import hides
from lachan.doors.api.problems import status_of
from lachan.doors.web.activities.common import BASE, Names, kind_of, names_of, sees_whole
from lachan.doors.web.activities.filling import faults_of, given_of, places, told, typed_of, views_of
from lachan.doors.web.activities.one import show
from lachan.doors.web.activities.shapes import FormPage
from lachan.doors.web.agency_search import AgencyBox
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import InputReason, LachanError, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import ActivityField, ActivityKind, vietnam_date
from lachan.response.shapes import Field, Message, Notice, Unkept

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/activities/{kind}/new")
def empty(visit: VisitOf, kind: str) -> Response:
    """The empty form; what was typed before and not sent comes back in the browser."""
    found = _recordable(visit, kind)
    return _form(visit, _new(visit, found, new_id()), found.first_fields, {}, (), fresh=True)


@router.post("/activities/{kind}/new")
def send(visit: VisitOf, kind: str, form: FormOf) -> Response:
    """Record it once: the same form again leads to the same record."""
    found = _recordable(visit, kind)
    draft = form.text("draft")[:36] or new_id()

    def do(unit: Unit, given: Mapping[str, Any]) -> str:
        made = record(unit, kind, given, key=draft)
        return f"{BASE}/{kind}/{made.id}?done=activity_recorded"

    return _carry_out(visit, form, found.first_fields, lambda: _new(visit, found, draft), do)


@router.get("/activities/{kind}/{activity_id}/correct")
def ask_correction(visit: VisitOf, kind: str, activity_id: str) -> Response:
    """The form with what stands there."""
    found, one = _own(visit, kind, activity_id)
    with visit.services.db.read() as conn:
        if not sees_whole(conn, visit, found, one):
            return go(f"{BASE}/{kind}/{activity_id}/purpose")
        given = typed_of(found.fields, one.values, names_of(conn, visit))
    return _form(visit, _correction(visit, found, one, ""), _correctable(found, one), given, ())


@router.post("/activities/{kind}/{activity_id}/correct")
def send_correction(visit: VisitOf, kind: str, activity_id: str, form: FormOf) -> Response:
    """Correct it, with a reason; what stood there stays readable."""
    found, one = _own(visit, kind, activity_id)
    version = form.text("version")
    with visit.services.db.read() as conn:
        whole = sees_whole(conn, visit, found, one)

    def do(unit: Unit, given: Mapping[str, Any]) -> str:
        looked_at = int(version) if version.isascii() and version.isdigit() else None
        correct(unit, activity_id, given, form.text("words"), version=looked_at)
        return f"{BASE}/{kind}/{activity_id}?done=activity_corrected"

    return _carry_out(
        visit, form, _correctable(found, one), lambda: _correction(visit, found, one, form.text("words")), do,
        stands=(one, whole),
    )  # fmt: skip


@router.get("/activities/{kind}/{activity_id}/stage/{state}")
def ask_stage(visit: VisitOf, kind: str, activity_id: str, state: str) -> Response:
    """What the next stage asks for."""
    found, one = _own(visit, kind, activity_id)
    return _form(visit, _stage(visit, found, one, state), _asked(found, one, state), {}, ())


@router.post("/activities/{kind}/{activity_id}/stage/{state}")
def send_stage(visit: VisitOf, kind: str, activity_id: str, state: str, form: FormOf) -> Response:
    """On to the next stage."""
    found, one = _own(visit, kind, activity_id)
    try:
        asked = _asked(found, one, state)
    except NotFound as error:
        wanted = [found.field(code) for each in found.states if each.code == state for code in each.asks]
        return _gone(visit, form, found, one, wanted, error)

    def do(unit: Unit, given: Mapping[str, Any]) -> str:
        move(unit, activity_id, state, given)
        return f"{BASE}/{kind}/{activity_id}?done=activity_moved"

    return _carry_out(visit, form, asked, lambda: _stage(visit, found, one, state), do)


def _carry_out(
    visit: Visit, form: Form, fields: Sequence[ActivityField], page: Callable[[], FormPage],
    do: Callable[[Unit, Mapping[str, Any]], str], *, stands: tuple[Activity, bool] | None = None,
) -> Response:  # fmt: skip
    """Do it; refused, the form comes back. `stands`: the record that a correction was made of, as it is now, and
    whether what is personal in it may be shown.
    """

    def again() -> FormPage:
        # Who has not been told what another changed has still read the version that the form was made from.
        read = form.text("version")
        return replace(page(), version=int(read) if read.isascii() and read.isdigit() else 0)

    given, refused = given_of(visit, form, fields)
    if refused:
        return _form(visit, again(), fields, given, refused, status=422)

    def run() -> Response:
        with visit.services.db.unit(visit.now, visit.require(Permission.ACTIVITY_RECORD)) as unit:
            address = do(unit, given)
        return go(address)

    try:
        return visit.once(form, run, as_typed=True)
    except LachanError as error:
        faults = faults_of(error)
        names = {one.code for one in fields} | {"words"}
        above = None if all(one.field.split(".")[0] in names for one in faults) else sentence(error)
        changed = stands if error.reason is InputReason.CHANGED_MEANWHILE else None
        return _form(
            visit, page() if changed else again(), fields, given, faults, above=above,
            status=int(status_of(error)), stands=changed,
        )  # fmt: skip


def _gone(
    visit: Visit, form: Form, kind: ActivityKind, one: Activity, fields: Sequence[ActivityField],
    error: LachanError,
) -> Response:  # fmt: skip
    """The record's page, where another took it further meanwhile, with what was typed."""
    given, _ = given_of(visit, form, fields)
    said = told(visit, fields, given)
    typed = tuple(Unkept(each.label(visit.language), said[each.code]) for each in fields if said[each.code])
    notice = Notice("error", sentence(error))
    return show(visit, kind.code, one.id, notice=notice, status=int(status_of(error)), unkept=typed)


def _form(
    visit: Visit, page: FormPage, fields: Sequence[ActivityField], given: Mapping[str, Any],
    faults: Sequence[Fault], *, above: Message | None = None, status: int = 200, fresh: bool = False,
    stands: tuple[Activity, bool] | None = None,
) -> Response:  # fmt: skip
    with visit.services.db.read() as conn:
        communes, agencies = places(conn, visit)
        standing = _standing(visit, names_of(conn, visit), fields, given, *stands) if stands else ()
    reason = page.reason
    wrong = next((one for one in faults if one.field == "words"), None)
    if reason is not None and wrong is not None:
        reason = Field(reason.value, Message(f"reason.{wrong.reason.value}", dict(wrong.params)))
    count = len({(one.field, one.row) for one in faults})
    notice = Notice("error", above or Message("web.activities.faults", {"count": count})) if faults else None
    shown = FormPage(
        page.title, page.hint, page.action, page.back_href, page.submit, views_of(visit, fields, given, faults),
        page.draft, page.keep, page.version, reason, communes, agencies, notice,
    )  # fmt: skip
    return visit.page("activities/form.html", shown, status=status, fresh=fresh, standing=standing)


def _standing(
    visit: Visit, names: Names, fields: Sequence[ActivityField], given: Mapping[str, Any], one: Activity,
    whole: bool,
) -> tuple[Unkept, ...]:  # fmt: skip
    """Where a record says otherwise than was typed; what is personal is masked until a purpose is stated."""
    typed, there = told(visit, fields, given), told(visit, fields, typed_of(fields, one.values, names))
    return tuple(
        Unkept(
            each.label(visit.language),
            (there[each.code] if whole or not hides(each) else names.shown(each, one, full=False)) or "–",
        )
        for each in fields
        if there[each.code] != typed[each.code]
    )


def _page(visit: Visit, title: str, hint: str, action: str, back: str, submit: str, **more: Any) -> FormPage:
    values: dict[str, Any] = {"draft": "", "keep": "", "version": 0, "reason": None, **more}
    return FormPage(
        title, hint, action, back, Message(submit), (), values["draft"], values["keep"], values["version"],
        values["reason"], (), AgencyBox((), False, {}), None,
    )  # fmt: skip


def _new(visit: Visit, kind: ActivityKind, draft: str) -> FormPage:
    return _page(
        visit, kind.label(visit.language), kind.hint(visit.language), f"{BASE}/{kind.code}/new",
        f"{BASE}/{kind.code}", "web.activities.send", draft=draft, keep=f"activity-{kind.code}",
    )  # fmt: skip


def _correction(visit: Visit, kind: ActivityKind, one: Activity, words: str) -> FormPage:
    address = f"{BASE}/{kind.code}/{one.id}"
    return _page(
        visit, kind.label(visit.language), "", f"{address}/correct", address, "web.activities.correct",
        version=one.version, reason=Field(words),
    )  # fmt: skip


def _stage(visit: Visit, kind: ActivityKind, one: Activity, state: str) -> FormPage:
    address = f"{BASE}/{kind.code}/{one.id}"
    return _page(
        visit, f"{kind.label(visit.language)}: {kind.state(state).label(visit.language)}", "",
        f"{address}/stage/{state}", address, "web.activities.move",
    )  # fmt: skip


def _correctable(kind: ActivityKind, one: Activity) -> tuple[ActivityField, ...]:
    first = {each.code for each in kind.first_fields}
    return tuple(each for each in kind.fields if each.code in first or each.code in one.values)


def _asked(kind: ActivityKind, one: Activity, state: str) -> tuple[ActivityField, ...]:
    if not one.state or state not in kind.state(one.state).next:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="state")
    return tuple(kind.field(code) for code in kind.state(state).asks)


def _recordable(visit: Visit, code: str) -> ActivityKind:
    actor, kind = visit.require(Permission.ACTIVITY_RECORD), kind_of(visit, code)
    with visit.services.db.read() as conn:
        views.require_recordable(conn, actor, kind)
    return kind


def _own(visit: Visit, code: str, activity_id: str) -> tuple[ActivityKind, Activity]:
    with visit.services.db.read() as conn:
        page = views.page(conn, visit.require(Permission.ACTIVITY_RECORD), activity_id, vietnam_date(visit.now))
        views.require_changeable(conn, visit.actor, page.kind, page.activity, vietnam_date(visit.now))
    if page.kind.code != code:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="activity")
    return page.kind, page.activity
