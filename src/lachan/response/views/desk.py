"""The desk: what is open, what presses, who answers and who is on duty."""

from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Position, agencies, on_duty, person_names
from lachan.foundation.base import Language
from lachan.foundation.protocol.connections import Channel, connections
from lachan.foundation.trail.tables import fact
from lachan.response.shapes import DeskPage, InstitutionHealth, Message, RosterPerson, Stat, State
from lachan.response.views import figures
from lachan.response.views.approvals import count_waiting, waiting_approvals
from lachan.response.views.names import names_of
from lachan.response.views.queue import Only, Sight, open_sums, queue_rows, tab_counts, tabs

INSTITUTIONS_MAX = 10
_CHANNELS = {Channel.WEBHOOK: "api", Channel.INBOX: "api", Channel.WEB: "inbox", Channel.NONE: "telephone"}


def desk_page(
    conn: Connection,
    sight: Sight,
    language: Language,
    now: datetime,
    *,
    tab: str = "stopping",
    query: str = "",
    page: int = 1,
    only: Only = Only(),  # noqa: B008 (frozen)
    may_take: bool = False,
) -> DeskPage:
    """Everything on the desk, for one tab and page of the queue; `may_take`: the viewer may work on its traces."""
    names = names_of(conn)
    sums = open_sums(conn, sight)
    counts = tab_counts(conn, sight, now, sums)
    rows, more = queue_rows(conn, sight, names, language, now, tab=tab, query=query, page=page, only=only)
    approvals = waiting_approvals(conn, sight, names, language, now)
    health, connected, lost = _health(conn, now)
    shift_from, shift_to, roster = _roster(conn, sight, now)
    return DeskPage(
        open_reports=counts["stopping"] + counts["analysing"],
        totals=figures.open_totals(sums),
        stats=_stats(conn, sight, now, first=approvals[0].escalates.due_at if approvals else None),
        tabs=tabs(counts, "" if query else tab),
        rows=rows,
        approvals=approvals[:6],
        approvals_href=approvals[0].href if approvals else "/approvals",
        institutions=health,
        connected=connected,
        lost=lost,
        shift_from=shift_from,
        shift_to=shift_to,
        roster=roster,
        query=query,
        more_href=_href(tab, page + 1, only) if more and not query else None,
        events_href=f"/desk/events?tab={tab}" if page == 1 and not query and only == Only() else None,
        narrowed=only.told(names, language, now),
        may_take=may_take,
        here_href=f"/desk?{urlencode({'q': query})}" if query else _href(tab, page, only),
    )  # fmt: skip


def _href(tab: str, page: int, only: Only) -> str:
    narrowed = {name: value for name, value in asdict(only).items() if value}
    return "/desk?" + urlencode({"tab": tab, "page": page, **narrowed})


def desk_version(conn: Connection) -> int:
    """Rises with everything that is recorded: what the live desk watches."""
    return int(conn.execute(sa.select(sa.func.max(fact.c.ordinal))).scalar() or 0)


def _stats(conn: Connection, sight: Sight, now: datetime, *, first: datetime | None) -> tuple[Stat, ...]:
    waiting = count_waiting(conn, sight)
    speed, today = figures.first_hold_speed(conn, sight), figures.reports_today(conn, sight, now)
    note = None
    if speed.p95_s is not None:
        note = Message("web.say.stat_first_hold_note", {"time": _minutes(speed.p95_s)})
    return (
        Stat(Message("web.say.stat_first_hold"), note, seconds=speed.median_s, href="/figures"),
        Stat(
            Message("web.say.stat_today"),
            Message("web.say.stat_today_note",
                    {"valid": today.valid, "duplicate": today.duplicate, "referred": today.referred}),
            count=today.received, href="/desk?tab=all",
        ),
        Stat(
            Message("web.say.stat_approvals"),
            Message("web.say.stat_approvals_next", {"at": first}) if first else None,
            count=waiting, urgent=waiting > 0, href="/approvals",
        ),
    )  # fmt: skip


def _health(conn: Connection, now: datetime) -> tuple[tuple[InstitutionHealth, ...], int, int]:
    """Those that are silent first, then the slow ones; how many are connected and how many lost."""
    by_id, links = {one.id: one for one in agencies(conn)}, connections(conn)
    codes = [code for link in links if link.institution_id in by_id for code in by_id[link.institution_id].codes]
    speeds, silent = figures.answer_speeds(conn), figures.silent_since(conn, now, codes)
    lines: list[tuple[tuple[int, int], InstitutionHealth]] = []
    connected = lost = 0
    for link in links:
        who = by_id.get(link.institution_id)
        if who is None:
            continue
        since = min((silent[code] for code in who.codes if code in silent), default=None)
        speed = next((speeds[code] for code in who.codes if code in speeds), None)
        channel = _CHANNELS[link.channel] if link.active else "telephone"
        if since is not None or channel == "telephone":
            lost += 1
        else:
            connected += 1
        if since is not None:
            state, latency, rank = State.LATE, Message("web.say.silent_since", {"at_hm": since}), (0, 0)
        elif speed is None or speed.median_s is None:
            state, latency, rank = State.WAITING, Message("web.say.latency_none"), (2, 0)
        else:
            state = State.HELD if speed.median_s <= 180 else State.LOCATED
            latency, rank = Message("web.say.latency", {"time": _minutes(speed.median_s)}), (1, -speed.median_s)
        lines.append((rank, InstitutionHealth(who.short_name, channel, state, latency)))
    lines.sort(key=lambda line: line[0])
    return tuple(line for _, line in lines[:INSTITUTIONS_MAX]), connected, lost


def _roster(conn: Connection, sight: Sight, now: datetime) -> tuple[datetime, datetime, tuple[RosterPerson, ...]]:
    shifts = on_duty(conn, sight.desk_id, now) if sight.desk_id else []
    if not shifts:
        return now, now, ()
    names = person_names(conn, (shift.person_id for shift in shifts))
    people = tuple(
        RosterPerson(
            names[shift.person_id], Message(f"duty_position.{shift.position.value}"),
            lead=shift.position is not Position.OFFICER,
        )
        for shift in shifts
    )  # fmt: skip
    return min(shift.starts_at for shift in shifts), max(shift.ends_at for shift in shifts), people


def _minutes(seconds: int) -> str:
    return f"{seconds // 60:02}:{seconds % 60:02}"
