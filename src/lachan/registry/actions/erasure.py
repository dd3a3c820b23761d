"""Personal words of the registry go when their time is over, or when their holder asks and no law keeps them.

What was listed, by whom, how long and how an appeal ended stays; names, contacts, grounds, reasons and evidence go,
and with a claim's words what it said belongs together, and the digests by which that was found.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import SYSTEM
from lachan.foundation.storage import Database, Unit
from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import append, destroy_salts
from lachan.registry.actions.relating import forget_origins
from lachan.registry.model import MergeState
from lachan.registry.tables import appeal, claim, decision, merge, relation_origin, tie
from lachan.registry.views.verification import CLAIMS_ERASED

APPEALS_MAX = 500
CLAIMS_MAX = 2_000
MERGES_MAX = 500
TIES_MAX = 2_000
_APPEAL_WORDS = ("holder_name", "holder_contact", "grounds", "reasons")
_SHORTEST_MONTH = timedelta(days=28)


def erase_due_words(db: Database, now: datetime) -> int:
    """Erase what has had its time, in batches; returns how many rows. Looking costs no write lock."""
    gone = 0
    due = (_due_appeals(now), _due_claims(now), _due_merges(now), _due_ties(now))
    while True:
        with db.engine.connect() as probe, probe.begin():
            if all(probe.execute(query.limit(1)).first() is None for query in due):
                return gone
        with db.unit(now, SYSTEM) as unit:
            erased = erase_some(unit)
        if not erased:
            return gone
        gone += erased


def erase_some(unit: Unit) -> int:
    """Erase a batch of appeals, claims, merges and digests each, the oldest first; returns how many rows."""
    require(unit.actor, Permission.CLOCK_RUN)
    appeals = _over(unit, _due_appeals(unit.now).limit(APPEALS_MAX), "retention_appeal")
    claims = _over(unit, _due_claims(unit.now).limit(CLAIMS_MAX), "retention_registry_claim")
    merges = _over(unit, _due_merges(unit.now).limit(MERGES_MAX), "retention_registry_claim")
    if appeals:
        _erase_appeals(unit, appeals)
    if claims:
        _erase_claims(unit, claims)
    if merges:
        _erase_merges(unit, merges)
    return len(appeals) + len(claims) + len(merges) + _forget_ties(unit)


def erase_appeal_contact(unit: Unit, appeal_id: str) -> None:
    """Forget how to reach the holder who objected; the file of the appeal stays, as the law on complaints says."""
    require(unit.actor, Permission.DATASUBJECT_MANAGE)
    unit.conn.execute(sa.update(appeal).where(appeal.c.id == appeal_id).values(holder_contact=None))
    append(
        unit, "registry.appeal_contact_erased", f"registry_appeal:{appeal_id}", {},
        rows=[("registry_appeal", appeal_id)],
    )  # fmt: skip


def _erase_appeals(unit: Unit, ids: list[str]) -> None:
    unit.conn.execute(sa.update(appeal).where(appeal.c.id.in_(ids)).values(dict.fromkeys(_APPEAL_WORDS)))
    # The decision that an appeal led to gives the same reasons.
    made = list(unit.conn.execute(sa.select(decision.c.id).where(decision.c.appeal_id.in_(ids))).scalars())
    unit.conn.execute(sa.update(decision).where(decision.c.id.in_(made)).values(reasons=""))
    destroy_salts(unit, [f"registry_appeal:{one}" for one in ids])
    append(
        unit, "retention.listing_appeals_erased", "registry", {"appeals": len(ids)},
        rows=[*(("registry_appeal", one) for one in ids), *(("registry_decision", one) for one in made)],
    )  # fmt: skip


def _erase_claims(unit: Unit, ids: list[str]) -> None:
    forget_origins(unit, [f"claim:{one}" for one in ids])
    unit.conn.execute(
        sa.update(claim).where(claim.c.id.in_(ids)).values(evidence=None, end_note=None, digest_salt=None)
    )
    append(
        unit, CLAIMS_ERASED, "registry", {"claims": len(ids)}, rows=[("registry_claim", one) for one in ids]
    )  # fmt: skip


def _erase_merges(unit: Unit, ids: list[str]) -> None:
    unit.conn.execute(sa.update(merge).where(merge.c.id.in_(ids)).values(reasons=""))
    append(
        unit, "retention.merges_erased", "registry", {"merges": len(ids)},
        rows=[("registry_merge", one) for one in ids],
    )  # fmt: skip


def _forget_ties(unit: Unit) -> int:
    over = retention("retention_registry_claim", unit.now)
    rows = unit.conn.execute(_due_ties(unit.now).limit(TIES_MAX)).all()
    rows = [row for row in rows if over.has_run_out(row.seen_at, unit.now)]
    if rows:
        this = sa.and_(*(tie.c[name] == sa.bindparam(f"b_{name}") for name in ("kind", "digest", "key")))
        unit.conn.execute(
            sa.delete(tie).where(this),
            [{"b_kind": row.kind, "b_digest": row.digest, "b_key": row.key} for row in rows],
        )
        append(unit, "retention.ties_forgotten", "registry", {"ties": len(rows)})
    return len(rows)


def _over(unit: Unit, due: "sa.Select[tuple[str, datetime]]", code: str) -> list[str]:
    rows = unit.conn.execute(due).all()
    return [row.id for row in rows if retention(code, row.since).has_run_out(row.since, unit.now)]


def _due_appeals(now: datetime) -> "sa.Select[tuple[str, datetime]]":
    """Decided long ago, and still saying something. An open one is needed."""
    says = sa.or_(*(appeal.c[name].is_not(None) for name in _APPEAL_WORDS))
    since = appeal.c.decided_at.label("since")
    return sa.select(appeal.c.id, since).where(since <= _earliest("retention_appeal", now), says).order_by(since)


def _due_claims(now: datetime) -> "sa.Select[tuple[str, datetime]]":
    """Ended or expired long ago, with words that somebody wrote, or things it said belong together."""
    related = sa.exists().where(relation_origin.c.origin == sa.literal("claim:") + claim.c.id)
    says = sa.or_(claim.c.evidence.is_not(None), claim.c.end_note.is_not(None), related)
    since = sa.func.coalesce(claim.c.ended_at, claim.c.expires_at, type_=claim.c.expires_at.type).label("since")
    due = since <= _earliest("retention_registry_claim", now)
    return sa.select(claim.c.id, since).where(due, says).order_by(since)


def _due_merges(now: datetime) -> "sa.Select[tuple[str, datetime]]":
    """Refused or taken back long ago, with the reasons given then. What stands keeps its reasons."""
    since = merge.c.decided_at.label("since")
    due = sa.and_(since <= _earliest("retention_registry_claim", now), merge.c.state != MergeState.ACCEPTED)
    return sa.select(merge.c.id, since).where(due, merge.c.reasons != "").order_by(since)


def _due_ties(now: datetime) -> "sa.Select[tuple[str, str, str, datetime]]":
    """Digests that no claim has named for as long as a claim's words are kept."""
    return (
        sa.select(tie.c.kind, tie.c.digest, tie.c.key, tie.c.seen_at)
        .where(tie.c.seen_at <= _earliest("retention_registry_claim", now))
        .order_by(tie.c.seen_at)
    )


def _earliest(code: str, now: datetime) -> datetime:
    """Early enough for every row that can be due; the exact instant depends on the calendar, and on the row."""
    return now - retention(code, now).value * _SHORTEST_MONTH
