"""A gang's means: mule accounts, the SIMs and telephones behind them, the firms founded for them."""

from dataclasses import dataclass, field
from random import Random

import numpy as np

from lachan.sandbox.people.figures import number, pair, shares, table, whole
from lachan.sandbox.people.gangs.book import Book, CrimeTransfer, NewAccount, Parcel, Part, Shell, Source, Turn
from lachan.sandbox.people.gangs.scripts import Script, drawn, pick
from lachan.sandbox.people.model import DAY_US, Firms, Holdings, Job, People, Plan, TransferKind
from lachan.sandbox.people.population import age_on_start

MINUTE_US = 60_000_000


@dataclass(slots=True)
class Mule:
    """An account in a gang's hands. `money` is stolen money in it, the newest last; `front`: victims pay it."""

    account: int
    holder: int
    gang: int
    front: bool
    since_us: int
    until_us: int
    money: list[Parcel] = field(default_factory=list)
    planned_vnd: int = 0
    waiting: bool = False
    stopped: bool = False

    @property
    def balance_vnd(self) -> int:
        """Stolen money in the account."""
        return sum(parcel.amount_vnd for parcel in self.money)

    def take(self, amount_vnd: int) -> list[Parcel]:
        """Take the newest money out."""
        taken = []
        while amount_vnd and self.money:
            last = self.money[-1]
            piece = min(last.amount_vnd, amount_vnd)
            taken.append(Parcel(last.loss, piece))
            amount_vnd -= piece
            last.amount_vnd -= piece
            if not last.amount_vnd:
                self.money.pop()
        return taken


@dataclass(slots=True)
class Gang:
    """One gang: what it plays, how fast it is, what it learnt from its losses."""

    number: int
    scripts: tuple[Script, ...]
    mules: list[Mule] = field(default_factory=list)
    pace: float = 1.0
    deeper: int = 0
    losses: int = 0
    shell_holders: list[tuple[int, int]] = field(default_factory=list)

    def learn(self, draw: Random) -> None:
        """It lost an account: faster from now on, and sometimes a layer deeper."""
        self.losses += 1
        self.pace = max(number("adapt_pace_least"), self.pace * number("adapt_pace"))
        share, most = pair("adapt_deeper")
        if draw.random() < share:
            self.deeper = min(int(most), self.deeper + 1)

    def ready(self, time_us: int, *, front: bool) -> list[Mule]:
        """The accounts it can use now."""
        return [m for m in self.mules if m.front == front and m.since_us <= time_us < m.until_us and not m.stopped]


