"""What answers teach: how fast institutions answer, how fast accounts empty, with a published prior."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.tracing.next import Asked, Counts, Road, answer_seen, left_seen, outlook
from lachan.tracing.next.learnt import MIDS, all_priors

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FRESH = Asked("999001", 40_000_000, NOW, Road.FIRST)


def known(**minutes: float) -> Counts:
    """Twenty answers of each institution, after so many minutes."""
    return Counts(
        row for name, took in minutes.items() for _ in range(20) for row in answer_seen(name.strip("_"), NOW, took)
    )


def test_the_prior_is_the_published_speed() -> None:
    left = [Counts().left(Road.FIRST, 40_000_000, minutes) for minutes in (0, 3, 10, 300)]
    assert left == pytest.approx([1, 0.92, 0.25, 0.15], abs=0.05)
    assert Counts().left(Road.SPLIT, 40_000_000, 4) < Counts().left(Road.FIRST, 40_000_000, 4)


def test_who_answered_fast_is_expected_to_answer_in_time() -> None:
    learnt = known(_fast=0.5, _slow=30)
    fast, slow = (outlook(replace(FRESH, institution=name), learnt, NOW) for name in ("fast", "slow"))
    assert fast.in_time > 0.85 > 0.4 > slow.in_time
    assert (fast.seen, fast.known) == (20, True)
    assert not outlook(FRESH, learnt, NOW).known
    assert not outlook(replace(FRESH, institution=None), learnt, NOW).known
    two = Counts(row for _ in range(2) for row in answer_seen("999001", NOW, 1.0))
    assert (outlook(FRESH, two, NOW).seen, outlook(FRESH, two, NOW).known) == (2, False)


def test_what_has_waited_long_is_not_expected_soon() -> None:
    """Who answers within a minute or after hours, and has not answered for ten minutes, will take hours."""
    learnt = Counts(row for took in (0.5, 300.0) for _ in range(20) for row in answer_seen("999001", NOW, took))
    just, long_ago = (
        outlook(replace(FRESH, asked_at=NOW - minutes * MINUTE), learnt, NOW).in_time for minutes in (0, 10)
    )
    assert just > 0.4
    assert long_ago < 0.1


def test_what_is_left_falls_with_time() -> None:
    left = [
        outlook(replace(FRESH, booked_at=NOW - minutes * MINUTE), Counts(), NOW).left_vnd for minutes in (0, 5, 60)
    ]
    assert FRESH.amount_vnd == left[0] > left[1] > left[2] > 0


def test_answers_teach_how_fast_accounts_empty() -> None:
    learnt = Counts(row for _ in range(50) for row in left_seen(Road.FIRST, 40_000_000, 10, 36_000_000))
    before, after = Counts().left(Road.FIRST, 40_000_000, 10), learnt.left(Road.FIRST, 40_000_000, 10)
    assert before < 0.3 < 0.7 < after < 0.9
    # What is large is learnt apart from what is small, and from accounts further on.
    assert learnt.left(Road.FIRST, 4_000_000, 10) == Counts().left(Road.FIRST, 4_000_000, 10)
    assert learnt.left(Road.WHOLE, 40_000_000, 10) == Counts().left(Road.WHOLE, 40_000_000, 10)
    assert left_seen(Road.FIRST, 0, 1, 0) == left_seen(Road.FIRST, 10, -1, 5) == ()


def test_office_hours_are_learnt_apart() -> None:
    office, night = NOW, NOW + timedelta(hours=12)
    learnt = Counts(
        row
        for at, took in ((office, 1.5), (night, 300.0))
        for _ in range(30)
        for row in answer_seen("bank", at, took)
    )
    assert sum(learnt.answers("bank", office)[:4]) > 0.7 > 0.3 > sum(learnt.answers("bank", night)[:4])


def test_silence_is_taken_back_when_the_answer_comes() -> None:
    silent = [*answer_seen("bank", NOW, 1_440.0)]
    learnt = Counts([*silent, *answer_seen("bank", NOW, 1_440.0, seen=-1), *answer_seen("bank", NOW, 1.5)])
    assert learnt.answers("bank", NOW) == Counts(answer_seen("bank", NOW, 1.5)).answers("bank", NOW)


@st.composite
def histories(draw: st.DrawFn) -> Counts:
    names = st.sampled_from(["999001", "999002"])
    minutes = st.floats(0, 2_000, allow_nan=False)
    rows = [row for _ in range(draw(st.integers(0, 6))) for row in answer_seen(draw(names), NOW, draw(minutes))]
    for _ in range(draw(st.integers(0, 6))):
        amount = draw(st.integers(1, 10**9))
        rows += left_seen(draw(st.sampled_from(Road)), amount, draw(minutes), draw(st.integers(0, amount)))
    return Counts(rows)


@st.composite
def requests(draw: st.DrawFn) -> Asked:
    ago = st.integers(0, 3_000)
    asked = draw(st.none() | ago)
    return Asked(
        draw(st.sampled_from(["999001", "999002", None])), draw(st.integers(1, 10**12)),
        NOW - draw(ago) * MINUTE, draw(st.sampled_from(Road)), None if asked is None else NOW - asked * MINUTE,
    )  # fmt: skip


@given(histories(), requests())
def test_nothing_is_expected_that_is_not_there(learnt: Counts, one: Asked) -> None:
    expected = outlook(one, learnt, NOW)
    assert 0 <= expected.left_vnd <= one.amount_vnd
    assert 0 <= expected.in_time <= 1 + 1e-9
    assert sum(learnt.answers(one.institution, NOW)) == pytest.approx(1)
    curve = [learnt.left(one.road, one.amount_vnd, minutes) for minutes in (0, *MIDS, 10_000)]
    assert curve == sorted(curve, reverse=True)
    assert 0 <= curve[-1] <= curve[0] == 1


def test_each_prior_has_a_source_or_an_excuse() -> None:
    for name, prior in all_priors().items():
        assert prior["unit"], name
        assert bool(prior.get("source")) != bool(prior.get("assumed")), name
        assert bool(prior.get("why")) == bool(prior.get("assumed")), name
