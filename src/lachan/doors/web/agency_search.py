"""Agencies by name in forms: typed, with suggestions as one types; without a script the name alone is enough."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Response
from markupsafe import escape
from sqlalchemy.engine import Connection

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Form, VisitOf
from lachan.foundation.access import Permission, agencies_like, agency_called, unlike_names
from lachan.foundation.taxonomy import vietnam_date

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# So many names a page carries along; of a larger register only what fits what is typed is sent, so many at a time.
LISTED_MOST, FOUND_MOST = 60, 20
_QUERY_MOST = 100


@dataclass(frozen=True, slots=True)
class AgencyBox:
    """What the fields of a form need: the names to begin with, whether to ask for more, and those chosen by id."""

    listed: tuple[str, ...]
    asks: bool
    names: Mapping[str, str]

    def name(self, agency_id: str | None) -> str:
        """What stands in the field for an agency."""
        return self.names.get(agency_id or "", "")


def agency_box(conn: Connection, today: date) -> AgencyBox:
    """The living agencies, each under a name that no other has."""
    names = unlike_names(conn, today)
    listed = tuple(names.values())
    return AgencyBox(listed if len(listed) <= LISTED_MOST else (), len(listed) > LISTED_MOST, names)


def agencies_in(conn: Connection, form: Form, name: str, today: date) -> list[str]:
    """The ids of everybody typed into the fields of a name, each once; empty fields say nothing.

    Raises:
        BadInput: NO_SUCH_AGENCY or SEVERAL_AGENCIES, at that field.
    """
    typed = [one.strip() for one in form.fields.getlist(name) if isinstance(one, str) and one.strip()]
    return list(dict.fromkeys(agency_called(conn, one, today, name).id for one in typed))


@router.get("/agencies/names")
def names(visit: VisitOf) -> Response:
    """Options for what is being typed, whatever the field is called."""
    visit.require(Permission.PLAN_READ)
    typed = next(iter(visit.request.query_params.values()), "")[:_QUERY_MOST]
    with visit.services.db.read() as conn:
        found = agencies_like(conn, typed, vietnam_date(visit.now), FOUND_MOST)
    return Response(options(found), media_type="text/html; charset=utf-8")


def options(found: Iterable[str]) -> str:
    """The inside of a `datalist`."""
    return "".join(f'<option value="{escape(one)}"></option>' for one in found)
