"""What institutions and officers can take up, alone and beside the country, the ceiling, and the page."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests.race.test_race import FRIEND, MULE, SECOND, SHOP, STAGE, THEFT, VICTIM, held, lap, small

from lachan.foundation.base import Language
from lachan.race.ceiling import ceiling
from lachan.race.counter import Act, Asked, Counter
from lachan.race.figures import all_figures, figure
from lachan.race.model import (
    MINUTE_US,
    Gain,
    Lap,
    Load,
    Onward,
    Outcome,
    RaceResult,
    RaceRow,
    Report,
    Spread,
    Strategy,
)
from lachan.race.page import Measure, plot
from lachan.race.page import page as drawn_page
from lachan.race.run import race, summed_up
from lachan.race.stage import Stage, country_load
from lachan.race.strategies import STRATEGIES, Hears
from lachan.race.world import World

WORTH = {"little": 1.0, "much": 9.0, "more": 5.0}


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
    counter.put(0, serve("first"))
    counter.put(0, lambda _now: False, 99.0 if by_worth else 0.0)  # has been done meanwhile
    for name, worth in WORTH.items():
        counter.put(0, serve(name), worth if by_worth else 0.0)
    while events:
        at, act = events.pop(0)
        act(at)
    assert served == list(zip(order, (0, 5, 10, 15), strict=True))


def test_a_request_is_done_once() -> None:
    done: list[int] = []
    asked = Asked(done.append, 0)
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


def waited(stage: Stage, load: Load, account: int = MULE) -> int:
    """After how long the institution of a slow person acts, in minutes; the victim pays and reports at once."""
    at: list[int] = []
    world = World(stage, 0, 1, load)

    def hear(report: Report) -> None:
        world.request(account, report.loss, report.reported_us, at.append)

    world.run(hear)
    return (at[-1] - int(stage.time_us[stage.loss >= 0][-1])) // MINUTE_US


@pytest.mark.parametrize(("kind", "waits"), [("slow", True), ("fast", False)])
def test_the_rest_of_the_country_stands_in_the_same_queue(
    monkeypatch: pytest.MonkeyPatch, kind: str, waits: bool
) -> None:
    """Four days later others' requests are still with the only person; a machine has no queue."""
    for name, one in figure("institutions").items():
        monkeypatch.setitem(one, "share", float(name == kind))
    monkeypatch.setitem(figure("institution_capacity"), kind, 0.1)
    later = 4 * 1_440
    stage = small(THEFT, (later, VICTIM, MULE, 90, 0, False, 1))
    alone = waited(stage, Load())
    assert (waited(stage, Load(institutions=500)) > alone + 300) == waits
    # Who is served has the same minutes as before: the country changes the queue and nothing else.
    assert waited(stage, Load(institutions=1)) == alone


def test_the_rest_of_the_country_keeps_officers_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in figure("institutions").values():
        monkeypatch.setitem(kind, "minutes", [90_000, 91_000])
    monkeypatch.setitem(all_figures()["call_minutes"], "value", [30, 31])
    stage = small(THEFT, (4 * 1_440, VICTIM, MULE, 90, 0, False, 1))

    def acted(load: Load) -> int:
        at: list[int] = []
        world = World(stage, 0, 1, load)

        def hear(report: Report) -> None:
            request = world.request(MULE, report.loss, report.reported_us, at.append)
            world.call(request, report.reported_us)

        world.run(hear)
        return at[-1]

    assert acted(Load(500, 500)) > acted(Load()) + 300 * MINUTE_US
    # The desk's officers have their own province's calls, not the country's.
    assert acted(Load(500, 1)) < acted(Load()) + 60 * MINUTE_US


def test_the_load_is_counted_from_published_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """One victim in ten days here, so many a day in the country."""
    stage = replace(small(THEFT), end_us=10 * 1_440 * MINUTE_US)
    monkeypatch.setitem(all_figures()["country_victims_a_day"], "value", 34)
    assert country_load(stage) == Load(institutions=340, officers=10)
    monkeypatch.setitem(all_figures()["country_victims_a_day"], "value", 0.05)
    assert country_load(stage) == Load(1, 1)


@pytest.mark.parametrize("load", [Load(), Load(40, 4)])
@pytest.mark.parametrize("strategy", [Strategy.OURS_NO_RECEIPTS, Strategy.OURS_NO_OPTIMISER])
def test_ours_asks_only_where_a_report_or_an_answer_has_traced_money(load: Load, strategy: Strategy) -> None:
    """Nothing is asked for, and nothing held, at an account that nobody has named."""
    named: set[tuple[int, int]] = set()
    asked: set[tuple[int, int]] = set()

    class Checked(World):
        def request(
            self, account: int, loss: int, now: int, act: Act, *, worth: float = 0.0, takes: str | None = None
        ) -> Asked:
            assert (account, loss) in named
            asked.add((account, loss))
            return super().request(account, loss, now, act, worth=worth, takes=takes)

        def hold(self, account: int, loss: int) -> int:
            assert (account, loss) in asked
            return super().hold(account, loss)

        def went_on(self, account: int, loss: int) -> list[Onward]:
            assert (account, loss) in asked
            told = super().went_on(account, loss)
            named.update((one.account, loss) for one in told)
            return told

        def freeze(self, account: int, now: int) -> bool:
            raise AssertionError

        def block(self, account: int, amount_vnd: int, now: int) -> None:
            raise AssertionError

        def hold_everywhere(self, loss: int) -> None:
            raise AssertionError

    world = Checked(STAGE, 5, 1, load)
    way = STRATEGIES[strategy](world)

    def hear(report: Report) -> None:
        named.add((report.account, report.loss))
        way(report)

    found = world.run(hear)
    assert found.innocent_vnd_hours == 0
    assert found.requests > len(found.outcomes) > 20


