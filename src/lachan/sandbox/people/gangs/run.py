"""Who is cheated, when, by which form; and what comes of it when the victim reports, or never does."""

from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np

from lachan.foundation.base import VIETNAM
from lachan.sandbox.people.calendar import bank_stops_on
from lachan.sandbox.people.figures import figures, number, pair, whole
from lachan.sandbox.people.gangs.book import Book, Scam
from lachan.sandbox.people.gangs.chain import Chain, Outlets
from lachan.sandbox.people.gangs.contacts import Contacts
from lachan.sandbox.people.gangs.crew import MINUTE_US, Gang, Mule, Recruiter
from lachan.sandbox.people.gangs.scripts import Script, drawn, scripts
from lachan.sandbox.people.life import Town
from lachan.sandbox.people.model import DAY_US, Firms, Flags, Holdings, Ints, Job, People, Plan
from lachan.sandbox.people.population import age_on_start

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_US = 1_000_000


def run_gangs(plan: Plan, people: People, firms: Firms, holdings: Holdings, town: Town) -> Book:
    """All crime of the plan's days. A province too small for a gang has none."""
    book = Book()
    age = age_on_start(plan, people)
    book.expected_scams = (
        number("victims_a_year") * int((age >= number("first_account_age")).sum()) * plan.days / 365
    )
    recruiter = Recruiter(plan, people, firms, holdings, book)
    if len(recruiter) < 2 * number("mules_least"):
        return book
    outlets = Outlets(tuple(map(int, town.asset_houses)), tuple(map(int, town.local_firms)))
    chain = Chain(plan, book, recruiter, outlets)
    stories = _Stories(plan, people, holdings, book, chain, recruiter)
    stories.schedule()
    chain.run()
    return book


