"""How periods, figures and lines of a form are said."""

from decimal import Decimal

from lachan.foundation.base import Language, translate
from lachan.plans.model import ReportPeriod
from lachan.plans.reporting.model import FormField, Occurrence, Round
from lachan.plans.reporting.sources import Measure, figures


def period_name(one: Occurrence, language: Language) -> str:
    """`quý II năm 2026`, `6 tháng đầu năm 2026`."""
    year, _, rest = one.key.partition(".")[0].partition("-")
    key = {
        ReportPeriod.WEEK: "week", ReportPeriod.MONTH: "month", ReportPeriod.QUARTER: f"quarter_{rest[1:]}",
        ReportPeriod.HALF_YEAR: f"half_{rest[1:]}", ReportPeriod.YEAR: "year",
        ReportPeriod.ON_REQUEST: "on_request",
    }[one.period]  # fmt: skip
    return translate(f"periodic.period.{key}", language, year=year, number=rest[1:].lstrip("0"))


def round_title(asked: Round, language: Language) -> str:
    """`Báo cáo 6 tháng đầu năm 2026`; a single request has its own title."""
    return asked.title or translate("periodic.title", language, period=period_name(asked.occurrence, language))


def field_label(field: FormField, language: Language) -> str:
    """What a line asks."""
    return field.vi if language is Language.VI else field.en


def measure_of(field: FormField) -> Measure:
    """In what a line's figure is given."""
    figure = figures().get(field.figure)
    return figure.measure if figure else Measure.COUNT


def unit_name(field: FormField, language: Language) -> str:
    """`đồng`, `phút`, `%`; empty for a count."""
    measure = measure_of(field)
    return "" if measure is Measure.COUNT else translate(f"periodic.unit.{measure.value}", language)


def number(value: Decimal | None, language: Language) -> str:
    """`1.284`, `12,5`; a dash where nothing is known."""
    if value is None:
        return "–"
    whole, _, rest = format(value, ",f").partition(".")
    rest = rest.rstrip("0")
    if language is Language.EN:
        return f"{whole}.{rest}" if rest else whole
    whole = whole.replace(",", ".")
    return f"{whole},{rest}" if rest else whole
