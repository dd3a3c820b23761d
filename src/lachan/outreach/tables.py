"""Tables of communication. No personal data belongs into any of them: everything here may be public one day.

One form of report has one living rise at a time: the partial unique index says so, drafting relies on it.
"""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

campaign = sa.Table(
    "outreach_campaign",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("agency_id", sa.String(36), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("aim", sa.Text, nullable=False),
    sa.Column("scam_form", sa.String(64), nullable=True),
    sa.Column("starts_on", sa.String(10), nullable=False),
    sa.Column("ends_on", sa.String(10), nullable=False),
    sa.Column("cells", Json, nullable=False),
    sa.Column("closed_at", Instant, nullable=True),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

item = sa.Table(
    "outreach_item",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=False),
    sa.Column("campaign_id", sa.String(36), sa.ForeignKey("outreach_campaign.id"), nullable=True, index=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("audience", sa.String(30), nullable=False),
    sa.Column("scam_form", sa.String(64), nullable=True),
    sa.Column("severity", sa.String(10), nullable=True),
    sa.Column("words", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("rise", Json, nullable=True),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("approved_by", sa.String(80), nullable=True),
    sa.Column("published_at", Instant, nullable=True),
    sa.Column("expires_at", Instant, nullable=True),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("end_reason", sa.String(20), nullable=True),
    sa.Column("end_words", sa.Text, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
)
sa.Index("ix_outreach_item_work", item.c.agency_id, item.c.state, item.c.changed_at)
sa.Index("ix_outreach_item_public", item.c.kind, item.c.state, item.c.changed_at)
_ends = sa.and_(item.c.state == "published", item.c.expires_at.is_not(None))
sa.Index("ix_outreach_item_expires", item.c.expires_at, sqlite_where=_ends, postgresql_where=_ends)

step = sa.Table(
    "outreach_step",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("item_id", sa.String(36), sa.ForeignKey("outreach_item.id"), nullable=False, index=True),
    sa.Column("act", sa.String(10), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("code", sa.String(20), nullable=True),
    sa.Column("words", sa.Text, nullable=True),
)

reach = sa.Table(
    "outreach_reach",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("item_id", sa.String(36), sa.ForeignKey("outreach_item.id"), nullable=False, index=True),
    sa.Column("agency_id", sa.String(36), nullable=True),
    sa.Column("used_at", Instant, nullable=False),
    sa.Column("people", sa.BigInteger, nullable=False),
    sa.Column("source", sa.String(20), nullable=False),
    sa.Column("stated_by", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Integer, nullable=True),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("corrected_by", sa.String(36), nullable=True),
)

rise = sa.Table(
    "outreach_rise",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("scam_form", sa.String(64), nullable=False),
    sa.Column("item_id", sa.String(36), nullable=False),
    sa.Column("found_at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=True),
)
_living = rise.c.ended_at.is_(None)
sa.Index("uq_outreach_rise_living", rise.c.scam_form, unique=True, sqlite_where=_living, postgresql_where=_living)

month = sa.Table(
    "outreach_month",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    # The first day of the month that is told of, and of the month at whose beginning it was counted.
    sa.Column("month", sa.String(10), nullable=False),
    sa.Column("closed", sa.String(10), nullable=False),
    sa.Column("reports", sa.Integer, nullable=True),
    sa.Column("reported_vnd", sa.BigInteger, nullable=True),
    sa.Column("held_vnd", sa.BigInteger, nullable=True),
    sa.Column("returned_vnd", sa.BigInteger, nullable=True),
    sa.Column("closed_at", Instant, nullable=False),
    sa.UniqueConstraint("closed", "month"),
)

# What each report stood at in the sum that was told last: never shown, only compared with.
counted = sa.Table(
    "outreach_month_counted",
    metadata,
    sa.Column("trace_id", sa.String(36), primary_key=True),
    sa.Column("sum", sa.String(16), primary_key=True),
    sa.Column("month", sa.String(10), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
)
sa.Index("ix_outreach_month_counted", counted.c.month, counted.c.sum)
