"""The stream on one machine, and what came of any stream: how far, which verdicts, what could not be used."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

# The stream that needs no server: numbered without a gap, because who adds holds the counter's row.
transfer_stream = sa.Table(
    "transfer_stream",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

transfer_message = sa.Table(
    "transfer_message",
    metadata,
    sa.Column("stream", sa.String(64), primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("published_at", Instant, nullable=False, index=True),
    # Who sent it and under which key: the same again adds nothing.
    sa.Column("sent_as", sa.String(160), nullable=False, unique=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# How far each owner has committed. Only who moves it from where it was may commit what it judged.
stream_owner = sa.Table(
    "stream_owner",
    metadata,
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("stream", sa.String(64), primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("transfers", sa.BigInteger, nullable=False),
    sa.Column("alerts", sa.BigInteger, nullable=False),
    sa.Column("dead_letters", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

# One row a message: of each transfer with an alert, a typology's or the model's, its place, score and codes. The
# others' score is 0, or with a model in use below its threshold.
transfer_verdict = sa.Table(
    "transfer_verdict",
    metadata,
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("stream", sa.String(64), primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("transfers", sa.Integer, nullable=False),
    sa.Column("verdicts", Json, nullable=False),
)

transfer_dead_letter = sa.Table(
    "transfer_dead_letter",
    metadata,
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("stream", sa.String(64), primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    # The place in the message from 1; 0: the message itself.
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("field", sa.String(64), nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
)
