"""The race: the referee keeps every đồng, ways of working see no truth, and speed saves money."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from lachan.foundation.base import VIETNAM, BadInput
from lachan.race import RaceReason, Strategy, race
from lachan.race.counter import Asked
from lachan.race.figures import all_figures
from lachan.race.model import MINUTE_US, Lap, Onward, Outcome, Report
from lachan.race.run import summed_up
from lachan.race.stage import Stage, set_stage
from lachan.race.strategies import STRATEGIES, Desk, Hears
from lachan.race.strategies.letters import answered_us
from lachan.race.world import World
from lachan.sandbox.people import Plan

PLAN = Plan(people=1_500, days=12, seed=4, start=date(2026, 1, 5))
STAGE = set_stage(PLAN)
VICTIM, MULE, SECOND, SHOP, FRIEND = range(5)


def small(*rows: tuple[int, int, int, int, int, bool, int], openings: tuple[int, ...] = (500, 0, 0, 0, 0)) -> Stage:
    """(minute, payer, payee, amount, kind, driven, loss) in order."""
    columns = list(zip(*rows, strict=True))
    numbers = [np.array(column, dtype=np.int64) for column in columns]
    losses = sum(row[6] >= 0 for row in rows)
    minutes, payer, payee, amount, kind, driven, loss = numbers
    return Stage(
        time_us=minutes * MINUTE_US, payer=payer, payee=payee, amount_vnd=amount, kind=kind,
        driven=driven.astype(np.bool_), loss=loss, openings=np.array(openings, dtype=np.int64),
        bank=np.zeros(len(openings), np.int64), scam_of_loss=np.arange(losses), end_us=10_000 * MINUTE_US,
    )  # fmt: skip


def lap(stage: Stage, hear: Callable[[World], Hears], delay_min: int = 0) -> Lap:
    world = World(stage, delay_min, 1)
    return world.run(hear(world))


def held(stage: Stage, hear: Callable[[World], Hears], delay_min: int = 0) -> list[int]:
    return [outcome.held_vnd for outcome in lap(stage, hear, delay_min).outcomes]


def hold_at(account: int) -> Callable[[World], Hears]:
    def way(world: World) -> Hears:
        def hear(report: Report) -> None:
            world.hold(account, report.loss)

        return hear

    return way


def freeze_at(account: int) -> Callable[[World], Hears]:
    def way(world: World) -> Hears:
        def hear(report: Report) -> None:
            world.freeze(account, report.reported_us)

        return hear

    return way


# Nothing is done before it has all happened, so that both worlds run alike.
LATER_US = 60 * MINUTE_US
THEFT = (0, VICTIM, MULE, 400, 0, False, 0)


def test_a_hold_takes_what_is_left_and_the_gang_gets_no_more() -> None:
    stage = small(THEFT, (5, MULE, SECOND, 300, 0, True, -1), (9, SECOND, SHOP, 300, 3, True, -1))
    assert held(stage, hold_at(MULE), 1) == [400]
    assert held(stage, hold_at(MULE), 6) == [100]
    assert held(stage, hold_at(SECOND), 6) == [300]
    assert held(stage, hold_at(SECOND), 10) == [0]
    assert held(stage, hold_at(SHOP), 10) == [0]  # what was bought is out of reach; the shop's money is clean


def test_the_newest_money_goes_first() -> None:
    """An old balance of the mule's own stays his while the stolen money passes through."""
    stage = small(THEFT, (5, MULE, SECOND, 400, 0, True, -1), openings=(500, 250, 0, 0, 0))
    assert held(stage, hold_at(MULE), 6) == [0]
    assert held(stage, hold_at(SECOND), 6) == [400]
    assert lap(stage, freeze_at(MULE), 6).innocent_vnd_hours == 250 * 72


def test_stolen_money_does_not_become_another_victims() -> None:
    again = (3, MULE, SECOND, 400, 0, False, 1)
    assert [o.lost_vnd for o in lap(small(THEFT, again), hold_at(SHOP)).outcomes] == [400, 0]


def test_a_frozen_account_pays_nobody_and_the_gang_takes_a_fresh_one() -> None:
    stage = small(
        THEFT, (2, MULE, SECOND, 300, 0, True, -1), (3, FRIEND, MULE, 7, 0, False, -1),
        (4, VICTIM, MULE, 90, 0, False, 1), (5, MULE, SECOND, 90, 0, True, -1),
        openings=(500, 0, 0, 0, 50),
    )  # fmt: skip
    found = lap(stage, freeze_at(MULE), 1)
    # The second theft was paid to a fresh account and passed on, although the first account is frozen.
    assert [(o.lost_vnd, o.held_vnd) for o in found.outcomes] == [(400, 400), (90, 0)]
    assert held(stage, hold_at(SECOND), 6) == [300, 90]


