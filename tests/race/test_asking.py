"""What institutions and officers can take up, what is held before it is proven, the ceiling, and the page."""

from collections.abc import Callable, Set
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from tests.race.test_race import FRIEND, MULE, SECOND, SHOP, STAGE, THEFT, VICTIM, held, lap, small

from lachan.foundation.base import Language
from lachan.race.ceiling import ceiling
from lachan.race.counter import Asked, Counter
from lachan.race.figures import all_figures, figure
from lachan.race.model import MINUTE_US, Gain, Lap, Onward, Outcome, RaceResult, RaceRow, Report, Strategy
from lachan.race.page import page as drawn_page
from lachan.race.page import plot
from lachan.race.run import race, summed_up
from lachan.race.strategies import STRATEGIES, Hears
from lachan.race.strategies.ours import Known, ours_in_parts
from lachan.race.world import World

WORTH = {"little": 1.0, "much": 9.0, "more": 5.0}


def worth_of(name: str, _now: int) -> float:
    return WORTH[name]


@pytest.mark.parametrize(
    ("by_worth", "order"), [(True, ["first", "much", "more", "little"]), (False, ["first", *WORTH])]
)
def test_a_counter_serves_one_after_the_other(by_worth: bool, order: list[str]) -> None:
    events: list[tuple[int, Callable[[int], None]]] = []
    served: list[tuple[str, int]] = []

    def serve(name: str) -> Callable[[int], bool]:
        def started(now: int) -> bool:
            served.append((name, now))
            return True

        return started

    counter = Counter(lambda at, act: events.append((at, act)), 1, lambda: 5)
    counter.put(0, serve("first"), None)
    counter.put(0, lambda _now: False, (lambda _now: 99.0) if by_worth else None)  # has been done meanwhile
    for name in WORTH:
        counter.put(0, serve(name), partial(worth_of, name) if by_worth else None)
    while events:
        at, act = events.pop(0)
        act(at)
    assert served == list(zip(order, (0, 5, 10, 15), strict=True))


def test_a_request_is_done_once() -> None:
    done: list[int] = []
    asked = Asked(done.append)
    asked.do(3)
    asked.do(4)
    assert done == [3]


