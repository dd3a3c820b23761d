"""The spreadsheet to fill in for a kind, and records as a spreadsheet."""

import io
from collections.abc import Callable, Iterable
from pathlib import Path

from lachan.activities.importing import importable
from lachan.activities.model import DECIMAL_UNIT, Activity, RefusedCell
from lachan.activities.reading import NO, YES
from lachan.activities.saying import AgencyName, hides, shown
from lachan.foundation.base import Language, translate
from lachan.foundation.documents.sheets import Row, harmless, row_writer
from lachan.foundation.taxonomy import ActivityField, ActivityKind, FieldType, communes_of

TEMPLATE_ROWS = 2_000
# A list longer than this does not fit into a cell's own rule and stands on the sheet of lists.
_LIST_MOST = 240


def template(kind: ActivityKind, language: Language, province_code: str | None) -> bytes:
    """The XLSX to fill in: heads with units, lists to choose from, and a second sheet that explains each column."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "bg_color": "#E8EDF2", "text_wrap": True, "valign": "top", "border": 1})
    as_text = book.add_format({"num_format": "@"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(translate("activities.sheet.records", language))
    about = book.add_worksheet(translate("activities.sheet.about", language))
    lists = book.add_worksheet(translate("activities.sheet.lists", language))
    sheet.freeze_panes(1, 0)
    heads = ("column", "type", "must", "about")
    about.write_row(0, 0, [translate(f"activities.sheet.{head}", language) for head in heads], bold)
    about.set_column(0, 0, 34, wrap)
    about.set_column(1, 2, 16, wrap)
    about.set_column(3, 3, 90, wrap)
    for at, one in enumerate(importable(kind)):
        sheet.write_string(0, at, head_of(one, language), bold)
        # Text, so that 0912… keeps its zero and 01/02 stays a day and no fraction.
        sheet.set_column(at, at, max(14, min(40, len(one.label(language)) + 4)), as_text)
        about.write_row(at + 1, 0, [head_of(one, language), type_name(one, language), _must(one, language),
                                    explained(one, language)])  # fmt: skip
        choices = _choices(one, language, province_code)
        if not choices:
            continue
        source: object = choices
        if sum(len(each) + 1 for each in choices) > _LIST_MOST:
            lists.write_column(0, at, choices)
            letter = xlsxwriter.utility.xl_col_to_name(at)
            name = translate("activities.sheet.lists", language)
            source = f"='{name}'!${letter}$1:${letter}${len(choices)}"
        sheet.data_validation(
            1, at, TEMPLATE_ROWS, at, {"validate": "list", "source": source, "error_type": "warning"}
        )
    book.close()
    return out.getvalue()


def head_of(one: ActivityField, language: Language) -> str:
    """A column's head: its name, its unit, and `*` where it must be filled in."""
    unit = "đồng" if one.type is FieldType.MONEY else one.unit(language)
    return one.label(language) + (f" ({unit})" if unit else "") + (" *" if one.required else "")


def type_name(one: ActivityField, language: Language) -> str:
    """What a field holds, in words."""
    return translate(f"activities.type.{one.type.value}", language)


def explained(one: ActivityField, language: Language) -> str:
    """What may stand in a column, in one paragraph."""
    said = [one.hint(language), one.pattern_words(language)]
    if one.choices:
        said.append("; ".join(each.label(language) for each in one.choices))
    if one.columns:
        names = " | ".join(column.label(language) for column in one.columns)
        said.append(translate("activities.sheet.table", language, columns=names))
    if one.min is not None:
        said.append(translate("activities.sheet.at_least", language, limit=one.min))
    if one.max is not None:
        said.append(translate("activities.sheet.at_most", language, limit=one.max))
    return ". ".join(text.rstrip(".") for text in said if text)


def export(
    path: Path, kind: ActivityKind, records: Iterable[Activity], language: Language, agency: AgencyName,
    *, full: Callable[[Activity], bool],
) -> int:  # fmt: skip
    """Write records to CSV or XLSX by the ending; returns how many. Personal values are masked unless `full`.

    Heads and values are those that an import reads.
    """
    names = ["id", "agency", "state", "due_on", *(head_of(one, language) for one in kind.fields)]
    count = 0
    with row_writer(path, names) as write:
        for one in records:
            row: Row = {
                "id": one.id, "agency": agency(one.agency_id),
                "state": kind.state(one.state).label(language) if one.state else "", "due_on": one.due_on or "",
            }  # fmt: skip
            whole = full(one)
            for field in kind.fields:
                row[head_of(field, language)] = _cell(field, one, language, agency, whole)
            write(row)
            count += 1
    return count


def rejects_csv(refused: Iterable[RefusedCell], language: Language) -> str:
    """The refused cells as CSV: line, column, head, what is wrong, what stood there."""
    import csv

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    heads = ("line", "column", "head", "wrong", "cell")
    writer.writerow([translate(f"activities.sheet.{head}", language) for head in heads])
    for one in refused:
        cells = (one.line, one.column, one.head, one.wrong[language.value], one.text)
        writer.writerow([harmless(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def _cell(
    field: ActivityField, one: Activity, language: Language, agency: AgencyName, full: bool
) -> str | int | float:  # fmt: skip
    value = one.values.get(field.code)
    if isinstance(value, int) and (full or not hides(field)):
        return value / DECIMAL_UNIT if field.type is FieldType.DECIMAL else value
    return shown(field, value, language, agency, full=full)


def _must(one: ActivityField, language: Language) -> str:
    return translate("activities.sheet.needed" if one.required else "activities.sheet.not_needed", language)


def _choices(one: ActivityField, language: Language, province_code: str | None) -> list[str]:
    if one.type is FieldType.CHOICE:
        return [each.label(language) for each in one.choices]
    if one.type is FieldType.YES_NO:
        return [YES.label(language), NO.label(language)]
    if one.type is FieldType.COMMUNE and province_code:
        return [each.name for each in communes_of(province_code)]
    return []