def test_ours_says_how_much_is_asked_for_and_without_its_order_nothing() -> None:
    worths: list[float] = []

    class Noted(World):
        def request(
            self, account: int, loss: int, now: int, act: Act, *, worth: float = 0.0, takes: str | None = None
        ) -> Asked:
            worths.append(worth)
            return super().request(account, loss, now, act, worth=worth, takes=takes)

    stage = small(THEFT, (5, MULE, SECOND, 300, 0, True, -1), (9_000, FRIEND, SHOP, 0, 0, False, -1))
    for strategy, expected in (
        (Strategy.OURS_NO_RECEIPTS, [400.0, 300.0]),
        (Strategy.OURS_NO_OPTIMISER, [0.0, 0.0]),
    ):
        worths.clear()
        world = Noted(stage, 7, 1)
        world.run(STRATEGIES[strategy](world))
        assert worths == expected


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


def test_provinces_raced_side_by_side_give_the_same_result() -> None:
    told: list[tuple[int, int]] = []
    ways = [Strategy.OURS, Strategy.OURS_NO_OPTIMISER]
    one = race(400, [10], ways, [1, 2])
    assert race(400, [10], ways, [1, 2], lambda done, total: told.append((done, total)), processes=2) == one
    assert told == [(0, 4), (2, 4), (4, 4)]


def test_a_hold_that_the_payers_bank_does_not_confirm_is_not_returned() -> None:
    laps = [Lap((Outcome(0, 100, 50, confirmed),), 1, 0) for confirmed in (True, False)]
    assert [summed_up(Strategy.OURS, 5, [one]).returned_share for one in laps] == [0.45, 0.0]


def test_the_page_draws_every_measure_and_no_name_covers_another() -> None:
    spread = Spread((0.15, 0.25), (5, 1_500_000_000_000), (1_000, 2_000))
    rows = tuple(
        RaceRow(one, delay, 0.2, 0.1, 7 * 10**11, 1_234, 0.1, 0.3, spread) for one in Strategy for delay in (5, 360)
    )
    for measure in Measure:
        drawn = plot(rows, measure)
        heights = sorted(line.label_y for line in drawn.lines)
        assert len(heights) == len(Strategy)
        assert all(later - earlier > 14.9 for earlier, later in pairwise(heights))
        assert [delay for _, delay in drawn.columns] == [5, 360]
        inside = [y for line in drawn.lines for _, y in (*line.points, *line.band)]
        assert drawn.levels[-1][0] <= min(inside) <= max(inside) <= drawn.levels[0][0]
    for language in Language:
        gain = Gain(Strategy.OURS, Strategy.LETTERS, 5, 0, 0, 0)
        html = drawn_page(RaceResult(rows, (), rows[:1], gain), 5_000, 3, language)
        assert all(html.count(f">{one.value}</text>") == len(Measure) for one in Strategy)
        point, group = (",", ".") if language is Language.VI else (".", ",")
        for said in (f"20{point}0 %", f"1{group}234", f"700{point}0 {'tỷ' if point == ',' else 'bn'}"):
            assert html.count(said) >= len(rows) + 1, said
        for said in (f"10{point}0–30{point}0 %", f"15{point}0–25{point}0 %", f"1{group}000 – 2{group}000"):
            assert html.count(said) == len(rows) + 1, said


def test_intervals_are_those_of_provinces() -> None:
    def one(held: int, requests: int, harm: int) -> Lap:
        return Lap((Outcome(0, 100, held), Outcome(1, 100, 100 - held)), requests, harm)

    alike = summed_up(Strategy.OURS, 5, [one(20, 10, 4)] * 3)
    assert (alike.requests, alike.innocent_vnd_hours) == (30, 12)
    # Victims differ, provinces do not.
    assert (alike.low, alike.high) == (0.5, 0.5)
    assert alike.spread == Spread((0.45, 0.45), (12, 12), (30, 30))
    whole = Lap((Outcome(0, 100, 100), Outcome(1, 100, 100)), 90, 0)
    apart = summed_up(Strategy.OURS, 5, [one(50, 10, 0), whole])
    assert (apart.low, apart.held_share, apart.high) == (0.5, 0.75, 1.0)
    assert apart.spread == Spread((0.45, 0.9), (0, 0), (20, 180))
    assert summed_up(Strategy.OURS, 5, [one(20, 10, 4)]).low < 0.5, "one province alone: its victims"
