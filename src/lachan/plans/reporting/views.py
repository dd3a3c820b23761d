"""Read-only questions about periodic reports. An agency sees what it sends and what it receives.

What a body that has ended was to send or receive is its successor's.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.engine import Connection

from lachan.foundation.access import (
    AccessReason,
    Permission,
    agencies,
    agency_on,
    reaches_all,
    require,
    works_for,
)
from lachan.foundation.base import Actor, InputReason, NotAllowed, NotFound
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.reporting import rules, store
from lachan.plans.reporting.model import HANDED_IN, PeriodicReport, Round, Standing
from lachan.plans.reporting.rounds import round_of, rounds_of
from lachan.plans.reporting.store import Step


@dataclass(frozen=True, slots=True)
class Owed:
    """One agency in one round: `report` is its newest revision, `counts` the one that is gathered."""

    agency_id: str
    report: PeriodicReport | None
    counts: PeriodicReport | None
    standing: Standing
    late: bool


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round with what everybody owes in it; `gathered` is the newest revision of the receiver's own report.

    `own`: those whose part in it is the viewer's agency's, its own and that of bodies whose work it took over.
    """

    round: Round
    owed: tuple[Owed, ...]
    gathered: PeriodicReport | None
    may_gather: bool
    own: frozenset[str] = frozenset()

    def count(self, standing: Standing) -> int:
        """How many agencies stand so."""
        return sum(one.standing is standing for one in self.owed)


@dataclass(frozen=True, slots=True)
class ReportView:
    """One revision with everything around it: all revisions, the steps, what changed in children since.

    `own`: the viewer's agency writes it; `receives`: it decides about it.
    """

    report: PeriodicReport
    round: Round
    revisions: tuple[PeriodicReport, ...]
    steps: tuple[Step, ...]
    children: tuple[Owed, ...]
    stale: bool
    own: bool
    receives: bool


def calendar(
    conn: Connection, actor: Actor, now: datetime, since: date, until: date, plan_id: str | None = None
) -> list[RoundView]:
    """Who owes what, with a due day from `since` to `until`, as far as the actor may see it."""
    require(actor, Permission.PERIODIC_READ)
    rounds = rounds_of(conn, since, until, plan_id)
    keys = sorted({one.occurrence.key for one in rounds})
    kept: dict[tuple[str, str], list[PeriodicReport]] = {}
    for report in store.reports(conn, plan_id=plan_id, keys=keys):
        kept.setdefault((report.plan_id, report.key), []).append(report)
    own = _own(conn, actor, now)
    found = [_view(actor, own, one, kept.get((one.plan_id, one.occurrence.key), []), now) for one in rounds]
    return [one for one in found if one.owed or one.gathered]


def one_round(conn: Connection, actor: Actor, now: datetime, plan_id: str, key: str) -> RoundView:
    """One round; refuses whom it does not concern."""
    require(actor, Permission.PERIODIC_READ)
    asked = round_of(conn, plan_id, key)
    found = _view(actor, _own(conn, actor, now), asked, store.reports(conn, plan_id=plan_id, keys=[key]), now)
    if not found.owed and found.gathered is None:
        raise NotAllowed(AccessReason.OTHER_AGENCY, permission=Permission.PERIODIC_READ.value)
    return found


def report(conn: Connection, actor: Actor, now: datetime, report_id: str) -> ReportView:
    """One revision of a report."""
    found = store.report(conn, report_id)
    may_read(conn, actor, now, found)
    listed = store.reports(conn, plan_id=found.plan_id, keys=[found.key])
    revisions = tuple(
        one for one in listed if (one.agency_id, one.consolidated) == (found.agency_id, found.consolidated)
    )
    asked = round_of(conn, found.plan_id, found.key)
    children: tuple[Owed, ...] = ()
    stale = False
    if found.consolidated:
        children = _owed(asked, [one for one in listed if not one.consolidated], now, asked.senders)
        stale = bool(found.figures) and not rules.gathers(found, [one.counts for one in children if one.counts])
    steps = tuple(store.steps(conn, [one.id for one in revisions]))
    own = _own(conn, actor, now)
    return ReportView(
        found, asked, revisions, steps, children, stale, found.agency_id in own, found.receiver_id in own
    )  # fmt: skip


