"""Rounds: what is asked of whom in one period, derived from a plan's calendar or asked for once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy.engine import Connection

from lachan.foundation.access import agency_on
from lachan.foundation.base import NotFound
from lachan.foundation.taxonomy import report_form
from lachan.plans.model import ReportDuty, ReportPeriod
from lachan.plans.reporting import rules, store
from lachan.plans.reporting.model import FormField, Occurrence, ReportReason, Round
from lachan.plans.reporting.store import Begun, Calendar, Request
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
    changed = [one for one, settings in by_plan.items() if len(settings) > 1]
    begun = store.begun(conn, changed, (since.year - 1, until.year + 1))
    for plan, settings in by_plan.items():
        found += [_derived(conn, one) for one in _asked(settings, begun.get(plan, {}), since, until)]
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
    begun = store.begun(conn, [plan_id], key=key).get(plan_id, {}).get(key)
    named = list(_named(settings, key))
    standing = _standing(settings, named, begun)
    if standing is None:
        raise NotFound(ReportReason.NO_SUCH_PERIOD, field="period", period=key[:40])
    found = _derived(conn, standing)
    day = found.occurrence.covers_to
    return replace(found, form=with_work(found.form, demands_of(conn, plan_id), day))


def _asked(settings: list[Calendar], begun: Mapping[str, Begun], since: date, until: date) -> list["_Asked"]:
    """Every round of a plan that is due in these days, once each."""
    found: dict[str, list[_Asked]] = {}
    # A changed calendar may have moved a round in or out of these days.
    room = timedelta(days=366) if len(settings) > 1 else timedelta(0)
    for calendar in settings:
        for group in _groups(calendar):
            for one in _occurrences(group.duties, since - room, until + room):
                asked = _Asked(calendar, group, one)
                found.setdefault(asked.key, []).append(asked)
    standing = (_standing(settings, named, begun.get(key)) for key, named in found.items())
    return [one for one in standing if one is not None and since <= one.due_day <= until]


def _named(settings: Iterable[Calendar], key: str) -> Iterator["_Asked"]:
    """What each setting of a plan makes of a round, the newest setting's first."""
    for calendar in settings:
        for group in _groups(calendar):
            plain = key.removesuffix(group.mark)
            one = rules.occurrence(group.duties, plain) if plain + group.mark == key else None
            if one is not None:
                yield _Asked(calendar, group, one)


def _standing(settings: Sequence[Calendar], named: Sequence["_Asked"], begun: Begun | None) -> "_Asked | None":
    """Which of these it is: that of its due day's setting; what was due before a change is the old setting's.

    Where somebody has handed in, its days and receivers stay for everybody what they were then, and nobody who has
    begun falls out of it; who owes it to these receivers is what today's setting says.

    Where the calendar no longer has what somebody has begun, it stays open to them, and nobody owes it.
    """
    now_is = _on_its_day(settings, named)
    if begun is None:
        return now_is
    if begun.handed_in_at is None:
        return now_is or _dropped(named, begun)
    handed_in = begun.handed_in_at
    then = _on_its_day([one for one in settings if one.set_at <= handed_in], named)
    if then is None:
        return now_is or _dropped(named, begun)
    today = now_is.group if now_is is not None else then.group
    # Others may report to others under the same name by now.
    senders = today.senders if today.receivers == then.group.receivers else then.group.senders
    return replace(then, group=replace(then.group, senders=tuple(dict.fromkeys((*senders, *begun.agencies)))))


def _dropped(named: Sequence["_Asked"], begun: Begun) -> "_Asked | None":
    """A round that no setting asks for any more, as the newest that knew it had it, for those who have begun."""
    if not named:
        return None
    return replace(named[0], group=replace(named[0].group, senders=begun.agencies), dropped=True)


def _on_its_day(settings: Sequence[Calendar], named: Sequence["_Asked"]) -> "_Asked | None":
    found = [one for one in named if _setting_on(settings, one.due_day) is one.calendar]
    return found[-1] if found else None


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """One round as one setting asks for it; `dropped` where none does any more."""

    calendar: Calendar
    group: _Group
    one: Occurrence
    dropped: bool = False

    @property
    def key(self) -> str:
        """What the round is called."""
        return self.one.key + self.group.mark

    @property
    def due_day(self) -> date:
        """The last day on which a report is in time."""
        return rules.due_day(self.one)


@lru_cache(maxsize=512)
def _occurrences(duties: tuple[ReportDuty, ...], since: date, until: date) -> tuple[Occurrence, ...]:
    # Most settings of a plan differ in who sends, and not in what is due.
    return rules.occurrences(duties, since, until)


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


def _derived(conn: Connection, asked: _Asked) -> Round:
    calendar, group, one = asked.calendar, asked.group, asked.one
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
    marked = replace(one, key=asked.key)
    return Round(
        calendar.plan_id, calendar.plan_title, marked, receiver, senders, form, "", others=tuple(others),
        onward=onward, dropped=asked.dropped,
    )  # fmt: skip


def _asked_once(conn: Connection, one: Request) -> Round:
    occurrence = Occurrence(
        f"{rules.AD_HOC}-{one.id}", ReportPeriod.ON_REQUEST, one.covers_from, one.covers_to, one.due_at
    )
    senders = _living(conn, one.senders, one.covers_to)
    return Round(one.plan_id, one.plan_title, occurrence, one.receiver_id, senders, one.form, one.title, one.id)


def _living(conn: Connection, agency_ids: Iterable[str], day: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys(agency_on(conn, one, day).id for one in agency_ids))
