"""The 34 provinces and 3,321 communes since 01/07/2025: found by code or by name, with a point for the map.

`data/places.csv`. The points are one for each commune, not borders: nothing here says where a commune ends.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lachan.foundation.base import BadInput
from lachan.foundation.taxonomy.model import TaxonomyReason


@dataclass(frozen=True, slots=True)
class Province:
    """A province or city; `lat`, `lon` the middle of its communes' points, in degrees."""

    code: str
    name: str
    lat: float
    lon: float

    @property
    def short(self) -> str:
        """Without what kind of province it is: `Cao Bằng`."""
        return _bare(self.name)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, ward or special zone; `name` says which: `Xã Đàm Thủy`."""

    code: str
    name: str
    province_code: str
    lat: float
    lon: float


@cache
def communes() -> dict[str, Commune]:
    """Every commune by its code, in the order of provinces and codes."""
    return {row["code"]: Commune(
        row["code"], row["name"], row["province_code"], float(row["lat"]), float(row["lon"])
    ) for row in _rows()}  # fmt: skip


@cache
def provinces() -> dict[str, Province]:
    """Every province by its code."""
    names = {row["province_code"]: row["province"] for row in _rows()}
    members = defaultdict(list)
    for one in communes().values():
        members[one.province_code].append(one)
    return {
        code: Province(
            code, name, sum(c.lat for c in members[code]) / len(members[code]),
            sum(c.lon for c in members[code]) / len(members[code]),
        )
        for code, name in names.items()
    }  # fmt: skip


def place_name(code: str) -> str:
    """`Xã Đàm Thủy, Cao Bằng`; the code itself where it is unknown."""
    one = communes().get(code)
    return f"{one.name}, {provinces()[one.province_code].short}" if one else code


def communes_of(province_code: str) -> tuple[Commune, ...]:
    """A province's communes by name; none where the code is unknown."""
    return _by_province().get(province_code, ())


def find_commune(text: str, province_code: str | None = None) -> Commune:
    """The commune of a code, of `Xã Đàm Thủy, Cao Bằng`, or of `Đàm Thủy` in the province given.

    Marks may be left out where that leaves one commune. BadInput TAXONOMY_PLACE_UNKNOWN, or TAXONOMY_PLACE_SEVERAL.
    """
    typed = " ".join(text.split())
    digits = typed.zfill(5)
    if typed.isascii() and typed.isdigit() and digits in communes():
        return communes()[digits]
    name, _, where = typed.partition(",")
    if where.strip():
        asked = {_plain(where), _plain(_bare(where))}
        named = [one.code for one in provinces().values() if asked & {_plain(one.name), _plain(one.short)}]
        if not named:
            raise BadInput(TaxonomyReason.PLACE_UNKNOWN, value=typed[:60])
        province_code = named[0]
    found = _matching(name, province_code) or (_matching(name, None) if not where.strip() else [])
    if not found:
        raise BadInput(TaxonomyReason.PLACE_UNKNOWN, value=typed[:60])
    if len(found) > 1:
        said = "; ".join(place_name(one.code) for one in found[:3])
        raise BadInput(TaxonomyReason.PLACE_SEVERAL, value=typed[:60], found=said)
    return found[0]


def _matching(name: str, province_code: str | None) -> list[Commune]:
    """By the whole name first, then the bare one, then both without marks."""
    index = _index()
    for form in (_lower(name), _lower(_bare(name)) if _bare(name) == name.strip() else "", _plain(name)):
        found = [one for one in index.get(form, ()) if province_code in (None, one.province_code)] if form else []
        if found:
            return found
    return []


@cache
def _index() -> dict[str, tuple[Commune, ...]]:
    made: defaultdict[str, dict[str, Commune]] = defaultdict(dict)
    for one in communes().values():
        for form in (_lower(one.name), _lower(_bare(one.name)), _plain(one.name), _plain(_bare(one.name))):
            made[form][one.code] = one
    return {form: tuple(found.values()) for form, found in made.items()}


@cache
def _by_province() -> dict[str, tuple[Commune, ...]]:
    made: defaultdict[str, list[Commune]] = defaultdict(list)
    for one in communes().values():
        made[one.province_code].append(one)
    return {code: tuple(sorted(found, key=lambda c: _plain(_bare(c.name)))) for code, found in made.items()}


def _bare(name: str) -> str:
    return re.sub(r"^(thành phố|tỉnh|phường|xã|đặc khu|tp\.?)\s+", "", name.strip(), flags=re.IGNORECASE)


def _lower(name: str) -> str:
    return unicodedata.normalize("NFC", name).lower().strip()


def _plain(name: str) -> str:
    """Without marks: also `Thuỷ` and `Thủy` are then the same."""
    parts = unicodedata.normalize("NFD", _lower(name).replace("đ", "d"))
    return "".join(c for c in parts if not unicodedata.combining(c))


@cache
def _rows() -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath("data", "places.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
