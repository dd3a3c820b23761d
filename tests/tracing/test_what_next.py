"""What to ask next: the order is by money that asking saves, learnt from answers, with a published prior."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.tracing.next import (
    Candidate,
    Counts,
    Road,
    answer_seen,
    call_gain_vnd,
    is_slow,
    left_seen,
    rank,
    rank_calls,
    saved_vnd,
)
from lachan.tracing.next.learnt import MIDS, all_priors

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FRESH = Candidate("a", "999001", 40_000_000, NOW, Road.FIRST)


def known(**minutes: float) -> Counts:
    """Twenty answers of each institution, after so many minutes."""
    return Counts(
        row for name, took in minutes.items() for _ in range(20) for row in answer_seen(name.strip("_"), NOW, took)
    )


def order(*candidates: Candidate, learnt: Counts | None = None, capacity: float | None = None) -> list[str]:
    return [one.candidate.key for one in rank(candidates, learnt or Counts(), NOW, capacity)]


def test_with_no_history_newer_and_larger_money_is_asked_for_first() -> None:
    old = replace(FRESH, key="old", booked_at=NOW - 10 * MINUTE)
    small = replace(FRESH, key="small", amount_vnd=4_000_000)
    assert order(old, small, FRESH) == ["a", "old", "small"]


def test_the_prior_is_the_published_speed() -> None:
    left = [Counts().left(Road.FIRST, 40_000_000, minutes) for minutes in (0, 3, 10, 300)]
    assert left == pytest.approx([1, 0.92, 0.25, 0.15], abs=0.05)
    assert Counts().left(Road.SPLIT, 40_000_000, 4) < Counts().left(Road.FIRST, 40_000_000, 4)


def test_who_answers_fast_is_asked_before_who_does_not() -> None:
    learnt = known(_fast=0.5, _slow=30)
    fast, slow = replace(FRESH, key="fast", institution="fast"), replace(FRESH, key="slow", institution="slow")
    assert order(slow, fast, learnt=learnt) == ["fast", "slow"]
    assert (is_slow("slow", learnt, NOW), is_slow("fast", learnt, NOW), is_slow("new", learnt, NOW)) == (
        True,
        False,
        False,
    )
    found = {one.candidate.key: one for one in rank([fast, slow], learnt, NOW)}
    assert found["fast"].in_time > 0.85 > 0.4 > found["slow"].in_time
    assert found["fast"].reason == "next_ask_known"
    assert found["fast"].said["count"] == 20
    assert rank([FRESH], learnt, NOW)[0].reason == "next_ask_new"


def test_where_few_can_be_asked_money_that_can_wait_waits() -> None:
    """Old money lies still: more of it, and yet it is asked for after the money that is leaving now."""
    learnt = known(_fast=0.5)
    old = Candidate("old", "fast", 400_000_000, NOW - timedelta(hours=5), Road.FIRST)
    leaving = Candidate("leaving", "fast", 40_000_000, NOW - 3 * MINUTE, Road.FIRST)
    assert order(old, leaving, learnt=learnt) == ["old", "leaving"]
    assert order(old, leaving, learnt=learnt, capacity=0.5) == ["leaving", "old"]


def test_a_call_goes_where_it_adds_most() -> None:
    learnt = known(_fast=0.5, _slow=400)
    fast, slow = (replace(FRESH, key=one, institution=one, asked_at=NOW) for one in ("fast", "slow"))
    assert [one.candidate.key for one in rank_calls([fast, slow], learnt, NOW)] == ["slow", "fast"]
    assert call_gain_vnd(fast, learnt, NOW) < call_gain_vnd(slow, learnt, NOW) / 5
    assert rank_calls([slow], learnt, NOW)[0].reason == "next_call_known"


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
def candidates(draw: st.DrawFn) -> Candidate:
    ago = st.integers(0, 3_000)
    asked = draw(st.none() | ago)
    return Candidate(
        str(draw(st.integers(0, 99))), draw(st.sampled_from(["999001", "999002", None])),
        draw(st.integers(1, 10**12)),
        NOW - draw(ago) * MINUTE, draw(st.sampled_from(Road)), None if asked is None else NOW - asked * MINUTE,
        draw(st.floats(0, 1)),
    )  # fmt: skip


@given(histories(), candidates(), st.floats(0, 500))
def test_nothing_is_saved_that_is_not_there(learnt: Counts, one: Candidate, wait_min: float) -> None:
    saved = saved_vnd(one, learnt, NOW)
    assert 0 <= saved <= one.amount_vnd * one.chance * (1 + 1e-9)
    assert saved_vnd(one, learnt, NOW, wait_min=wait_min) <= saved * (1 + 1e-9)
    assert call_gain_vnd(one, learnt, NOW) >= 0
    assert sum(learnt.answers(one.institution, NOW)) == pytest.approx(1)
    curve = [learnt.left(one.road, one.amount_vnd, minutes) for minutes in (0, *MIDS, 10_000)]
    assert curve == sorted(curve, reverse=True)
    assert 0 <= curve[-1] <= curve[0] == 1


@given(histories(), st.lists(candidates(), unique_by=lambda one: one.key, max_size=6), st.randoms())
def test_the_order_does_not_depend_on_who_was_named_first(
    learnt: Counts, many: list[Candidate], random: Random
) -> None:
    shuffled = random.sample(many, len(many))
    assert rank(many, learnt, NOW) == rank(shuffled, learnt, NOW)
    assert rank(many, learnt, NOW, 0.2) == rank(shuffled, learnt, NOW, 0.2)
    assert rank_calls(many, learnt, NOW) == rank_calls(shuffled, learnt, NOW)


def test_each_prior_has_a_source_or_an_excuse() -> None:
    for name, prior in all_priors().items():
        assert prior["unit"], name
        assert bool(prior.get("source")) != bool(prior.get("assumed")), name
        assert bool(prior.get("why")) == bool(prior.get("assumed")), name
