"""Agencies and the codes by which institutions are known. Days are ISO text: sortable, the same on both stores."""

import sqlalchemy as sa

from lachan.foundation.storage import metadata

agency = sa.Table(
    "agency",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("short_name", sa.String(60), nullable=False),
    sa.Column("parent_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=True),
    sa.Column("province_code", sa.String(8), nullable=True),
    sa.Column("commune_code", sa.String(8), nullable=True),
    sa.Column("valid_from", sa.String(10), nullable=False),
    sa.Column("valid_to", sa.String(10), nullable=True),
    sa.Column("successor_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=True),
    sa.Column("place", sa.String(60), nullable=False, default=""),
    # A body's own line, of nobody in particular: not personal.
    sa.Column("phone", sa.String(32), nullable=False, default=""),
)

agency_code = sa.Table(
    "agency_code",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),  # the code itself: one code, one institution
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False, index=True),
)
