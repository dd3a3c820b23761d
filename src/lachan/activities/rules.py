"""What follows from a record: its place and day, when its stage is due, which figures it yields. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from lachan.activities.model import EVERYWHERE, Activity, ActivityReason, SumKey, Values
from lachan.activities.reading import day_of
from lachan.foundation.base import Conflict
from lachan.foundation.taxonomy import (
    ActivityFigure,
    ActivityKind,
    FieldType,
    FigureOf,
    add_working_days,
    communes,
)


def where_and_when(kind: ActivityKind, values: Values, province: str) -> tuple[str, str, str]:
    """Province, commune (empty where the record names none) and day of the work."""
    commune = str(values.get(kind.place, "")) if kind.place else ""
    known = communes().get(commune)
    return (known.province_code if known else province), commune, day_of(values[kind.happened])


def due_on(kind: ActivityKind, state: str, values: Values, entered: date) -> str | None:
    """Until when the record may stay in its stage; None where no clock runs."""
    if not state:
        return None
    stage = kind.state(state)
    if stage.due_field is not None:
        return day_of(values[stage.due_field]) if values.get(stage.due_field) else None
    if stage.due_days is None:
        return None
    if stage.working:
        return add_working_days(entered, stage.due_days).isoformat()
    return (entered + timedelta(days=stage.due_days)).isoformat()


def check_move(kind: ActivityKind, one: Activity, to: str) -> None:
    """Refuse a stage that does not follow."""
    if not one.state or to not in kind.state(one.state).next:
        raise Conflict(ActivityReason.NOT_NEXT_STATE, field="state")


def yields(kind: ActivityKind, values: Values, state: str) -> list[tuple[str, str, int, int]]:
    """What a record adds to each figure: (figure, part, amount, base)."""
    made = []
    for figure in kind.figures:
        taken = _takes(kind, figure, values, state)
        amount, base = _amounts(figure, values, taken)
        if amount or base:
            part = str(values.get(figure.by, "")) if figure.by else ""
            made.append((figure.code, part, amount, base))
    return made


def _takes(kind: ActivityKind, figure: ActivityFigure, values: Values, state: str) -> bool:
    if figure.states and state not in figure.states:
        return False
    if figure.where is None:
        return True
    value = values.get(figure.where)
    if kind.field(figure.where).type is FieldType.CHOICES:
        return bool(set(figure.among) & set(value or ()))
    return value in figure.among


def _amounts(figure: ActivityFigure, values: Values, taken: bool) -> tuple[int, int]:
    if figure.of is FigureOf.COUNT:
        return int(taken), 0
    if figure.of is FigureOf.SUM:
        return (int(values.get(figure.field or "", 0)) if taken else 0), 0
    if figure.field is None:
        return int(taken), 1
    if not taken:
        return 0, 0
    return int(values.get(figure.field, 0)), int(values.get(figure.over or "", 0))


def counted_fields(kind: ActivityKind) -> frozenset[str]:
    """The fields that figures, the day, the place and the clocks of a kind are read from."""
    named = [kind.happened, kind.place, *(state.due_field for state in kind.states)]
    for figure in kind.figures:
        named += [figure.field, figure.over, figure.where, figure.by]
    return frozenset(one for one in named if one)


Sums = Mapping[SumKey, tuple[int, int]]


def sums_of(kind: ActivityKind, records: Iterable[tuple[Activity, int]]) -> dict[SumKey, tuple[int, int]]:
    """What records add to the kept sums; each with 1 where it comes and -1 where it goes. Zeros are left out."""
    amounts: Counter[SumKey] = Counter()
    bases: Counter[SumKey] = Counter()
    for one, sign in records:
        for figure, part, amount, base in yields(kind, one.values, one.state):
            for commune in (one.commune, EVERYWHERE):
                key = SumKey(one.kind, figure, commune, one.day, one.agency_id, part)
                amounts[key] += sign * amount
                bases[key] += sign * base
    return {key: (amounts[key], bases[key]) for key in sorted(amounts) if amounts[key] or bases[key]}


def differences(kind: ActivityKind, before: Values, after: Values) -> list[tuple[str, Any, Any]]:
    """The fields that differ, in the form's order: (field, before, after)."""
    return [
        (one.code, before.get(one.code), after.get(one.code))
        for one in kind.fields
        if before.get(one.code) != after.get(one.code)
    ]
