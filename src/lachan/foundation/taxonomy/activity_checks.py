"""What cannot be in a file of a kind of activity: found when it is read, with the place named."""

import re

from lachan.foundation.taxonomy.activity_model import (
    CHOSEN,
    DATED,
    NUMBERS,
    RESERVED_COLUMNS,
    ROWS_MOST,
    ActivityField,
    ActivityFigure,
    ActivityKind,
    FieldType,
    FigureOf,
    Named,
)

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
_DEMANDS = range(1, 104)
_IN_TABLES = frozenset(FieldType) - {FieldType.TABLE, FieldType.FILE, FieldType.LONG_TEXT}
_WORDED = FieldType.TEXT, FieldType.LONG_TEXT


def check_kind(kind: ActivityKind) -> None:
    """Raises ValueError, with the file and the field, for what does not hang together."""
    where = f"activities/{kind.code}.yaml"
    _codes(kind.fields, f"{where}: fields")
    _codes(kind.figures, f"{where}: figures")
    _codes(kind.states, f"{where}: states")
    fields = {one.code: one for one in kind.fields}
    for one in kind.fields:
        if one.code in RESERVED_COLUMNS:
            _wrong(f"{where}: {one.code}", "code", "a name that no file of records uses already")
        _field(one, fields, f"{where}: {one.code}")
    if not kind.demands or not set(kind.demands) <= set(_DEMANDS):
        _wrong(where, "demands", "numbers from 1 to 103")
    _is(fields, kind.happened, DATED, f"{where}: happened")
    if not fields[kind.happened].required:
        _wrong(where, kind.happened, "required, because it says when")
    _is(fields, kind.title, frozenset(FieldType) - {FieldType.FILE, FieldType.TABLE}, f"{where}: title")
    if kind.place is not None:
        _is(fields, kind.place, frozenset({FieldType.COMMUNE}), f"{where}: place")
    _states(kind, fields, where)
    if not kind.figures:
        _wrong(where, "figures", "at least one")
    for figure in kind.figures:
        _figure(figure, kind, fields, f"{where}: {figure.code}")


def _field(one: ActivityField, fields: dict[str, ActivityField], where: str) -> None:
    if bool(one.choices) != (one.type in CHOSEN):
        _wrong(where, "choices", "for a choice, and only there")
    _codes(one.choices, f"{where}: choices")
    if bool(one.columns) != (one.type is FieldType.TABLE):
        _wrong(where, "columns", "for a table, and only there")
    if (one.identifier is not None) != (one.type is FieldType.IDENTIFIER):
        _wrong(where, "identifier", "for an identifier, and only there")
    if bool(one.accepts) != (one.type is FieldType.FILE):
        _wrong(where, "accepts", "for a file, and only there")
    if (one.help_vi == "") != (one.help_en == "") or (one.unit_vi == "") != (one.unit_en == ""):
        _wrong(where, "help, unit", "in both languages")
    if one.min is not None and one.max is not None and one.min > one.max:
        _wrong(where, "min", "not above max")
    if one.type is FieldType.TABLE and one.max is not None and one.max > ROWS_MOST:
        _wrong(where, "max", f"at most {ROWS_MOST} rows")
    if one.pattern is not None:
        if one.type not in _WORDED or not (one.pattern_vi and one.pattern_en):
            _wrong(where, "pattern", "on a text, with its meaning in both languages")
        re.compile(one.pattern)
    for code in (one.not_before, one.not_after):
        if code is not None and (one.type not in DATED or code == one.code):
            _wrong(where, "not_before, not_after", "between two date fields")
        if code is not None:
            _is(fields, code, DATED, where)
    if one.at_most is not None:
        if one.type not in NUMBERS or one.at_most == one.code:
            _wrong(where, "at_most", "between two numbers")
        _is(fields, one.at_most, frozenset({one.type}), where)
    _codes(one.columns, f"{where}: columns")
    for column in one.columns:
        if column.type not in _IN_TABLES:
            _wrong(where, column.code, "a column that holds one value")
        _field(column, {each.code: each for each in one.columns}, f"{where}: {column.code}")


def _states(kind: ActivityKind, fields: dict[str, ActivityField], where: str) -> None:
    codes = {one.code for one in kind.states}
    reached = {kind.first_state}
    for one in kind.states:
        place = f"{where}: {one.code}"
        if not set(one.next) <= codes:
            _wrong(place, "next", f"of {', '.join(sorted(codes))}")
        reached |= set(one.next)
        if not set(one.asks) <= fields.keys() or (one.asks and one.code == kind.first_state):
            _wrong(place, "asks", "fields of the kind, not on the first stage")
        if one.due_field is not None:
            _is(fields, one.due_field, DATED, place)
        if one.due_field is not None and one.due_days is not None:
            _wrong(place, "due_days", "either a number of days or a field")
    if kind.states and reached != codes:
        _wrong(where, "states", f"reached from the first one: {', '.join(sorted(codes - reached))}")
    later = {code for one in kind.states for code in one.asks}
    if later & {kind.happened, kind.title, kind.place}:
        _wrong(where, "asks", "none of happened, title, place")


def _figure(one: ActivityFigure, kind: ActivityKind, fields: dict[str, ActivityField], where: str) -> None:
    if (one.of is FigureOf.SUM) and one.field is None:
        _wrong(where, "field", "for a sum")
    if one.of is FigureOf.COUNT and one.field is not None:
        _wrong(where, "field", "not for a count")
    if (one.over is not None) != (one.of is FigureOf.SHARE and one.field is not None):
        _wrong(where, "over", "where a share has a field")
    for code in (one.field, one.over):
        if code is not None:
            _is(fields, code, NUMBERS, where)
    if one.by is not None:
        _is(fields, one.by, frozenset({FieldType.CHOICE, FieldType.YES_NO}), where)
    if (one.where is None) != (not one.among):
        _wrong(where, "where", "with among")
    if one.where is not None:
        _is(fields, one.where, frozenset({FieldType.CHOICE, FieldType.CHOICES, FieldType.YES_NO}), where)
        known = {each.code for each in fields[one.where].choices} or {"yes", "no"}
        if not set(one.among) <= known:
            _wrong(where, "among", f"of {', '.join(sorted(known))}")
    if not set(one.states) <= {each.code for each in kind.states}:
        _wrong(where, "states", "of the kind")
    if one.of is FigureOf.SHARE and one.field is None and one.where is None and not one.states:
        _wrong(where, "where", "or a share would always be all")


def _is(fields: dict[str, ActivityField], code: str, types: frozenset[FieldType], where: str) -> None:
    if code not in fields or fields[code].type not in types:
        _wrong(where, code, f"a field of type {', '.join(sorted(types))}")


def _codes(rows: tuple[Named, ...], where: str) -> None:
    codes = [one.code for one in rows]
    if len(set(codes)) != len(codes) or not all(_CODE.fullmatch(code) for code in codes):
        _wrong(where, "code", "a lower-case name, each once")


def _wrong(where: str, what: str, expected: str) -> None:
    raise ValueError(f"{where}: {what}: {expected}")
