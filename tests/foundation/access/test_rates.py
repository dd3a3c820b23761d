"""Limits: a burst, then steadily; one caller's limit is nobody else's."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON

from lachan.foundation.access import (
    STATUS_BY_ADDRESS,
    STATUS_BY_CODE,
    WRONG_CODE_COST,
    RateLimit,
    RateLimiter,
    rates,
)
from lachan.foundation.base import InputReason, NotAllowed

LIMIT = RateLimit("test", 6, timedelta(minutes=1))


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_a_burst_then_one_every_ten_seconds() -> None:
    limiter = RateLimiter()
    left = [limiter.take(LIMIT, "a", NOON).remaining for _ in range(6)]
    assert left == [5, 4, 3, 2, 1, 0]
    refused = limiter.take(LIMIT, "a", NOON)
    assert (refused.allowed, refused.remaining, refused.retry_s, refused.reset_s) == (False, 0, 10, 60)
    assert not limiter.take(LIMIT, "a", NOON + after(9.9)).allowed
    assert limiter.take(LIMIT, "a", NOON + after(10)).allowed
    assert not limiter.take(LIMIT, "a", NOON + after(19)).allowed
    assert limiter.take(LIMIT, "a", NOON + after(70)).remaining == 5
    assert limiter.take(LIMIT, "b", NOON).allowed


def test_a_refusal_says_how_long_to_wait() -> None:
    limiter = RateLimiter()
    for _ in range(6):
        limiter.require(LIMIT, "a", NOON)
    with pytest.raises(NotAllowed) as refused:
        limiter.require(LIMIT, "a", NOON + after(2.5))
    assert (refused.value.reason, refused.value.params) == (InputReason.TOO_MANY_REQUESTS, {"seconds": 8})


@given(st.lists(st.integers(0, 30), max_size=80))
def test_never_more_than_the_count_and_its_refill(gaps: list[int]) -> None:
    limiter, taken, now = RateLimiter(), [], 0
    for gap in gaps:
        now += gap
        if limiter.take(LIMIT, "a", NOON + after(now)).allowed:
            taken.append(now)
    for first, start in enumerate(taken):
        for last, end in enumerate(taken[first:]):
            assert last + 1 <= LIMIT.count + (end - start) / LIMIT.each_s + 1e-9


def test_a_commune_behind_one_address_reads_its_codes_while_guessing_ends() -> None:
    limiter = RateLimiter()
    for person in range(200):
        limiter.require(STATUS_BY_ADDRESS, "198.51.100.1", NOON)
        limiter.require(STATUS_BY_CODE, f"LC-{person}", NOON)
    guesses = 0
    while limiter.take(STATUS_BY_ADDRESS, "198.51.100.2", NOON, cost=WRONG_CODE_COST).allowed:
        guesses += 1
    assert guesses == 30


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_KEYS_MAX", 100)
    limiter = RateLimiter()
    for _ in range(6):
        limiter.take(LIMIT, "busy", NOON)
    for number in range(1_000):
        limiter.take(LIMIT, str(number), NOON + after(number / 1_000))
        assert len(limiter._empty_at) <= 100
    assert not limiter.take(LIMIT, "busy", NOON + after(1)).allowed, "who is at the limit is remembered longest"
