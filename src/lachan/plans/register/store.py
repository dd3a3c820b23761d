"""Contacts and receipts: rows to model and back."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.plans import tables
from lachan.plans.register.model import Contact


def contacts(conn: Connection) -> dict[str, Contact]:
    """Everybody who has said whom to write to."""
    return {
        row.id: Contact(row.id, row.head, row.email, row.head_email)
        for row in conn.execute(sa.select(tables.contact))
    }
