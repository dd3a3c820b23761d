"""Honest life: paydays, nights, weekends and Tết are to be seen in the transfers."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

import lachan.sandbox.people
from lachan.foundation.identifiers import find_bank
from lachan.sandbox.people.calendar import days_from_tet, is_payday
from lachan.sandbox.people.figures import Figure, data, figures, lognormal, number, round_vnd
from lachan.sandbox.people.firms import ELSEWHERE, UTILITIES
from lachan.sandbox.people.gangs.scripts import scripts
from lachan.sandbox.people.holdings import banks
from lachan.sandbox.people.life import Life
from lachan.sandbox.people.model import DAY_US, Plan, TransferKind, Transfers
from lachan.sandbox.people.run import found_province

PLAN = Plan(people=6_000, days=60, seed=11, start=date(2026, 1, 5))
PROVINCE = found_province(PLAN)


def on(day: date) -> Transfers:
    return PROVINCE.life.day((day - PLAN.start).days)


def from_companies(day: Transfers) -> int:
    firms = PROVINCE.holdings.firm[UTILITIES + ELSEWHERE :]
    return int((np.isin(day.payer, firms) & ~PROVINCE.holdings.account_firm[np.maximum(day.payee, 0)]).sum())


def test_salaries_come_on_paydays() -> None:
    # 5 January is a Monday; 10 January is the Saturday worked for 2 January.
    usual = from_companies(on(date(2026, 1, 21)))
    assert from_companies(on(date(2026, 1, 5))) > 10 * max(usual, 10)
    staff = int((PROVINCE.people.employer >= 0).sum())
    paid = sum(from_companies(on(date(2026, 1, day))) for day in range(5, 32))
    assert 0.6 * staff < paid < 1.1 * staff


def test_a_payday_on_a_rest_day_is_paid_before_it() -> None:
    paydays = np.array([1, 5, 10, 15, 28])  # 27 February 2026 is a Friday
    assert is_payday(date(2026, 2, 27), paydays).tolist() == [
        True,
        False,
        False,
        False,
        True,
    ]  # Friday; 1 March: Sunday
    assert not is_payday(date(2026, 2, 28), paydays).any()
    assert is_payday(date(2026, 3, 5), paydays).tolist() == [False, True, False, False, False]


def test_nights_are_quiet_but_not_empty() -> None:
    day = on(date(2026, 1, 14))
    hour = (day.time_us - PLAN.start_us) % DAY_US // 3_600_000_000
    counts = np.bincount(hour, minlength=24)
    assert 0 < counts[1:5].mean() < counts[8:21].mean() / 8


def test_days_hold_only_their_own_transfers() -> None:
    for number_of_day in range(0, 60, 7):
        day = PROVINCE.life.day(number_of_day)
        start_us = PLAN.start_us + number_of_day * DAY_US
        assert day.time_us.min() >= start_us
        assert day.time_us.max() < start_us + DAY_US
        assert (day.payer != day.payee).all()
        assert (day.amount_vnd > 0).all()


def test_people_pay_as_often_as_the_state_bank_says() -> None:
    days = [on(date(2026, 1, 12 + place)) for place in range(14)]
    everyday = sum(len(day) for day in days) / len(days) / PLAN.people
    assert 0.9 < everyday / number("transfers_a_person_day") < 1.35  # salaries, bills and trade come on top


def test_tet_swells_before_and_stills_on_its_days() -> None:
    ordinary = (on(date(2026, 1, 20)).kind == TransferKind.MERCHANT).sum()
    before = (on(date(2026, 2, 12)).kind == TransferKind.MERCHANT).sum()
    first = (on(date(2026, 2, 17)).kind == TransferKind.MERCHANT).sum()
    assert before > 1.3 * ordinary
    assert first < 0.7 * ordinary
    lucky = on(date(2026, 2, 17))
    given = lucky.amount_vnd[(lucky.kind == TransferKind.TRANSFER) & (lucky.amount_vnd <= 600_000)]
    assert len(given) > 0.5 * len(PROVINCE.people)
    bonus = sum(from_companies(on(date(2026, 2, day))) for day in (3, 4, 6, 7, 8, 9))
    assert bonus > 0.5 * (PROVINCE.people.employer >= 0).sum()
    assert days_from_tet(date(2026, 2, 15)) == -2
    assert days_from_tet(date(2026, 6, 1)) is None


def test_a_day_does_not_depend_on_other_days() -> None:
    first, again = on(date(2026, 1, 9)), Life(PLAN, PROVINCE.life._town).day(4)
    assert all(np.array_equal(getattr(first, name), getattr(again, name)) for name in Transfers.__slots__)


def test_households_are_as_large_as_counted() -> None:
    sizes = np.bincount(PROVINCE.people.household)
    assert 3.4 < sizes.mean() < 3.8
    assert len(np.unique(PROVINCE.people.serial)) > 4_000


@pytest.mark.parametrize(("name", "figure"), figures().items())
def test_each_figure_has_a_source_or_an_excuse(name: str, figure: Figure) -> None:
    assert figure.unit, name
    assert bool(figure.source) != figure.assumed, name
    assert bool(figure.why) == figure.assumed, name
    assert not figure.source or any(sign.isdigit() for sign in figure.source) or "same survey" in figure.source, (
        name
    )


def test_every_figure_is_used() -> None:
    folder = Path(lachan.sandbox.people.__file__).parent
    code = "".join(file.read_text(encoding="utf-8") for file in folder.rglob("*.py"))
    assert [name for name in figures() if f'"{name}"' not in code] == []


def test_each_form_has_a_script() -> None:
    told = data("forms.yaml")["forms"]
    assert {script.code for script in scripts(PLAN.start)} == set(told)
    assert len({row["slug"] for row in told.values()}) == len(told)


def test_banks_are_of_the_napas_list() -> None:
    assert [bin_ for bin_ in banks() if find_bank(bin_) is None] == []


def test_percentiles_are_percentiles() -> None:
    mean, spread = lognormal((3, 10))
    drawn = np.random.default_rng(1).lognormal(mean, spread, 200_000)
    assert np.quantile(drawn, [0.1, 0.9]) == pytest.approx([3, 10], rel=0.02)


def test_amounts_are_round() -> None:
    given = np.array([1.0, 999.0, 54_321.0, 1_234_567.0, 98_765_432.0])
    assert round_vnd(given).tolist() == [1_000, 1_000, 54_000, 1_230_000, 98_700_000]
