"""When reports are due, what they cover, who is late, what is missing, how figures add up. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache

from lachan.foundation.base import VIETNAM, BadInput, Conflict
from lachan.foundation.taxonomy import ReportFieldKind, clock, end_of_day, report_cutoff
from lachan.plans.model import ReportDuty, ReportPeriod
from lachan.plans.reporting.model import (
    HANDED_IN,
    REPORT_NEXT,
    Occurrence,
    PeriodicReport,
    ReportReason,
    ReportState,
    Standing,
)

_DAY = timedelta(days=1)
_MONTHLY = {
    ReportPeriod.MONTH: 1, ReportPeriod.QUARTER: 3, ReportPeriod.HALF_YEAR: 6, ReportPeriod.YEAR: 12,
}  # fmt: skip
_WEEK_ENDS = 3  # Thursday: a week's figures are known on Friday
AD_HOC = "x"
_EARLIEST = date(2024, 1, 1)  # what is looked up for older days is said by the rows of this one


def occurrences(duties: Iterable[ReportDuty], since: date, until: date) -> tuple[Occurrence, ...]:
    """Every report that these duties demand, due on a day from `since` to `until`, in the order of the due days.

    A duty's own day ("trước ngày 05/6") is the first day too late. Its own cut-off counts first; then the common
    one (dated data); where the due day comes before that, the clock `report_cutoff_before_due` sets it. A
    half-yearly report of the second half is owed only where no yearly one is.
    """
    listed = tuple(duties)
    yearly = any(duty.period is ReportPeriod.YEAR for duty in listed)
    found: dict[str, Occurrence] = {}
    for duty in listed:
        for one in _of(duty, since.year - 1, until.year + 1):
            second_half = one.period is ReportPeriod.HALF_YEAR and one.key.endswith("H2")
            if second_half and yearly and duty.due is None:
                continue
            if since <= due_day(one) <= until:
                found.setdefault(one.key, one)
    return tuple(sorted(found.values(), key=lambda one: (one.due_at, one.key)))


def occurrence(duties: Iterable[ReportDuty], key: str) -> Occurrence | None:
    """The one of that key (`2026-H1`), if these duties demand it."""
    year = key.partition("-")[0]
    if not (year.isascii() and year.isdigit() and 2000 <= int(year) <= 2200):
        return None
    around = occurrences(duties, date(int(year), 1, 1), date(int(year) + 1, 12, 31))
    return next((one for one in around if one.key == key), None)


def due_day(one: Occurrence) -> date:
    """The last day on which it is in time."""
    return day_before(one.due_at)


def day_before(due_at: datetime) -> date:
    """The last day before an instant that is too late."""
    return (due_at.astimezone(VIETNAM) - timedelta(microseconds=1)).date()


def standing(report: PeriodicReport | None, due_at: datetime, now: datetime) -> Standing:
    """What the receiver sees."""
    if report is None or report.first_submitted_at is None:
        if now >= due_at:
            return Standing.MISSING
        return Standing.AWAITED if report is None else Standing.DRAFTED
    return {
        ReportState.SUBMITTED: Standing.SUBMITTED, ReportState.RETURNED: Standing.RETURNED,
        ReportState.APPROVED: Standing.APPROVED, ReportState.DRAFT: Standing.DRAFTED,
    }[report.state]  # fmt: skip


def in_force(revisions: Sequence[PeriodicReport]) -> PeriodicReport | None:
    """Which revision counts for whoever gathers: the newest approved one, else the newest handed in."""
    newest = sorted(revisions, key=lambda one: one.revision, reverse=True)
    approved = next((one for one in newest if one.state is ReportState.APPROVED), None)
    return approved or next((one for one in newest if one.state in HANDED_IN), None)


def check_step(report: PeriodicReport, state: ReportState) -> None:
    """Conflict NOT_IN_THIS_STATE where the life-cycle does not lead there."""
    if state not in REPORT_NEXT[report.state]:
        raise Conflict(ReportReason.NOT_IN_THIS_STATE, report_state=report.state.value)


def missing_fields(report: PeriodicReport) -> tuple[str, ...]:
    """The codes of lines that must be filled and are not."""
    return tuple(
        field.code
        for field in report.form
        if field.required and field.kind is not ReportFieldKind.SECTION and not _filled(report, field.code)
    )


def check_complete(report: PeriodicReport) -> None:
    """BadInput FIELDS_MISSING, naming the lines."""
    absent = missing_fields(report)
    if absent:
        raise BadInput(ReportReason.FIELDS_MISSING, field=absent[0], fields=", ".join(absent))


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def gathers(whole: PeriodicReport, children: Iterable[PeriodicReport]) -> bool:
    """Whether a gathered report holds just these reports, and of each the figures that it has now: one that was
    returned may have come back with others."""
    now_is = {one.id: one for one in children}
    return all(
        {part.report_id for part in figure.parts} == now_is.keys()
        and all(part.value == _value(now_is[part.report_id], figure.field) for part in figure.parts)
        for figure in whole.figures
    )


def window(covers_from: date, covers_to: date) -> tuple[datetime, datetime]:
    """The instants from the first day's beginning to the last day's end, in UTC."""
    return _utc(covers_from), end_of_day(covers_to)


def _value(report: PeriodicReport, field: str) -> Decimal | None:
    figure = report.figure(field)
    return figure.value if figure else None


def _filled(report: PeriodicReport, code: str) -> bool:
    text, figure = report.text(code), report.figure(code)
    return bool(text and text.text.strip()) or (figure is not None and figure.value is not None)


def _of(duty: ReportDuty, first: int, last: int) -> Iterator[Occurrence]:
    if duty.period is ReportPeriod.WEEK:
        yield from _weeks(first, last)
        return
    if duty.period not in _MONTHLY:
        return
    for year in range(first, last + 1):
        if duty.due is not None:
            due = _on(year, duty.due)
            yield _made(duty, _end_before(duty, due), _utc(due))
            continue
        for end in [_on(year, duty.covers_to)] if duty.covers_to else _ends(duty.period, year):
            yield _made(duty, end, _default_due(end))


def _made(duty: ReportDuty, end: date, due_at: datetime) -> Occurrence:
    if duty.covers_from is not None:
        begin = _on(end.year, duty.covers_from)
        begin = begin if begin <= end else _on(end.year - 1, duty.covers_from)
    else:
        begin = _months_before(end + _DAY, _MONTHLY[duty.period])
    return Occurrence(_key(duty.period, end), duty.period, begin, end, due_at)


def _end_before(duty: ReportDuty, due: date) -> date:
    """The last day counted by a report that is due on that day."""
    if duty.covers_to is not None:
        end = _on(due.year, duty.covers_to)
        return end if end < due else _on(due.year - 1, duty.covers_to)
    near = [end for year in (due.year - 1, due.year, due.year + 1) for end in _ends(duty.period, year)]
    nearest = min(near, key=lambda end: (abs((end - due).days), end))
    return (
        nearest
        if nearest < due
        else due - timedelta(days=clock("report_cutoff_before_due", max(due, _EARLIEST)).value)
    )


@cache
def _ends(period: ReportPeriod, year: int) -> tuple[date, ...]:
    row = report_cutoff(period.value, max(date(year, 12, 31), _EARLIEST))
    return tuple(date(year, int(text[:2]), int(text[3:])) for text in row.ends)


def _default_due(end: date) -> datetime:
    return clock("report_due", max(end, _EARLIEST)).deadline(datetime.combine(end, time(12), VIETNAM))


def _weeks(first: int, last: int) -> Iterator[Occurrence]:
    end = date(first, 1, 1)
    end += timedelta(days=(_WEEK_ENDS - end.weekday()) % 7)
    while end.year <= last:
        yield Occurrence(
            _key(ReportPeriod.WEEK, end), ReportPeriod.WEEK, end - 6 * _DAY, end, end_of_day(end + _DAY)
        )
        end += 7 * _DAY


def _key(period: ReportPeriod, end: date) -> str:
    if period is ReportPeriod.WEEK:
        year, week, _ = end.isocalendar()
        return f"{year}-W{week:02d}"
    named = {
        ReportPeriod.MONTH: f"M{end.month:02d}", ReportPeriod.QUARTER: f"Q{(end.month + 2) // 3}",
        ReportPeriod.HALF_YEAR: f"H{(end.month + 5) // 6}", ReportPeriod.YEAR: "Y",
    }  # fmt: skip
    return f"{end.year}-{named[period]}"


def _utc(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM).astimezone(UTC)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return _on(year, (month + 1, day.day))


def _on(year: int, day: tuple[int, int]) -> date:
    month, of_month = day
    while True:
        try:
            return date(year, month, of_month)
        except ValueError:  # 29 February in a year without it
            of_month -= 1
