"""Which agencies of the register a name means on a day: the bodies themselves, or who does their work since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from lachan.foundation.taxonomy import BodyName, body_names
from lachan.plans.reading.bodies import list_at
from lachan.plans.reading.letters import clean, fold

if TYPE_CHECKING:  # reading a file needs no store, and starts twice as fast without one
    from lachan.foundation.access import Agency

_HEADS = re.compile(
    r"(?:(?:đồng chí|thủ trưởng|chủ tịch|giám đốc|lãnh đạo|người đứng đầu|trưởng|cục trưởng|chánh văn phòng)\s+)+"
)
_PLACE = re.compile(r"\s+(?:(?:tỉnh|thành phố|tp\.?)(?=\s|$)|việt nam\b|trên địa bàn\b|có liên quan\b)")
_SHORT = (("ubnd", "ủy ban nhân dân"), ("mttq", "mặt trận tổ quốc"), ("nhnn", "ngân hàng nhà nước"))
_PLURAL = re.compile(r"^(?:tất cả\s+)?(?:các|những|mọi|từng)\s|\bcác\b")
_GENERAL = re.compile(r"\b(?:liên quan|chức năng|có thẩm quyền|chuyên môn|địa phương|các cấp)\b")
_STEPS_MAX = 50


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a name means. `matches`: sure; `unsure`: a person chooses among these (empty: nothing fits).

    `unknown` are the parts of the name for which no agency was found, as written.
    """

    matches: tuple[Agency, ...]
    unsure: tuple[Agency, ...] = ()
    unknown: tuple[str, ...] = ()


def resolve(name: str, agencies: Sequence[Agency], on: date) -> Resolved:
    """The agencies that do the work of `name` on that day.

    A list ("Sở Y tế, Sở Nội vụ") yields all of them, a plural ("UBND các xã, phường") every agency of its kind. A
    body that has ended yields its recorded successor, else the agencies of the kinds that the taxonomy names as its
    heirs: one heir is sure, several are not. Agencies are compared by name, short name, then kind.
    """
    told = clean(name)
    parts = [found.text for found in list_at(told, 0)]
    if not parts or sum(map(len, parts)) < 0.7 * len(told.rstrip(" .:;")):
        parts = [told]
    matches: dict[str, Agency] = {}
    unsure: dict[str, Agency] = {}
    unknown: list[str] = []
    for part in parts:
        sure, maybe = _one(part, agencies, on)
        matches.update((agency.id, agency) for agency in sure)
        unsure.update((agency.id, agency) for agency in maybe)
        if not sure and not maybe:
            unknown.append(part)
    left = tuple(agency for key, agency in unsure.items() if key not in matches)
    return Resolved(tuple(matches.values()), left, tuple(unknown))


def is_general(name: str) -> bool:
    """Whether a name means bodies of some kind, and no one body: "các sở, ngành liên quan"."""
    small = fold(clean(name))
    known = _known(name)
    return bool(_PLURAL.search(small) or _GENERAL.search(small)) and (known is None or known.kind is None)


def _one(part: str, agencies: Sequence[Agency], on: date) -> tuple[list[Agency], list[Agency]]:
    """Sure and possible agencies of one name."""
    wanted = _key(part)
    known = _known(part)
    for field in ("name", "short_name"):
        exact = [agency for agency in agencies if _key(getattr(agency, field)) == wanted]
        if exact:
            living = _heirs(exact, agencies, on)
            if living:
                return (living, []) if len(living) == 1 else ([], living)
            break  # its end is recorded without a successor: the taxonomy knows whose work it became
    if known is None or known.kind is None:
        return [], []
    kinds: tuple[str, ...] = (known.kind,)
    if known.valid_to is not None and known.valid_to < on:
        kinds = known.successors
    found = [agency for agency in agencies if agency.kind in kinds and agency.exists_on(on)]
    if not found and not known.successors:
        found = _heirs([agency for agency in agencies if agency.kind == known.kind], agencies, on)
    everyone = len(kinds) == 1 and bool(_PLURAL.search(fold(part)))
    return (found, []) if everyone or len(found) == 1 else ([], found)


def _heirs(agencies: Sequence[Agency], everyone: Sequence[Agency], on: date) -> list[Agency]:
    """Those that exist on the day: the agencies themselves, or the ends of their recorded successions."""
    by_id = {agency.id: agency for agency in everyone}
    found: dict[str, Agency] = {}
    for agency in agencies:
        current: Agency | None = agency
        for _ in range(_STEPS_MAX):
            if current is None or current.exists_on(on) or current.successor_id is None:
                break
            current = by_id.get(current.successor_id)
        if current is not None and current.exists_on(on):
            found[current.id] = current
    return list(found.values())


def _key(name: str) -> str:
    """A name for comparing: without offices ("Chủ tịch …"), abbreviations, place words, dashes."""
    small = _HEADS.sub("", fold(clean(name)))
    for short, long in _SHORT:
        small = re.sub(rf"\b{short}\b", long, small)
    return " ".join(re.sub(r"[-–,.]", " ", _PLACE.sub("", small)).split())


@cache
def _names() -> tuple[tuple[str, BodyName], ...]:
    rows = [(_key(name), row) for row in body_names() for name in (row.vi, *row.also)]
    return tuple(sorted(rows, key=lambda pair: -len(pair[0])))


def _known(part: str) -> BodyName | None:
    """The taxonomy's row for a name, by its longest beginning."""
    wanted = _key(part)
    return next((row for key, row in _names() if wanted == key or wanted.startswith(f"{key} ")), None)
