"""A periodic report as an administrative document: sections, tables of figures, narratives, annexes by agency."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from lachan.foundation.base import Language, alphabetical, translate
from lachan.foundation.documents import Issuer
from lachan.foundation.documents.administrative import (
    Align,
    Annex,
    Block,
    Column,
    Grid,
    Item,
    Paper,
    PaperKind,
    Paragraph,
    Section,
    Signature,
)
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.reporting.model import WORK, FormField, PeriodicReport, Round
from lachan.plans.reporting.wording import field_label, number, period_name, unit_name

_FIGURES_IN_ANNEX = 9


def paper_of(
    report: PeriodicReport, asked: Round, issuer: Issuer, *, symbol: str, signature: Signature,
    names: Mapping[str, str], recipients: tuple[str, ...] = (), archive: str = "", language: Language = Language.VI,
) -> Paper:  # fmt: skip
    """The report in the layout of Decree 30/2020, without a number yet.

    `names` are the agencies' names by id, for the annex that says what each of them gave to a gathered figure.
    """
    period = asked.title or period_name(asked.occurrence, language)
    key = "abstract_once" if asked.title else "abstract"
    return Paper(
        kind=PaperKind.REPORT, issuer=issuer, number=None, symbol=symbol, issued_on=None,
        abstract=translate(f"periodic.paper.{key}", language, plan=asked.plan_title, period=period),
        body=(
            _opening(report, asked, issuer, period, language), *_body(report, language), _closing(issuer, language),
        ),
        signature=signature, recipients=recipients, archive=archive, annexes=_annexes(report, names, language),
    )  # fmt: skip


def _opening(
    report: PeriodicReport, asked: Round, issuer: Issuer, period: str, language: Language
) -> Paragraph:  # fmt: skip
    said = translate(
        "periodic.paper.opening", language, plan=asked.plan_title, issuer=issuer.name, period=period,
        begin=_day(report.covers_from), end=_day(report.covers_to),
    )  # fmt: skip
    return Paragraph(said)


def _closing(issuer: Issuer, language: Language) -> Paragraph:
    return Paragraph(translate("periodic.paper.closing", language, issuer=issuer.name))


def _body(report: PeriodicReport, language: Language) -> list[Block]:
    made: list[Block] = []
    rows: list[tuple[str, ...]] = []

    def table() -> None:
        if rows:
            made.append(Grid(_columns(language), tuple(rows)))
            rows.clear()

    worked = any(field.of_work and not report.quiet(field) for field in report.form)
    for field in report.form:
        if report.quiet(field) or (field.code == WORK and not worked):
            continue
        if field.kind is ReportFieldKind.FIGURE:
            figure = report.figure(field.code)
            value = number(figure.value if figure else None, language)
            place = str(len(rows) + 1)
            rows.append((place, field_label(field, language), unit_name(field, language), value))
            continue
        table()
        if field.kind is ReportFieldKind.SECTION:
            made.append(Section(2 if field.code == WORK else 1, field_label(field, language)))
        else:
            made += _narrative(report, field)
    table()
    return made


def _narrative(report: PeriodicReport, field: FormField) -> list[Block]:
    text = report.text(field.code)
    lines = [line.strip() for line in (text.text if text else "").splitlines() if line.strip()]
    return [Item(line[1:].strip()) if line[0] in "-–+•" and line[1:].strip() else Paragraph(line) for line in lines]


def _columns(language: Language) -> tuple[Column, ...]:
    return (
        Column(translate("periodic.paper.place", language), 1, Align.CENTER),
        Column(translate("periodic.paper.figure", language), 8),
        Column(translate("periodic.paper.unit", language), 2, Align.CENTER),
        Column(translate("periodic.paper.value", language), 3, Align.RIGHT),
    )


def _annexes(report: PeriodicReport, names: Mapping[str, str], language: Language) -> tuple[Annex, ...]:
    """For a gathered report: what each agency gave to each figure, so many figures a table."""
    if not report.consolidated:
        return ()
    fields = [
        one for one in report.form if (figure := report.figure(one.code)) and figure.parts and not report.quiet(one)
    ]
    if not fields:
        return ()
    blocks = [
        _by_agency(report, fields[start : start + _FIGURES_IN_ANNEX], names, language)
        for start in range(0, len(fields), _FIGURES_IN_ANNEX)
    ]
    return (Annex(translate("periodic.paper.by_agency", language), tuple(blocks)),)


def _by_agency(
    report: PeriodicReport, fields: list[FormField], names: Mapping[str, str], language: Language
) -> Grid:  # fmt: skip
    values: dict[str, dict[str, Decimal | None]] = {}
    for field in fields:
        figure = report.figure(field.code)
        for part in figure.parts if figure else ():
            values.setdefault(part.agency_id, {})[field.code] = part.value
    columns = (
        Column(translate("periodic.paper.place", language), 2, Align.CENTER),
        Column(translate("periodic.paper.agency", language), 8),
        *(Column(_head(field, language), 4, Align.RIGHT) for field in fields),
    )
    ordered = sorted(values, key=lambda one: alphabetical(names.get(one, one)))
    rows = [
        (str(place), names.get(one, one), *(number(values[one].get(field.code), language) for field in fields))
        for place, one in enumerate(ordered, 1)
    ]
    whole = tuple(
        number(found.value if (found := report.figure(field.code)) else None, language) for field in fields
    )
    rows.append(("", translate("periodic.paper.whole", language), *whole))
    return Grid(columns, tuple(rows))


def _head(field: FormField, language: Language) -> str:
    unit = unit_name(field, language)
    return f"{field_label(field, language)} ({unit})" if unit else field_label(field, language)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
