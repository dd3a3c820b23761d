"""The register: the last number of each book, one row a document, its files beside it."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

outgoing_book = sa.Table(
    "outgoing_book",
    metadata,
    sa.Column("agency_id", sa.String(36), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("book", sa.String(8), primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

outgoing_document = sa.Table(
    "outgoing_document",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("book", sa.String(8), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("symbol", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("abstract", sa.Text, nullable=False),
    sa.Column("issued_on", sa.String(10), nullable=False),
    sa.Column("signatory", sa.Text, nullable=False),
    sa.Column("recipients", Json, nullable=False),
    sa.Column("paper", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("about", sa.String(80), nullable=True, index=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("cancelled_by", sa.String(80), nullable=True),
    sa.Column("cancelled_at", Instant, nullable=True),
    sa.Column("cancelled_why", sa.Text, nullable=True),
    sa.UniqueConstraint("agency_id", "year", "book", "number"),
)

outgoing_file = sa.Table(
    "outgoing_file",
    metadata,
    sa.Column("document_id", sa.String(36), sa.ForeignKey("outgoing_document.id"), primary_key=True),
    sa.Column("form", sa.String(4), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
