"""The register's rows to model and back; the next number of a book."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.documents.administrative import Paper, PaperKind, paper_from_json
from lachan.foundation.storage import insert_into
from lachan.plans.outgoing.model import OutgoingDocument, OutgoingFile, OutgoingState
from lachan.plans.outgoing.tables import outgoing_book, outgoing_document, outgoing_file

LISTED = [one for one in outgoing_document.c if one.name != "paper"]


def next_number(conn: Connection, agency_id: str, year: int, book: str) -> int:
    """The number after the last; whoever wants one of the same book waits until this transaction ends.

    It is counted in the transaction that enters the document, so that one that fails leaves no gap.
    """
    made = insert_into(conn.dialect.name, outgoing_book).values(agency_id=agency_id, year=year, book=book, last=1)
    stepped = made.on_conflict_do_update(
        index_elements=["agency_id", "year", "book"], set_={"last": outgoing_book.c.last + 1}
    ).returning(outgoing_book.c.last)
    return int(conn.execute(stepped).scalar_one())


def document_from_row(row: Any) -> OutgoingDocument:
    """A stored line of the register."""
    return OutgoingDocument(
        row.id, row.agency_id, row.year, row.book, row.number, row.symbol, PaperKind(row.kind), row.abstract,
        date.fromisoformat(row.issued_on), row.signatory, tuple(row.recipients), OutgoingState(row.state),
        row.digest, row.about,
        row.made_by, row.made_at, row.cancelled_by, row.cancelled_at, row.cancelled_why,
    )  # fmt: skip


def document(conn: Connection, document_id: str, *, lock: bool = False) -> OutgoingDocument:
    """One document; NotFound where there is none."""
    query = sa.select(*LISTED).where(outgoing_document.c.id == document_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="document")
    return document_from_row(row)


def paper_of(conn: Connection, document_id: str) -> Paper:
    """What a document says."""
    said = conn.execute(
        sa.select(outgoing_document.c.paper).where(outgoing_document.c.id == document_id)
    ).scalar_one()
    return paper_from_json(said)


def files_of(conn: Connection, document_id: str) -> dict[str, OutgoingFile]:
    """Its files by form, as far as they were written."""
    rows = conn.execute(sa.select(outgoing_file).where(outgoing_file.c.document_id == document_id))
    return {row.form: OutgoingFile(row.form, row.sha256, bytes(row.content)) for row in rows}


def is_numbered(conn: Connection, about: str) -> bool:
    """Whether what a document belongs to bears a number that was not cancelled, whoever gave it."""
    table = outgoing_document.c
    query = sa.select(table.id).where(table.about == about, table.state == OutgoingState.ISSUED.value)
    return conn.execute(query.limit(1)).first() is not None


def keep_file(conn: Connection, document_id: str, file: OutgoingFile) -> bool:
    """Keep a file, unless one of this form is kept already; whether it was kept."""
    made = insert_into(conn.dialect.name, outgoing_file).values(
        document_id=document_id, form=file.form, sha256=file.sha256, content=file.content
    )
    done = conn.execute(made.on_conflict_do_nothing().returning(outgoing_file.c.form)).first()
    return done is not None
