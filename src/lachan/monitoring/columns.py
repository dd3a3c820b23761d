"""Transfers as arrays of equal length, in the order (booked, sequence, row): what the compiled pass reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.monitoring.kernel.layout import SIGNS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NONE = -1
_YES = frozenset({"1", "true", "yes", "y", "t", "có"})
_NO = frozenset({"0", "false", "no", "n", "f", "không"})
_COMPANY = frozenset(
    {"company", "business", "corporate", "organisation", "organization", "doanh nghiệp", "tổ chức"}
)
_PERSON = frozenset({"person", "personal", "individual", "private", "cá nhân"})
_HOME = frozenset({"vn", "vnm", "việt nam", "viet nam", "vietnam"})
_NOWHERE = frozenset({"xx", "zz", "nan", "unk"})
_COUNTRY_LETTERS = (2, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Transfers of one stretch of time. Accounts are dense numbers, -1 for outside (cash, abroad).

    `inert` marks rows that move no new money (reversals and corrections). `signs` has a column for each of `SIGNS`:
    1 yes, 0 no, -1 not known. `device` is a dense number, -1 where it is not known.
    """

    booked_us: NDArray[np.int64]
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    amount_vnd: NDArray[np.int64]
    kind: NDArray[np.uint8]
    inert: NDArray[np.uint8]
    device: NDArray[np.int32]
    signs: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.booked_us)

    def part(self, start: int, stop: int) -> "Columns":
        """The rows from `start` to before `stop`, without a copy."""
        return Columns(**{name: getattr(self, name)[start:stop] for name in self.__slots__})

    @classmethod
    def bare(
        cls,
        booked_us: NDArray[np.int64],
        payer: NDArray[np.int32],
        payee: NDArray[np.int32],
        amount_vnd: NDArray[np.int64],
        kind: NDArray[np.uint8] | None = None,
    ) -> "Columns":
        """Columns of transfers about which nothing more is known."""
        count = len(booked_us)
        return cls(
            booked_us=booked_us, payer=payer, payee=payee, amount_vnd=amount_vnd,
            kind=np.zeros(count, np.uint8) if kind is None else kind, inert=np.zeros(count, np.uint8),
            device=np.full(count, NONE, np.int32), signs=np.full((count, len(SIGNS)), NONE, np.int8),
        )  # fmt: skip


@dataclass(slots=True)
class Numbering:
    """Dense numbers for keys, in the order in which they are first seen."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, key: str) -> int:
        """The number of a key; -1 for the empty one."""
        return self.numbers.setdefault(key, len(self.numbers)) if key else NONE

    def __len__(self) -> int:
        return len(self.numbers)


def signs_of(row: Mapping[str, Any]) -> tuple[str, list[int]]:
    """The device and the signs that a row's further columns hold; what says nothing that is known says nothing."""
    return str(row.get("device") or "").strip(), [read(_text(row.get(name))) for name, read in _READ.items()]


def unclear(row: Mapping[str, Any]) -> str | None:
    """The first further column whose cell is there and says nothing that is known; `CELLS` is what it may say."""
    for name, read in _READ.items():
        text = _text(row.get(name))
        if text and read(text) == NONE:
            return name
    return None


def _text(value: object) -> str:
    return "" if value is None else str(value).strip().lower()


def _flag(text: str) -> int:
    text = text.removesuffix(".0")
    return 1 if text in _YES else 0 if text in _NO else NONE


def _company(text: str) -> int:
    return 1 if text in _COMPANY else 0 if text in _PERSON else NONE


def _foreign(text: str) -> int:
    if text in _HOME:
        return 0
    code = text.isascii() and text.isalpha() and len(text) in _COUNTRY_LETTERS and text not in _NOWHERE
    return 1 if code else NONE


_READ: Mapping[str, Callable[[str], int]] = {
    "ip_country": _foreign, "biometrics_changed": _flag, "payer_kind": _company, "payee_kind": _company,
    "payer_suspect": _flag, "payee_suspect": _flag,
}  # fmt: skip
"""How each column is read, in the order of `SIGNS`."""
CELLS: Mapping[str, str] = {
    "ip_country": "VN, KH, LA …", "biometrics_changed": "0, 1", "payer_kind": "person, company",
    "payee_kind": "person, company", "payer_suspect": "0, 1", "payee_suspect": "0, 1",
}  # fmt: skip
"""What a cell of each further column may say."""


def microseconds(instant: datetime) -> int:
    """µs since 1970, exactly."""
    past = instant - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def stacked(rows: Iterable[Sequence[int]], devices: Sequence[int], signs: Sequence[Sequence[int]]) -> Columns:
    """Columns from rows of booked_us, payer, payee, amount_vnd, kind, inert, in order."""
    table = np.array(list(rows), np.int64).reshape(-1, 6)
    return Columns(
        booked_us=np.ascontiguousarray(table[:, 0]),
        payer=table[:, 1].astype(np.int32),
        payee=table[:, 2].astype(np.int32),
        amount_vnd=np.ascontiguousarray(table[:, 3]),
        kind=table[:, 4].astype(np.uint8),
        inert=table[:, 5].astype(np.uint8),
        device=np.array(devices, np.int32),
        signs=np.array(signs, np.int8).reshape(-1, len(SIGNS)),
    )
