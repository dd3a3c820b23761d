"""Balances of all accounts as the days go by, and the openings that keep each of them at nothing or more."""

import numpy as np

from lachan.sandbox.people.figures import number, pair
from lachan.sandbox.people.model import Flags, Ints, Plan, Transfers


class Balances:
    """`change` is what came in less what went out so far, `lowest` the least it ever was (at most 0)."""

    def __init__(self, accounts: int) -> None:
        self.change = np.zeros(accounts, dtype=np.int64)
        self.lowest = np.zeros(accounts, dtype=np.int64)

    def book(self, day: Transfers) -> None:
        """Book transfers in their order. What leaves the banks has no payee (-1)."""
        places = np.arange(len(day))
        paid_in = day.payee >= 0
        account = np.concatenate([day.payer, day.payee[paid_in]])
        amount = np.concatenate([-day.amount_vnd, day.amount_vnd[paid_in]])
        order = np.lexsort((np.concatenate([places, places[paid_in]]), account))
        account, amount = account[order], amount[order]
        if not len(account):
            return
        starts = np.flatnonzero(np.concatenate([[True], account[1:] != account[:-1]]))
        holders = account[starts]
        running = np.cumsum(amount)
        # Each account's own running sum: less what stood before its first row, plus what it had.
        before = np.concatenate([[0], running[starts[1:] - 1]])
        sizes = np.diff(np.append(starts, len(account)))
        running += np.repeat(self.change[holders] - before, sizes)
        self.lowest[holders] = np.minimum(self.lowest[holders], np.minimum.reduceat(running, starts))
        self.change[holders] = running[np.append(starts[1:], len(account)) - 1]

    def openings(self, plan: Plan, firm: Flags) -> Ints:
        """Savings drawn by seed, and on top what the account needs so that it is never below nothing."""
        draw = plan.draw("openings")
        median, sigma = pair("savings")
        savings = draw.lognormal(np.log(median), sigma, len(self.lowest)).astype(np.int64) // 1_000 * 1_000
        return savings * np.where(firm, int(number("firm_savings_factor")), 1) - self.lowest