def test_a_block_takes_the_newest_whosever_it_is() -> None:
    """The friend's 20 came after the stolen money: they are blocked first, and the friend's friend is harmed."""
    stage = small(THEFT, (1, FRIEND, MULE, 20, 0, False, -1), openings=(500, 70, 0, 0, 50))

    def block(world: World) -> Hears:
        return lambda report: world.block(MULE, report.amount_vnd, report.reported_us)

    found = lap(stage, block, 2)
    assert [(o.lost_vnd, o.held_vnd) for o in found.outcomes] == [(400, 380)]
    assert found.innocent_vnd_hours == 20 * 72


def test_a_bounded_search_follows_amounts_within_its_bounds() -> None:
    million = 1_000_000
    stage = small(
        (0, VICTIM, MULE, 50 * million, 0, False, 0), (3, MULE, SECOND, 40 * million, 0, True, -1),
        (4, MULE, FRIEND, million - 1, 0, True, -1), (5, MULE, SHOP, 5 * million, 3, True, -1),
        openings=(60 * million, 0, 0, 0, 0),
    )  # fmt: skip
    found = lap(stage, STRATEGIES[Strategy.BOUNDED], 10)
    assert found.requests == 3  # the search, the first account, the second; neither the small payment nor the shop
    assert [o.held_vnd for o in found.outcomes] == [40 * million + 50 * million - 46 * million + 1]


def test_banks_tell_to_whom_and_nothing_else() -> None:
    stage = small(THEFT, (1, FRIEND, MULE, 20, 0, False, -1), (2, MULE, SECOND, 20, 0, False, -1),
                  (3, MULE, SECOND, 100, 0, True, -1), openings=(500, 0, 0, 0, 50))  # fmt: skip
    seen: list[list[Onward]] = []

    def look(world: World) -> Hears:
        def hear(report: Report) -> None:
            world.at(4 * MINUTE_US, lambda _now: seen.extend([
                world.went_on(MULE, report.loss), world.paid_since(MULE, 0), world.paid_since(MULE, 3 * MINUTE_US),
            ]))  # fmt: skip

        return hear

    lap(stage, look)
    # Asked for a loss, the bank says how much of the transfer was its coins, as an answer's spans do; else nothing.
    later = Onward(SECOND, 100, 3 * MINUTE_US, number=4)
    earlier = Onward(SECOND, 20, 2 * MINUTE_US, number=3)
    assert seen == [[replace(later, of_it_vnd=100)], [earlier, later], [later]]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_never_more_is_held_than_was_lost(strategy: Strategy) -> None:
    found = lap(STAGE, STRATEGIES[strategy], 5)
    assert len(found.outcomes) > 20
    assert all(0 <= outcome.held_vnd <= outcome.lost_vnd for outcome in found.outcomes)
    assert sum(outcome.held_vnd for outcome in found.outcomes) > 0
    assert lap(STAGE, STRATEGIES[strategy], 5) == found


def test_without_a_way_of_working_everything_happens_as_in_the_province() -> None:
    found = lap(STAGE, lambda _world: lambda _report: None)
    # A victim that is also a mule's payee may pay with stolen coins: those are no new loss.
    stolen = int(STAGE.amount_vnd[STAGE.loss >= 0].sum())
    assert 0.9 * stolen < sum(outcome.lost_vnd for outcome in found.outcomes) <= stolen
    assert (found.requests, found.innocent_vnd_hours) == (0, 0)


def test_sooner_saves_more_and_freezing_harms_the_innocent() -> None:
    def share(strategy: Strategy, delay: int) -> float:
        outcomes = lap(STAGE, STRATEGIES[strategy], delay).outcomes
        return sum(o.held_vnd for o in outcomes) / sum(o.lost_vnd for o in outcomes)

    at_once, late = share(Strategy.FREEZE_ALL, 0), share(Strategy.FREEZE_ALL, 180)
    assert at_once > 1.5 * late
    assert late > share(Strategy.LETTERS, 0) * 0.5
    assert lap(STAGE, STRATEGIES[Strategy.FREEZE_ALL], 5).innocent_vnd_hours > 0
    assert lap(STAGE, STRATEGIES[Strategy.LETTERS], 5).innocent_vnd_hours == 0


