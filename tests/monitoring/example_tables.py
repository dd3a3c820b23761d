"""Examples of typologies as aligned tables: one row for each transfer, or a run of them.

`at` is an offset from a Monday morning (`+1d2h30m`); `+0m/3m*5` is five rows, three minutes apart, whose names' `*`
becomes 1 to 5. Columns that are left out are not known.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from lachan.foundation.base import VIETNAM
from lachan.monitoring.columns import Columns, Numbering, microseconds, signs_of, stacked
from lachan.monitoring.features import KINDS

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=VIETNAM)
OUTSIDE = "outside"
_AT = re.compile(r"\+(\w+)(?:/(\w+)\*(\d+))?")
_PART = re.compile(r"(\d+)([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def offset(text: str) -> timedelta:
    """`1d2h30m` as a period."""
    parts = _PART.findall(text)
    assert "".join(number + unit for number, unit in parts) == text, text
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def rows_of(table: str, prefix: str = "", begin: datetime = BEGIN) -> list[dict[str, object]]:
    """The transfers of a table, in time order, accounts and devices with a prefix of their own."""
    head, *lines = [line.split() for line in table.splitlines() if line.strip()]
    made: list[dict[str, object]] = []
    for line in lines:
        cells = dict(zip(head, line, strict=True))
        found = _AT.fullmatch(cells["at"])
        assert found is not None, line
        start, step, times = found.groups()
        for number in range(int(times or 1)):
            row: dict[str, object] = {
                name: value.replace("*", str(number + 1)) for name, value in cells.items() if value != "-"
            }
            row["at"] = begin + offset(start) + (offset(step) if step else timedelta()) * number
            for name in ("payer", "payee", "device"):
                if name in row and row[name] != OUTSIDE:
                    row[name] = f"{prefix}{row[name]}"
            made.append(row)
    return sorted(made, key=_instant)


def columns_of(rows: list[dict[str, object]], accounts: Numbering | None = None) -> Columns:
    """The rows as the engine reads them."""
    accounts, devices = accounts or Numbering(), Numbering()
    table, device, signs = [], [], []
    for row in rows:
        table.append([
            microseconds(_instant(row)), _number(accounts, row["payer"]), _number(accounts, row["payee"]),
            int(str(row["amount"])), KINDS.index(str(row.get("kind", "transfer"))), 0,
        ])  # fmt: skip
        name, said = signs_of(row)
        device.append(devices.of(name))
        signs.append(said)
    return stacked(table, device, signs)


def _number(accounts: Numbering, key: object) -> int:
    return -1 if key == OUTSIDE else accounts.of(str(key))


def _instant(row: Mapping[str, object]) -> datetime:
    at = row["at"]
    assert isinstance(at, datetime)
    return at
