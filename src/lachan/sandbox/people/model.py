"""The simulated province as columns: people, what they hold, firms. One row each; numbers point to rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import VIETNAM, Reason

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[str, int, int], None]

PEOPLE_MAX = 5_000_000
DAYS_MAX = 366
DAY_US = 86_400_000_000
OUTSIDE = -1
"""The payee of cash and of what leaves the country."""


class SimulationReason(Reason):
    """Why a province is not made."""

    FOLDER_IN_USE = "simulation_folder_in_use"
    NUMBER_OUT_OF_RANGE = "simulation_number_out_of_range"
    DATE_WITHOUT_CALENDAR = "simulation_date_without_calendar"


class TransferKind(IntEnum):
    """How money moves; the order is that of the transfer files' `kind`."""

    TRANSFER = 0
    CASH_OUT = 1
    CARD_PAYMENT = 2
    MERCHANT = 3
    VIRTUAL_ASSET = 4
    CROSS_BORDER = 5


class Job(IntEnum):
    """What a person lives by."""

    NONE = 0
    CHILD = 1
    STUDENT = 2
    EMPLOYEE = 3
    SHOPKEEPER = 4
    FARMER = 5
    RETIRED = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for: so many people over so many days from `start` (Vietnam's calendar), drawn from `seed`."""

    people: int
    days: int
    seed: int
    start: date

    @property
    def start_us(self) -> int:
        """The first midnight, in microseconds since 1970 UTC."""
        first = datetime(self.start.year, self.start.month, self.start.day, tzinfo=VIETNAM)
        return (first.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    @property
    def end_us(self) -> int:
        """The midnight after the last day."""
        return self.start_us + self.days * DAY_US

    def day(self, number: int) -> date:
        """The date of the day with this number; the first is 0."""
        return self.start + timedelta(days=number)

    def draw(self, part: str, number: int = 0) -> np.random.Generator:
        """The random numbers of one part of the work: no part's draws depend on how many another one made."""
        return np.random.Generator(np.random.PCG64([self.seed, number, *part.encode()]))


@dataclass(frozen=True, slots=True)
class People:
    """One row a person; `name` columns point into the lists of `data/names.yaml`."""

    household: Ints
    commune: Ints
    born: Ints
    female: Flags
    surname: Ints
    middle: Ints
    given: Ints
    province: Ints
    serial: Ints
    job: Ints
    employer: Ints
    salary_vnd: Ints

    def __len__(self) -> int:
        return len(self.household)


@dataclass(frozen=True, slots=True)
class Holdings:
    """SIMs, devices and accounts. An account's holder is a person, or a company where `account_firm` holds.

    `primary`, `wallet` and `second` give a person's accounts (-1: none), `firm` a company's, `till` a bank's own.
    """

    sim_holder: Ints
    sim_number: Ints
    device_holder: Ints
    account_holder: Ints
    account_firm: Flags
    account_bank: Ints
    account_number: Ints
    account_sim: Ints
    account_opened: Ints
    account_dormant: Flags
    primary: Ints
    wallet: Ints
    second: Ints
    firm: Ints
    till: Ints


@dataclass(frozen=True, slots=True)
class Firms:
    """One row a company. The first ones are the utilities, then those that stand for the rest of the country."""

    tax_number: Ints
    trade: Ints
    word_1: Ints
    word_2: Ints
    founded: Ints
    capital_vnd: Ints
    representative: Ints
    weight: NDArray[np.float64]
    payday: Ints


@dataclass(frozen=True, slots=True)
class Transfers:
    """Columns of equal length, in no order; `crime` is the row of the gangs' book, -1 for honest ones."""

    time_us: Ints
    payer: Ints
    payee: Ints
    amount_vnd: Ints
    kind: Ints
    crime: Ints

    def __len__(self) -> int:
        return len(self.time_us)

    def take(self, rows: NDArray[np.int64] | Flags) -> "Transfers":
        """These rows, in this order."""
        return Transfers(*(getattr(self, name)[rows] for name in self.__slots__))

    @staticmethod
    def joined(parts: "list[Transfers]") -> "Transfers":
        """All parts after each other."""
        columns = Transfers.__slots__
        return Transfers(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))
