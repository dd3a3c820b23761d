"""What people type, or keep in a cell, becomes the values of a record; everything wrong is said at once. Pure.

A cell of a spreadsheet may be a number or a day already; what comes from a form is text.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from lachan.activities.model import DECIMAL_UNIT, ActivityReason, Fault, Values
from lachan.foundation.base import VIETNAM, VND_MAX, BadInput, InputReason, Language
from lachan.foundation.identifiers import normalise
from lachan.foundation.taxonomy import ActivityField, ActivityKind, FieldType, Named, find_commune, vietnam_date

TEXT_MOST, LONG_MOST = 300, 5_000
NUMBER_MOST = 10**12
_YES = frozenset({"yes", "có", "co", "x", "true", "1", "đúng", "rồi", "y"})
_NO = frozenset({"no", "không", "khong", "false", "0", "chưa", "n"})
_NUMBER = re.compile(r"([+-]?[\d][\d.,\s]*)\s*(.*)", re.DOTALL)
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DONG = frozenset({"", "đ", "₫", "d", "vnd", "vnđ", "đồng", "dong"})
_SEVERAL = re.compile(r"[;\n]")


@dataclass(frozen=True)
class Around:
    """What reading needs to know: today, in which province, and how agencies are found by what they are called."""

    now: datetime
    province: str | None
    agency: Callable[[str], str | None]


def read_values(
    kind: ActivityKind, fields: Sequence[ActivityField], given: Mapping[str, Any], around: Around,
    *, files_needed: bool = True, known: Values | None = None,
) -> tuple[dict[str, Any], tuple[Fault, ...]]:  # fmt: skip
    """The values of these fields, and every fault. `known`: what the record has, for rules between fields."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for one in fields:
        raw = given.get(one.code)
        if one.type is FieldType.FILE:
            _files(one, raw, values, faults, files_needed)
        elif one.type is FieldType.TABLE:
            _table(one, raw, around, values, faults)
        else:
            _one(one, raw, around, values, faults)
    whole = {**(known or {}), **values}
    for one in fields:
        _between(kind, one, whole, faults)
    return values, tuple(faults)


def is_empty(raw: Any) -> bool:
    """Whether nothing was given."""
    return raw is None or raw == [] or (isinstance(raw, str) and not raw.strip())


def _one(one: ActivityField, raw: Any, around: Around, values: dict[str, Any], faults: list[Fault]) -> None:
    if is_empty(raw):
        if one.required:
            faults.append(Fault(one.code, InputReason.MISSING))
        return
    # A program may send anything: a list where one value stands would become its own words.
    if isinstance(raw, Mapping) or (isinstance(raw, list) and one.type is not FieldType.CHOICES):
        faults.append(Fault(one.code, InputReason.MALFORMED, {"expected": "abc"}))
        return
    try:
        value = _READERS[one.type](one, raw, around)
        _check(one, value, around)
    except BadInput as error:
        faults.append(Fault(one.code, error.reason, error.params))
    else:
        values[one.code] = value


def _table(one: ActivityField, raw: Any, around: Around, values: dict[str, Any], faults: list[Fault]) -> None:
    if not isinstance(raw or [], list) or not all(isinstance(row, Mapping) for row in raw or []):
        faults.append(Fault(one.code, InputReason.MALFORMED, {"expected": "[{…}]"}))
        return
    rows = [row for row in raw or [] if any(not is_empty(cell) for cell in row.values())]
    if len(rows) < (one.min if one.min is not None else int(one.required)):
        faults.append(Fault(one.code, InputReason.MISSING))
        return
    if one.max is not None and len(rows) > one.max:
        faults.append(Fault(one.code, ActivityReason.TOO_BIG, {"limit": one.max}))
        return
    made = []
    for number, row in enumerate(rows, start=1):
        wrong: list[Fault] = []
        read: dict[str, Any] = {}
        for column in one.columns:
            _one(column, row.get(column.code), around, read, wrong)
        faults += [Fault(f"{one.code}.{each.field}", each.reason, each.params, number) for each in wrong]
        made.append(read)
    if made:
        values[one.code] = made


def _files(one: ActivityField, raw: Any, values: dict[str, Any], faults: list[Fault], needed: bool) -> None:
    """What was kept of them already (`evidence.keep`)."""
    if raw:
        values[one.code] = list(raw)
    elif one.required and needed:
        faults.append(Fault(one.code, InputReason.MISSING))


def _between(kind: ActivityKind, one: ActivityField, values: Values, faults: list[Fault]) -> None:
    mine = values.get(one.code)
    if one.at_most is not None and mine is not None and mine > values.get(one.at_most, mine):
        faults.append(Fault(one.code, ActivityReason.MORE_THAN_OTHER, {"other": kind.field(one.at_most)}))
    for other, reason in (
        (one.not_before, ActivityReason.BEFORE_OTHER),
        (one.not_after, ActivityReason.AFTER_OTHER),
    ):
        if other is None or mine is None or values.get(other) is None:
            continue
        days = day_of(mine), day_of(values[other])
        if days[0] < days[1] if reason is ActivityReason.BEFORE_OTHER else days[0] > days[1]:
            faults.append(Fault(one.code, reason, {"other": kind.field(other)}))


