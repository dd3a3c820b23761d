"""Rounds: what is asked of whom in one period, derived from a plan's calendar or asked for once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.engine import Connection

from lachan.foundation.access import agency_on
from lachan.foundation.base import NotFound
from lachan.foundation.taxonomy import report_form
from lachan.plans.model import ReportDuty, ReportPeriod
from lachan.plans.reporting import rules, store
from lachan.plans.reporting.model import FormField, Occurrence, ReportReason, Round
from lachan.plans.reporting.store import Calendar, Request
from lachan.plans.reporting.work import demands_of, with_work


def rounds_of(conn: Connection, since: date, until: date, plan_id: str | None = None) -> list[Round]:
    """Every round due on a day from `since` to `until`, in the order of the due days; forms without the lines of
    the plan's own kinds of work, which only one round (`round_of`) is asked for.

    A body that no longer exists on the last day counted has passed its duty to its successor.
    """
    found = [
        _asked_once(conn, one)
        for one in store.requests(conn, plan_id)
        if since <= rules.day_before(one.due_at) <= until
    ]
    by_plan: dict[str, list[Calendar]] = {}
    for calendar in store.calendars(conn, plan_id):
        by_plan.setdefault(calendar.plan_id, []).append(calendar)
    for settings in by_plan.values():
        for calendar in settings:
            found += [
                _derived(conn, calendar, group, one)
                for group in _groups(calendar)
                for one in rules.occurrences(group.duties, since, until)
                if _setting_on(settings, rules.due_day(one)) is calendar
            ]
    return sorted(found, key=lambda one: (one.occurrence.due_at, one.plan_title, one.occurrence.key))


def round_of(conn: Connection, plan_id: str, key: str) -> Round:
    """One round.

    Raises:
        NotFound: NO_SUCH_PERIOD where the plan asks for no such report.
    """
    if key.startswith(f"{rules.AD_HOC}-"):
        asked = [one for one in store.requests(conn, request_id=key[2:]) if one.plan_id == plan_id]
        if asked:
            return _asked_once(conn, asked[0])
    settings = store.calendars(conn, plan_id)
    for calendar in settings:
        for group in _groups(calendar):
            plain = key.removesuffix(group.mark)
            one = rules.occurrence(group.duties, plain) if plain + group.mark == key else None
            if one is not None and _setting_on(settings, rules.due_day(one)) is calendar:
                found = _derived(conn, calendar, group, one)
                return replace(found, form=with_work(found.form, demands_of(conn, plan_id), one.covers_to))
    raise NotFound(ReportReason.NO_SUCH_PERIOD, field="period", period=key[:40])


def _setting_on(settings: Iterable[Calendar], day: date) -> Calendar | None:
    return next((one for one in settings if one.valid_from <= day), None)


@dataclass(frozen=True, slots=True)
class _Group:
    """Duties of the same senders to the same receivers.

    `mark` ends their rounds' keys where others before them demand a report of the same period.
    """

    mark: str
    receivers: tuple[str, ...]
    senders: tuple[str, ...]
    duties: tuple[ReportDuty, ...]

    def onward(self, period: ReportPeriod) -> tuple[str, ...]:
        """To whom the gathered report of a period goes on."""
        return tuple(dict.fromkeys(one for duty in self.duties if duty.period is period for one in duty.onward_ids))


def _groups(calendar: Calendar) -> list[_Group]:
    """The duties by who sends them to whom, in the order in which the plan has them."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[ReportDuty]] = {}
    for duty in calendar.duties:
        found.setdefault((duty.receiver_ids or (calendar.receiver_id,), duty.sender_ids), []).append(duty)
    made: list[_Group] = []
    for number, ((receivers, senders), duties) in enumerate(found.items(), 1):
        before = {one.period for group in made for one in group.duties}
        mark = "" if before.isdisjoint(one.period for one in duties) else f".{number}"
        made.append(_Group(mark, receivers, senders or calendar.senders, tuple(duties)))
    return made


def _derived(conn: Connection, calendar: Calendar, group: _Group, one: Occurrence) -> Round:
    form = tuple(
        FormField(
            row.code.partition(".")[2], row.kind, row.vi, row.en, "" if row.figure == "none" else row.figure,
            row.required,
        )
        for row in report_form(calendar.form, one.covers_to)
    )  # fmt: skip
    senders = _living(conn, group.senders, one.covers_to)
    receiver, *others = _living(conn, group.receivers, one.covers_to)
    onward = _living(conn, group.onward(one.period), one.covers_to)
    marked = replace(one, key=one.key + group.mark)
    return Round(
        calendar.plan_id, calendar.plan_title, marked, receiver, senders, form, "", others=tuple(others),
        onward=onward,
    )  # fmt: skip


def _asked_once(conn: Connection, one: Request) -> Round:
    occurrence = Occurrence(
        f"{rules.AD_HOC}-{one.id}", ReportPeriod.ON_REQUEST, one.covers_from, one.covers_to, one.due_at
    )
    senders = _living(conn, one.senders, one.covers_to)
    return Round(one.plan_id, one.plan_title, occurrence, one.receiver_id, senders, one.form, one.title, one.id)


def _living(conn: Connection, agency_ids: Iterable[str], day: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys(agency_on(conn, one, day).id for one in agency_ids))
