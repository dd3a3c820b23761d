"""Look-ups that walk through numbers: who, how much, and what was found out about it."""

from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import agency, clients
from lachan.foundation.storage import Unit
from lachan.response.shapes import Fields, Message, Notice, State
from lachan.screening import Asker, LookupAlarm, close_lookup_alarm, lookup_alarms

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "lookups"


@dataclass(frozen=True, slots=True)
class LookupRow:
    """One alarm; `who` is a client with its institution, or an address, empty once that is erased."""

    key: str
    who: str
    asker: Message
    sign: Message
    last_at: datetime
    times: int
    asked: int
    near: int
    status: Message
    status_state: State
    conclusion: str
    may_close: bool


@dataclass(frozen=True, slots=True)
class LookupsPage:
    """What was found, the open alarms first."""

    rows: tuple[LookupRow, ...]
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@router.get("/admin/lookups")
def page(visit: VisitOf) -> Response:
    """What was found."""
    return show(visit, {}, None, 200)


@router.post("/admin/lookups/{key}/close")
def close(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Somebody has looked into it."""

    def do(unit: Unit) -> str:
        close_lookup_alarm(unit, key, form.text("conclusion"))
        return "/admin/lookups?done=saved"

    return carry_out(visit, SECTION, form, do, show)


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    with visit.services.db.read() as conn:
        named = _named(conn)
        rows = tuple(_row(one, named) for one in lookup_alarms(conn, visit.actor))
    return section_page(visit, SECTION, LookupsPage(rows, fields, notice), status)


def _named(conn: Connection) -> dict[str, str]:
    found = clients(conn)
    institutions = {one.agency_id: agency(conn, one.agency_id).name for one in found}
    return {one.id: f"{institutions[one.agency_id]} · {one.name}" for one in found}


def _row(one: LookupAlarm, named: dict[str, str]) -> LookupRow:
    is_open = one.closed_at is None
    status = Message("web.lookups.open" if is_open else "web.lookups.closed")
    who = named.get(one.caller, one.caller) if one.asker is Asker.INSTITUTION else one.caller
    return LookupRow(
        one.id, who, Message(f"web.lookups.{one.asker.value}"), Message(f"web.lookups.{one.sign.value}"),
        one.last_at, one.times, one.asked, one.near, status,
        State.WAITING if is_open else State.RETURNED, one.conclusion or "", is_open,
    )  # fmt: skip
