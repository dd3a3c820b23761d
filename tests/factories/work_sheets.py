"""Pieces of work of any kind, as a clerk types them into its form or into its own template."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from lachan.activities import importable
from lachan.foundation.documents.workbooks import read_grid
from lachan.foundation.taxonomy import ActivityField, ActivityKind, FieldType, communes_of

PROVINCE = "04"
COMMUNES = tuple(one.name for one in communes_of(PROVINCE))
_IDENTIFIERS = {
    "company": "0100109106", "citizen": "001090012345", "phone": "0912345678", "url": "https://vi-du.vn/bai/1",
    "domain": "san-vi-du.vn",
}  # fmt: skip
WRONG: Mapping[FieldType, str] = {
    FieldType.DATE: "31/02/2026", FieldType.COMMUNE: "Xã Không Đâu", FieldType.INTEGER: "40 km",
    FieldType.MOMENT: "hôm qua", FieldType.YES_NO: "có lẽ", FieldType.CHOICE: "không rõ",
}  # fmt: skip


def cell(one: ActivityField, serial: int, day: date, agencies: Sequence[str]) -> Any:
    """What stands in one cell of the row `serial`."""
    if one.type is FieldType.TABLE:
        return "\n".join(
            " | ".join(str(_plain(column, serial + at, day, agencies)) for column in one.columns)
            for at in range(one.min or 1)
        )
    return _plain(one, serial, day, agencies)


def form(kind: ActivityKind, serial: int, day: date, agencies: Sequence[str]) -> dict[str, str]:
    """The same as the fields of the kind's form; files are sent beside it."""
    made: dict[str, str] = {}
    for one in kind.first_fields:
        if one.type is FieldType.TABLE:
            for at in range(one.min or 1):
                for column in one.columns:
                    made[f"{one.code}.{at}.{column.code}"] = _plain(column, serial + at, day, agencies)
        elif one.type is FieldType.CHOICES:
            made[f"{one.code}.{one.choices[serial % len(one.choices)].code}"] = "1"
        elif one.type is not FieldType.FILE:
            made[one.code] = _plain(one, serial, day, agencies)
    return made


def filled(
    kind: ActivityKind, template: bytes, days: Sequence[date], wrong: Sequence[int], agencies: Sequence[str],
    begin: int = 0,
) -> bytes:  # fmt: skip
    """The kind's template with a row for each day; in the rows `wrong` one cell cannot be read."""
    heads = read_grid("t.xlsx", template, rows_most=5_000, bytes_most=10**7).rows[0]
    fields = importable(kind)
    assert len(heads) >= len(fields)
    bad = next(at for at, one in enumerate(fields) if one.type in WRONG)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, heads[: len(fields)])
    for row, day in enumerate(days):
        cells = [cell(one, begin + row, day, agencies) for one in fields]
        if row in wrong:
            cells[bad] = WRONG[fields[bad].type]
        sheet.write_row(row + 1, 0, cells)
    book.close()
    return out.getvalue()


def _plain(one: ActivityField, serial: int, day: date, agencies: Sequence[str]) -> Any:
    low = one.min or 0
    if one.type in {FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY}:
        span = min(40, (one.max - low if one.max is not None else 40)) + 1
        count = low + serial * 7 % span
        if one.type is FieldType.MONEY:
            return f"{count + 1}.250.000"
        return f"{count},5" if one.type is FieldType.DECIMAL and count != one.max else str(count)
    if one.type is FieldType.TEXT and one.pattern:
        return f"CVE-2026-{1000 + serial}"
    if one.choices:
        return one.choices[serial % len(one.choices)].vi
    if one.type is FieldType.IDENTIFIER:
        return _IDENTIFIERS[one.identifier or ""]
    if one.type is FieldType.COMMUNE:
        return COMMUNES[serial % len(COMMUNES)]
    if one.type is FieldType.AGENCY:
        return agencies[serial % len(agencies)]
    return {
        FieldType.DATE: f"{day:%d/%m/%Y}", FieldType.MOMENT: f"{day:%d/%m/%Y} 09:41", FieldType.TIME: "08:30",
        FieldType.YES_NO: ("Có", "Không", "Có")[serial % 3], FieldType.PERSON: "Nông Thị Vi",
        FieldType.YEAR: "2026",
    }.get(one.type, f"Việc số {serial} của đơn vị")  # fmt: skip
