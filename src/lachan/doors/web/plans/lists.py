"""The list of plans, the agency's own board, and the tasks behind any figure."""

from urllib.parse import urlencode

from fastapi import APIRouter, Response

from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission, may
from lachan.foundation.taxonomy import communes, place_name, provinces
from lachan.plans.register.store import contacts
from lachan.plans.tasks.model import OPEN, TaskState
from lachan.plans.views import lists
from lachan.plans.views.lists import Narrow
from lachan.plans.views.places import NOWHERE, WIDE
from lachan.response.shapes import Message, Tab

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans")
def plans(visit: VisitOf) -> Response:
    """All plans that somebody may see, those in force first."""
    actor = visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        rows = lists.plans(conn, sight)
        names = names_of(conn, [one.plan.consolidator_id for one in rows])
    return visit.page("plans/list.html", rows, names=names, keeps=may(actor, Permission.PLAN_KEEP))


@router.get("/plans/mine")
def mine(visit: VisitOf) -> Response:
    """What the agency has to do, what waits for it to approve, and whom its reminders go to."""
    actor = visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        columns = [
            (state, lists.task_page(conn, sight, Narrow(mine=True, state=state), rows=30)) for state in OPEN
        ]  # fmt: skip
        waiting = lists.task_page(conn, sight, Narrow(gathered=True), rows=30)
        late = lists.task_page(conn, sight, Narrow(mine=True, late=True), rows=1).total
        names = names_of(conn, [row.task.lead_id for row in waiting.rows] + [actor.agency_id])
        contact = contacts(conn).get(actor.agency_id or "")
    return visit.page(
        "plans/mine.html", columns, waiting=waiting, late=late, names=names, today=sight.today, contact=contact,
        works=actor.agency_id is not None and may(actor, Permission.PLAN_WORK),
    )  # fmt: skip


@router.get("/plans/tasks")
def tasks(
    visit: VisitOf, plan: str = "", agency: str = "", place: str = "", state: str = "", head: str = "",
    demand: str = "", only: str = "", page: int = 0,
) -> Response:  # fmt: skip
    """The tasks behind a figure, narrowed as the figure was."""
    visit.require(Permission.PLAN_READ)
    asked = {
        "plan": plan[:40],
        "agency": agency[:40],
        "place": place[:8],
        "state": state,
        "head": head[:200],
        "demand": demand,
        "only": only,
    }
    narrow = Narrow(
        plan_id=plan[:40] or None, agency_id=agency[:40] or None,
        place=place[:8] or None, state=TaskState(state) if state in set(TaskState) else None,
        head=head[:200] or None,
        demand=int(demand) if demand.isascii() and demand.isdigit() and len(demand) < 4 else None,
        late=only in {"late", "mine_late"}, open=only == "open", ahead=only == "ahead",
        mine=only in {"mine", "mine_late"},
        gathered=only == "gathered",
    )  # fmt: skip
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = lists.task_page(conn, sight, narrow, page=min(max(page, 0), 10_000))
        names = names_of(conn, [row.task.lead_id for row in found.rows] + [narrow.agency_id])
    more = _address(asked, page=str(page + 1)) if found.more else None
    return visit.page(
        "plans/tasks.html", found, names=names, narrow=narrow, today=sight.today, more_href=more,
        tabs=_tabs(asked), place=_place(place),
    )  # fmt: skip


def _place(code: str) -> Message | str | None:
    """What a narrowed place is called."""
    if code in {WIDE, NOWHERE}:
        return Message(f"web.plans.place_{code}")
    if code in communes():
        return place_name(code)
    found = provinces().get(code)
    return found.name if found else code or None


def _tabs(asked: dict[str, str]) -> tuple[Tab, ...]:
    return tuple(
        Tab(Message(f"web.plans.only_{only or 'all'}"), _address({**asked, "only": only}), 0, asked["only"] == only)
        for only in ("", "open", "late", "ahead", "mine", "mine_late", "gathered")
    )


def _address(asked: dict[str, str], **more: str) -> str:
    said = {name: value for name, value in {**asked, **more}.items() if value}
    return "/plans/tasks" + (f"?{urlencode(said)}" if said else "")
