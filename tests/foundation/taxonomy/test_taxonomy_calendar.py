"""The working calendar: known days, and what must hold for all days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.base import NotReady
from lachan.foundation.taxonomy import (
    DayStatus,
    TaxonomyReason,
    add_months,
    add_working_days,
    count_working_days,
    end_of_day,
    is_working_day,
    next_working_day,
    special_days,
    vietnam_date,
)

days = st.dates(date(2024, 1, 1), date(2028, 6, 1))
counts = st.integers(0, 60)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        # First to last day off in a row, as the Government's notices state them.
        ("2024-02-08", "2024-02-14"),
        ("2024-04-27", "2024-05-01"),
        ("2024-08-31", "2024-09-03"),
        ("2025-01-25", "2025-02-02"),
        ("2025-04-30", "2025-05-04"),
        ("2025-08-30", "2025-09-02"),
        ("2026-01-01", "2026-01-04"),
        ("2026-02-14", "2026-02-22"),
        ("2026-04-25", "2026-04-27"),
        ("2026-08-29", "2026-09-02"),
        ("2026-11-24", "2026-11-24"),
        # Computed.
        ("2027-02-04", "2027-02-10"),
        ("2027-04-16", "2027-04-18"),
        ("2028-01-22", "2028-01-30"),
        ("2028-04-29", "2028-05-02"),
    ],
)
def test_days_off_in_a_row(first: str, last: str) -> None:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    assert is_working_day(day - timedelta(days=1))
    while day <= end:
        assert not is_working_day(day), day
        day += timedelta(days=1)
    assert is_working_day(day)


@pytest.mark.parametrize("day", ["2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22"])
def test_a_swapped_saturday_is_worked(day: str) -> None:
    assert date.fromisoformat(day).weekday() == 5
    assert is_working_day(date.fromisoformat(day))


# New moon at the prime meridian of UTC+7: first day of the lunar year, and the tenth of the third month.
@pytest.mark.parametrize(
    ("tet", "hung_kings"),
    [
        ("2024-02-10", "2024-04-18"),
        ("2025-01-29", "2025-04-07"),
        ("2026-02-17", "2026-04-26"),
        ("2027-02-06", "2027-04-16"),
        ("2028-01-26", "2028-04-04"),
    ],
)
def test_lunar_days(tet: str, hung_kings: str) -> None:
    assert special_days()[date.fromisoformat(tet)].en == "Tết: day 1 of the new year"
    assert special_days()[date.fromisoformat(hung_kings)].vi == "Giỗ Tổ Hùng Vương"


def test_what_is_computed_says_so() -> None:
    lunar = [day for day in special_days().values() if "Tết Nguyên đán" in day.vi]
    assert {d.date.year for d in lunar if d.status is DayStatus.ANNOUNCED} == {2024, 2025, 2026}
    assert {d.date.year for d in lunar if d.status is DayStatus.COMPUTED} == {2027, 2028}


def test_each_year_has_its_eleven_or_twelve_holidays() -> None:
    for year in range(2024, 2029):
        named = [d for d in special_days().values() if d.kind.value == "holiday" and d.date.year == year]
        assert len(named) == (11 if year < 2026 else 12)  # the twelfth: Culture Day, from 2026


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-02-13", 1, "2026-02-23"),  # over Tết
        ("2026-08-21", 1, "2026-08-22"),  # onto the swapped Saturday
        ("2026-08-28", 1, "2026-09-03"),
        ("2026-11-23", 1, "2026-11-25"),
        ("2026-11-21", 0, "2026-11-23"),
        ("2026-11-20", 0, "2026-11-20"),
        ("2024-04-26", 6, "2024-05-08"),
    ],
)
def test_working_days_are_added(start: str, count: int, end: str) -> None:
    assert add_working_days(date.fromisoformat(start), count) == date.fromisoformat(end)


@given(days, counts)
def test_exactly_so_many_working_days_lie_after_the_start(start: date, count: int) -> None:
    end = add_working_days(start, count)
    assert is_working_day(end)
    assert count_working_days(start, end) == count or (count == 0 and not is_working_day(start))


@given(days, days, counts)
def test_a_later_start_never_ends_earlier(one: date, other: date, count: int) -> None:
    first, second = sorted((one, other))
    assert add_working_days(first, count) <= add_working_days(second, count)


@given(days, counts, counts)
def test_working_days_add_up(start: date, some: int, more: int) -> None:
    assert add_working_days(add_working_days(start, some), more) == add_working_days(
        next_working_day(start) if some == 0 else start, some + more
    )


@given(days, st.integers(0, 120))
def test_months_keep_the_day_or_take_the_last(start: date, count: int) -> None:
    end = add_months(start, count)
    assert (end.year - start.year) * 12 + end.month - start.month == count
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(days)
def test_a_day_ends_where_the_next_begins(day: date) -> None:
    end = end_of_day(day)
    assert end.tzinfo is UTC
    assert vietnam_date(end - timedelta(microseconds=1)) == day
    assert vietnam_date(end) == day + timedelta(days=1)
    assert end == datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def test_counting_backwards_is_refused() -> None:
    for count in (add_working_days, add_months):
        with pytest.raises(ValueError, match="forward"):
            count(date(2026, 1, 1), -1)
    assert count_working_days(date(2026, 3, 10), date(2026, 3, 1)) == 0


@pytest.mark.parametrize("day", [date(2023, 12, 29), date(2029, 1, 2)])
def test_a_year_without_holidays_is_refused(day: date) -> None:
    with pytest.raises(NotReady) as refusal:
        is_working_day(day)
    assert refusal.value.reason is TaxonomyReason.CALENDAR_YEAR_MISSING
