"""A scraper is found whatever his order; a busy bank, its payroll and a school behind one address are not."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from lachan.foundation.base import NotAllowed
from lachan.screening import Asker, Sign, Watch

START = datetime(2026, 11, 22, 3, tzinfo=UTC)
BANK, STREET = Asker.INSTITUTION, Asker.PUBLIC
ONE = "203.0.113.9"


def accounts(numbers: list[int]) -> bytes:
    return "\n".join(f"account:970436:{number:010d}" for number in numbers).encode()


def payees(count: int, chance: random.Random) -> bytes:
    return "\n".join(f"account:9704{chance.randrange(40)}:{chance.randrange(10**9)}" for _ in range(count)).encode()


def ask(watch: Watch, numbers: list[int], at: datetime, client: str = "c", hits: int = 0) -> None:
    watch.note(BANK, client, accounts(numbers), len(numbers), hits, at)


@pytest.mark.parametrize("each", [1, 7, 1000])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_client_that_walks_through_accounts_is_slowed_and_told(each: int, shuffled: bool) -> None:
    watch, chance = Watch(), random.Random(7)
    total = 120_000
    for first in range(0, total, 1000):
        numbers = list(range(first, first + 1000))
        if shuffled:
            chance.shuffle(numbers)
        at = START + timedelta(seconds=first / 1000)
        for start in range(0, 1000, each):
            ask(watch, numbers[start : start + each], at)
    later = START + timedelta(minutes=4)
    limit = watch.slowed(BANK, "c", later)
    assert limit is not None
    assert (limit.count, limit.per) == (6_000, timedelta(minutes=1))
    assert watch.slowed(BANK, "another", later) is None
    (found,) = watch.found()
    assert (found.asker, found.caller, found.sign) == (BANK, "c", Sign.NEAR)
    assert found.near >= 50_000
    assert watch.found() == []
    assert watch.slowed(BANK, "c", later + timedelta(minutes=30)) is None


def test_a_busy_bank_is_never_slowed() -> None:
    """Payments in ten minutes to accounts all over, and a firm's payroll to neighbouring accounts."""
    watch, chance = Watch(), random.Random(11)
    for minute in range(10):
        at = START + timedelta(minutes=minute)
        for _ in range(30):
            watch.note(BANK, "c", payees(1000, chance), 1000, 0, at)
    watch.note(BANK, "c", payees(3, chance), 3, 0, at)
    for first in range(0, 20_000, 500):
        ask(watch, list(range(7_000_000 + first, 7_000_000 + first + 500)), at)
    assert watch.slowed(BANK, "c", at) is None
    assert watch.found() == []


def test_a_firms_payroll_alone_is_not_a_walk() -> None:
    watch = Watch()
    for first in range(0, 20_000, 1000):
        ask(watch, list(range(first, first + 1000)), START)
    assert watch.slowed(BANK, "c", START) is None


def test_the_same_account_again_is_no_neighbour() -> None:
    watch = Watch()
    for _ in range(200_000 // 16):
        ask(watch, [42] * 16, START)
    assert watch.slowed(BANK, "c", START) is None


def test_very_many_of_which_nothing_is_known_are_told_but_not_slowed() -> None:
    watch, chance = Watch(), random.Random(3)
    texts = [payees(1000, chance) for _ in range(50)]
    for number in range(6_100):
        watch.note(BANK, "c", texts[number % 50], 1000, 0, START)
        watch.note(BANK, "other", texts[number % 50], 1000, 100, START)
    assert [(one.caller, one.sign) for one in watch.found()] == [("c", Sign.MANY)]
    assert watch.slowed(BANK, "c", START) is None


def phones(count: int, chance: random.Random) -> list[str]:
    return [f"phone:+849{chance.randrange(10**8):08d}" for _ in range(count)]


def test_a_school_of_500_children_behind_one_address_looks_up_on_beside_a_scraper() -> None:
    watch, chance = Watch(), random.Random(5)
    children = [key for _ in range(500) for key in [*phones(2, chance), "phone:+84912345678"]]
    for number, key in enumerate(children):
        watch.require(STREET, ONE, key, START + timedelta(seconds=number * 0.4))
    assert watch.found() == []
    # One of them lets a script run: its neighbours are refused, the others' numbers are not.
    at = START + timedelta(minutes=11)
    waits = []
    for number in range(800):
        try:
            watch.require(STREET, ONE, f"phone:+8498000{number:04d}", at)
        except NotAllowed as error:
            waits.append(int(str(error.params["seconds"])))
    assert len(waits) > 600
    assert all(0 < wait_s <= 30 * 60 for wait_s in waits)
    assert [one.sign for one in watch.found()] == [Sign.NEAR]
    for key in phones(300, chance):
        watch.require(STREET, ONE, key, at)


def test_a_scraper_in_any_order_gets_little_from_one_address() -> None:
    watch, chance = Watch(), random.Random(13)
    numbers = list(range(2_000))
    chance.shuffle(numbers)
    answered = 0
    for position, number in enumerate(numbers):
        try:
            watch.require(STREET, ONE, f"account:970436:{number:010d}", START + timedelta(seconds=position))
            answered += 1
        except NotAllowed:
            pass
    assert answered < 100


def test_links_and_names_have_no_neighbours() -> None:
    watch = Watch()
    for number in range(1_000):
        watch.require(STREET, ONE, f"url:https://example{number}.vn/a", START)
    assert [one.sign for one in watch.found()] == []


def test_callers_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lachan.screening.watch._CALLERS_MAX", 10)
    watch = Watch()
    for number in range(100):
        watch.require(STREET, f"2001:db8::{number}", "phone:+84912345678", START)
    assert len(watch._callers) == 10