class Recruiter:
    """Finds accounts for gangs: who needs money lends, rents or sells one; some front a firm."""

    def __init__(self, plan: Plan, people: People, firms: Firms, holdings: Holdings, book: Book) -> None:
        self._plan, self._firms, self._holdings, self._book = plan, firms, holdings, book
        self._draw = Random(f"recruiter {plan.seed}")
        age = age_on_start(plan, people)
        needy = np.isin(people.job, (Job.NONE, Job.STUDENT, Job.FARMER)) & (age >= 18) & (age <= 48)
        self._needy = [int(p) for p in np.flatnonzero(needy & (holdings.primary >= 0))]
        self._draw.shuffle(self._needy)
        dormant = holdings.account_dormant & needy[np.where(holdings.account_firm, 0, holdings.account_holder)]
        self._dormant = [int(a) for a in np.flatnonzero(dormant)]
        self._draw.shuffle(self._dormant)
        self._bank_shares = shares(table("bank_weights"))
        self._banks = len(self._bank_shares)
        self._wallets = len(table("wallet_weights"))

    def __len__(self) -> int:
        return len(self._needy)

    def recruit(self, gang: Gang, from_us: int) -> Mule | None:
        """One more account for the gang from that instant on; None when nobody is left."""
        if not self._needy:
            return None
        source = Source(pick(self._draw, table("mule_sources")))
        if source is Source.RENTED_DORMANT and not self._dormant:
            source = Source.BOUGHT_NEW
        since_us = (from_us + int(self._draw.uniform(*pair("ready_days")) * DAY_US)) // 1000 * 1000
        account, holder = self._account(gang, source, since_us)
        life = drawn(self._draw, pair("mule_life_days"))
        until_us = since_us + int(life * DAY_US) // 1000 * 1000
        mule = Mule(account, holder, gang.number, self._is_front(gang), since_us, until_us)
        gang.mules.append(mule)
        self._book.mules.add(holder)
        self._book.account_gang[account] = gang.number
        self._book.turns.append(Turn(since_us, gang.number, account, "taken", source.value))
        if until_us < self._plan.end_us:
            self._book.turns.append(Turn(until_us, gang.number, account, "dropped", source.value))
        self._put_on_telephone(gang, account)
        return mule

    def tests(self, mule: Mule) -> list[CrimeTransfer]:
        """Small payments at any hour from the holder's own account, to see that it works."""
        own = int(self._holdings.primary[mule.holder])
        if own == mule.account:
            return []
        told = table("mule_tests")
        most, within = int(told["most"]), float(told["within_days"])
        times = sorted(
            mule.since_us + int(self._draw.uniform(0, within) * DAY_US) // 1000 * 1000 for _ in range(most)
        )
        return [
            CrimeTransfer(at, own, mule.account, self._draw.choice(told["amounts_vnd"]),
                          TransferKind.TRANSFER, Part.TEST, mule.gang, 0, ())
            for at in times[: self._draw.randrange(most + 1)] if self._plan.start_us <= at < self._plan.end_us
        ]  # fmt: skip

    def _is_front(self, gang: Gang) -> bool:
        fronts = sum(m.front and not m.stopped for m in gang.mules)
        return fronts < number("front_share") * (len(gang.mules) + 1)

    def _account(self, gang: Gang, source: Source, since_us: int) -> tuple[int, int]:
        """The row of the account and its holder."""
        if source is Source.RENTED_DORMANT:
            account = self._dormant.pop()
            return account, int(self._holdings.account_holder[account])
        if source is Source.SHELL_COMPANY:
            holder, firm = self._shell(gang, since_us)
            return self._open(gang, holder, firm, self._bank(), since_us), holder
        holder = self._needy.pop()
        if source is Source.LENT_ACTIVE:
            return int(self._holdings.primary[holder]), holder
        wallet = self._draw.random() < number("mule_wallet_share")
        bank = self._banks + self._draw.randrange(self._wallets) if wallet else self._bank()
        return self._open(gang, holder, -1, bank, since_us), holder

    def _shell(self, gang: Gang, since_us: int) -> tuple[int, int]:
        """A firm founded for its account; one person stands behind up to three."""
        if gang.shell_holders and gang.shell_holders[-1][1] < number("shells_a_person"):
            holder, used = gang.shell_holders[-1]
            gang.shell_holders[-1] = (holder, used + 1)
        else:
            holder = self._needy.pop()
            gang.shell_holders.append((holder, 1))
        founded = self._ordinal(since_us) - self._draw.randint(*whole("shell_age_days"))
        self._book.shells.append(Shell(holder, founded, gang.number))
        return holder, len(self._book.shells) - 1

    def _open(self, gang: Gang, holder: int, firm: int, bank: int, since_us: int) -> int:
        sim = len(self._holdings.sim_holder) + len(self._book.sims)
        junk = self._draw.random() < number("junk_sim_share")
        subscriber = self._draw.choice(self._needy) if junk and self._needy else holder
        self._book.sims.append((subscriber, gang.number))
        opened = self._ordinal(since_us) - self._draw.randint(*whole("mule_account_age_days"))
        self._book.accounts.append(NewAccount(holder, firm, bank, sim, opened))
        return len(self._holdings.account_holder) + len(self._book.accounts) - 1

    def _put_on_telephone(self, gang: Gang, account: int) -> None:
        if not self._book.devices or self._book.devices[-1][0] != gang.number or (
            len(self._book.devices[-1][1]) >= int(number("accounts_a_device"))
        ):  # fmt: skip
            self._book.devices.append((gang.number, []))
        self._book.devices[-1][1].append(account)

    def _bank(self) -> int:
        return self._draw.choices(range(self._banks), weights=list(self._bank_shares))[0]

    def _ordinal(self, time_us: int) -> int:
        return self._plan.start.toordinal() + (time_us - self._plan.start_us) // DAY_US
