"""Drafts: rows to model and back."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.documents import Urgency
from lachan.foundation.documents.administrative import PaperKind
from lachan.plans.drafting.model import Draft, Written
from lachan.plans.drafting.tables import outgoing_draft

_D = outgoing_draft


def draft(conn: Connection, draft_id: str, *, lock: bool = False) -> Draft:
    """One draft; NotFound where there is none."""
    query = sa.select(_D).where(_D.c.id == draft_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="draft")
    return draft_from_row(row)


def open_drafts(conn: Connection, agency_id: str) -> list[Draft]:
    """What an agency is writing, the newest change first."""
    query = sa.select(_D).where(
        _D.c.agency_id == agency_id, _D.c.document_id.is_(None), _D.c.dropped_at.is_(None)
    )  # fmt: skip
    return [draft_from_row(row) for row in conn.execute(query.order_by(_D.c.changed_at.desc(), _D.c.id.desc()))]


def draft_from_row(row: Any) -> Draft:
    """A stored draft."""
    said = dict(row.written) | {"kind": PaperKind(row.written["kind"]), "urgency": Urgency(row.written["urgency"])}
    return Draft(
        row.id, row.agency_id, Written(**said), row.version, row.made_by, row.made_at, row.changed_by,
        row.changed_at, row.document_id, row.dropped_at,
    )  # fmt: skip


def written_to_json(written: Written) -> dict[str, str]:
    """What was typed, as it is stored."""
    return {name: str(value) for name, value in asdict(written).items()}