class _Stories:
    """Plans the scams and hangs them into the chain's loop."""

    def __init__(
        self, plan: Plan, people: People, holdings: Holdings, book: Book, chain: Chain, recruiter: Recruiter
    ) -> None:
        self._plan, self._people, self._holdings, self._book, self._chain = plan, people, holdings, book, chain
        self._draw = Random(f"scams {plan.seed}")
        self._scripts = scripts(plan.start)
        self._groups = _groups(plan, people, holdings)
        self._cheated: set[int] = set()
        self._gangs = self._form_gangs(len(recruiter))
        self._contacts = Contacts(plan, people, holdings, book)

    def schedule(self) -> None:
        """Every scam of the days, each at its time."""
        draw = np.random.default_rng([self._plan.seed, 7])
        most = max(1, len(self._groups["anyone"]) // 3)
        count = min(most, max(int(draw.poisson(self._book.expected_scams)), int(number("scams_least"))))
        chosen = list(self._scripts) if count >= len(self._scripts) else []
        weights = [script.weight for script in self._scripts]
        chosen += self._draw.choices(self._scripts, weights=weights, k=count - len(chosen))
        hours = list(figures()["hours"].value["scam"])
        for script in chosen:
            day = self._draw.randrange(self._plan.days)
            hour = self._draw.choices(range(24), weights=hours)[0]
            first_us = self._plan.start_us + day * DAY_US + int((hour + self._draw.random()) * 60 * MINUTE_US)
            self._chain.at(first_us, lambda now, script=script: self._begin(now, script))  # type: ignore[misc]
        for gang in self._gangs:
            for _ in range(int(max(number("mules_least"), number("mule_accounts_a_gang")))):
                self._chain.enlist(gang, self._plan.start_us - 2 * DAY_US)

    def _form_gangs(self, needy: int) -> list[Gang]:
        wanted = max(2, round(len(self._people) / number("people_a_gang")))
        count = max(1, min(wanted, needy // 40))
        alike, each = whole("forms_a_gang")
        pool = list(self._scripts)
        self._draw.shuffle(pool)
        return [
            Gang(place, tuple(pool[place::count]) if count < alike else tuple(self._draw.sample(pool, each)))
            for place in range(count)
        ]

    def _begin(self, now: int, script: Script) -> None:
        """The first payment falls due now; the victim was met before."""
        victim = self._victim(script)
        if victim is None:
            return
        able = [gang for gang in self._gangs if script in gang.scripts] or self._gangs
        gang = self._draw.choice(able)
        groom_us = int(drawn(self._draw, script.groom_minutes) * MINUTE_US)
        scam = len(self._book.scams)
        self._book.scams.append(Scam(script.code, script.situation, gang.number, victim, now - groom_us))
        self._cheated.add(victim)
        self._contacts.tell(scam, script, gang, victim, now)
        amounts = self._payments(script)
        self._pay(now, script, gang, scam, amounts, None)

    def _pay(self, now: int, script: Script, gang: Gang, scam: int, amounts: list[int], usual: Mule | None) -> None:
        victim = self._book.scams[scam].victim
        payer = int(self._holdings.primary[victim])
        mule = self._chain.pay(now, scam, gang, payer, amounts[0], usual)
        if mule is not None and len(amounts) > 1:
            gap_us = int(drawn(self._draw, script.gap_minutes) * MINUTE_US)
            if script.situation == "account_takeover":
                least, most = whole("takeover_gap_seconds")
                gap_us = self._draw.randint(least * _SECOND_US, most * _SECOND_US)

            def again(later: int) -> None:
                self._pay(later, script, gang, scam, amounts[1:], mule)

            self._chain.at(now + gap_us, again)
            return
        if self._book.scams[scam].losses:
            self._understand(now, script, gang, scam)

    def _understand(self, now: int, script: Script, gang: Gang, scam: int) -> None:
        """Nothing more is paid; some time later the victim understands, and perhaps reports."""
        told = self._book.scams[scam]
        told.understood_us = now + int(drawn(self._draw, script.realise_minutes) * MINUTE_US) // 1000 * 1000
        if self._draw.random() >= number("reported_share"):
            return
        reported_us = told.understood_us + int(drawn(self._draw, pair("report_minutes")) * MINUTE_US) // 1000 * 1000
        if reported_us >= self._plan.end_us:
            return
        told.reported_us = reported_us
        for account in sorted(
            {self._book.transfers[self._book.losses[loss].transfer].payee for loss in told.losses}
        ):
            self._chain.at(self._bank_acts_us(reported_us), lambda at, one=account: self._chain.stop(at, gang, one))  # type: ignore[misc]

    def _bank_acts_us(self, reported_us: int) -> int:
        """Ten in the morning or later, on the working day by which banks have answered each other."""
        day = (_EPOCH + timedelta(microseconds=reported_us)).astimezone(VIETNAM).date()
        stop = bank_stops_on(day, int(number("bank_handling_working_days")))
        midnight = datetime(stop.year, stop.month, stop.day, 10, tzinfo=VIETNAM) - _EPOCH
        return midnight // timedelta(microseconds=1) + self._draw.randrange(6 * 3_600) * 1_000_000

    def _victim(self, script: Script) -> int | None:
        """Somebody of the form's groups; for those who sell recovery, somebody cheated before."""
        if "earlier_victims" in script.groups and self._cheated:
            return self._draw.choice(sorted(self._cheated))
        for _ in range(40):
            crowd = self._groups.get(self._draw.choice(script.groups), self._groups["anyone"])
            if not len(crowd):
                crowd = self._groups["anyone"]
            victim = int(crowd[self._draw.randrange(len(crowd))])
            if victim not in self._cheated and victim not in self._book.mules:
                return victim
        return None

    def _payments(self, script: Script) -> list[int]:
        """What the victim pays, smaller first; whole thousands."""
        sigma, (least, most) = number("loss_sigma"), pair("loss_vnd")
        # The factors of the forms are relative: all scams together keep the published mean.
        usual = sum(one.weight * one.loss for one in self._scripts) / sum(one.weight for one in self._scripts)
        middle = np.log(number("loss_mean_vnd") * script.loss / usual) - sigma**2 / 2
        total = min(most, max(least, self._draw.lognormvariate(float(middle), sigma)))
        count = self._draw.randint(*script.payments)
        parts = sorted(self._draw.uniform(*pair("payment_parts")) for _ in range(count))
        return [max(50_000, int(total * part / sum(parts)) // 1000 * 1000) for part in parts]


def _groups(plan: Plan, people: People, holdings: Holdings) -> dict[str, Ints]:
    """The taxonomy's victim groups as rows of people with an account."""
    age = age_on_start(plan, people)
    banked: Flags = holdings.primary >= 0
    working = (people.job == Job.EMPLOYEE) | (people.job == Job.SHOPKEEPER)
    masks: dict[str, Flags] = {
        "anyone": age >= 16,
        "elderly": age >= 60,
        "students": people.job == Job.STUDENT,
        "parents": (age >= 30) & (age <= 52),
        "sellers": people.job == Job.SHOPKEEPER,
        "borrowers": (age >= 20) & (age <= 55) & ~working,
        "investors": (age >= 28) & working,
        "job_seekers": (age >= 18) & (age <= 35) & ~working,
        "social_users": (age >= 16) & (age <= 60),
        "shoppers": (age >= 18) & (age <= 65),
    }
    return {name: np.flatnonzero(mask & banked) for name, mask in masks.items()}
