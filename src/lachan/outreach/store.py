"""Items, steps, campaigns, reach, rises: rows to model and back, and the statements."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.storage import among, insert_into
from lachan.outreach.model import (
    AUTHORSHIP,
    Act,
    Campaign,
    Item,
    ItemKind,
    ItemState,
    ItemStep,
    Reach,
    Rise,
    Severity,
    Words,
)
from lachan.outreach.tables import campaign, item, reach, rise, step


def item_from_row(row: Any) -> Item:
    """A stored item."""
    return Item(
        row.id, row.code, ItemKind(row.kind), ItemState(row.state), row.agency_id, row.campaign_id, row.channel,
        row.audience, row.scam_form, Severity(row.severity) if row.severity else None, _words(row.words["vi"]),
        _words(row.words["en"]), row.digest, _rise(row.rise), row.made_by, row.made_at, row.changed_at,
        row.approved_by, row.published_at, row.expires_at, row.ended_at, row.end_reason, row.end_words, row.version,
    )  # fmt: skip


def _words(said: Mapping[str, Any]) -> Words:
    return Words(said["title"], said["text"], tuple(said["signs"]), tuple(said["steps"]))


def _rise(said: Mapping[str, Any] | None) -> Rise | None:
    if said is None:
        return None
    return Rise(
        said["form"], datetime.fromisoformat(said["until"]), said["recent"], said["earlier"], said["weeks"],
        said["one_in"],
    )  # fmt: skip


def rise_as_json(one: Rise) -> dict[str, Any]:
    """The figures behind a draft, as they are stored."""
    return {
        "form": one.scam_form, "until": one.until.isoformat(), "recent": one.recent, "earlier": one.earlier,
        "weeks": one.weeks, "one_in": one.one_in,
    }  # fmt: skip


def campaign_from_row(row: Any) -> Campaign:
    """A stored campaign."""
    cells = tuple((audience, channel) for audience, channel in row.cells)
    return Campaign(
        row.id, row.code, row.agency_id, row.title, row.aim, row.scam_form, date.fromisoformat(row.starts_on),
        date.fromisoformat(row.ends_on), cells,
        row.closed_at, row.made_by, row.made_at, row.version,
    )  # fmt: skip


def reach_from_row(row: Any) -> Reach:
    """A stored use."""
    return Reach(
        row.id, row.item_id, row.agency_id, row.used_at, row.people, row.source, row.stated_by, row.evidence,
        row.times, row.seconds, row.place, row.made_by, row.made_at, row.corrected_by,
    )  # fmt: skip


def item_by_code(conn: Connection, code: str, *, lock: bool = False) -> Item:
    """One item; NotFound where there is none. `lock`: nobody else takes a step before the commit."""
    query = sa.select(item).where(item.c.code == code)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    return item_from_row(row)


def campaign_by_code(conn: Connection, code: str, *, lock: bool = False) -> Campaign:
    """One campaign; NotFound where there is none."""
    query = sa.select(campaign).where(campaign.c.code == code)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="campaign")
    return campaign_from_row(row)


def campaign_by_id(conn: Connection, campaign_id: str) -> Campaign:
    """One campaign; NotFound where there is none."""
    row = conn.execute(sa.select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="campaign")
    return campaign_from_row(row)


def authors_of(conn: Connection, item_id: str) -> set[str]:
    """Everybody who wrote, changed or submitted an item."""
    wrote = step.c.act.in_([act.value for act in AUTHORSHIP])
    return set(conn.execute(sa.select(step.c.by).where(step.c.item_id == item_id, wrote)).scalars())


def steps_of(conn: Connection, item_id: str) -> list[ItemStep]:
    """The steps of an item's life, in their order."""
    rows = conn.execute(sa.select(step).where(step.c.item_id == item_id).order_by(step.c.id))
    return [ItemStep(Act(row.act), ItemState(row.state), row.by, row.at, row.code, row.words) for row in rows]


def reaches_of(conn: Connection, item_ids: Sequence[str]) -> list[Reach]:
    """What is recorded of the use of items, the newest use first; corrected records too."""
    query = sa.select(reach).where(among(conn, reach.c.item_id, item_ids))
    return [reach_from_row(row) for row in conn.execute(query.order_by(reach.c.used_at.desc(), reach.c.id.desc()))]


def due_items(conn: Connection, now: datetime) -> list[str]:
    """Codes of what is still published though its time is over."""
    query = sa.select(item.c.code).where(item.c.state == ItemState.PUBLISHED.value, item.c.expires_at <= now)
    return list(conn.execute(query.order_by(item.c.expires_at)).scalars())


def living_rises(conn: Connection) -> dict[str, str]:
    """The rises that go on: form and id."""
    rows = conn.execute(sa.select(rise.c.scam_form, rise.c.id).where(rise.c.ended_at.is_(None)))
    return {row.scam_form: row.id for row in rows}


def begin_rise(conn: Connection, values: Mapping[str, Any]) -> bool:
    """Keep a rise; False where another worker was faster: then its draft is the one."""
    made = insert_into(conn.dialect.name, rise).values(**values)
    made = made.on_conflict_do_nothing(index_elements=["scam_form"], index_where=rise.c.ended_at.is_(None))
    return conn.execute(made.returning(rise.c.id)).first() is not None


def end_rise(conn: Connection, rise_id: str, now: datetime) -> None:
    """The rise is over: the next one drafts anew."""
    conn.execute(sa.update(rise).where(rise.c.id == rise_id).values(ended_at=now))


def tie_rise(conn: Connection, rise_id: str, item_id: str) -> None:
    """The draft that a rise has led to."""
    conn.execute(sa.update(rise).where(rise.c.id == rise_id).values(item_id=item_id))
