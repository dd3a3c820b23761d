"""Read-only questions about alerts, for all doors. An institution's people see those about its own accounts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agency, agency_id_by_code, reaches_all, require
from lachan.foundation.base import Actor
from lachan.foundation.storage import among
from lachan.monitoring.alerts import store
from lachan.monitoring.alerts.finding import institution_of
from lachan.monitoring.alerts.model import Alert, AlertState, ShownTransfer, Sighting, Step, Suppression
from lachan.monitoring.alerts.tables import alert, sighting, suppression
from lachan.monitoring.model import Level

PAGE_ROWS = 30
_HISTORY_MOST = 20
_SIGHTINGS_MOST = 20
_HIDDEN = "••••"
_BIGGEST = 2**63
WORK = (AlertState.OPEN, AlertState.TAKEN, AlertState.CONFIRMED, AlertState.PROPOSED, AlertState.SUPPRESSED)
"""The living states, in the order in which work goes on."""
LATE = (AlertState.OPEN, AlertState.TAKEN, AlertState.PROPOSED)
"""States in which a clock runs."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """Only alerts like these; `by_amount`: the largest first, else the gravest, then the soonest due.

    `ended`: those on which the work is over; without it and without a state, the living ones.
    """

    state: AlertState | None = None
    level: Level | None = None
    typology: str | None = None
    by_amount: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of alerts. `after`: from where the next one goes on; empty where there is no more."""

    alerts: tuple[Alert, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many alerts stand where: by state, of which late; waiting ones by typology."""

    states: dict[AlertState, int]
    late: dict[AlertState, int]
    waiting: dict[str, int]


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One alert: what shows it, what was done, what else the same account showed; of sightings the newest ones."""

    alert: Alert
    sightings: tuple[Sighting, ...]
    steps: tuple[Step, ...]
    suspects: tuple[str, ...]
    others: tuple[Alert, ...]
    suppression: Suppression | None


@dataclass(frozen=True, slots=True)
class Covering:
    """A suppression, and how many sightings it has covered."""

    suppression: Suppression
    covered: int


def queue(conn: Connection, actor: Actor, narrow: Narrow, *, after: str = "", limit: int = PAGE_ROWS) -> Queue:
    """Alerts as they are worked on, page by page."""
    order = [(alert.c.amount_vnd, True)] if narrow.by_amount else [(alert.c.level, True), (alert.c.due_at, False)]
    order += [(alert.c.amount_vnd, True)] if not narrow.by_amount else []
    order.append((alert.c.id, True))
    query = sa.select(alert).where(*_sight(conn, actor), *_narrowed(narrow))
    if place := _place(after, order):
        query = query.where(_beyond(order, place))
    query = query.order_by(*(column.desc() if falls else column.asc() for column, falls in order))
    rows = conn.execute(query.limit(limit + 1)).all()
    more = ""
    if len(rows) > limit:
        last = rows[limit - 1]
        more = orjson.dumps([_plain(getattr(last, column.name)) for column, _ in order]).decode()
    return Queue(tuple(store.alert_from_row(row) for row in rows[:limit]), more)


def counts(conn: Connection, actor: Actor, now: datetime) -> Counts:
    """What stands where."""
    living = (*_sight(conn, actor), alert.c.closed_at.is_(None))
    late = sa.func.sum(sa.case((alert.c.due_at <= now, 1), else_=0))
    rows = conn.execute(sa.select(alert.c.state, sa.func.count(), late).where(*living).group_by(alert.c.state))
    states, overdue = dict.fromkeys(WORK, 0), dict.fromkeys(LATE, 0)
    for state, count, behind in rows:
        states[AlertState(state)] = count
        if AlertState(state) in overdue:
            overdue[AlertState(state)] = int(behind)
    query = sa.select(alert.c.typology, sa.func.count()).where(*living, alert.c.state == AlertState.OPEN.value)
    waiting = {row.typology: row[1] for row in conn.execute(query.group_by(alert.c.typology))}
    return Counts(states, overdue, waiting)


def page(conn: Connection, actor: Actor, alert_id: str) -> AlertPage:
    """Everything about one alert; NotFound where there is none.

    A chain may show transfers between accounts that others keep: an institution's people see no numbers of those.
    """
    one = store.alert_by_id(conn, alert_id)
    owner = agency_id_by_code(conn, one.institution) if one.institution else None
    require(actor, Permission.ALERT_READ, owner)
    query = sa.select(alert).where(*_sight(conn, actor), alert.c.account == one.account, alert.c.id != one.id)
    others = conn.execute(query.order_by(alert.c.opened_at.desc(), alert.c.id.desc()).limit(_HISTORY_MOST))
    covering = None
    if one.suppression_id is not None:
        found = conn.execute(sa.select(suppression).where(suppression.c.id == one.suppression_id)).first()
        covering = store.suppression_from_row(found) if found else None
    seen = store.sightings_of(conn, one.id, _SIGHTINGS_MOST)
    if not reaches_all(actor, Permission.ALERT_READ):
        seen = [_own_part(each, frozenset(_codes(conn, actor))) for each in seen]
    return AlertPage(
        one, tuple(seen), tuple(store.steps_of(conn, one.id)),
        tuple(store.suspects_of(conn, one.id)), tuple(map(store.alert_from_row, others)), covering,
    )  # fmt: skip


def suppressions(conn: Connection, actor: Actor, now: datetime) -> list[Covering]:
    """Those in force, the soonest to end first, each with what it has covered."""
    require(actor, Permission.ALERT_READ)
    query = sa.select(suppression).where(suppression.c.ended_at.is_(None), suppression.c.until > now)
    if not reaches_all(actor, Permission.ALERT_READ):
        # What holds everywhere also covers the own accounts.
        own = among(conn, suppression.c.institution, _codes(conn, actor))
        query = query.where(sa.or_(suppression.c.institution.is_(None), own))
    rows = [store.suppression_from_row(row) for row in conn.execute(query.order_by(suppression.c.until))]
    seen = sa.select(sighting.c.suppression_id, sa.func.count()).group_by(sighting.c.suppression_id)
    listed = among(conn, sighting.c.suppression_id, [one.id for one in rows])
    covered = {row.suppression_id: row[1] for row in conn.execute(seen.where(listed))}
    return [Covering(one, covered.get(one.id, 0)) for one in rows]


def may_see(conn: Connection, actor: Actor, permission: Permission, institution: str | None) -> bool:
    """Whether the actor has this permission about alerts of an institution (None: of nobody's account)."""
    if reaches_all(actor, permission):
        return True
    return institution in _codes(conn, actor)


def _own_part(one: Sighting, codes: frozenset[str]) -> Sighting:
    """The sighting without the accounts of transfers between others."""

    def hidden(transfer: ShownTransfer) -> ShownTransfer:
        if codes & {institution_of(transfer.payer), institution_of(transfer.payee)}:
            return transfer
        return replace(transfer, payer=_numberless(transfer.payer), payee=_numberless(transfer.payee))

    return replace(one, shown=tuple(map(hidden, one.shown)))


def _numberless(account: str) -> str:
    """At which bank, and not which account."""
    keeper = institution_of(account)
    return f"{account.partition(':')[0]}:{keeper}:{_HIDDEN}" if keeper else _HIDDEN


def _sight(conn: Connection, actor: Actor) -> Sequence[sa.ColumnElement[bool]]:
    require(actor, Permission.ALERT_READ)
    if reaches_all(actor, Permission.ALERT_READ):
        return ()
    return (among(conn, alert.c.institution, _codes(conn, actor)),)


def _codes(conn: Connection, actor: Actor) -> list[str]:
    return list(agency(conn, actor.agency_id).codes) if actor.agency_id else []


def _narrowed(narrow: Narrow) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if narrow.state is not None:
        found.append(alert.c.state == narrow.state.value)
    living = alert.c.closed_at.is_(None) if not narrow.ended else alert.c.closed_at.is_not(None)
    if narrow.state in (None, *WORK):
        found.append(living)
    if narrow.level is not None:
        found.append(alert.c.level == narrow.level.value)
    if narrow.typology is not None:
        found.append(alert.c.typology == narrow.typology)
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _place(after: str, order: Sequence[tuple[sa.Column[Any], bool]]) -> list[Any]:
    """Where a list goes on; nothing where the text is none of ours: the first page."""
    try:
        place = orjson.loads(after) if after else []
        if not isinstance(place, list) or len(place) != len(order):
            return []
        return [_value(column, said) for (column, _), said in zip(order, place, strict=True)]
    except ValueError:
        return []


def _beyond(order: Sequence[tuple[sa.Column[Any], bool]], place: Sequence[Any]) -> sa.ColumnElement[bool]:
    """What comes after a row in that order: a later first column, or the same and a later second, and so on."""
    ways = []
    for position, (column, falls) in enumerate(order):
        value = place[position]
        same = [other == place[at] for at, (other, _) in enumerate(order[:position])]
        ways.append(sa.and_(*same, column < value if falls else column > value))
    return sa.or_(*ways)


def _value(column: sa.Column[Any], said: Any) -> Any:
    """As the column compares it. ValueError where it is nothing of the kind."""
    if column is alert.c.amount_vnd:
        if type(said) is not int or abs(said) >= _BIGGEST:
            raise ValueError(column.name)
        return said
    if not isinstance(said, str):
        raise ValueError(column.name)
    if column is not alert.c.due_at:
        return said
    at = datetime.fromisoformat(said)
    if at.tzinfo is None:
        raise ValueError(column.name)
    return at