class Watched:
    """A desk that writes down all that is asked of it and answered, and does nothing."""

    def __init__(self, world: World) -> None:
        self._world, self.calls, self.requests = world, list[tuple[object, ...]](), 0

    def at(self, time_us: int, act: Callable[[int], None]) -> None:
        self._world.at(time_us, act)

    def request(
        self,
        account: int,
        loss: int,
        now: int,
        act: Callable[[int], None],
        *,
        worth: float = 0.0,
        takes: str | None = None,
    ) -> Asked:
        self.calls.append(("request", account, loss, now, worth, takes))
        self.at(now + LATER_US, act)
        return Asked(act, loss)

    def call(self, request: Asked, now: int, worth: float = 0.0) -> None:
        self.calls.append(("call", now, worth))

    def wait_us(self, name: str) -> int:
        return LATER_US

    def block(self, account: int, amount_vnd: int, now: int) -> None:
        self.calls.append(("block", account, amount_vnd, now))

    def hold(self, account: int, loss: int) -> int:
        self.calls.append(("hold", account, loss))
        return 0

    def went_on(self, account: int, loss: int) -> list[Onward]:
        answer = self._world.went_on(account, loss)
        self.calls.append(("went_on", account, loss, tuple(answer)))
        return answer

    def machines(self) -> list[int]:
        return self._world.machines()

    def bank(self, account: int) -> int:
        return self._world.bank(account)

    def ask_receipts(
        self, bank: int, account: int, since_us: int, loss: int, now: int, told: Callable[[int, list[Onward]], None]
    ) -> None:
        self.calls.append(("ask_receipts", bank, account, since_us, loss, now))

        def heard(then: int, receipts: list[Onward]) -> None:
            self.calls.append(("received", tuple(receipts)))
            told(then, receipts)

        self._world.ask_receipts(bank, account, since_us, loss, now, heard)

    def hold_receipt(self, receipt: int, account: int, loss: int, most_vnd: int, now: int) -> list[Onward]:
        self.calls.append(("hold_receipt", receipt, account, loss, most_vnd, now))
        return []

    def release(self, receipt: int, loss: int, now: int) -> None:
        self.calls.append(("release", receipt, loss, now))

    def freeze(self, account: int, now: int) -> bool:
        self.calls.append(("freeze", account, now))
        return True

    def paid_since(self, account: int, since_us: int) -> list[Onward]:
        answer = self._world.paid_since(account, since_us)
        self.calls.append(("paid_since", account, tuple(answer)))
        return answer


def told_in_two_worlds(way: Callable[[Desk], Hears]) -> list[list[tuple[object, ...]]]:
    """What a way of working does where the referee's marks of gangs differ and all else is the same."""
    told = []
    for stage in (
        STAGE,
        replace(STAGE, driven=~STAGE.driven & (STAGE.loss < 0), scam_of_loss=STAGE.scam_of_loss[::-1]),
    ):
        world = World(stage, 5, 1)
        desk = Watched(world)
        world.run(way(desk))
        told.append(desk.calls)
    return told


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ways_of_working_are_blind_to_the_truth(strategy: Strategy) -> None:
    told = told_in_two_worlds(STRATEGIES[strategy])
    assert told[0] == told[1]
    assert told[0]


def test_who_looks_at_the_truth_is_found_out() -> None:
    def peeking(desk: Desk) -> Hears:
        scams = desk._world._stage.scam_of_loss  # type: ignore[attr-defined]

        def hear(report: Report) -> None:
            desk.hold(report.account, int(scams[report.loss]))

        return hear

    told = told_in_two_worlds(peeking)
    assert told[0] != told[1]


def test_reports_carry_only_what_a_victim_can_say() -> None:
    assert set(Report.__slots__) == {"loss", "account", "amount_vnd", "booked_us", "reported_us"}
    assert set(Onward.__slots__) == {"account", "amount_vnd", "booked_us", "number", "of_it_vnd"}


def test_letters_are_answered_on_the_third_working_day() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    thursday = datetime(2026, 1, 22, 20, 0, tzinfo=VIETNAM)
    answered = epoch + timedelta(microseconds=answered_us((thursday - epoch) // timedelta(microseconds=1)))
    assert answered.astimezone(VIETNAM) == datetime(2026, 1, 27, 16, 0, tzinfo=VIETNAM)


def test_the_interval_of_one_province_is_over_victims_not_payments() -> None:
    one = tuple(Outcome(0, 100, 100) for _ in range(50))
    found = summed_up(Strategy.LETTERS, 5, [Lap((*one, Outcome(1, 5_000, 0)), 3, 7)])
    assert (found.held_share, found.requests, found.innocent_vnd_hours) == (0.5, 3, 7)
    assert (found.low, found.high) == (0.0, 1.0)
    nothing = summed_up(Strategy.LETTERS, 5, [Lap((), 0, 0)])
    assert (nothing.held_share, nothing.low, nothing.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("people", [0, -1, 5_000_001])
def test_a_province_of_nobody_is_bad_input(people: int) -> None:
    with pytest.raises(BadInput) as refused:
        race(people, [5], list(Strategy), [1])
    assert refused.value.field == "people"


def test_a_province_too_small_for_a_gang_has_nothing_to_race_for() -> None:
    found = race(1, [5], list(Strategy), [1])
    assert [(row.held_share, row.low, row.high, row.requests) for row in found.rows] == [(0.0, 0.0, 0.0, 0)] * len(
        Strategy
    )


def test_a_delay_out_of_range_is_bad_input() -> None:
    with pytest.raises(BadInput) as refused:
        race(1_000, [5, -1], list(Strategy), [1])
    assert refused.value.reason is RaceReason.DELAY_OUT_OF_RANGE


def test_each_figure_of_the_race_has_a_source_or_an_excuse() -> None:
    for name, figure in all_figures().items():
        assert figure["unit"], name
        assert bool(figure.get("source")) != bool(figure.get("assumed")), name
        assert bool(figure.get("why")) == bool(figure.get("assumed")), name