def day_of(value: str) -> str:
    """The Vietnamese day, ISO, of a day or an instant as a record holds it."""
    return value if len(value) == len("2026-11-23") else vietnam_date(datetime.fromisoformat(value)).isoformat()


def _text(one: ActivityField, raw: Any, _around: Around) -> str:
    text = _plain(raw).strip()
    limit = one.max or (LONG_MOST if one.type is FieldType.LONG_TEXT else TEXT_MOST)
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} and c not in "\n\t\r" for c in text):
        raise BadInput(InputReason.MALFORMED, expected="abc")
    if len(text) > limit:
        raise BadInput(InputReason.TOO_LONG, limit=limit)
    if one.min is not None and len(text) < one.min:
        raise BadInput(InputReason.TOO_SHORT, limit=one.min)
    if one.pattern is not None and not re.fullmatch(one.pattern, text):
        raise BadInput(ActivityReason.PATTERN, expected=_Pattern(one))
    return text.replace("\r\n", "\n")


@dataclass(frozen=True)
class _Pattern:
    """What a pattern means, in the language that is asked for."""

    field: ActivityField

    @property
    def code(self) -> str:
        return self.field.pattern or ""

    def label(self, language: Any) -> str:
        return self.field.pattern_words(language)


@dataclass(frozen=True)
class Unit:
    """What a field's number counts, in the language that is asked for."""

    field: ActivityField

    @property
    def code(self) -> str:
        """Where nobody says it in words."""
        return self.label(Language.EN)

    def label(self, language: Any) -> str:
        """`thẻ SIM`; đồng where it is money."""
        return self.field.unit(language) or "đồng"


def _integer(one: ActivityField, raw: Any, _around: Around) -> int:
    number = _number(one, raw)
    if number != int(number):
        raise BadInput(ActivityReason.NO_NUMBER, expected="1.234")
    return int(number)


def _decimal(one: ActivityField, raw: Any, _around: Around) -> int:
    scaled = _number(one, raw) * DECIMAL_UNIT
    if scaled != int(scaled):
        raise BadInput(ActivityReason.NO_NUMBER, expected="1.234,567")
    return int(scaled)


def _money(one: ActivityField, raw: Any, _around: Around) -> int:
    number = _number(one, raw, units=_DONG)
    if number != int(number):
        raise BadInput(ActivityReason.NO_NUMBER, expected="50.000.000")
    if abs(number) > VND_MAX:
        raise BadInput(ActivityReason.TOO_BIG, limit=f"{VND_MAX:,}".replace(",", "."))
    return int(number)


