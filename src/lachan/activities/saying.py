"""How a record's values and faults are said: the same on pages, in files and in the API. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from lachan.activities.model import DECIMAL_UNIT, Fault
from lachan.activities.reading import NO, YES
from lachan.foundation.access import mask_name, mask_text
from lachan.foundation.base import VIETNAM, Language, format_vnd, translate
from lachan.foundation.identifiers import caption, mask
from lachan.foundation.taxonomy import ActivityField, ActivityFigure, ActivityKind, FieldType, FigureOf, place_name

AgencyName = Callable[[str], str]


def shown(one: ActivityField, value: Any, language: Language, agency: AgencyName, *, full: bool = True) -> str:
    """A value as a person reads it; what `hides` is masked unless `full`. Empty where there is none."""
    if value is None or value == "" or value == []:
        return ""
    if not full and hides(one):
        return masked(one, value)
    say = _SAID.get(one.type)
    return say(one, value, language, agency) if say else str(value)


def hides(one: ActivityField) -> bool:
    """Whether a value is masked without a look: what is personal, and files, whose names may say whom they show."""
    return one.is_personal or one.type is FieldType.FILE


def masked(one: ActivityField, value: Any) -> str:
    """A personal value without a look."""
    if one.type is FieldType.PERSON:
        return mask_name(str(value))
    if one.type is FieldType.IDENTIFIER:
        return mask(str(value))
    return mask_text("x")


def typed(one: ActivityField, value: Any, agency: AgencyName) -> str:
    """A value as the form shows it again, ready to be read again."""
    if value is None:
        return ""
    if one.type is FieldType.COMMUNE:
        return place_name(str(value))
    if one.type is FieldType.AGENCY:
        return agency(str(value))
    if one.type is FieldType.MONEY:
        return f"{value:,}".replace(",", ".")
    if one.type is FieldType.DECIMAL:
        return number(value, Language.VI)
    if one.type is FieldType.MOMENT:
        return datetime.fromisoformat(value).astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")
    if one.type is FieldType.IDENTIFIER:
        return str(value).partition(":")[2]
    return str(value)


def number(thousandths: int, language: Language) -> str:
    """`1.234,5` (vi), `1,234.5` (en) from thousandths."""
    whole, rest = divmod(abs(thousandths), DECIMAL_UNIT)
    text = f"{whole:,}" + (f".{rest:03}".rstrip("0") if rest else "")
    if language is Language.VI:
        text = text.translate(str.maketrans(",.", ".,"))
    return f"-{text}" if thousandths < 0 else text


def figure_text(kind: ActivityKind, figure: ActivityFigure, amount: int, base: int, language: Language) -> str:
    """A figure as a person reads it: `1.250.000 ₫`, `37`, `82,5 %`, `–` where a share has nothing to divide."""
    if figure.of is FigureOf.SHARE:
        if not base:
            return "–"
        text = number(amount * 1000 // base * 100, language)
        return f"{text}\u00a0%" if language is Language.VI else f"{text}%"
    if figure.of is FigureOf.COUNT or figure.field is None:
        return number(amount * DECIMAL_UNIT, language)
    summed = kind.field(figure.field)
    if summed.type is FieldType.MONEY:
        return format_vnd(amount)
    scaled = amount if summed.type is FieldType.DECIMAL else amount * DECIMAL_UNIT
    return f"{number(scaled, language)} {summed.unit(language)}".strip()


def part_name(kind: ActivityKind, figure: ActivityFigure, part: str, language: Language) -> str:
    """The name of one part of a divided figure."""
    if figure.by is None:
        return ""
    among = kind.field(figure.by).choices or (YES, NO)
    return next((one.label(language) for one in among if one.code == part), "–")


def params_said(params: Mapping[str, Any], language: Language) -> dict[str, str]:
    """A fault's parameters as texts: a choice's names in a row."""

    def say(value: Any) -> str:
        if isinstance(value, tuple):
            return ", ".join(say(each) for each in value[:12]) + ("…" if len(value) > 12 else "")
        return value.label(language) if hasattr(value, "label") else str(value)

    return {name: say(value) for name, value in params.items()}


def fault_text(fault: Fault, language: Language) -> str:
    """A fault as a sentence."""
    said = translate(f"reason.{fault.reason.value}", language, **params_said(fault.params, language))
    return translate("activities.in_row", language, row=fault.row, fault=said) if fault.row else said


def _day(_one: ActivityField, value: Any, _language: Language, _agency: AgencyName) -> str:
    return date.fromisoformat(value).strftime("%d/%m/%Y")


def _moment(_one: ActivityField, value: Any, _language: Language, _agency: AgencyName) -> str:
    return datetime.fromisoformat(value).astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")


def _choices(one: ActivityField, value: Any, language: Language, _agency: AgencyName) -> str:
    chosen = value if isinstance(value, list) else [value]
    return "; ".join(each.label(language) for each in one.choices if each.code in chosen)


def _decimal(one: ActivityField, value: Any, language: Language, _agency: AgencyName) -> str:
    return f"{number(value, language)} {one.unit(language)}".strip()


def _integer(one: ActivityField, value: Any, language: Language, _agency: AgencyName) -> str:
    return f"{number(value * DECIMAL_UNIT, language)} {one.unit(language)}".strip()


def _table(one: ActivityField, value: Any, language: Language, agency: AgencyName) -> str:
    rows = ([shown(column, row.get(column.code), language, agency) for column in one.columns] for row in value)
    return "\n".join(" | ".join(row) for row in rows)


_SAID: Mapping[FieldType, Callable[[ActivityField, Any, Language, AgencyName], str]] = {
    FieldType.INTEGER: _integer, FieldType.DECIMAL: _decimal, FieldType.YEAR: lambda _o, value, _l, _a: str(value),
    FieldType.MONEY: lambda _o, value, _l, _a: format_vnd(value),
    FieldType.DATE: _day, FieldType.MOMENT: _moment, FieldType.CHOICE: _choices, FieldType.CHOICES: _choices,
    FieldType.YES_NO: lambda _o, value, language, _a: (YES if value == "yes" else NO).label(language),
    FieldType.COMMUNE: lambda _o, value, _l, _a: place_name(value),
    FieldType.AGENCY: lambda _o, value, _l, agency: agency(value),
    FieldType.IDENTIFIER: lambda _o, value, _l, _a: caption(value),
    FieldType.FILE: lambda _o, value, _l, _a: "; ".join(one["name"] for one in value),
    FieldType.TABLE: _table,
}  # fmt: skip
