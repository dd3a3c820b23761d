"""What the holder of a listed identifier sees by the notice's code, and by the appeal's: nothing of who claimed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor, InputReason, NotFound
from lachan.foundation.identifiers import mask
from lachan.registry import store
from lachan.registry.model import Appeal, Verdict
from lachan.registry.tables import appeal, entry


@dataclass(frozen=True, slots=True)
class Notice:
    """A listing as its holder may see it; `appeal` is the last one, where there is one."""

    code: str
    masked: str
    verdict: Verdict
    reasons: tuple[str, ...]
    listed_since: datetime | None
    review_at: datetime | None
    appeal: Appeal | None
    may_appeal: bool


def notice_by_code(conn: Connection, code: str, now: datetime) -> Notice:
    """The listing that a notice speaks of. NotFound where no notice has this code."""
    row = conn.execute(sa.select(entry).where(entry.c.notice_code == code)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    found = store.entry_from_row(row)
    last = next(reversed(store.appeals_of(conn, found.id)), None)
    verdict = found.in_force(now)
    decided = last is None or last.outcome is not None
    return Notice(
        code, mask(found.key), verdict, found.reasons if verdict is not Verdict.CLEAR else (), found.listed_since,
        found.review_at, last, verdict is not Verdict.CLEAR and decided,
    )  # fmt: skip


def appeal_by_code(conn: Connection, code: str) -> tuple[Appeal, str]:
    """An appeal by its own code, and the notice's code. NotFound where there is none."""
    row = conn.execute(
        sa.select(appeal, entry.c.notice_code)
        .join(entry, entry.c.id == appeal.c.entry_id)
        .where(appeal.c.code == code)
    ).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    return store.appeal_from_row(row), str(row.notice_code or "")


def appeal_holder(conn: Connection, actor: Actor, appeal_id: str) -> str:
    """Who objects, and how to be reached; empty where it was erased. Show it only to who has stated a purpose."""
    require(actor, Permission.REGISTRY_APPEAL_DECIDE)
    row = conn.execute(
        sa.select(appeal.c.holder_name, appeal.c.holder_contact).where(appeal.c.id == appeal_id)
    ).first()
    return " · ".join(filter(None, row)) if row is not None else ""