def _number(one: ActivityField, raw: Any, units: frozenset[str] | None = None) -> Decimal:
    """A number as it is written here: `.` between thousands, `,` before decimals; its own unit may stand behind."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        number = Decimal(str(raw))
    else:
        found = _NUMBER.fullmatch(_plain(raw).replace("\u00a0", " ").strip())
        if found is None:
            raise BadInput(ActivityReason.NO_NUMBER, expected="1.234")
        digits, unit = re.sub(r"\s", "", found[1]), found[2].strip().lower()
        own = units or {"", one.unit_vi.lower(), one.unit_en.lower()}
        if unit not in own:
            raise BadInput(ActivityReason.WRONG_UNIT, given=unit[:20], expected=Unit(one))
        number = _grouped(digits)
    if not number.is_finite() or abs(number) > max(NUMBER_MOST, VND_MAX):
        raise BadInput(ActivityReason.TOO_BIG, limit=f"{NUMBER_MOST:,}".replace(",", "."))
    return number


def _grouped(digits: str) -> Decimal:
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?|[+-]?\d+(,\d+)?", digits):
        plain = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+|[+-]?\d+\.\d{1,2}", digits):
        # As English writes it, where nothing else can be meant.
        plain = digits.replace(",", "")
    else:
        raise BadInput(ActivityReason.NO_NUMBER, expected="1.234,5")
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise BadInput(ActivityReason.NO_NUMBER, expected="1.234,5") from None


def _date(_one: ActivityField, raw: Any, _around: Around) -> str:
    text = (raw.date() if isinstance(raw, datetime) else raw).isoformat() if isinstance(raw, date) else _plain(raw)
    text = text.strip()
    if local := _DAY.fullmatch(text):
        day, month, year = (int(part) for part in local.groups())
    elif iso := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in iso.groups())
    else:
        raise BadInput(ActivityReason.NO_SUCH_DAY, value=text[:20])
    try:
        made = date(year, month, day)
    except ValueError:
        raise BadInput(ActivityReason.NO_SUCH_DAY, value=text[:20]) from None
    if not 1990 <= made.year <= 2100:
        raise BadInput(ActivityReason.NO_SUCH_DAY, value=text[:20])
    return made.isoformat()


def _time(_one: ActivityField, raw: Any, _around: Around) -> str:
    if isinstance(raw, time):
        return raw.strftime("%H:%M")
    found = re.fullmatch(r"(\d{1,2})[:hg](\d{2})?(?::\d{2})?", _plain(raw).strip().lower())
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise BadInput(InputReason.MALFORMED, expected="09:41")
    return f"{int(found[1]):02}:{int(found[2] or 0):02}"


def _moment(one: ActivityField, raw: Any, around: Around) -> str:
    if isinstance(raw, datetime):
        _date(one, raw, around)  # a cell may hold the year 1899
        typed = raw
    else:
        # `09:41 21/11/2026`, `21/11/2026 09:41`, `2026-11-21T09:41`.
        parts = _plain(raw).strip().replace("T", " ").removesuffix("Z").split()
        if len(parts) != 2:
            raise BadInput(InputReason.MALFORMED, expected="21/11/2026 09:41")
        day, clock = sorted(parts, key=lambda part: ":" in part)
        zone = "+00:00" if _plain(raw).strip().endswith(("Z", "+00:00")) else ""
        clock = clock.removesuffix("+00:00")
        typed = datetime.fromisoformat(f"{_date(one, day, around)}T{_time(one, clock, around)}{zone}")
    return (typed if typed.tzinfo else typed.replace(tzinfo=VIETNAM)).astimezone(UTC).isoformat(timespec="seconds")


def _choice(one: ActivityField, raw: Any, _around: Around) -> str:
    wanted = _folded(_plain(raw))
    for each in one.choices:
        if wanted in {_folded(each.code), _folded(each.vi), _folded(each.en)}:
            return each.code
    raise BadInput(ActivityReason.NO_CHOICE, expected=one.choices)


def _choices(one: ActivityField, raw: Any, around: Around) -> list[str]:
    parts = raw if isinstance(raw, list) else [part for part in _SEVERAL.split(_plain(raw)) if part.strip()]
    chosen = {_choice(one, part, around) for part in parts}
    return [each.code for each in one.choices if each.code in chosen]


def _yes_no(_one: ActivityField, raw: Any, _around: Around) -> str:
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    text = _plain(raw).strip().lower()
    if text in _YES:
        return "yes"
    if text in _NO:
        return "no"
    raise BadInput(ActivityReason.NO_CHOICE, expected=(YES, NO))


YES, NO = Named(code="yes", vi="Có", en="Yes"), Named(code="no", vi="Không", en="No")


def _commune(_one: ActivityField, raw: Any, around: Around) -> str:
    return find_commune(_plain(raw), around.province).code


def _agency(_one: ActivityField, raw: Any, around: Around) -> str:
    found = around.agency(_plain(raw).strip())
    if found is None:
        raise BadInput(ActivityReason.AGENCY_UNKNOWN, value=_plain(raw)[:60])
    return found


def _identifier(one: ActivityField, raw: Any, _around: Around) -> str:
    return normalise(one.identifier or "", _plain(raw).strip().removeprefix(f"{one.identifier}:")).key


def _check(one: ActivityField, value: Any, around: Around) -> None:
    """The bounds of a number, and that what is past has passed."""
    if isinstance(value, int):
        scale = DECIMAL_UNIT if one.type is FieldType.DECIMAL else 1
        low = 0 if one.min is None else one.min
        if value < low * scale:
            raise BadInput(ActivityReason.TOO_SMALL, limit=f"{low:,}".replace(",", "."))
        if one.max is not None and value > one.max * scale:
            raise BadInput(ActivityReason.TOO_BIG, limit=f"{one.max:,}".replace(",", "."))
    if one.past and isinstance(value, str) and day_of(value) > vietnam_date(around.now).isoformat():
        raise BadInput(InputReason.IN_THE_FUTURE)


def _plain(raw: Any) -> str:
    """A cell as text: a spreadsheet keeps a code as a number, and some programs write letters in parts."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return raw.isoformat(sep=" ") if isinstance(raw, datetime) else unicodedata.normalize("NFC", str(raw))


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


_READERS: Mapping[FieldType, Callable[[ActivityField, Any, Around], Any]] = {
    FieldType.TEXT: _text, FieldType.LONG_TEXT: _text, FieldType.PERSON: _text, FieldType.INTEGER: _integer,
    FieldType.YEAR: _integer,
    FieldType.DECIMAL: _decimal, FieldType.MONEY: _money, FieldType.DATE: _date, FieldType.TIME: _time,
    FieldType.MOMENT: _moment, FieldType.CHOICE: _choice, FieldType.CHOICES: _choices, FieldType.YES_NO: _yes_no,
    FieldType.COMMUNE: _commune, FieldType.AGENCY: _agency, FieldType.IDENTIFIER: _identifier,
}  # fmt: skip
