"""Who pays whom by habit: activity, kin, friends, shops. Worked out once, used every day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lachan.sandbox.people.figures import number, pair, table
from lachan.sandbox.people.firms import ELSEWHERE, UTILITIES
from lachan.sandbox.people.model import Firms, Holdings, Ints, Job, People, Plan
from lachan.sandbox.people.population import age_on_start

_ASSET_HOUSES = 2


@dataclass(frozen=True, slots=True)
class Town:
    """Habits as columns. `banked` lists the people with an account; most columns have a row for each of those."""

    banked: Ints
    rank: Ints
    account: Ints
    activity: NDArray[np.float64]
    job: Ints
    payday: Ints
    commune: Ints
    household: Ints
    kin: Ints
    shops: Ints
    shop_start: Ints
    shop_count: Ints
    bill_payers: Ints
    payroll: Ints
    payroll_firm: Ints
    payroll_vnd: Ints
    firms: Firms
    holdings: Holdings

    def friends_of(self, draw: np.random.Generator, payers: Ints) -> Ints:
        """One of each payer's eight: mostly the first ones, more than half of them neighbours."""
        known = table("friends")
        place = (draw.random(len(payers)) ** known["nearest"] * known["number"]).astype(np.int64)
        code = scrambled(payers * known["number"] + place)
        near = payers + 1 + code % known["near"]
        far = code // known["near"]
        friends: Ints = np.where(place < known["near_of_them"], near, far) % len(self.banked)
        return friends

    def shop_of(self, draw: np.random.Generator, payers: Ints) -> Ints:
        """A shop's account: in three of four cases one of the own commune, and the popular ones more often."""
        commune = self.commune[payers]
        luck = draw.random(len(payers)) ** table("popularity")["shop"]
        local = self.shop_start[commune] + (luck * self.shop_count[commune]).astype(np.int64)
        anywhere = (luck**2 * len(self.shops)).astype(np.int64)
        at_home = (draw.random(len(payers)) < number("shop_at_home_share")) & (self.shop_count[commune] > 0)
        chosen: Ints = self.shops[np.where(at_home, local, anywhere)]
        return chosen

    @property
    def asset_houses(self) -> Ints:
        """The accounts of the houses that sell virtual assets: the last of the fixed firms."""
        return self.holdings.firm[UTILITIES + ELSEWHERE - _ASSET_HOUSES : UTILITIES + ELSEWHERE]

    @property
    def elsewhere(self) -> Ints:
        """The accounts of firms that stand for the rest of the country."""
        return self.holdings.firm[UTILITIES : UTILITIES + ELSEWHERE - _ASSET_HOUSES]

    @property
    def local_firms(self) -> Ints:
        """The accounts of the province's own companies."""
        return self.holdings.firm[UTILITIES + ELSEWHERE :]


def open_town(plan: Plan, people: People, firms: Firms, holdings: Holdings) -> Town:
    """Work out the habits."""
    draw = plan.draw("town")
    banked = np.flatnonzero(holdings.primary >= 0)
    rank = np.full(len(people), -1, dtype=np.int64)
    rank[banked] = np.arange(len(banked))
    age = age_on_start(plan, people)[banked]
    shape, rarely = pair("activity")
    activity = draw.gamma(shape, 1.0, len(banked)) * np.where((age < 18) | (age > 65), rarely, 1.0)
    household = people.household[banked]
    employer = people.employer[banked]
    working = employer >= 0
    keeps_shop = np.flatnonzero(people.job[banked] == Job.SHOPKEEPER)
    if len(keeps_shop) == 0:
        keeps_shop = np.arange(min(1, len(banked)))
    commune = people.commune[banked]
    communes = int(people.commune.max()) + 1
    by_commune = keeps_shop[np.argsort(commune[keeps_shop], kind="stable")]
    count = np.bincount(commune[keeps_shop], minlength=communes)
    payday = np.full(len(banked), -1, dtype=np.int64)
    payday[working] = firms.payday[employer[working]]
    _, bill_payers = np.unique(household, return_index=True)
    return Town(
        banked=banked,
        rank=rank,
        account=holdings.primary[banked],
        activity=activity,
        job=people.job[banked],
        payday=payday,
        commune=commune,
        household=household,
        kin=_kin(household),
        shops=holdings.primary[banked[by_commune]],
        shop_start=np.concatenate([[0], np.cumsum(count)[:-1]]),
        shop_count=count,
        bill_payers=bill_payers.astype(np.int64),
        payroll=np.flatnonzero(working),
        payroll_firm=employer[working],
        payroll_vnd=people.salary_vnd[banked][working],
        firms=firms,
        holdings=holdings,
    )


def scrambled(numbers: Ints) -> Ints:
    """A fixed pseudo-random number of 62 bits for each number (splitmix64): habits that need no memory."""
    with np.errstate(over="ignore"):
        mixed = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
    return (mixed >> np.uint64(2)).astype(np.int64)


def _kin(household: Ints) -> Ints:
    """For each banked person the next one of the household, -1 for those alone. Households stand together."""
    if len(household) == 0:
        return np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate([[True], household[1:] != household[:-1]]))
    ends = np.append(starts[1:], len(household))
    following = np.arange(1, len(household) + 1)
    following[ends - 1] = starts
    alone = np.repeat(ends - starts == 1, ends - starts)
    return np.where(alone, -1, following)
