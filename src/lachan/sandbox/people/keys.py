"""Row numbers as identifiers: right in form, and of ranges in which nobody was given one.

Telephones stand in the block 059, personal numbers end in 9xxxxx, tax codes begin with 99, account numbers have 16
digits that begin with 0000, IMEIs bear the test allocation 001010.
"""

from itertools import repeat
from typing import Any

import numpy as np

from lachan.foundation.identifiers.institutions import data_rows
from lachan.sandbox.people.figures import data
from lachan.sandbox.people.firms import firm_name, tax_numbers
from lachan.sandbox.people.gangs import Book
from lachan.sandbox.people.holdings import account_numbers, banks, sim_numbers, wallets
from lachan.sandbox.people.model import Firms, Holdings, People, Plan
from lachan.sandbox.people.writing import Column, ints, words

_SHELL_SERIALS = 400_000


class Keys:
    """The identifiers of every row; those of the gangs' own rows follow those of honest people."""

    def __init__(self, plan: Plan, people: People, firms: Firms, holdings: Holdings, book: Book) -> None:
        self._people, self._firms, self._holdings, self._book = people, firms, holdings, book
        sims = sim_numbers(plan, 0, len(holdings.sim_holder) + len(book.sims))
        self.phones = words([f"+8459{one:07d}" for one in sims.tolist()])
        self.accounts = words(self._account_keys(plan))
        fixed = int(firms.tax_number[0]) // 10 % 10_000_000
        shells = tax_numbers(fixed + _SHELL_SERIALS, len(book.shells))
        self.taxes = words([f"{one:010d}" for one in np.concatenate([firms.tax_number, shells]).tolist()])
        self.citizens = words(self._citizens())

    def device(self, row: int) -> str:
        """The IMEI of the device with this row; its last digit is Luhn's."""
        body = f"001010{row:08d}"
        doubled = (2 * int(digit) if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(body)))
        return f"{body}{-sum(map(sum, map(divmod, doubled, repeat(10)))) % 10}"

    def firm_names(self) -> Column:
        """Names of the companies, the shells' like any other."""
        lists: Any = data("companies.yaml")
        names = [firm_name(self._firms, row, lists) for row in range(len(self._firms.tax_number))]
        for row, shell in enumerate(self._book.shells):
            trade = lists["trades"][(row * 7 + shell.founded) % len(lists["trades"])]
            pair = [lists["words"][(row * step + shell.representative) % len(lists["words"])] for step in (3, 11)]
            names.append(f"Công ty TNHH {trade} {pair[0]} {pair[1]}")
        return words(names)

    def holders(self) -> Column:
        """Who an account belongs to: a personal number, or a company's tax code; none for a bank's own till."""
        holdings, book = self._holdings, self._book
        of_people = np.where(holdings.account_firm, 0, np.maximum(holdings.account_holder, 0))
        of_firms = np.where(holdings.account_firm, np.maximum(holdings.account_holder, 0), 0)
        found = np.where(holdings.account_firm, self.taxes[of_firms], self.citizens[of_people])
        found[holdings.till] = None
        houses = len(self._firms.tax_number)
        added = [
            self.taxes[houses + row.firm] if row.firm >= 0 else self.citizens[row.holder] for row in book.accounts
        ]
        return np.concatenate([found, words(added)])

    def _account_keys(self, plan: Plan) -> list[str]:
        holdings, book = self._holdings, self._book
        codes = [*banks(), *wallets()]
        tills = len(banks())
        bank = np.concatenate([holdings.account_bank, ints([row.bank for row in book.accounts])])
        sim = np.concatenate([holdings.account_sim, ints([row.sim for row in book.accounts])])
        numbers = account_numbers(plan, 0, len(bank))
        return [
            f"account:{codes[b]}:0000{n:012d}" if b < tills else f"wallet:{codes[b]}:{self.phones[s]}"
            for b, s, n in zip(bank.tolist(), sim.tolist(), numbers.tolist(), strict=True)
        ]

    def _citizens(self) -> list[str]:
        people = self._people
        codes = [row["code"] for row in data_rows("birth_provinces.csv")]
        columns = (people.province, people.born, people.female, people.serial)
        return [
            f"{codes[province]}{(born - 1900) // 100 * 2 + female}{born % 100:02d}{serial:06d}"
            for province, born, female, serial in zip(*(column.tolist() for column in columns), strict=True)
        ]
