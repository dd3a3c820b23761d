"""Tables of the registry. Claims, decisions and appeals are the record; an entry is recomputed from them.

A key is an account, phone or link. Times are stored as instants; the few columns that end a claim or check a
decision are filled once.
"""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

PERSONAL = {"undigested": True}


batch = sa.Table(
    "registry_batch",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("feed", sa.String(24), nullable=False),
    sa.Column("list_name", sa.String(80), nullable=True),
    sa.Column("claimant", sa.String(40), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("rows_done", sa.Integer, nullable=False),
    *(
        sa.Column(name, sa.Integer, nullable=False, default=0)
        for name in ("added", "updated", "unchanged", "delisted", "conflicts", "rejected")
    ),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant, nullable=True),
    sa.Column("started_by", sa.String(80), nullable=False),
)
sa.Index("ix_registry_batch_feed", batch.c.feed, batch.c.list_name, batch.c.state)

claim = sa.Table(
    "registry_claim",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    # Claims are found through their entry: new entries' ids rise, so a list of millions is written in order.
    sa.Column("entry_id", sa.String(36), nullable=False, index=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("claimant", sa.String(40), nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("source", sa.String(24), nullable=False),
    sa.Column("list_name", sa.String(80), nullable=True),
    sa.Column("reason", sa.String(8), nullable=False),
    sa.Column("scam_form", sa.String(64), nullable=True),
    sa.Column("confidence", sa.Integer, nullable=False),
    sa.Column("legal_basis", sa.String(64), nullable=False),
    sa.Column("evidence", sa.Text, nullable=True),
    sa.Column("first_seen", Instant, nullable=True),
    sa.Column("last_seen", Instant, nullable=True),
    sa.Column("claimed_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("batch_id", sa.String(36), nullable=True),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("origin", sa.String(80), nullable=True),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("end_kind", sa.String(16), nullable=True),
    sa.Column("ended_by", sa.String(80), nullable=True),
    sa.Column("end_note", sa.Text, nullable=True),
)
_listed = sa.and_(claim.c.list_name.is_not(None), claim.c.ended_at.is_(None))
sa.Index("ix_registry_claim_list", claim.c.list_name, claim.c.key, sqlite_where=_listed, postgresql_where=_listed)

entry = sa.Table(
    "registry_entry",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("verdict", sa.String(8), nullable=False),
    sa.Column("reasons", sa.String(120), nullable=False),
    sa.Column("guard", sa.String(16), nullable=True),
    sa.Column("claims", sa.Integer, nullable=False),
    sa.Column("claimants", sa.Integer, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("listed_since", Instant, nullable=True),
    sa.Column("review_at", Instant, nullable=True),
    sa.Column("until", Instant, nullable=True),
    sa.Column("next_at", Instant, nullable=True, index=True),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("notice_code", sa.String(16), nullable=True),
)
_noticed = entry.c.notice_code.is_not(None)
sa.Index(
    "uq_registry_entry_notice", entry.c.notice_code, unique=True, sqlite_where=_noticed, postgresql_where=_noticed
)
# Few wait for a person; most of a million are simply active.
_waiting = entry.c.state.in_(["proposed", "corroborated", "review"])
sa.Index(
    "ix_registry_entry_waiting", entry.c.state, entry.c.review_at, sqlite_where=_waiting, postgresql_where=_waiting
)

decision = sa.Table(
    "registry_decision",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("entry_id", sa.String(36), sa.ForeignKey("registry_entry.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("verdict", sa.String(8), nullable=True),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("review_at", Instant, nullable=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("checked_by", sa.String(80), nullable=True),
    sa.Column("checked_at", Instant, nullable=True),
    sa.Column("appeal_id", sa.String(36), nullable=True),
)

appeal = sa.Table(
    "registry_appeal",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("entry_id", sa.String(36), sa.ForeignKey("registry_entry.id"), nullable=False, index=True),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("holder_name", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("holder_contact", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("grounds", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("opened_at", Instant, nullable=False, index=True),
    sa.Column("target_at", Instant, nullable=False),
    sa.Column("decide_by", Instant, nullable=False),
    sa.Column("overdue_at", Instant, nullable=True),
    sa.Column("decided_at", Instant, nullable=True),
    sa.Column("decided_by", sa.String(80), nullable=True),
    sa.Column("outcome", sa.String(16), nullable=True),
    sa.Column("reasons", sa.Text, nullable=True),
    # When the listing appealed against began: how long somebody was listed wrongly is a figure.
    sa.Column("listed_since", Instant, nullable=True),
)

# One transaction's changes of verdicts in force: one fact of the trail, whose sealed number orders them.
change_set = sa.Table(
    "registry_change_set",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("fact_id", sa.String(36), nullable=False, unique=True),
    sa.Column("changes", sa.Integer, nullable=False),
)

change = sa.Table(
    "registry_change",
    metadata,
    sa.Column("set_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entry_id", sa.String(36), nullable=False, index=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("verdict", sa.String(8), nullable=False),
    sa.Column("reasons", sa.String(120), nullable=False),
    sa.Column("until", Instant, nullable=True),
    sqlite_with_rowid=False,
)
