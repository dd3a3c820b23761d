"""Column types that mean the same on SQLite and PostgreSQL."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant, stored as microseconds since 1970 UTC: exact, sortable, the same on both stores."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone cannot be stored")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=int(value))


SALTED = {"salted": True}
"""A column whose value enters the trail's digests only under the row's salt: it can be erased one day."""


def digest_salt() -> "sa.Column[bytes]":
    """The salt of a row with SALTED columns; erasing the row destroys it, so that old digests tell nothing."""
    return sa.Column(
        "digest_salt", sa.LargeBinary, nullable=True, default=lambda: secrets.token_bytes(16),
        info={"undigested": True},
    )  # fmt: skip


class Json(sa.types.TypeDecorator[Any]):
    """A JSON document; JSONB on PostgreSQL, text on SQLite."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import JSONB

            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(sa.JSON(none_as_null=True))
