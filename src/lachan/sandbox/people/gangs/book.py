"""What the gangs did, as rows: the ground truth. Rules never see it."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from lachan.sandbox.people.model import Transfers


class Part(StrEnum):
    """What a gang's transfer was for."""

    THEFT = "theft"
    TEST = "test"
    LAYER = "layer"
    EXIT = "exit"


class Source(StrEnum):
    """Where a mule account comes from."""

    BOUGHT_NEW = "bought_new"
    RENTED_DORMANT = "rented_dormant"
    LENT_ACTIVE = "lent_active"
    SHELL_COMPANY = "shell_company"


@dataclass(slots=True)
class Parcel:
    """Some of one loss's money, wherever it lies."""

    loss: int
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class CrimeTransfer:
    """One transfer of a gang, or of a victim to it; `hop` counts accounts from the victim (theft: 0)."""

    time_us: int
    payer: int
    payee: int
    amount_vnd: int
    kind: int
    part: Part
    gang: int
    hop: int
    parcels: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Loss:
    """One victim's one payment to a gang, which is a row of `transfers`."""

    scam: int
    transfer: int
    amount_vnd: int


@dataclass(slots=True)
class Scam:
    """One victim's story. Times in microseconds; `reported_us` None: never, or after the last day."""

    form: str
    situation: str
    gang: int
    victim: int
    contact_us: int
    understood_us: int | None = None
    reported_us: int | None = None
    losses: list[int] = field(default_factory=list)


@dataclass(slots=True)
class NewAccount:
    """An account opened for a gang; `firm` is a row of the shell companies, -1 for a person's own."""

    holder: int
    firm: int
    bank: int
    sim: int
    opened: int


@dataclass(slots=True)
class Shell:
    """A company founded to hold an account."""

    representative: int
    founded: int
    gang: int


@dataclass(frozen=True, slots=True)
class Turn:
    """An account passes into a gang's hands, is dropped by it, or is stopped by its bank."""

    time_us: int
    gang: int
    account: int
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Contact:
    """One message or call; `scam` -1: honest, -2: an attempt that came to nothing."""

    time_us: int
    channel: str
    sender: str
    receiver: str
    text: str
    url: str
    seconds: int
    scam: int


@dataclass(slots=True)
class Book:
    """All rows. Numbers of accounts, SIMs and firms go on where those of honest people end."""

    transfers: list[CrimeTransfer] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    scams: list[Scam] = field(default_factory=list)
    accounts: list[NewAccount] = field(default_factory=list)
    account_gang: dict[int, int] = field(default_factory=dict)
    devices: list[tuple[int, list[int]]] = field(default_factory=list)
    sims: list[tuple[int, int]] = field(default_factory=list)
    shells: list[Shell] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    remains: list[tuple[int, int, int]] = field(default_factory=list)
    mules: set[int] = field(default_factory=set)
    expected_scams: float = 0.0

    def columns(self) -> Transfers:
        """The transfers as columns, in their own order."""
        rows = self.transfers
        names = ("time_us", "payer", "payee", "amount_vnd", "kind")
        columns = [np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in names]
        return Transfers(columns[0], columns[1], columns[2], columns[3], columns[4], np.arange(len(rows)))
