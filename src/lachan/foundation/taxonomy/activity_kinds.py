"""The kinds of activity in use: read from `data/activities/`, checked once."""

from datetime import date, datetime
from functools import cache

from lachan.foundation.taxonomy.activity_checks import check_kind
from lachan.foundation.taxonomy.activity_model import ActivityKind
from lachan.foundation.taxonomy.loading import current, find, load_each


def all_activity_kinds() -> tuple[ActivityKind, ...]:
    """Every kind there is or was, checked.

    Raises:
        ValueError: a file says something that cannot be; the message names file and field.
    """
    return _checked()


def activity_kinds(on: date | datetime) -> tuple[ActivityKind, ...]:
    """The kinds in use on that day."""
    return current(_checked(), on)


def activity_kind(code: str, on: date | datetime) -> ActivityKind:
    """One kind in use; NotFound with a named reason where there is none."""
    return find(_checked(), code, on)


@cache
def _checked() -> tuple[ActivityKind, ...]:
    kinds = load_each("activities", ActivityKind)
    for kind in kinds:
        check_kind(kind)
    return kinds
