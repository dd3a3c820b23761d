"""Households and the people in them: ages, names, work. Everything is drawn whole columns at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.identifiers.institutions import data_rows
from lachan.sandbox.people.figures import data, lognormal, number, pair, shares, table, whole
from lachan.sandbox.people.model import Firms, Flags, Ints, Job, People, Plan

_EVEN = 0.5
_SERIALS = 100_000  # 900000–999999: registrars give numbers from 000001 up, so that none of these is anybody's


def settle(plan: Plan, firms: Firms) -> People:
    """The people of the province, household by household."""
    draw = plan.draw("people")
    sizes = _household_sizes(draw, plan.people)
    household = np.repeat(np.arange(len(sizes)), sizes)[: plan.people]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    place = np.arange(plan.people) - first[household]
    age = _ages(draw, household, place, len(sizes))
    female = _sexes(draw, place)
    communes = max(1, round(plan.people / number("people_a_commune")))
    born = plan.start.year - age
    province = _birth_provinces(draw, plan.people)
    job, employer = _work(draw, age, firms)
    return People(
        household=household,
        commune=draw.integers(0, communes, len(sizes))[household],
        born=born,
        female=female,
        surname=_surnames(draw, household, place, first),
        middle=_drawn_names(draw, "middles", female),
        given=_drawn_names(draw, "givens", female),
        province=province,
        serial=_serials(draw, province, born, female),
        job=job,
        employer=employer,
        salary_vnd=_salaries(draw, employer),
    )


def age_on_start(plan: Plan, people: People) -> Ints:
    """Whole years, by the year alone."""
    return plan.start.year - people.born


def _household_sizes(draw: np.random.Generator, people: int) -> Ints:
    sizes = table("household_size")
    kinds = np.array(list(sizes), dtype=np.int64)
    drawn = draw.choice(kinds, size=people, p=shares(sizes))  # more than enough: none is smaller than 1
    count = int(np.searchsorted(np.cumsum(drawn), people)) + 1
    return drawn[:count]


def _ages(draw: np.random.Generator, household: Ints, place: Ints, households: int) -> Ints:
    generation = int(table("household_ages")["generation"])

    def away(who: str, of: Flags) -> Ints:
        low, high = whole("household_ages", who)
        return draw.integers(low, high + 1, int(of.sum()))

    def bounded(who: str, years: NDArray[Any]) -> Ints:
        found: Ints = np.clip(years, *whole("age_bounds", who)).astype(np.int64)
        return found

    own = bounded("head", draw.normal(*whole("household_ages", "head"), households))[household]
    age = own.copy()
    spouse, later = place == 1, place >= 2
    age[spouse] = bounded("spouse", own[spouse] + away("spouse", spouse))
    elder = later & (draw.random(len(place)) < number("elder_share"))
    child = later & ~elder
    age[child] = bounded("child", own[child] - generation - away("child", child))
    age[elder] = bounded("elder", own[elder] + generation + away("elder", elder))
    return age


def _sexes(draw: np.random.Generator, place: Ints) -> Flags:
    drawn = draw.random(len(place)) < np.where(place == 0, number("head_female_share"), _EVEN)
    head = np.concatenate([[False], drawn[:-1]])
    female: Flags = np.where(place == 1, ~head, drawn)
    return female


def _surnames(draw: np.random.Generator, household: Ints, place: Ints, first: Ints) -> Ints:
    """A wife keeps her own; children bear that of the head."""
    weights = shares(data("names.yaml")["surnames"])
    drawn = draw.choice(len(weights), size=len(household), p=weights)
    return np.where(place >= 2, drawn[first[household]], drawn)


def _drawn_names(draw: np.random.Generator, part: str, female: Flags) -> Ints:
    names = data("names.yaml")
    columns = []
    for sex in ("male", "female"):
        weights = shares(names[f"{part}_{sex}"])
        columns.append(draw.choice(len(weights), size=len(female), p=weights))
    return np.where(female, columns[1], columns[0])


def _birth_provinces(draw: np.random.Generator, people: int) -> Ints:
    """Rows of the list of 63 provinces; the third, Cao Bằng, is home."""
    count = len(data_rows("birth_provinces.csv"))
    return np.where(draw.random(people) < number("born_at_home_share"), 2, draw.integers(0, count, people))


def _serials(draw: np.random.Generator, province: Ints, born: Ints, female: Flags) -> Ints:
    """Each number once for those of one province, year and sex, in a mixed order."""
    cell = (province * 200 + (born - 1900)) * 2 + female
    order = np.argsort(cell, kind="stable")
    sorted_cell = cell[order]
    starts = np.flatnonzero(np.concatenate([[True], sorted_cell[1:] != sorted_cell[:-1]]))
    rank = np.arange(len(cell)) - np.repeat(starts, np.diff(np.append(starts, len(cell))))
    offset = draw.integers(0, _SERIALS, int(cell.max()) + 1)[sorted_cell]
    serial = np.empty(len(cell), dtype=np.int64)
    serial[order] = 900_000 + (rank * 70_001 + offset) % _SERIALS  # coprime to 100,000: no number twice
    return serial


def _work(draw: np.random.Generator, age: Ints, firms: Firms) -> tuple[Ints, Ints]:
    """What each lives by, and the company of those with an employer (-1: none)."""
    chance = draw.random(len(age))
    employed = (age >= 18) & (age <= 60) & (chance < number("wage_share"))
    youngest, oldest = whole("student_ages")
    student = (age >= youngest) & (age <= oldest) & ~employed
    # Another throw of the same dice: what is left above the wage earners is spread anew over 0 to 1.
    rest = (chance - number("wage_share")) / (1 - number("wage_share"))
    shop = (
        (age >= 20)
        & (age <= 70)
        & ~employed
        & ~student
        & (rest < number("shop_share") / (1 - number("wage_share")))
    )
    farm = (age >= 18) & (age <= 70) & ~employed & ~student & ~shop & (rest > 1 - number("farm_share") / 0.5)
    job = np.full(len(age), Job.NONE, dtype=np.int64)
    for flags, meaning in (
        (age < 15, Job.CHILD), (student, Job.STUDENT), (employed, Job.EMPLOYEE), (shop, Job.SHOPKEEPER),
        (farm, Job.FARMER), ((age > 62) & ~shop & ~farm, Job.RETIRED),
    ):  # fmt: skip
        job[flags] = meaning
    employer = np.full(len(age), -1, dtype=np.int64)
    employer[employed] = weighted(draw, firms.weight, int(employed.sum()))
    return job, employer


def _salaries(draw: np.random.Generator, employer: Ints) -> Ints:
    mean, spread = lognormal(pair("salary_vnd"))
    drawn = draw.lognormal(mean, spread, len(employer)).astype(np.int64) // 10_000 * 10_000
    return np.where(employer >= 0, drawn, 0)


def weighted(draw: np.random.Generator, weights: NDArray[np.float64], count: int) -> Ints:
    """Row numbers drawn by weight."""
    edges = np.cumsum(weights)
    found: Ints = np.searchsorted(edges, draw.random(count) * edges[-1], side="right").astype(np.int64)
    return found
