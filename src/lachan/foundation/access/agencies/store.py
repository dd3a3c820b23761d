"""Agencies: rows to model and back."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.agencies.model import Agency, AgencyDraft
from lachan.foundation.access.agencies.tables import agency, agency_code
from lachan.foundation.base import alphabetical
from lachan.foundation.storage import among, rows_by

# Behind every other sign: what is no letter of the alphabet stands before it.
_LETTERS_FROM = 0x30000


def _agency(row: sa.Row[Any], codes: tuple[str, ...]) -> Agency:
    return Agency(
        row.id, row.kind, row.name, row.short_name, row.parent_id, row.province_code, row.commune_code,
        date.fromisoformat(row.valid_from), date.fromisoformat(row.valid_to) if row.valid_to else None,
        row.successor_id, codes, row.place, row.phone,
    )  # fmt: skip


def find(conn: Connection, agency_id: str) -> Agency | None:
    """One agency."""
    row = conn.execute(rows_by(agency, "id"), {"id": agency_id}).first()
    if row is None:
        return None
    codes = conn.execute(rows_by(agency_code, "agency_id"), {"agency_id": agency_id}).scalars()
    return _agency(row, tuple(sorted(codes)))


def find_all(conn: Connection, kind: str | None = None) -> list[Agency]:
    """All agencies, or those of one kind, by name."""
    query = sa.select(agency)
    rows = conn.execute(query.where(agency.c.kind == kind) if kind else query).all()
    codes = _codes(conn)
    # A store sorts by bytes or by what its server was set up with; people look names up as in a dictionary.
    ordered = sorted(rows, key=lambda row: (_place(row.name), row.id))
    return [_agency(row, codes.get(row.id, ())) for row in ordered]


def id_by_code(conn: Connection, code: str) -> str | None:
    """The agency that carries a code."""
    found = conn.execute(rows_by(agency_code, "id"), {"id": code}).first()
    return str(found.agency_id) if found is not None else None


def names(conn: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The names of some agencies by id, without their codes."""
    rows = conn.execute(sa.select(agency.c.id, agency.c.name).where(among(conn, agency.c.id, ids)))
    return {row.id: row.name for row in rows}


def find_succeeded(conn: Connection) -> list[Agency]:
    """The agencies that named a successor, without their codes."""
    return [_agency(row, ()) for row in conn.execute(sa.select(agency).where(agency.c.successor_id.is_not(None)))]


def insert(conn: Connection, agency_id: str, draft: AgencyDraft) -> None:
    """Record a checked draft."""
    conn.execute(
        sa.insert(agency).values(
            id=agency_id, kind=draft.kind, name=draft.name, short_name=draft.short_name, parent_id=draft.parent_id,
            province_code=draft.province_code, commune_code=draft.commune_code,
            valid_from=draft.valid_from.isoformat(),
            valid_to=draft.valid_to.isoformat() if draft.valid_to else None, place=draft.place,
            phone=draft.phone,
        )
    )  # fmt: skip
    replace_codes(conn, agency_id, draft.codes)


def update(conn: Connection, agency_id: str, **values: str | None) -> None:
    """Change columns of one agency."""
    conn.execute(sa.update(agency).where(agency.c.id == agency_id).values(**values))


def replace_codes(conn: Connection, agency_id: str, codes: Iterable[str]) -> None:
    """Give an agency exactly these codes."""
    conn.execute(sa.delete(agency_code).where(agency_code.c.agency_id == agency_id))
    for code in codes:
        conn.execute(sa.insert(agency_code).values(id=code, agency_id=agency_id))


@lru_cache(maxsize=8192)
def _place(name: str) -> str:
    """Where a name stands in a list, as a text that is quickly compared; most of a register stays as it is from one
    page to the next."""
    letters, tones, text = alphabetical(name)
    said = "".join(chr(rank + _LETTERS_FROM * known) for known, rank in letters)
    return f"{said}\0{''.join(map(chr, tones))}\0{text}"


def _codes(conn: Connection) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in conn.execute(sa.select(agency_code).order_by(agency_code.c.id)):
        found[row.agency_id] = (*found.get(row.agency_id, ()), row.id)
    return found
