"""Issue a letter of urging (*công văn đôn đốc*) that a reminder has drafted, under the next number."""

import sqlalchemy as sa

from lachan.foundation.access import Permission, agency_on, require
from lachan.foundation.base import Conflict, InputReason, NotFound
from lachan.foundation.documents.administrative import Paper, PaperKind, Paragraph
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans import tables
from lachan.plans.kept import store as kept
from lachan.plans.outgoing import OutgoingDocument, OutgoingReason, issue
from lachan.plans.outgoing.rules import symbol_of
from lachan.plans.outgoing.store import is_numbered
from lachan.plans.reporting.actions.issuing import Signing, issuer_of

_LIKE_ABOVE = "Như trên"
_ABOUT = "V/v "


def about(reminder_id: str) -> str:
    """How the register names what a letter belongs to."""
    return f"plan_reminder:{reminder_id}"


def issue_letter(unit: Unit, reminder_id: str, signing: Signing) -> OutgoingDocument:
    """The letter as a document of the agency that consolidates the plan; one is in force at a time.

    Raises:
        NotFound: there is no such reminder, or it goes without a letter.
        NotAllowed: by anybody but the consolidating agency.
        Conflict: NUMBERED_ALREADY where it was issued, and not cancelled.
    """
    _r = tables.reminder
    row = unit.conn.execute(sa.select(_r).where(_r.c.id == reminder_id).with_for_update()).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="reminder")
    plan = kept.find(unit.conn, row.plan_id)
    own = agency_on(unit.conn, plan.consolidator_id, vietnam_date(unit.now)).id
    require(unit.actor, Permission.DOCUMENT_ISSUE, own)
    if row.letter is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="letter")
    if is_numbered(unit.conn, about(reminder_id)):
        raise Conflict(OutgoingReason.NUMBERED_ALREADY)
    paper = Paper(
        kind=PaperKind.REMINDER, issuer=issuer_of(unit.conn, own), number=None,
        symbol=symbol_of(PaperKind.REMINDER, signing.letters), issued_on=None,
        abstract=str(row.letter["abstract"]).removeprefix(_ABOUT),
        body=tuple(Paragraph(one) for one in row.letter["paragraphs"]), signature=signing.signature,
        addressees=(row.letter["to"],), recipients=signing.recipients or (_LIKE_ABOVE,), archive=signing.archive,
    )  # fmt: skip
    return issue(unit, paper, about=about(reminder_id))
