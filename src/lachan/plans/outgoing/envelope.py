"""An issued document in the envelope by which agencies of the state exchange documents.

Unverified, as `foundation/exchange/edxml.py` says: whoever sends one has it validated by the exchange axis first.
"""

import re
from datetime import date

from sqlalchemy.engine import Connection

from lachan.foundation.access import Agency, agencies, agency
from lachan.foundation.base import Actor, Conflict, Language, translate
from lachan.foundation.exchange.edxml import Attachment, EdxmlMessage, Party, edxml
from lachan.plans.outgoing import store
from lachan.plans.outgoing.model import OutgoingDocument, OutgoingReason, OutgoingState
from lachan.plans.outgoing.views import document

# A state body's code (QCVN 102: `H01.01.99`); institutions' BINs are none.
_ORGAN = re.compile(r"[a-z][0-9]{2}(?:\.[0-9]{2,3})*|(?:[0-9]{3}\.){3}[a-z][0-9]{2}")


def file_name(document: OutgoingDocument, form: str) -> str:
    """What a document's file is called wherever it goes: `2026-11-23-05-BC.pdf`."""
    return f"{document.issued_on.isoformat()}-{document.number:02d}-{document.book}.{form}"


def envelope(conn: Connection, actor: Actor, today: date, document_id: str) -> bytes:
    """The document's envelope; its PDF and DOCX travel beside it under their own names.

    A receiver's code stands where the register has a body of that name with one, else its name alone.

    Raises:
        Conflict: ALREADY_CANCELLED: what was taken back is sent to nobody.
    """
    found = document(conn, actor, today, document_id)
    if found.state is OutgoingState.CANCELLED:
        raise Conflict(OutgoingReason.ALREADY_CANCELLED)
    paper = store.paper_of(conn, found.id)
    known = {one.name.casefold(): one for one in agencies(conn)}
    sender = _party(agency(conn, found.agency_id))
    names = dict.fromkeys(paper.addressees or paper.recipients)
    receivers = tuple(
        _party(known[name.casefold()]) if name.casefold() in known else Party("", name) for name in names
    )
    message = EdxmlMessage(
        document_id=f"{sender.organ_id},{found.issued_on:%Y/%m/%d},{found.reference}", sender=sender,
        receivers=receivers, number=f"{found.number:02d}", notation=found.symbol, place=paper.issuer.place,
        issued_on=found.issued_on, type_name=translate(f"periodic.paper_{found.kind.value}", Language.VI),
        subject=found.abstract, competence=", ".join(line.capacity.value for line in paper.signature.behalf),
        position=paper.signature.position, signatory=paper.signature.name, to_places=tuple(paper.recipients),
        sent_at=found.made_at, attachments=tuple(
            Attachment(file_name(found, form), translate(f"periodic.attached_{form}", Language.VI))
            for form in ("pdf", "docx")
        ),
    )  # fmt: skip
    return edxml(message)


def _party(one: Agency) -> Party:
    code = next((code.upper() for code in one.codes if _ORGAN.fullmatch(code)), "")
    return Party(code, one.name, one.place, phone=one.phone)
