"""The bar sums or does not exist; clocks say the right thing on both sides of the instant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.response.shapes import Deadline, MoneyBar, State

NOW = datetime(2026, 11, 18, 2, 52, 31, tzinfo=UTC)
PARTS = st.lists(st.integers(0, 10**12), min_size=6, max_size=6)


def bar(parts: list[int]) -> MoneyBar:
    held, returned, located, moving, out_of_reach, diluted = parts
    return MoneyBar(sum(parts), held, returned, located, moving, out_of_reach, diluted)


@given(PARTS)
def test_parts_thirds_and_shares_sum(parts: list[int]) -> None:
    drawn = bar(parts)
    assert drawn.saved_vnd + drawn.movable_vnd + drawn.gone_vnd == drawn.reported_vnd
    assert sum(p.amount_vnd for p in drawn.parts) == drawn.reported_vnd
    assert sum(p.permille for p in drawn.parts) == (1000 if drawn.reported_vnd else 0)
    assert sum(drawn.thirds_permille) == (1000 if drawn.reported_vnd else 0)
    assert drawn.for_victim().saved_vnd == drawn.saved_vnd
    ends = 0
    for share in drawn.shares():
        assert share.start_permille >= ends
        ends = share.start_permille + share.permille
    assert ends <= 1000


@given(PARTS, st.integers(-5, 5).filter(bool))
def test_a_bar_that_does_not_sum_cannot_be_built(parts: list[int], wrong: int) -> None:
    with pytest.raises(ValueError, match="must sum"):
        MoneyBar(sum(parts) + wrong, *parts)


def test_a_negative_part_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="must sum"):
        MoneyBar(0, held_vnd=5, moving_vnd=-5)


def test_the_six_parts_keep_their_order_and_zero_parts_stay() -> None:
    states = [part.state for part in MoneyBar(7, moving_vnd=7).parts]
    assert states == [
        State.HELD,
        State.RETURNED,
        State.LOCATED,
        State.MOVING,
        State.OUT_OF_REACH,
        State.DILUTED,
    ]


@pytest.mark.parametrize(
    ("left_s", "remaining_s", "tone", "permille"),
    [
        (200, 200, "calm", 1000),
        (120, 120, "calm", 600),
        (119.5, 120, "calm", 600),
        (119, 119, "urgent", 595),
        (0, 0, "urgent", 0),
        (-0.4, 0, "urgent", 0),
        (-1, -1, "late", 0),
        (-258, -258, "late", 0),
    ],
)
def test_a_deadline_on_both_sides(left_s: float, remaining_s: int, tone: str, permille: int) -> None:
    due_at = NOW + timedelta(seconds=left_s)
    deadline = Deadline(due_at, due_at - timedelta(seconds=200))
    assert deadline.remaining_s(NOW) == remaining_s
    assert deadline.tone(NOW) == tone
    assert deadline.left_permille(NOW) == permille
