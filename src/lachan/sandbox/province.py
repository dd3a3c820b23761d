"""A simulated province: twelve invented institutions, and a published graph's accounts dealt over them by seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from lachan.sandbox.ledger import Ledger
from lachan.sandbox.tempers import TEMPERS, Temper


class InstitutionKind(StrEnum):
    """What an account key of the institution begins with depends on it."""

    BANK = "bank"
    WALLET = "wallet"


@dataclass(frozen=True, slots=True)
class Institution:
    """One invented bank (`code` is its BIN, outside the real range) or wallet (`code` is its provider name)."""

    code: str
    kind: InstitutionKind
    name: str
    short_name: str
    temper: Temper


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the graph in its invented place; `key` is canonical, `fraud` the publisher's mark."""

    key: str
    node: int
    institution: str
    holder: str
    phone: str
    fraud: bool


@dataclass(frozen=True, slots=True)
class Province:
    """The institutions, and the accounts by key; `by_node` finds the account of a published node."""

    institutions: tuple[Institution, ...]
    accounts: Mapping[str, Account]
    by_node: Mapping[int, Account]


@cache
def invented() -> Mapping[str, Any]:
    """The lists from which the province is made up."""
    text = resources.files("lachan.sandbox").joinpath("data", "people.yaml").read_text(encoding="utf-8")
    lists: Mapping[str, Any] = yaml.safe_load(text)
    return lists


def institutions() -> tuple[Institution, ...]:
    """The ten banks and two wallets."""
    return tuple(
        Institution(
            entry["code"],
            InstitutionKind(entry["kind"]),
            entry["name"],
            entry["short"],
            TEMPERS[entry["temper"]],
        )
        for entry in invented()["institutions"]
    )


def deal_province(ledger: Ledger, seed: int) -> Province:
    """Give every account of the ledger an institution, a number, a holder and a telephone, from the seed alone."""
    draw = random.Random(f"province {seed}")
    banks = institutions()
    # Sampled without repetition, so that no two accounts share a number or a telephone.
    numbers = draw.sample(range(10**7), len(ledger.nodes))
    by_node = {}
    for number, node in zip(numbers, ledger.nodes.values(), strict=True):
        institution = draw.choice(banks)
        # 59x is the smallest operator's block: a number that is valid in form, and unlikely to ring.
        phone = f"+8459{number:07d}"
        if institution.kind is InstitutionKind.BANK:
            key = f"account:{institution.code}:{10**7 * draw.randrange(1000) + number:010d}"
        else:
            key = f"wallet:{institution.code}:{phone}"
        by_node[node.number] = Account(key, node.number, institution.code, _holder(draw), phone, node.fraud)
    accounts = {account.key: account for account in by_node.values()}
    return Province(banks, accounts, by_node)


def _holder(draw: random.Random) -> str:
    lists = invented()
    return " ".join(draw.choice(lists[part]) for part in ("surnames", "middles", "givens"))
