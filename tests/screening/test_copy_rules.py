"""When a number is due, when a kept file serves, and that a delta is what its changes come to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.changes import changed

from lachan.screening.copies import rules
from lachan.screening.copies.model import CopyFile, Issue

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ISSUE = Issue(7, 70, NOW)
KEEP = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("newest", "sequence", "later", "due"),
    [
        (None, 0, 0.0, True),
        (ISSUE, 70, 1.0, False),
        (ISSUE, 71, 0.1, False),
        (ISSUE, 71, 0.2, True),
        (ISSUE, 70, 3600.0, True),
        (ISSUE, 70, -1.0, True),
    ],
)
def test_a_number_is_due(newest: Issue | None, sequence: int, later: float, due: bool) -> None:
    assert rules.is_due(newest, sequence, NOW + timedelta(seconds=later)) is due


@pytest.mark.parametrize(
    ("issue", "generation", "missing", "hours", "serves"),
    [
        (ISSUE, 3, 0, 0, True),
        (ISSUE, 3, 50_000, 12, True),
        (ISSUE, 2, 0, 0, True),  # this process has not yet taken up what another one published
        (ISSUE, 4, 0, 0, False),
        (ISSUE, 3, 50_001, 0, False),
        (ISSUE, 3, 0, 12.1, False),
        (ISSUE, 3, 0, -1, False),
        (None, 3, 0, 0, False),
        (Issue(7, 70, NOW - KEEP), 3, 0, 0, False),
    ],
)
def test_a_kept_file_serves(issue: Issue | None, generation: int, missing: int, hours: float, serves: bool) -> None:
    file = CopyFile(Path("x.lcf"), 7, 3, int(NOW.timestamp()), "0" * 64)
    now = NOW + timedelta(hours=hours)
    assert rules.still_serves(file, issue, generation, missing, now) is serves


@given(
    st.sets(st.integers(0, 9)),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["clear", "warn", "step_up", "block"])), max_size=30),
)
def test_a_delta_is_what_its_changes_come_to(before: set[int], row: list[tuple[int, str]]) -> None:
    listed = {str(number) for number in before}
    added, removed = rules.net(changed(place, str(key), verdict) for place, (key, verdict) in enumerate(row, 1))
    assert not set(added) & set(removed)
    result = (listed | set(added)) - set(removed)
    for key, verdict in row:
        listed = listed - {str(key)} if verdict == "clear" else listed | {str(key)}
    assert result == listed
