"""Read-only questions about texts and campaigns, for staff. An agency sees its own work and what was published."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, may, reaches_all, require
from lachan.foundation.base import Actor, InputReason, NotFound
from lachan.foundation.taxonomy import reach_source
from lachan.intake import ReportStatus
from lachan.intake.tables import report
from lachan.outreach import store
from lachan.outreach.model import SHOWN, Campaign, Item, ItemKind, ItemState, ItemStep, Reach, Words
from lachan.outreach.tables import campaign, item

ROWS_MOST = 60
TABS = (
    ItemState.SUBMITTED, ItemState.DRAFT, ItemState.APPROVED, ItemState.PUBLISHED, ItemState.RETRACTED,
    ItemState.EXPIRED,
)  # fmt: skip
"""The states as tabs, what waits for somebody first."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Sums over uses that stand: people of each use added up (nobody knows who heard it twice), and time on air."""

    people: int = 0
    counted: int = 0
    uses: int = 0
    times: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item with its life and its uses."""

    item: Item
    steps: tuple[ItemStep, ...]
    uses: tuple[Reach, ...]
    reached: Reached
    campaign: Campaign | None
    authors: frozenset[str]


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A campaign: its pieces by (audience, channel), and the sums over their uses."""

    campaign: Campaign
    pieces: dict[tuple[str, str], tuple[Item, ...]]
    reached: Reached
    by_audience: dict[str, Reached] = field(default_factory=dict)
    by_channel: dict[str, Reached] = field(default_factory=dict)


def items(
    conn: Connection, actor: Actor, state: ItemState, kind: ItemKind | None = None, limit: int = ROWS_MOST
) -> list[Item]:
    """Items of one state, the one changed last first."""
    query = sa.select(item).where(_sight(actor), item.c.state == state.value)
    if kind is not None:
        query = query.where(item.c.kind == kind.value)
    rows = conn.execute(query.order_by(item.c.changed_at.desc(), item.c.id.desc()).limit(limit))
    return [store.item_from_row(row) for row in rows]


def counts(conn: Connection, actor: Actor) -> dict[ItemState, int]:
    """How many items stand where."""
    query = sa.select(item.c.state, sa.func.count()).where(_sight(actor)).group_by(item.c.state)
    found = {ItemState(state): int(count) for state, count in conn.execute(query)}
    return {state: found.get(state, 0) for state in ItemState}


def item_page(conn: Connection, actor: Actor, code: str) -> ItemPage:
    """Everything about one item; NotFound where there is none, or none that the actor may see.

    Of another agency's work only what was public: no remarks between its people, no words that were taken back,
    no counts of reports.
    """
    require(actor, Permission.OUTREACH_READ)
    one = store.item_by_code(conn, code)
    own = may(actor, Permission.OUTREACH_READ, one.agency_id)
    if one.state not in SHOWN and not own:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    if not own:
        one = replace(one, rise=None)  # how many reports there are is for who reads reports
    uses = store.reaches_of(conn, [one.id])
    steps = [step for step in store.steps_of(conn, one.id) if own or step.state in SHOWN]
    if one.state is ItemState.RETRACTED and not own:
        one = replace(one, vi=Words(one.vi.title), en=Words(one.en.title))
    return ItemPage(
        one, tuple(steps), tuple(uses), reached(uses),
        store.campaign_by_id(conn, one.campaign_id) if one.campaign_id else None,
        frozenset(store.authors_of(conn, one.id)),
    )  # fmt: skip


def campaigns(conn: Connection, actor: Actor, limit: int = ROWS_MOST) -> list[Campaign]:
    """The actor's agency's campaigns, or all; those that go on first, then the newest."""
    require(actor, Permission.OUTREACH_READ)
    query = sa.select(campaign)
    if not reaches_all(actor, Permission.OUTREACH_READ):
        query = query.where(campaign.c.agency_id == actor.agency_id)
    order = (campaign.c.closed_at.is_not(None), campaign.c.ends_on.desc(), campaign.c.id.desc())
    return [store.campaign_from_row(row) for row in conn.execute(query.order_by(*order).limit(limit))]


def campaign_page(conn: Connection, actor: Actor, code: str) -> CampaignPage:
    """One campaign with its pieces and sums; NotFound where there is none, or none of the actor's."""
    one = store.campaign_by_code(conn, code)
    if not may(actor, Permission.OUTREACH_READ, one.agency_id):
        require(actor, Permission.OUTREACH_READ)
        raise NotFound(InputReason.NO_SUCH_RECORD, field="campaign")
    query = sa.select(item).where(item.c.campaign_id == one.id, item.c.state != ItemState.DROPPED.value)
    pieces = [store.item_from_row(row) for row in conn.execute(query.order_by(item.c.id))]
    by_cell: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for piece in pieces:
        by_cell[piece.audience, piece.channel].append(piece)
    uses = store.reaches_of(conn, [piece.id for piece in pieces])
    of = {piece.id: piece for piece in pieces}
    by_audience: dict[str, list[Reach]] = defaultdict(list)
    by_channel: dict[str, list[Reach]] = defaultdict(list)
    for use in uses:
        by_audience[of[use.item_id].audience].append(use)
        by_channel[of[use.item_id].channel].append(use)
    return CampaignPage(
        one, {cell: tuple(found) for cell, found in by_cell.items()}, reached(uses),
        {name: reached(some) for name, some in by_audience.items()},
        {name: reached(some) for name, some in by_channel.items()},
    )  # fmt: skip


def reached(uses: Sequence[Reach]) -> Reached:
    """The sums over uses; corrected records are left out."""
    standing = [one for one in uses if one.corrected_by is None]
    return Reached(
        sum(one.people for one in standing), sum(one.people for one in standing if _counted(one)), len(standing),
        sum(one.times for one in standing), sum(one.times * (one.seconds or 0) for one in standing),
    )  # fmt: skip


def _counted(one: Reach) -> bool:
    return reach_source(one.source, one.made_at).counted


def reports_since(conn: Connection, since: datetime) -> dict[str, int]:
    """Reports by form since an instant."""
    query = sa.select(report.c.scam_form, sa.func.count()).where(
        report.c.received_at >= since, report.c.scam_form.is_not(None),
        report.c.status.not_in((ReportStatus.DUPLICATE.value, ReportStatus.WITHDRAWN.value)),
    )  # fmt: skip
    return {form: int(count) for form, count in conn.execute(query.group_by(report.c.scam_form))}


def waiting(conn: Connection, actor: Actor) -> int:
    """How many texts wait for this person's approval."""
    if not may(actor, Permission.OUTREACH_APPROVE):
        return 0
    query = sa.select(sa.func.count()).select_from(item)
    query = query.where(item.c.state == ItemState.SUBMITTED.value, item.c.agency_id == actor.agency_id)
    return int(conn.execute(query).scalar_one())


def _sight(actor: Actor) -> sa.ColumnElement[bool]:
    require(actor, Permission.OUTREACH_READ)
    if reaches_all(actor, Permission.OUTREACH_READ):
        return sa.true()
    shown = item.c.state.in_([state.value for state in SHOWN])
    return sa.or_(item.c.agency_id == actor.agency_id, shown)
