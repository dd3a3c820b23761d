"""Tables of alerts. What sightings alone decide (how often, how much, how grave) is counted, not digested.

An account shows a typology in one living alert at a time: the partial unique index says so, recording relies on it.
"""

import sqlalchemy as sa

from lachan.foundation.storage import SALTED, Instant, Json, digest_salt, metadata

_COUNTED = {"undigested": True}

alert = sa.Table(
    "monitoring_alert",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("typology", sa.String(40), nullable=False),
    sa.Column("account", sa.Text, nullable=False, info=SALTED),
    sa.Column("institution", sa.String(40), nullable=True),
    sa.Column("level", sa.String(10), nullable=False, info=_COUNTED),
    sa.Column("score_ppm", sa.Integer, nullable=False, info=_COUNTED),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("sightings", sa.Integer, nullable=False, info=_COUNTED),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False, info=_COUNTED),
    sa.Column("first_at", Instant, nullable=False, info=_COUNTED),
    sa.Column("last_at", Instant, nullable=False, info=_COUNTED),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False, info=_COUNTED),
    sa.Column("taken_by", sa.String(80), nullable=True),
    sa.Column("taken_agency", sa.String(36), nullable=True),
    sa.Column("sentence", sa.Text, nullable=True, info=SALTED),
    sa.Column("proposed", sa.Text, nullable=True, info=SALTED),
    sa.Column("suppression_id", sa.String(36), nullable=True),
    sa.Column("claim_id", sa.String(36), nullable=True),
    sa.Column("closed_at", Instant, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    digest_salt(),
)
_living = alert.c.closed_at.is_(None)
sa.Index(
    "uq_monitoring_alert_living", alert.c.typology, alert.c.account, unique=True, sqlite_where=_living,
    postgresql_where=_living,
)  # fmt: skip
# The queue: what waits, by state, the soonest due first.
sa.Index("ix_monitoring_alert_queue", alert.c.state, alert.c.due_at, sqlite_where=_living, postgresql_where=_living)
sa.Index("ix_monitoring_alert_account", alert.c.account)
sa.Index("ix_monitoring_alert_closed", alert.c.closed_at)

sighting = sa.Table(
    "monitoring_sighting",
    metadata,
    # Said by its content: the same alert found twice is the same row.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("alert_id", sa.String(36), nullable=True, index=True),
    sa.Column("suppression_id", sa.String(36), nullable=True),
    sa.Column("typology", sa.String(40), nullable=False),
    sa.Column("level", sa.String(10), nullable=False),
    sa.Column("score_ppm", sa.Integer, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("suspect", sa.Text, nullable=True),
    sa.Column("fired", sa.Text, nullable=False),
    sa.Column("fired_at", Instant, nullable=False),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("shown", Json, nullable=False),
    sa.Column("features", Json, nullable=False),
    sa.Column("source", sa.String(80), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
)
_covered = sighting.c.suppression_id.is_not(None)
sa.Index(
    "ix_monitoring_sighting_covered", sighting.c.suppression_id, sqlite_where=_covered, postgresql_where=_covered
)

step = sa.Table(
    "monitoring_alert_step",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("alert_id", sa.String(36), sa.ForeignKey("monitoring_alert.id"), nullable=False, index=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("code", sa.String(40), nullable=True),
    sa.Column("words", sa.Text, nullable=True, info=SALTED),
    digest_salt(),
)

suppression = sa.Table(
    "monitoring_suppression",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("typology", sa.String(40), nullable=True),
    sa.Column("account", sa.Text, nullable=True, info=SALTED),
    sa.Column("institution", sa.String(40), nullable=True),
    sa.Column("alert_id", sa.String(36), nullable=True),
    sa.Column("reasons", sa.Text, nullable=False, info=SALTED),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("ended_by", sa.String(80), nullable=True),
    digest_salt(),
)
_lasting = suppression.c.ended_at.is_(None)
sa.Index("ix_monitoring_suppression_until", suppression.c.until, sqlite_where=_lasting, postgresql_where=_lasting)
