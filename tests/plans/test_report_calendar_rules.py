"""When reports are due and what they cover: the two published plans, and every calendar that duties can make."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lachan.foundation.base import VIETNAM
from lachan.plans.model import ReportDuty, ReportPeriod
from lachan.plans.reporting import occurrence, occurrences
from tests.factories.reporting import CAO_BANG, HA_NOI, LINE

DAY = timedelta(days=1)
MONTHS = {ReportPeriod.MONTH: 1, ReportPeriod.QUARTER: 3, ReportPeriod.HALF_YEAR: 6, ReportPeriod.YEAR: 12}
DAYS = st.dates(date(2020, 1, 1), date(2020, 12, 31)).map(lambda day: (day.month, day.day))
YEARS = st.integers(2020, 2060)


def duty(period: ReportPeriod, due: tuple[int, int] | None = None, to: tuple[int, int] | None = None) -> ReportDuty:
    return ReportDuty(period, due, None, to, None, None, LINE)


def test_cao_bang_reports_before_the_fifth_of_june_and_of_december() -> None:
    found = occurrences(CAO_BANG, date(2026, 1, 1), date(2026, 12, 31))
    assert [(one.key, one.covers_from, one.covers_to, one.due_at.astimezone(VIETNAM)) for one in found] == [
        ("2026-H1", date(2025, 12, 1), date(2026, 5, 31), datetime(2026, 6, 5, tzinfo=VIETNAM)),
        ("2026-Y", date(2025, 12, 1), date(2026, 11, 30), datetime(2026, 12, 5, tzinfo=VIETNAM)),
    ]


def test_ha_noi_reports_by_the_cut_offs_of_the_decree() -> None:
    found = occurrences(HA_NOI, date(2026, 1, 1), date(2026, 12, 31))
    assert [(one.key, one.covers_from, one.covers_to) for one in found] == [
        ("2026-Q1", date(2025, 12, 15), date(2026, 3, 14)), ("2026-H1", date(2025, 12, 15), date(2026, 6, 14)),
        ("2026-Q2", date(2026, 3, 15), date(2026, 6, 14)), ("2026-Q3", date(2026, 6, 15), date(2026, 9, 14)),
        ("2026-Q4", date(2026, 9, 15), date(2026, 12, 14)), ("2026-Y", date(2025, 12, 15), date(2026, 12, 14)),
    ]  # fmt: skip


def test_the_second_half_is_owed_only_where_no_year_is() -> None:
    half = duty(ReportPeriod.HALF_YEAR)
    both = occurrences([half], date(2026, 1, 1), date(2026, 12, 31))
    assert [one.key for one in both] == ["2026-H1", "2026-H2"]
    assert occurrences([duty(ReportPeriod.ON_REQUEST)], date(2026, 1, 1), date(2026, 12, 31)) == ()


@settings(max_examples=30)
@given(st.sampled_from(sorted(MONTHS)), YEARS)
def test_periods_without_a_day_of_their_own_follow_each_other_without_gap(period: ReportPeriod, year: int) -> None:
    found = occurrences([duty(period)], date(year, 1, 1), date(year + 3, 12, 31))
    assert len(found) == 4 * 12 // MONTHS[period]
    for before, after in pairwise(found):
        assert after.covers_from == before.covers_to + DAY
        assert before.due_at < after.due_at


@settings(max_examples=60)
@given(st.sampled_from(sorted(MONTHS)), st.none() | DAYS, st.none() | DAYS, YEARS)
def test_every_report_is_due_after_the_days_it_counts(
    period: ReportPeriod, due: tuple[int, int] | None, to: tuple[int, int] | None, year: int
) -> None:
    found = occurrences([duty(period, due, to)], date(year, 1, 1), date(year, 12, 31))
    for one in found:
        assert one.covers_from <= one.covers_to
        assert one.due_at >= datetime.combine(one.covers_to + DAY, datetime.min.time(), VIETNAM)
        assert one.due_at.tzinfo is UTC
        length = (one.covers_to - one.covers_from).days + 1
        assert abs(length - MONTHS[period] * 30.44) < 4
    if due is not None:
        assert len(found) == 1


@settings(max_examples=25)
@given(st.lists(st.sampled_from([*CAO_BANG, *HA_NOI, duty(ReportPeriod.MONTH), duty(ReportPeriod.WEEK)])), YEARS)
def test_a_key_names_one_report_and_finds_it_again(duties: list[ReportDuty], year: int) -> None:
    found = occurrences(duties, date(year, 1, 1), date(year, 12, 31))
    assert len({one.key for one in found}) == len(found)
    assert list(found) == sorted(found, key=lambda one: (one.due_at, one.key))
    for one in found[:3]:
        assert occurrence(duties, one.key) == one


@pytest.mark.parametrize("key", ["", "2026", "2026-H3", "x-1", "20260-Y", "²026-Y", "2026-Y-Y"])
def test_an_unknown_key_finds_nothing(key: str) -> None:
    assert occurrence(CAO_BANG, key) is None
