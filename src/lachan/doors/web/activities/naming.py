"""Who is named for which restricted kind, at one's own agency; by its leader or head."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from lachan.activities import end_naming, name_person, views
from lachan.doors.api.problems import status_of
from lachan.doors.web.activities.common import BASE
from lachan.doors.web.activities.shapes import NamingPage
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, appointments, person_names
from lachan.foundation.base import LachanError, alphabetical
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import activity_kinds
from lachan.response.shapes import Choice, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/activities/named")
def named(visit: VisitOf) -> Response:
    """The list and the form."""
    return _page(visit)


@router.post("/activities/named")
def name(visit: VisitOf, form: FormOf) -> Response:
    """Name somebody."""
    return _do(visit, form, lambda unit: name_person(unit, form.needed("kind"), form.needed("person")))


@router.post("/activities/named/{naming_id}/end")
def end(visit: VisitOf, naming_id: str, form: FormOf) -> Response:
    """Somebody is named no longer."""
    return _do(visit, form, lambda unit: end_naming(unit, naming_id))


def _do(visit: Visit, form: Form, do: Callable[[Unit], object]) -> Response:
    actor = visit.require(Permission.ACTIVITY_NAME)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            do(unit)
        return go(f"{BASE}/named?done=activity_named")

    try:
        return visit.once(form, run)
    except LachanError as error:
        return _page(visit, Notice("error", sentence(error)), int(status_of(error)))


def _page(visit: Visit, notice: Notice | None = None, status: int = 200) -> Response:
    actor = visit.require(Permission.ACTIVITY_NAME)
    agency_id = actor.agency_id or ""
    kinds = [one for one in activity_kinds(visit.now) if one.restricted]
    with visit.services.db.read() as conn:
        here = {one.person_id for one in appointments(conn, visit.now, agency_id=agency_id)}
        rows = views.namings(conn, agency_id)
        people = person_names(conn, here | {row["person_id"] for row in rows})
    labels = {one.code: one.label(visit.language) for one in kinds}
    page = NamingPage(
        tuple(Choice(code, text=label) for code, label in labels.items()),
        tuple(
            Choice(one, text=people.get(one, one))
            for one in sorted(here, key=lambda i: alphabetical(people.get(i, "")))
            if one != actor.id
        ),
        tuple((row["id"], labels.get(row["kind"], row["kind"]), people.get(row["person_id"], ""), row["at"])
              for row in rows),
        notice,
    )  # fmt: skip
    return visit.page("activities/named.html", page, status=status)