def test_institutions_take_up_so_many_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three requests at one institution that needs ten minutes for each: the last one waits twenty."""
    monkeypatch.setitem(figure("institution_capacity"), "fast", 0.1)
    monkeypatch.setitem(figure("institution_capacity"), "slow", 0.1)
    at: list[int] = []

    def way(world: World) -> Hears:
        def hear(report: Report) -> None:
            for account in (MULE, SECOND, SHOP):
                world.request(account, report.loss, report.reported_us, at.append)

        return hear

    lap(small(THEFT), way)
    kinds = figure("institutions").values()
    assert max(at) >= 20 * MINUTE_US + min(kind["minutes"][0] for kind in kinds) * MINUTE_US / 10
    assert len(at) == 3


def test_a_call_makes_a_silent_institution_act(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in figure("institutions").values():
        monkeypatch.setitem(kind, "minutes", [3_000, 3_100])

    def way(calls: bool) -> Callable[[World], Hears]:
        def made(world: World) -> Hears:
            def hear(report: Report) -> None:
                asked = world.request(MULE, report.loss, report.reported_us, hold(world))
                if calls:
                    world.call(asked, report.reported_us)

            return hear

        return made

    stage = small(THEFT, (200, MULE, SECOND, 400, 0, True, -1))
    assert held(stage, way(calls=False)) == [0]
    assert held(stage, way(calls=True)) == [400]


def hold(world: World) -> Callable[[int], None]:
    """What the institution does when it acts."""

    def act(_now: int) -> None:
        world.hold(MULE, 0)

    return act


def watching(*, asked_at: int | None, unproven: bool = True) -> Callable[[World], Hears]:
    """Watch the second account from the report on; the first bank tells the truth at that minute."""

    def way(world: World) -> Hears:
        def hear(report: Report) -> None:
            world.watch(SECOND, report.loss, {MULE}, report.booked_us, report.reported_us, unproven=unproven)
            if asked_at is not None:
                world.at(asked_at * MINUTE_US, tell)

        def tell(_now: int) -> None:
            world.went_on(MULE, 0)

        return hear

    return way


PASSED_ON = (5, MULE, SECOND, 300, 0, True, -1)


@pytest.mark.parametrize(("asked_at", "saved"), [(30, 300), (64, 300), (66, 0), (None, 0)])
def test_what_is_held_on_suspicion_is_kept_only_if_proven_within_the_hour(asked_at: int | None, saved: int) -> None:
    stage = small(THEFT, PASSED_ON, (100, SECOND, SHOP, 300, 3, True, -1), (9_000, FRIEND, SHOP, 0, 0, False, -1))
    assert held(stage, watching(asked_at=asked_at), 1) == [saved]


@pytest.mark.parametrize(("asked_at", "saved"), [(4, 0), (30, 340), (64, 0), (None, 0)])
def test_an_open_request_holds_only_when_an_answer_names_the_account(asked_at: int | None, saved: int) -> None:
    """At minute 4 nothing had gone there; at 64 the request lies open no longer."""
    stage = small(
        THEFT, (5, MULE, SECOND, 340, 0, True, -1), (70, SECOND, SHOP, 340, 3, True, -1),
        (80, FRIEND, SHOP, 1, 0, False, -1), openings=(500, 0, 40, 0, 50),
    )  # fmt: skip
    found = lap(stage, watching(asked_at=asked_at, unproven=False), 1)
    assert found.innocent_vnd_hours == 0
    assert [outcome.held_vnd for outcome in found.outcomes] == [saved]


@pytest.mark.parametrize("unproven", [True, False])
def test_an_answer_makes_an_open_request_hold_what_comes_later(unproven: bool) -> None:
    stage = small(
        THEFT, (5, MULE, SECOND, 100, 0, True, -1), (20, MULE, SECOND, 200, 0, True, -1),
        (40, SECOND, SHOP, 300, 3, True, -1), (80, FRIEND, SHOP, 1, 0, False, -1), openings=(500, 0, 0, 0, 50),
    )  # fmt: skip
    assert held(stage, watching(asked_at=10, unproven=unproven), 1) == [300]


def test_a_bank_that_watches_does_not_know_what_came_by_another_road() -> None:
    """Part of the loss comes by a friend's account that nobody named: only what the mule paid itself is held."""
    stage = small(
        THEFT, (5, MULE, FRIEND, 300, 0, True, -1), (6, FRIEND, SECOND, 300, 0, True, -1),
        (7, MULE, SECOND, 100, 0, True, -1), (100, SECOND, SHOP, 400, 3, True, -1),
        (200, VICTIM, SHOP, 1, 0, False, -1),
    )  # fmt: skip
    for delay_min in (1, 8):  # as it comes, and what is there already
        assert held(stage, watching(asked_at=30), delay_min) == [100]


def test_what_is_unproven_when_the_race_ends_is_not_held() -> None:
    stage = replace(small(THEFT, PASSED_ON), end_us=20 * MINUTE_US)
    assert held(stage, watching(asked_at=None), 1) == [0]
    assert held(stage, watching(asked_at=15), 1) == [300]


@pytest.mark.parametrize("known", list(Known))
@pytest.mark.parametrize("ordered", [True, False])
def test_each_part_can_be_taken_out(known: Known, ordered: bool) -> None:
    found = lap(STAGE, partial(ours_in_parts, known=known, ordered=ordered), 5)
    assert (found.innocent_vnd_hours > 0) == (known is Known.AT_ONCE)
    assert (found == lap(STAGE, STRATEGIES[Strategy.OURS], 5)) == (known is Known.AT_ONCE and ordered)


def test_what_lies_there_already_is_held_and_what_comes_from_others_is_not() -> None:
    stage = small(
        THEFT, PASSED_ON, (6, FRIEND, SECOND, 20, 0, False, -1), (9, SECOND, SHOP, 320, 3, True, -1),
        openings=(500, 0, 0, 0, 50),
    )  # fmt: skip
    found = lap(stage, watching(asked_at=30), 7)
    assert [outcome.held_vnd for outcome in found.outcomes] == [300]
    assert found.innocent_vnd_hours == 0


def test_clean_money_that_comes_with_it_is_harmed_for_that_hour() -> None:
    stage = small(
        THEFT,
        (5, MULE, SECOND, 450, 0, True, -1),
        (7_000, FRIEND, SHOP, 0, 0, False, -1),
        openings=(500, 60, 0, 0, 0),
    )
    found = lap(stage, watching(asked_at=30), 1)
    assert ([o.held_vnd for o in found.outcomes], found.innocent_vnd_hours) == ([400], 50)


