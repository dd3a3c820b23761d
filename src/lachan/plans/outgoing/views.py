"""Read-only questions about outgoing documents. An agency sees its own register, and that of ended bodies
whose work has passed to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agency_on, reaches_all, require, works_for
from lachan.foundation.base import Actor
from lachan.foundation.storage import among
from lachan.plans.outgoing import store
from lachan.plans.outgoing.model import OutgoingDocument
from lachan.plans.outgoing.tables import outgoing_book, outgoing_document

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Book:
    """A series of numbers and how far it has come."""

    agency_id: str
    year: int
    book: str
    last: int


def kept_by(conn: Connection, document: OutgoingDocument, today: date) -> str:
    """Whose register a document is in today: its agency's, or that of an ended one's successor."""
    return agency_on(conn, document.agency_id, today).id


def own(conn: Connection, actor: Actor, today: date) -> frozenset[str]:
    """The bodies whose registers the actor's agency keeps today."""
    return works_for(conn, actor.agency_id, today) if actor.agency_id else frozenset()


def books(conn: Connection, actor: Actor, today: date) -> list[Book]:
    """The books that the actor may see, the newest year first."""
    require(actor, Permission.DOCUMENT_READ)
    query = sa.select(outgoing_book).order_by(outgoing_book.c.year.desc(), outgoing_book.c.book)
    if not reaches_all(actor, Permission.DOCUMENT_READ):
        query = query.where(among(conn, outgoing_book.c.agency_id, sorted(own(conn, actor, today))))
    return [Book(row.agency_id, row.year, row.book, row.last) for row in conn.execute(query)]


def register(
    conn: Connection, actor: Actor, today: date, *, year: int, book: str | None = None, before: str | None = None
) -> list[OutgoingDocument]:
    """One page of a year's documents, the newest first; `before` is the id of the document to go on from."""
    require(actor, Permission.DOCUMENT_READ)
    table = outgoing_document
    query = sa.select(*store.LISTED).where(table.c.year == year)
    if not reaches_all(actor, Permission.DOCUMENT_READ):
        query = query.where(among(conn, table.c.agency_id, sorted(own(conn, actor, today))))
    if book is not None:
        query = query.where(table.c.book == book)
    if before is not None:
        query = query.where(table.c.id < before)
    # Ids rise with the numbers of a book; several agencies give the same number, and none may be passed over.
    rows = conn.execute(query.order_by(table.c.id.desc()).limit(PAGE_ROWS))
    return [store.document_from_row(row) for row in rows]


def document(conn: Connection, actor: Actor, today: date, document_id: str) -> OutgoingDocument:
    """One document."""
    found = store.document(conn, document_id)
    require(actor, Permission.DOCUMENT_READ, kept_by(conn, found, today))
    return found


def documents_about(conn: Connection, actor: Actor, today: date, about: str) -> list[OutgoingDocument]:
    """Those that belong to something, the oldest first; of other agencies none."""
    return documents_about_each(conn, actor, today, [about])[about]


def documents_about_each(
    conn: Connection, actor: Actor, today: date, about: Sequence[str]
) -> dict[str, list[OutgoingDocument]]:  # fmt: skip
    """The same for several things, in two queries."""
    found: dict[str, list[OutgoingDocument]] = {one: [] for one in about}
    if not found:
        return found
    table = outgoing_document.c
    query = sa.select(*store.LISTED).where(among(conn, table.about, list(found))).order_by(table.made_at, table.id)
    if not reaches_all(actor, Permission.DOCUMENT_READ):
        query = query.where(among(conn, table.agency_id, sorted(own(conn, actor, today))))
    for row in conn.execute(query):
        found[row.about].append(store.document_from_row(row))
    return found
