"""Past a bank that is silent, by what others received; its own word decides in the end."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.race.test_race import FRIEND, MULE, SECOND, SHOP, STAGE, THEFT, small

from lachan.race import Strategy
from lachan.race.counter import Act, Asked
from lachan.race.figures import all_figures, figure
from lachan.race.model import HOUR_US, MINUTE_US, Lap, Onward, Report
from lachan.race.stage import Stage
from lachan.race.strategies import STRATEGIES
from lachan.race.world import World

WAY = STRATEGIES[Strategy.OURS]
SILENT, MACHINE = 0, 1
ROW = tuple[int, int, int, int, int, bool, int]


def at_two_banks(*rows: ROW, openings: tuple[int, ...] = (500, 0, 0, 0, 0)) -> Stage:
    """The victim and the mule at a bank that is asleep, all others at one whose machine answers."""
    stage = small(*rows, openings=openings)
    return replace(stage, bank=np.array([SILENT, SILENT, MACHINE, MACHINE, MACHINE], np.int64))


def world_of(stage: Stage, delay_min: int = 0, kind: type[World] = World) -> World:
    """A world in which the second bank alone is a machine, and the first one sleeps."""
    for seed in range(1_000):
        world = kind(stage, delay_min, seed)
        if world.machines() == [MACHINE] and world._tempers[SILENT] == "asleep":
            return world
    raise AssertionError


def lap(stage: Stage, delay_min: int = 0, kind: type[World] = World) -> Lap:
    world = world_of(stage, delay_min, kind)
    return world.run(WAY(world))


@pytest.fixture(autouse=True)
def no_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds are money here, and nobody telephones."""
    monkeypatch.setitem(all_figures()["receipts_floor_vnd"], "value", 1)
    monkeypatch.setitem(all_figures()["call_after_minutes"], "value", 99_000)
    monkeypatch.setitem(figure("institutions")["fast"], "minutes", [0.1, 0.2])
    monkeypatch.setitem(figure("institutions")["asleep"], "minutes", [600, 900])


MOVED = (THEFT, (1, MULE, SECOND, 300, 0, True, -1), (40, SECOND, SHOP, 300, 3, True, -1))


def test_receipts_hold_what_a_silent_bank_hides() -> None:
    stage = at_two_banks(*MOVED)
    world = world_of(stage, 2)
    found = world.run(STRATEGIES[Strategy.OURS_NO_RECEIPTS](world))
    assert [one.held_vnd for one in found.outcomes] == [100]  # what lies at the mule's bank when it wakes
    found = lap(stage, 2)
    assert [one.held_vnd for one in found.outcomes] == [400]
    assert found.innocent_vnd_hours == 0


def test_money_that_was_clean_is_let_go_when_the_silent_bank_speaks() -> None:
    """The mule's own wages are the newest coins: they went to the friend, and nobody could know."""
    stage = at_two_banks(
        THEFT, (1, SHOP, MULE, 200, 0, False, -1), (2, MULE, FRIEND, 200, 0, False, -1),
        (3_000, FRIEND, SHOP, 200, 0, False, -1), openings=(500, 0, 0, 200, 0),
    )  # fmt: skip
    world = world_of(stage, 5)
    heard: list[tuple[int, list[int]]] = []
    release = world.release

    def noted(receipt: int, loss: int, now: int) -> None:
        before = world._sums[FRIEND]
        release(receipt, loss, now)
        heard.append((now, [before, world._sums[FRIEND]]))

    world.release = noted  # type: ignore[method-assign]
    found = world.run(WAY(world))
    assert [one.held_vnd for one in found.outcomes] == [400]
    (freed_us, sums), *_ = [one for one in heard if one[1] == [0, 200]]
    hours = found.innocent_vnd_hours / 200
    assert 0 < hours <= (freed_us - 5 * MINUTE_US) / HOUR_US
    assert sums == [0, 200]


def test_a_hold_whose_bank_never_speaks_ends_and_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(figure("institutions")["asleep"], "minutes", [90_000, 91_000])
    found = lap(at_two_banks(*MOVED), 2)
    assert [one.held_vnd for one in found.outcomes] == [0]
    assert found.innocent_vnd_hours == 0


