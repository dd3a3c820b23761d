"""Whom of the register a plan's words name."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from lachan.foundation.access import Agency
from lachan.plans.kept.rules import name_key

Resolve = Callable[[str, Sequence[Agency], date], Sequence[str]]
"""A name as a document writes it, the register, and the day -> ids of agencies; empty where nobody is meant."""

_AND = re.compile(r"\s*[,;]\s*|\s+và\s+")


def by_name(name: str, agencies: Sequence[Agency], on: date) -> Sequence[str]:
    """The bodies that carry exactly this name, or each name of a list; the living ones before those that ended."""
    whole = _named(name, agencies, on)
    if whole:
        return whole
    parts = [_named(part, agencies, on) for part in _AND.split(name) if part.strip()]
    return tuple(dict.fromkeys(one for part in parts for one in part)) if all(parts) else ()


def _named(name: str, agencies: Sequence[Agency], on: date) -> tuple[str, ...]:
    wanted = name_key(name)
    found = [one for one in agencies if wanted in {name_key(one.name), name_key(one.short_name)}]
    living = [one for one in found if one.exists_on(on)]
    return tuple(one.id for one in (living or found)[:1])
