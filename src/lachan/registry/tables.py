"""Tables of the registry. Claims, decisions and appeals are the record; an entry is recomputed from them.

A key is an account, phone or link. Times are stored as instants; the few columns that end a claim or check a
decision are filled once.
"""

import sqlalchemy as sa

from lachan.foundation.storage import SALTED, Instant, digest_salt, metadata

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
    sa.Column("key", sa.Text, nullable=False, info=SALTED),
    sa.Column("claimant", sa.String(40), nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("source", sa.String(24), nullable=False),
    sa.Column("list_name", sa.String(80), nullable=True),
    sa.Column("reason", sa.String(8), nullable=False),
    sa.Column("scam_form", sa.String(64), nullable=True),
    sa.Column("confidence", sa.Integer, nullable=False),
    sa.Column("legal_basis", sa.String(64), nullable=False),
    sa.Column("evidence", sa.Text, nullable=True, info=SALTED),
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
    # Imported claims have none: they are digested together, as one Merkle root of their chunk.
    digest_salt(),
)
_listed = sa.and_(claim.c.list_name.is_not(None), claim.c.ended_at.is_(None))
# A report or hold takes its claims back with it; a list's claims have no such origin.
_caused = claim.c.origin.is_not(None)
sa.Index("ix_registry_claim_origin", claim.c.origin, sqlite_where=_caused, postgresql_where=_caused)
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
# What is in force is counted for every page of figures: in the index alone, without the entries.
_in_force = entry.c.verdict != "clear"
sa.Index(
    "ix_registry_entry_in_force", entry.c.verdict, entry.c.until, sqlite_where=_in_force, postgresql_where=_in_force
)
# Lists of these are asked for, newest first, and a million others may lie between two of them. SQLite takes an
# index of a part only for a question in the very words of its condition: `views/listing.py` asks in them.
RARE_STATES, RARE_VERDICTS = ("delisted", "expired"), ("clear", "step_up", "block")
_ended = entry.c.state.in_(RARE_STATES)
_graded = entry.c.verdict.in_(RARE_VERDICTS)
sa.Index("ix_registry_entry_ended", entry.c.state, entry.c.id, sqlite_where=_ended, postgresql_where=_ended)
sa.Index("ix_registry_entry_graded", entry.c.verdict, entry.c.id, sqlite_where=_graded, postgresql_where=_graded)

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

# What moved together with what. Each edge stands twice, so that either end finds it by one index; `times` counts
# the origins that say so. Keys of people who are no suspects may stand here: an edge goes with its origins.
relation = sa.Table(
    "registry_relation",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.String(12), primary_key=True),
    sa.Column("other", sa.Text, primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index("ix_registry_relation_seen", relation.c.key, relation.c.kind, relation.c.seen_at, relation.c.other)

# Which report, answer, claim or merge an edge came from, once: saying it again adds nothing.
relation_origin = sa.Table(
    "registry_relation_origin",
    metadata,
    sa.Column("origin", sa.String(80), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.String(12), primary_key=True),
    sa.Column("other", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)

# What claims have in common: the digest of one claimant's word for a device, a subscriber, a holder, a paper.
tie = sa.Table(
    "registry_tie",
    metadata,
    sa.Column("kind", sa.String(12), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("seen_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index("ix_registry_tie_seen", tie.c.kind, tie.c.digest, tie.c.seen_at)
sa.Index("ix_registry_tie_forget", tie.c.seen_at)

# Two keys that are one thing, or that a person said are not. `key` < `other`; one row a pair, the last word stands.
merge = sa.Table(
    "registry_merge",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("key", sa.Text, nullable=False, info=SALTED),
    sa.Column("other", sa.Text, nullable=False, index=True, info=SALTED),
    sa.Column("why", sa.String(24), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("decided_by", sa.String(80), nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    digest_salt(),
    sa.UniqueConstraint("key", "other"),
)

# Who paid a suspected or soon suspected account, for as long as their bank may still have to be told. Personal, of
# people who did nothing: never digested, and deleted when the time to warn is over.
payment = sa.Table(
    "registry_payment",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("payee", sa.Text, nullable=False, info=PERSONAL),
    sa.Column("payer", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("payer_institution", sa.String(40), nullable=False),
    sa.Column("reference", sa.String(80), nullable=True, info=PERSONAL),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("booked_at", Instant, nullable=False, index=True),
    # Who said so, and where: an institution is not told what it told.
    sa.Column("told_by", sa.String(40), nullable=True),
    sa.Column("origin", sa.String(80), nullable=False, index=True),
    sa.Column("settled_at", Instant, nullable=True),
    sa.Column("message_id", sa.String(36), nullable=True),
)
sa.Index("ix_registry_payment_payee", payment.c.payee, payment.c.booked_at)
