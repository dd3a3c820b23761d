"""Numbers tried out in no order, slowly, are found; a bank's day, a bank with a copy and a school's are not.

Institutions' days are a tenth of what they are: the bound of keys too. The doors' test has the real one.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lachan.screening import Asker, Found, Sign, Watch
from lachan.screening.series import KEPT, SeriesLimits, Sketch

START = datetime(2026, 11, 22, 3, tzinfo=UTC)
DAY = timedelta(days=1)
BANK, STREET = Asker.INSTITUTION, Asker.PUBLIC
OWN, BANKS = "970436", [f"9704{number:02d}" for number in range(5, 35)]


@pytest.fixture(autouse=True)
def a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    real = SeriesLimits.on

    def on(asker: str, now: datetime) -> SeriesLimits:
        limits = real(asker, now)
        if asker == STREET:
            return limits
        return replace(limits, keys=replace(limits.keys, value=limits.keys.value // 10))

    monkeypatch.setattr(SeriesLimits, "on", on)


def told(watch: Watch, sign: Sign = Sign.SERIES) -> list[Found]:
    return [one for one in watch.found() if one.sign is sign]


def ask_all(watch: Watch, keys: list[str], each: int, *, hits_share: float = 0.0, over: timedelta = DAY) -> None:
    """All keys as a bank's client, `each` in a call, spread over a time."""
    for first in range(0, len(keys), each):
        part = keys[first : first + each]
        at = START + over * (first / len(keys))
        watch.note(BANK, "c", "\n".join(part).encode(), len(part), int(hits_share * len(part)), at)


@pytest.mark.parametrize("each", [20, 100, 1_000])
def test_a_client_that_tries_out_accounts_of_one_bank_in_no_order_is_told(each: int) -> None:
    """Thirty a minute of ten thousand million: no two of them neighbours, far below every limit."""
    watch, chance = Watch(), random.Random(each)
    ask_all(watch, [f"account:{OWN}:{number:010d}" for number in chance.sample(range(10**10), 43_000)], each)
    (found,) = told(watch)
    assert (found.asker, found.caller) == (BANK, "c")
    assert 18_000 <= found.near <= found.asked * 1.1
    assert found.asked < 35_000, "and long before he is through"
    assert watch.slowed(BANK, "c", found.at) is None, "a mistake would stop payments: a person looks first"


def test_a_range_is_covered_beside_honest_payments_and_with_every_number_asked_twice() -> None:
    """What hides in repetition and among other banks is still a range of numbers that he now knows."""
    watch, chance = Watch(), random.Random(3)
    tried = [f"phone:+849812{number:05d}" for number in chance.sample(range(10**5), 30_000)] * 2
    keys = tried + a_banks_day(chance, 40_000)
    chance.shuffle(keys)
    ask_all(watch, keys, 100)
    (found,) = told(watch)
    assert found.near >= 20_000


def a_banks_day(chance: random.Random, payments: int) -> list[str]:
    """Payees: shops that everybody pays, and people whom one or two pay; nearly half at the bank itself."""

    def account() -> str:
        bank = OWN if chance.random() < 0.45 else chance.choice(BANKS)
        return f"account:{bank}:{chance.randrange(10**10):010d}"

    shops = [account() for _ in range(2_000)]
    return [
        shops[min(int(chance.paretovariate(0.6)), 2_000) - 1] if chance.random() < 0.5 else account()
        for _ in range(payments)
    ]


@pytest.mark.parametrize("each", [1, 1_000])
def test_a_banks_day_of_payments_is_not_told(each: int) -> None:
    watch = Watch()
    ask_all(watch, a_banks_day(random.Random(5), 60_000), each)
    assert watch.found() == []


def test_a_bank_that_pays_only_within_itself_is_not_told() -> None:
    """All of one bank, but its customers pay the same shops and people again."""
    watch = Watch()
    day = [f"account:{OWN}:" + key.rpartition(":")[2] for key in a_banks_day(random.Random(6), 60_000)]
    ask_all(watch, day, 20)
    assert watch.found() == []


def test_a_bank_with_a_copy_asks_about_possible_hits_and_is_not_told() -> None:
    watch, chance = Watch(), random.Random(7)
    asked = [f"account:{OWN}:{chance.randrange(10**10):010d}" for _ in range(30_000)]
    ask_all(watch, asked, 20, hits_share=0.85)
    assert watch.found() == []


def test_a_stranger_who_tries_out_telephones_of_one_prefix_in_no_order_is_told() -> None:
    watch, chance = Watch(), random.Random(8)
    for number in chance.sample(range(10**7), 1_200):
        watch.require(STREET, "203.0.113.9", f"phone:+8498{number:07d}", START + timedelta(seconds=number % 40_000))
    (found,) = told(watch)
    assert (found.asker, found.caller) == (STREET, "203.0.113.9")


def test_a_school_that_asks_all_day_is_not_told() -> None:
    """A town's pupils behind one address, with what they were sent: all of it different."""
    watch, chance = Watch(), random.Random(9)
    for number in range(5_000):
        at = START + DAY * (number / 5_000)
        phone = f"phone:+84{chance.choice('35789')}{chance.randrange(10**8):08d}"
        account = f"account:{chance.choice(BANKS)}:{chance.randrange(10**10):010d}"
        watch.require(STREET, "203.0.113.9", chance.choice([phone, account]), at)
    for number in range(2_000):
        watch.require(STREET, "203.0.113.9", f"url:https://{number}.example.vn/{number:06d}", START)
    assert told(watch) == []


def test_a_window_is_told_once_and_the_next_one_again() -> None:
    watch, chance = Watch(), random.Random(10)
    numbers = chance.sample(range(10**7), 6_000)
    for position, number in enumerate(numbers):
        at = START + timedelta(hours=30 if position >= 3_000 else 0)
        watch.require(STREET, "203.0.113.9", f"phone:+8498{number:07d}", at)
    assert [one.at - START for one in told(watch)] == [timedelta(0), timedelta(hours=30)]


def test_a_sketch_stays_small_and_estimates_different_keys() -> None:
    sketch = Sketch(SeriesLimits.on(BANK, START), 0.0)
    for number in range(40_000):
        sketch.add([b"phone:+8498%07d" % number, b"phone:+8498%07d" % (number % 100)], 2, 2)
    assert len(sketch._heap) == len(sketch._kept) == len(sketch._met) == KEPT
    assert 32_000 < sketch._different() < 48_000
    assert sketch.looked_at == 80_000


def test_sketches_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lachan.screening.watch._SKETCHES_MAX", 10)
    watch = Watch()
    for number in range(100):
        watch.require(STREET, f"2001:db8::{number}", "phone:+84912345678", START)
        watch.require(STREET, "203.0.113.9", "phone:+84912345678", START)
    assert len(watch._sketches[STREET]) == 10
    assert "203.0.113.9" in watch._sketches[STREET]


def test_strangers_do_not_wash_out_an_institution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lachan.screening.watch._SKETCHES_MAX", 10)
    watch = Watch()
    watch.note(BANK, "client", b"account:970436:0011223344", 1, 0, START)
    for number in range(100):
        watch.require(STREET, f"2001:db8::{number}", "phone:+84912345678", START)
    assert list(watch._sketches[BANK]) == ["client"]
