"""What waits and what is public: texts by state, the ones that wait for approval first."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from lachan.doors.web.outreach.names import Names, names_for
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission, may
from lachan.outreach import Item, ItemKind, ItemState, views
from lachan.response.shapes import Choice, Message, Tab

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One text as a list draws it."""

    href: str
    title: str
    kind: Message
    channel: str
    audience: str
    form: str
    state: ItemState
    agency: str
    changed_at: datetime
    last_day: date | None
    by_rise: bool


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """The list."""

    tabs: tuple[Tab, ...]
    kinds: tuple[Choice, ...]
    state: str
    rows: tuple[ItemRow, ...]
    writes: bool


@router.get("/outreach")
def items(visit: VisitOf, state: str = "", kind: str = "") -> Response:
    """The texts of one state, the first that holds any by default."""
    actor = visit.require(Permission.OUTREACH_READ)
    only = ItemKind(kind) if kind in set(ItemKind) else None
    with visit.services.db.read() as conn:
        counts = views.counts(conn, actor)
        known = {one.value for one in views.TABS}
        if state not in known:
            state = next((one.value for one in views.TABS if counts[one]), ItemState.SUBMITTED.value)
        found = views.items(conn, actor, ItemState(state), only)
        names = names_for(conn, visit.language, visit.now)
    page = ItemsPage(
        tabs=tuple(
            Tab(Message(f"outreach.state_{one.value}"), _address(one.value, kind), counts[one],
                chosen=one.value == state)
            for one in views.TABS
        ),
        kinds=tuple(
            Choice(one.value, Message(f"outreach.kind_{one.value}"), chosen=one is only) for one in ItemKind
        ),
        state=state, rows=tuple(row(one, names) for one in found), writes=may(actor, Permission.OUTREACH_WRITE),
    )  # fmt: skip
    return visit.page("outreach/page.html", page)


def row(one: Item, names: Names) -> ItemRow:
    """One text as a list draws it."""
    return ItemRow(
        f"/outreach/items/{one.code}", one.words(names.language).title, Message(f"outreach.kind_{one.kind.value}"),
        names.channel(one.channel), names.audience(one.audience), names.form(one.scam_form), one.state,
        names.agency(one.agency_id), one.changed_at, one.last_day, one.rise is not None,
    )  # fmt: skip


def _address(state: str, kind: str) -> str:
    return "/outreach?" + urlencode({"state": state, **({"kind": kind} if kind else {})})