def at_console(
    conn: Connection, now: datetime, plan: str, key: str, agency: str | None = None
) -> tuple[RoundView, PeriodicReport | None]:  # fmt: skip
    """A round for whoever sits at the machine, with the newest gathered report, or one agency's (name or id).

    `plan` is its id, or a part of its title that names one plan only.
    """
    titles = {one.plan_id: one.plan_title for one in reversed(store.calendars(conn))}
    matching = [plan] if plan in titles else [known for known, title in titles.items() if plan in title]
    if len(matching) != 1:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="plan")
    asked = round_of(conn, matching[0], key)
    kept = store.reports(conn, plan_id=matching[0], keys=[key])
    gathered = [one for one in kept if one.consolidated]
    own = [one for one in kept if not one.consolidated]
    found = RoundView(asked, _owed(asked, own, now, asked.senders), gathered[-1] if gathered else None, False)
    if agency is None:
        return found, found.gathered
    named = {name: one for one, name in agency_names(conn).items()} | {one: one for one in asked.senders}
    mine = [one for one in own if one.agency_id == named.get(agency)]
    if not mine:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="agency")
    return found, mine[-1]


def may_read(conn: Connection, actor: Actor, now: datetime, found: PeriodicReport) -> None:
    """Pass where the actor's agency sends it, is one of those to whom the plan has it sent, or may see all."""
    own = _own(conn, actor, now)
    concerns = not own.isdisjoint({found.agency_id, found.receiver_id})
    if not concerns and not reaches_all(actor, Permission.PERIODIC_READ):
        asked = round_of(conn, found.plan_id, found.key)
        goes_on = found.consolidated and found.state in HANDED_IN
        concerns = not own.isdisjoint((*asked.others, *(asked.onward if goes_on else ())))
    if concerns:
        require(actor, Permission.PERIODIC_READ)
    else:
        require(actor, Permission.PERIODIC_READ, found.agency_id)


def askable(conn: Connection, actor: Actor, now: datetime) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The plans whose reports the actor's agency gathers, each with its title and everybody who may be asked."""
    today, found = vietnam_date(now), {}
    for one in reversed(store.calendars(conn)):
        found[one.plan_id] = one
    return {
        plan_id: (one.plan_title, tuple(dict.fromkeys(agency_on(conn, each, today).id for each in one.senders)))
        for plan_id, one in found.items()
        if one.duties and agency_on(conn, one.receiver_id, today).id == actor.agency_id
    }


def agency_names(conn: Connection) -> dict[str, str]:
    """Every agency's short name by id."""
    return {one.id: one.short_name for one in agencies(conn)}


def full_names(conn: Connection) -> dict[str, str]:
    """Every agency's full name by id."""
    return {one.id: one.name for one in agencies(conn)}


def _own(conn: Connection, actor: Actor, now: datetime) -> frozenset[str]:
    """The bodies whose part in reports is the actor's agency's today: what an ended one owes or receives, too."""
    return works_for(conn, actor.agency_id, vietnam_date(now)) if actor.agency_id else frozenset()


def _view(
    actor: Actor, own: frozenset[str], asked: Round, kept: list[PeriodicReport], now: datetime
) -> RoundView:  # fmt: skip
    receives = reaches_all(actor, Permission.PERIODIC_READ) or not own.isdisjoint(asked.receivers)
    senders = asked.senders if receives else tuple(one for one in asked.senders if one in own)
    gathered = [one for one in kept if one.consolidated]
    sent = [one for one in kept if not one.consolidated]
    whole = gathered[-1] if gathered else None
    goes_on = whole is not None and whole.state in HANDED_IN and not own.isdisjoint(asked.onward)
    return RoundView(
        asked, _owed(asked, sent, now, senders), whole if receives or goes_on else None, asked.receiver_id in own,
        own,
    )  # fmt: skip


def _owed(asked: Round, kept: list[PeriodicReport], now: datetime, senders: tuple[str, ...]) -> tuple[Owed, ...]:
    by_agency: dict[str, list[PeriodicReport]] = {}
    for one in kept:
        by_agency.setdefault(one.agency_id, []).append(one)
    made = []
    for agency_id in senders:
        revisions = by_agency.get(agency_id, [])
        newest = revisions[-1] if revisions else None
        stands = rules.standing(newest, asked.occurrence.due_at, now)
        if asked.dropped and stands is Standing.MISSING:
            stands = Standing.DRAFTED  # nobody owes it
        made.append(
            Owed(agency_id, newest, rules.in_force(revisions), stands, newest.late if newest else False)
        )  # fmt: skip
    return tuple(made)