def test_a_gang_that_misses_its_money_goes_on_with_a_fresh_account() -> None:
    stage = small(
        THEFT, (5, MULE, SECOND, 400, 0, True, -1), (6, VICTIM, MULE, 90, 0, False, 1),
        (8, MULE, SECOND, 90, 0, True, -1),
    )  # fmt: skip

    def way(world: World) -> Hears:
        # Whoever goes on asking at the account that is known finds nothing there.
        def hear(report: Report) -> None:
            world.hold(MULE, report.loss)

        return hear

    assert held(stage, way, 1) == [400, 0]


def test_nothing_holds_more_than_the_ceiling() -> None:
    at_most = lap(STAGE, ceiling, 5)
    held_vnd = sum(outcome.held_vnd for outcome in at_most.outcomes)
    assert (at_most.requests, at_most.innocent_vnd_hours) == (0, 0)
    assert all(outcome.held_vnd <= outcome.lost_vnd for outcome in at_most.outcomes)
    for strategy in (Strategy.OURS, Strategy.OURS_NO_OPTIMISER, Strategy.HOP_BY_HOP):
        assert sum(outcome.held_vnd for outcome in lap(STAGE, STRATEGIES[strategy], 5).outcomes) < held_vnd


def test_what_was_learnt_is_asked_before_an_answer_names_it() -> None:
    """The same road twice: the second time the last account is asked as soon as the victim has reported."""
    day, start = 1_440, 56 * 365 * 1_440
    stage = small(
        (start, VICTIM, MULE, 400, 0, False, 0), (start + 200, MULE, SECOND, 300, 0, True, -1),
        (start + 3 * day, VICTIM, MULE, 90_000_000, 0, False, 1), openings=(200_000_000, 0, 0, 0, 0),
    )  # fmt: skip
    asked: list[tuple[int, int]] = []

    class Noted(World):
        def watch(
            self, account: int, loss: int, sources: Set[int], since_us: int, now: int, *, unproven: bool = True
        ) -> list[Onward]:
            asked.append((account, loss))
            return super().watch(account, loss, sources, since_us, now, unproven=unproven)

    world = Noted(replace(stage, end_us=(start + 6 * day) * MINUTE_US), 300, 1)
    world.run(STRATEGIES[Strategy.OURS](world))
    assert asked == [(SECOND, 1)]


def test_early_reports_are_the_mix_of_their_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(all_figures()["early_reports_min"], "value", {4: 1, 10: 1})
    strategies = [Strategy.OURS, Strategy.OURS_NO_OPTIMISER, Strategy.FREEZE_ALL]
    found = race(600, [10], strategies, [1], early=True)
    assert [(row.strategy, row.delay_min) for row in found.early] == [(one, 10) for one in strategies]
    mix = [race(600, [delay], strategies[:1], [1]).rows[0] for delay in figure("early_reports_min")]
    # Nearly: a payment without cover is lost at one delay and not at another.
    assert found.early[0].held_share == pytest.approx(np.mean([row.held_share for row in mix]), abs=0.02)
    assert found.early[0].low <= found.early[0].held_share <= found.early[0].high
    assert found.early[0].returned_share < found.early[0].held_share
    assert found.early[2].returned_share == pytest.approx(0.0218 * found.early[2].held_share, abs=1e-4)
    early = found.early_gain
    assert early is not None
    assert early.share == pytest.approx(found.early[0].held_share - found.early[1].held_share, abs=2e-4)
    assert found.rows[0] == mix[-1]


def test_a_hold_that_the_payers_bank_does_not_confirm_is_not_returned() -> None:
    laps = [Lap((Outcome(0, 100, 50, confirmed),), 1, 0) for confirmed in (True, False)]
    assert [summed_up(Strategy.OURS, 5, [one]).returned_share for one in laps] == [0.45, 0.0]


def test_the_page_names_every_line_and_no_name_covers_another() -> None:
    rows = tuple(RaceRow(one, delay, 0.2, 0.1, 7, 1_234, 0.1, 0.3) for one in Strategy for delay in (5, 360))
    drawn = plot(rows)
    heights = sorted(line.label_y for line in drawn.lines)
    assert len(heights) == len(Strategy)
    assert all(later - earlier >= 15 for earlier, later in pairwise(heights))
    assert [delay for _, delay in drawn.columns] == [5, 360]
    for language in Language:
        gain = Gain(Strategy.OURS, Strategy.LETTERS, 5, 0, 0, 0)
        html = drawn_page(RaceResult(rows, (), rows[:1], gain), 5_000, 3, language)
        assert all(f">{one.value}</text>" in html for one in Strategy)
        assert ("1.234" if language is Language.VI else "1,234") in html
