"""What waits: alerts by grade and clock, or by amount, narrowed by state, level and typology."""

from urllib.parse import urlencode

from fastapi import APIRouter, Response

from lachan.doors.web.alerts.shapes import AlertRow, AlertsPage, KindRow
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.registry.words import Words, words_of
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission
from lachan.foundation.base import alphabetical
from lachan.monitoring import Level, kinds_of_alerts
from lachan.monitoring.alerts import Alert, AlertState, views
from lachan.monitoring.alerts.saying import name_of
from lachan.response.shapes import Choice, Deadline, Message, Tab

router = APIRouter(route_class=PageRoute, include_in_schema=False)
ENDED = "ended"
_URGENT_S = 300


@router.get("/alerts")
def alerts(
    visit: VisitOf, state: str = "", level: str = "", typology: str = "", sort: str = "", after: str = ""
) -> Response:
    """The list of one state, the first that holds anything by default."""
    actor = visit.require(Permission.ALERT_READ)
    known = {one.code: one.label(visit.language) for one in kinds_of_alerts(visit.now)}
    with visit.services.db.read() as conn:
        counts = views.counts(conn, actor, visit.now)
        if state not in {*views.WORK, ENDED}:
            state = next((one.value for one in views.WORK if counts.states[one]), AlertState.OPEN.value)
        narrow = views.Narrow(
            None if state == ENDED else AlertState(state), Level(level) if level in set(Level) else None,
            typology if typology in known else None, by_amount=sort == "amount", ended=state == ENDED,
        )  # fmt: skip
        queue = views.queue(conn, actor, narrow, after=after[:500])
        words = words_of(conn, visit.language, visit.now, more=[one.taken_by for one in queue.alerts])
    asked = {
        "level": narrow.level or "",
        "typology": narrow.typology or "",
        "sort": "amount" if sort == "amount" else "",
    }
    page = AlertsPage(
        tabs=tuple(
            Tab(
                Message(f"alerts.state_{one}" if one != ENDED else "web.alerts.ended"), address(asked, state=one),
                counts.states[AlertState(one)] if one != ENDED else 0, chosen=one == state,
            )
            for one in (*(one.value for one in views.WORK), ENDED)
        ),
        state=state,
        rows=tuple(row(one, words) for one in queue.alerts),
        more_href=address(asked, state=state, after=queue.after) if queue.after else None,
        levels=tuple(
            Choice(one.value, Message(f"alerts.level_{one.value}"), chosen=one is narrow.level) for one in Level
        ),
        kinds=tuple(
            Choice(code, text=name, chosen=code == narrow.typology)
            for code, name in sorted(known.items(), key=lambda item: alphabetical(item[1]))
        ),
        by_amount=narrow.by_amount,
        waiting=tuple(
            KindRow(
                address({}, state=AlertState.OPEN.value, typology=code), known.get(code, code), count,
                chosen=code == narrow.typology,
            )
            for code, count in sorted(counts.waiting.items(), key=lambda item: (-item[1], item[0]))
        ),
        late=sum(counts.late.values()), suppressed=counts.states[AlertState.SUPPRESSED],
    )  # fmt: skip
    return visit.page("alerts/page.html", page)


def row(one: Alert, words: Words) -> AlertRow:
    """One alert as a list draws it."""
    return AlertRow(
        f"/alerts/{one.id}", words.identified(one.account), name_of(one.typology, words.now, words.language),
        one.level, one.state, one.amount_vnd, one.sightings, one.last_at, due_of(one),
        words.who(one.taken_by) if one.taken_by else "",
    )  # fmt: skip


def due_of(one: Alert) -> Deadline | None:
    """The running clock, where one runs."""
    return Deadline(one.due_at, one.opened_at, _URGENT_S) if one.state in views.LATE else None


def address(asked: dict[str, str], **more: str) -> str:
    """This page with these filters."""
    return "/alerts?" + urlencode({name: value for name, value in {**asked, **more}.items() if value})
