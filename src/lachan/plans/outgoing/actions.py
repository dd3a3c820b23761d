"""Issue a document under the next number, write its files, cancel it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lachan.foundation.access import AccessReason, Permission, clean_text, require
from lachan.foundation.base import Actor, Conflict, NotAllowed, new_id
from lachan.foundation.documents.administrative import Paper, paper_docx, paper_pdf, paper_to_json
from lachan.foundation.storage import Database, Unit, add_row, change_row
from lachan.foundation.trail import append
from lachan.plans.outgoing import rules, store
from lachan.plans.outgoing.model import OutgoingDocument, OutgoingFile, OutgoingReason, OutgoingState
from lachan.plans.outgoing.tables import outgoing_document
from lachan.plans.outgoing.views import document, kept_by

FORMS: dict[str, Callable[[Paper], bytes]] = {"pdf": paper_pdf, "docx": paper_docx}
_WHY_MAX = 500


def issue(unit: Unit, paper: Paper, *, about: str | None = None) -> OutgoingDocument:
    """Give a document of the actor's own agency the next number of its book and today's date.

    Number and document are one transaction: no number without its document, and none given twice. The files are
    written afterwards (`write_files`), so that nobody waits for a typesetter to get the next number.

    Raises:
        Conflict: NUMBERED_ALREADY where the document bears a number.
    """
    agency_id = _own_agency(unit.actor)
    require(unit.actor, Permission.DOCUMENT_ISSUE, agency_id)
    if paper.number is not None:
        raise Conflict(OutgoingReason.NUMBERED_ALREADY)
    day, book = rules.day_of(unit.now), rules.book_of(paper.kind)
    number = store.next_number(unit.conn, agency_id, day.year, book)
    final = replace(paper, number=number, issued_on=day)
    digest = rules.paper_digest(final)
    row = add_row(
        unit.conn, outgoing_document,
        {
            "id": new_id(), "agency_id": agency_id, "year": day.year, "book": book, "number": number,
            "symbol": final.symbol, "kind": final.kind.value, "abstract": final.abstract,
            "issued_on": day.isoformat(), "signatory": final.signature.name, "recipients": list(final.recipients),
            "paper": paper_to_json(final), "digest": digest, "about": about, "state": OutgoingState.ISSUED.value,
            "made_by": unit.actor.reference, "made_at": unit.now,
        },
    )  # fmt: skip
    made = store.document_from_row(row)
    _record(unit, "document.issued", made, {"number": made.reference, "year": day.year, "digest": digest})
    return made


def write_files(db: Database, now: datetime, actor: Actor, document_id: str) -> dict[str, OutgoingFile]:
    """The document's PDF and DOCX: as first written, or written now and kept with their digests in the trail."""
    with db.read() as conn:
        found = document(conn, actor, rules.day_of(now), document_id)
        kept = store.files_of(conn, document_id)
        paper = store.paper_of(conn, document_id)
    missing = [form for form in FORMS if form not in kept]
    if not missing:
        return kept
    made = {form: FORMS[form](paper) for form in missing}
    with db.unit(now, actor) as unit:
        written = {}
        for form, content in made.items():
            file = OutgoingFile(form, hashlib.sha256(content).hexdigest(), content)
            if store.keep_file(unit.conn, document_id, file):
                written[form] = file.sha256
        if written:
            _record(unit, "document.written", found, {"sha256": written})
        return store.files_of(unit.conn, document_id)


def cancel(unit: Unit, document_id: str, why: str) -> OutgoingDocument:
    """Cancel a document, with the reason; its number stays in the register and is given to nobody else.

    An ended body's register is its successor's to keep.
    """
    found = store.document(unit.conn, document_id, lock=True)
    require(unit.actor, Permission.DOCUMENT_ISSUE, kept_by(unit.conn, found, rules.day_of(unit.now)))
    if found.state is OutgoingState.CANCELLED:
        raise Conflict(OutgoingReason.ALREADY_CANCELLED)
    said = clean_text(why, "reasons", limit=_WHY_MAX)
    row = change_row(
        unit.conn, outgoing_document, found.id,
        {
            "state": OutgoingState.CANCELLED.value, "cancelled_by": unit.actor.reference,
            "cancelled_at": unit.now, "cancelled_why": said,
        },
    )  # fmt: skip
    done = store.document_from_row(row)
    _record(unit, "document.cancelled", done, {"number": done.reference})
    return done


def _own_agency(actor: Actor) -> str:
    if actor.agency_id is None:
        raise NotAllowed(AccessReason.NO_AGENCY)
    return actor.agency_id


def _record(unit: Unit, kind: str, document: OutgoingDocument, data: dict[str, object]) -> None:
    append(unit, kind, f"document:{document.id}", data, rows=[("outgoing_document", document.id)])