def test_nobody_is_asked_where_the_accounts_own_machine_answers() -> None:
    stage = replace(at_two_banks(*MOVED), bank=np.array([0, 1, 1, 1, 1], np.int64))
    world = world_of(stage, 2)
    found = world.run(WAY(world))
    assert world.questions == 0
    assert [one.held_vnd for one in found.outcomes] == [400]


class Checked(World):
    """Whoever is asked to hold for receipts is never asked for more than can have gone on."""

    def __init__(self, stage: Stage, delay_min: int, seed: int) -> None:
        super().__init__(stage, delay_min, seed)
        self.named: set[tuple[int, int]] = set()
        self.lost_vnd: dict[int, int] = {}
        self.most: dict[tuple[int, int], int] = {}

    def request(
        self, account: int, loss: int, now: int, act: Act, *, worth: float = 0.0, takes: str | None = None
    ) -> Asked:
        assert (account, loss) in self.named
        return super().request(account, loss, now, act, worth=worth, takes=takes)

    def ask_receipts(
        self, bank: int, account: int, since_us: int, loss: int, now: int, told: Callable[[int, list[Onward]], None]
    ) -> None:
        assert (account, loss) in self.named
        assert bank in self.machines()
        assert bank != self._banks[account], "whose word is waited for is not asked by another question"

        def heard(then: int, receipts: list[Onward]) -> None:
            self.named.update((one.account, loss) for one in receipts)
            told(then, receipts)

        super().ask_receipts(bank, account, since_us, loss, now, heard)

    def went_on(self, account: int, loss: int) -> list[Onward]:
        told = super().went_on(account, loss)
        self.named.update((one.account, loss) for one in told)
        return told

    def hold_receipt(self, receipt: int, account: int, loss: int, most_vnd: int, now: int) -> list[Onward]:
        assert 0 < most_vnd <= self.lost_vnd[loss]
        told = super().hold_receipt(receipt, account, loss, most_vnd, now)
        custody = self._custody.get((receipt, loss))
        held_vnd = sum(coin[1] for coin in custody.coins) if custody else 0
        assert held_vnd + sum(one.of_it_vnd for one in told) <= most_vnd
        self.named.update((one.account, loss) for one in told)
        return told

    def freeze(self, account: int, now: int) -> bool:
        raise AssertionError

    def block(self, account: int, amount_vnd: int, now: int) -> None:
        raise AssertionError


def checked(world: Checked) -> Lap:
    way = WAY(world)

    def hear(report: Report) -> None:
        world.named.add((report.account, report.loss))
        world.lost_vnd[report.loss] = report.amount_vnd
        way(report)

    return world.run(hear)


def test_nothing_is_asked_or_held_beyond_reports_answers_and_receipts() -> None:
    world = Checked(STAGE, 5, 1)
    found = checked(world)
    assert world.questions > 0
    plain = World(STAGE, 5, 1)
    without = plain.run(STRATEGIES[Strategy.OURS_NO_RECEIPTS](plain))
    assert sum(one.held_vnd for one in found.outcomes) > sum(one.held_vnd for one in without.outcomes)
    assert all(one.held_vnd <= one.lost_vnd for one in found.outcomes)


moves = st.lists(
    st.tuples(
        st.integers(0, 12), st.sampled_from([MULE, SECOND, FRIEND]), st.sampled_from([MULE, SECOND, FRIEND, SHOP]),
        st.integers(1, 400), st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@given(moves, st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_no_dong_is_made_or_lost_by_receipts(made: list[tuple[int, int, int, int, bool]], delay_min: int) -> None:
    rows: list[ROW] = [(at, payer, payee, amount, 0, driven, -1) for at, payer, payee, amount, driven in made
                       if payer != payee]  # fmt: skip
    stage = at_two_banks(*sorted([THEFT, *rows]), openings=(500, 50, 0, 0, 100))
    world = world_of(stage, delay_min, Checked)
    assert isinstance(world, Checked)
    found = checked(world)
    (outcome,) = found.outcomes
    assert outcome.held_vnd <= outcome.lost_vnd == 400
    custody = sum(coin[1] for one in world._custody.values() for coin in one.coins)
    assert custody == 0  # the silent bank has spoken by then
    assert sum(world._sums) + outcome.held_vnd == 650
    assert [sum(coin[1] for coin in pile) for pile in world._piles] == world._sums
