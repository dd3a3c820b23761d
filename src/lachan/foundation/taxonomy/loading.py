"""Reads the YAML rows: once, when first asked, into typed values; anything unexpected is an error."""

import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from lachan.foundation.base import NotFound
from lachan.foundation.taxonomy.model import Entry, TaxonomyReason

Row = TypeVar("Row")
AnyEntry = TypeVar("AnyEntry", bound=Entry)


def load(file: str, kind: type[Row]) -> tuple[Row, ...]:
    """All rows of one data file, in its order.

    Raises:
        ValueError: a row has a missing or unknown key, or a value of the wrong type.
    """
    shape: object = kind
    rows: tuple[Row, ...] = _load(file, shape)
    return rows


def read(file: str) -> list[Mapping[str, object]]:
    """The plain rows of one data file."""
    text = resources.files(__package__).joinpath("data", f"{file}.yaml").read_text(encoding="utf-8")
    rows = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader, in C)
    if not isinstance(rows, list):
        raise ValueError(f"{file}.yaml: a list of rows was expected")
    return rows


def load_each(folder: str, kind: type[Row]) -> tuple[Row, ...]:
    """One row from each data file of a folder, by the files' names.

    Raises:
        ValueError: as `load`; also where a file's row has another code than the file's name.
    """
    shape: object = kind
    rows: tuple[Row, ...] = _load_each(folder, shape)
    return rows


def find(rows: Iterable[AnyEntry], code: str, on: date | datetime) -> AnyEntry:
    """The row of that code which is in force on that day.

    Raises:
        NotFound: `taxonomy_code_unknown`, or `taxonomy_not_in_force` where only other days have a row.
    """
    known = False
    for row in rows:
        if row.code == code:
            known = True
            if row.in_force(on):
                return row
    if known:
        raise NotFound(TaxonomyReason.NOT_IN_FORCE, field="code", code=code, on=str(on))
    raise NotFound(TaxonomyReason.CODE_UNKNOWN, field="code", code=code)


def current(rows: Iterable[AnyEntry], on: date | datetime) -> tuple[AnyEntry, ...]:
    """The rows in force on that day."""
    return tuple(row for row in rows if row.in_force(on))


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def _load(file: str, kind: object) -> tuple[Any, ...]:
    return tuple(_row(node, kind, f"{file}[{number}]") for number, node in enumerate(read(file), start=1))


@cache
def _load_each(folder: str, kind: object) -> tuple[Any, ...]:
    files = resources.files(__package__).joinpath("data", folder).iterdir()
    rows = []
    for file in sorted((one for one in files if one.name.endswith(".yaml")), key=lambda one: one.name):
        where = f"{folder}/{file.name}"
        node = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a safe loader, in C)
        if not isinstance(node, Mapping):
            raise ValueError(f"{where}: one row was expected")
        row = _row(node, kind, where)
        if f"{row.code}.yaml" != file.name:
            raise ValueError(f"{where}: its code is {row.code}")
        rows.append(row)
    return tuple(rows)


def _row(node: Mapping[str, object], kind: Any, where: str) -> Any:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    if not needed <= set(node) <= set(names):
        raise ValueError(f"{where}: keys differ from {kind.__name__}: {sorted(set(node) ^ set(names))}")
    return kind(**{name: _value(node[name], hints[name], f"{where}.{name}") for name in names if name in node})


def _value(value: object, wanted: Any, where: str) -> object:
    if get_origin(wanted) in (Union, types.UnionType):
        if value is None:
            return None
        wanted = next(option for option in get_args(wanted) if option is not type(None))
    if get_origin(wanted) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where}: a list was expected")
        return tuple(_value(item, get_args(wanted)[0], where) for item in value)
    if is_dataclass(wanted):
        if not isinstance(value, Mapping):
            raise ValueError(f"{where}: keys and values were expected")
        return _row(value, wanted, where)
    if issubclass(wanted, StrEnum):
        if value not in set(wanted):
            raise ValueError(f"{where}: one of {', '.join(wanted)} was expected, not {value!r}")
        return wanted(value)
    # `type() is`: a bool must not pass for an int, nor a datetime for a date.
    if type(value) is not wanted or value == "":
        raise ValueError(f"{where}: {wanted.__name__} was expected, not {value!r}")
    return value
