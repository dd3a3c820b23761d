"""Tables of activities. What a record holds may name people, so its digest is salted and it can be erased.

`activity_sum` is kept in the transaction of the record that changes it, and equals a recount at any time.
"""

import sqlalchemy as sa

from lachan.foundation.storage import SALTED, Instant, Json, digest_salt, metadata

activity = sa.Table(
    "activity",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=False),
    sa.Column("province", sa.String(2), nullable=False),
    sa.Column("commune", sa.String(5), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("state", sa.String(40), nullable=False),
    sa.Column("due_on", sa.String(10), nullable=True),
    sa.Column("content", Json, nullable=False, info=SALTED),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("recorded_by", sa.String(80), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("withdrawn_at", Instant, nullable=True),
    # What it was sent under: the same again is no second record.
    sa.Column("key", sa.String(80), nullable=False, unique=True),
    sa.Column("source", sa.String(8), nullable=False),
    # When what names people was erased; what it counts stays.
    sa.Column("erased_at", Instant, nullable=True),
    digest_salt(),
)
# Lists: an agency's records of a kind, the newest work first; all of a kind for who sees all.
sa.Index("ix_activity_own", activity.c.agency_id, activity.c.kind, activity.c.day, activity.c.id)
sa.Index("ix_activity_kind", activity.c.kind, activity.c.day, activity.c.id)
# How many there are of each kind is counted in the index alone.
sa.Index("ix_activity_count", activity.c.kind, activity.c.agency_id, activity.c.withdrawn_at, activity.c.due_on)
_waiting = sa.and_(activity.c.due_on.is_not(None), activity.c.withdrawn_at.is_(None))
sa.Index("ix_activity_due", activity.c.due_on, sqlite_where=_waiting, postgresql_where=_waiting)
_whole = activity.c.erased_at.is_(None)
sa.Index("ix_activity_whole", activity.c.changed_at, sqlite_where=_whole, postgresql_where=_whole)

change = sa.Table(
    "activity_change",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("activity_id", sa.String(36), sa.ForeignKey("activity.id"), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("act", sa.String(12), nullable=False),
    sa.Column("before", Json, nullable=False, info=SALTED),
    sa.Column("state_before", sa.String(40), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.Text, nullable=False, info=SALTED),
    digest_salt(),
)

kept_sum = sa.Table(
    "activity_sum",
    metadata,
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("figure", sa.String(40), primary_key=True),
    # Before the day: what is of all communes together lies together.
    sa.Column("commune", sa.String(5), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("agency_id", sa.String(36), primary_key=True),
    sa.Column("part", sa.String(40), primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("base", sa.BigInteger, nullable=False),
)

share = sa.Table(
    "activity_share",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("activity_id", sa.String(36), sa.ForeignKey("activity.id"), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("ended_by", sa.String(80), nullable=True),
)
_shared = share.c.ended_at.is_(None)
sa.Index("ix_activity_share_agency", share.c.agency_id, share.c.activity_id)
sa.Index(
    "uq_activity_share_lasting", share.c.activity_id, share.c.agency_id, unique=True, sqlite_where=_shared,
    postgresql_where=_shared,
)  # fmt: skip

named = sa.Table(
    "activity_named",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=False),
    sa.Column("person_id", sa.String(36), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("ended_by", sa.String(80), nullable=True),
)
_lasting = named.c.ended_at.is_(None)
sa.Index(
    "uq_activity_named_lasting", named.c.kind, named.c.agency_id, named.c.person_id, unique=True,
    sqlite_where=_lasting, postgresql_where=_lasting,
)  # fmt: skip

# A file that a worker takes in; its content goes with its end. Written and erased by `filed.py`.
file = sa.Table(
    "activity_file",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=False),
    sa.Column("taken_by", sa.String(80), nullable=False),
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("recorded", sa.Integer, nullable=False),
    sa.Column("repeated", sa.Integer, nullable=False),
    sa.Column("refused_rows", sa.Integer, nullable=False),
    sa.Column("refused", Json, nullable=False),
    sa.Column("failed", sa.String(64), nullable=False),
    sa.Column("ended_at", Instant, nullable=True, index=True),
)
