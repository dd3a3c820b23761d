"""A report as a table: one row a line of the form, for a gathered report also one row a part."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lachan.foundation.base import VIETNAM, Language
from lachan.foundation.documents.sheets import harmless, row_writer
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.reporting.model import PeriodicReport
from lachan.plans.reporting.wording import field_label, unit_name

COLUMNS = ("code", "line", "agency", "value", "unit", "origin", "known_at", "text")


def write_sheet(path: Path, report: PeriodicReport, names: Mapping[str, str], language: Language) -> None:
    """Write the report by the file's ending; numbers stay numbers, and a text in a CSV no formula.

    Raises:
        BadInput: the ending is none that tables are written in.
    """
    with row_writer(path, COLUMNS) as write:
        for row in rows_of(report, names, language):
            write({name: harmless(cell) for name, cell in row.items()} if path.suffix.lower() == ".csv" else row)


def rows_of(report: PeriodicReport, names: Mapping[str, str], language: Language) -> list[dict[str, Any]]:
    """The rows, in the order of the form."""
    made = []
    for field in report.form:
        if field.kind is ReportFieldKind.SECTION:
            continue
        empty = dict.fromkeys(COLUMNS)
        row = empty | {"code": field.code, "line": field_label(field, language)}
        if field.kind is ReportFieldKind.NARRATIVE:
            text = report.text(field.code)
            made.append(row | {"text": text.text if text else ""})
            continue
        figure = report.figure(field.code)
        if figure is None:
            made.append(row)
            continue
        known = {"unit": unit_name(field, language), "origin": figure.origin.value}
        known["known_at"] = figure.known_at.astimezone(VIETNAM).isoformat(timespec="seconds")
        made.append(row | known | {"value": _plain(figure.value)})
        made += [
            row | known | {"agency": names.get(part.agency_id, part.agency_id), "value": _plain(part.value)}
            for part in figure.parts
        ]
    return made


def _plain(value: Any) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
