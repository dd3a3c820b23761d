"""What people and firms hold: SIMs, telephones, accounts and wallets."""

import numpy as np

from lachan.sandbox.people.figures import number, shares, table, whole
from lachan.sandbox.people.model import Firms, Holdings, Ints, People, Plan
from lachan.sandbox.people.population import age_on_start

_NUMBERS = 10_000_000
_STEP = 6_180_339  # coprime to ten million: no number twice


def banks() -> list[str]:
    """NAPAS BINs; the row is the number of a bank in the account columns."""
    return list(table("bank_weights"))


def wallets() -> list[str]:
    """Wallet providers; their numbers follow those of the banks."""
    return list(table("wallet_weights"))


def sim_numbers(plan: Plan, first: int, count: int) -> Ints:
    """The seven digits after +8459, of the SIMs with these row numbers: the smallest operator's block."""
    offset = int(plan.draw("sim numbers").integers(0, _NUMBERS))
    return (np.arange(first, first + count) * _STEP + offset) % _NUMBERS


def account_numbers(plan: Plan, first: int, count: int) -> Ints:
    """The last 12 of 16 digits, of the accounts with these row numbers; the first four are 0000."""
    offset = int(plan.draw("account numbers").integers(0, 10**12))
    return (np.arange(first, first + count) * 618_033_988_751 + offset) % 10**12


def hand_out(plan: Plan, people: People, firms: Firms) -> Holdings:
    """Give each person and firm its own; `primary`, `wallet`, `second` hold a person's account rows, or -1."""
    draw = plan.draw("holdings")
    age = age_on_start(plan, people)
    everyone = np.arange(len(people))
    phoned = everyone[age >= number("first_sim_age")]
    more = phoned[draw.random(len(phoned)) < number("second_sim_share")]
    sim_holder = np.concatenate([phoned, more])
    first_sim = np.full(len(people), -1, dtype=np.int64)
    first_sim[phoned] = np.arange(len(phoned))

    banked = everyone[(age >= number("first_account_age")) & (draw.random(len(people)) < number("banked_share"))]
    counts = table("bank_accounts")
    how_many = draw.choice(np.array(list(counts)), size=len(banked), p=shares(counts))
    extra = np.repeat(banked, how_many - 1)
    dormant = draw.random(len(extra)) < number("dormant_share")
    walleted = banked[draw.random(len(banked)) < number("wallet_share")]

    bank_share, wallet_share = shares(table("bank_weights")), shares(table("wallet_weights"))
    tills, houses = len(bank_share), len(firms.tax_number)
    in_banks = draw.choice(len(bank_share), size=len(banked) + len(extra), p=bank_share)
    in_wallets = tills + draw.choice(len(wallet_share), size=len(walleted), p=wallet_share)
    of_firms = draw.choice(len(bank_share), size=houses, p=bank_share)
    total = len(banked) + len(extra) + len(walleted) + houses + tills
    started = plan.start.toordinal()

    primary, second, wallet = (np.full(len(people), -1, dtype=np.int64) for _ in range(3))
    primary[banked] = np.arange(len(banked))
    used = np.flatnonzero(~dormant)
    second[extra[used][::-1]] = len(banked) + used[::-1]  # a person's first one wins
    wallet[walleted] = len(banked) + len(extra) + np.arange(len(walleted))
    people_rows = np.concatenate([banked, extra, walleted])
    youngest, oldest = whole("account_age_days")
    opened = started - draw.integers(youngest, oldest + 1, total)
    opened[len(banked) : len(banked) + len(extra)][dormant] -= int(number("dormant_age_days"))
    return Holdings(
        sim_holder=sim_holder,
        sim_number=sim_numbers(plan, 0, len(sim_holder)),
        device_holder=np.concatenate([banked, banked[draw.random(len(banked)) < number("second_device_share")]]),
        account_holder=np.concatenate([people_rows, np.arange(houses), np.full(tills, -1)]),
        account_firm=np.concatenate([np.zeros(len(people_rows), bool), np.ones(houses + tills, bool)]),
        account_bank=np.concatenate([in_banks, in_wallets, of_firms, np.arange(tills)]),
        account_number=account_numbers(plan, 0, total),
        account_sim=np.concatenate([first_sim[people_rows], np.full(houses + tills, -1)]),
        account_opened=opened,
        account_dormant=np.concatenate(
            [np.zeros(len(banked), bool), dormant, np.zeros(len(walleted) + houses + tills, bool)]
        ),
        primary=primary,
        wallet=wallet,
        second=second,
        firm=len(people_rows) + np.arange(houses),
        till=len(people_rows) + houses + np.arange(tills),
    )
