"""Issue a report as a numbered document."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agency, agency_on, require
from lachan.foundation.base import Actor, Conflict
from lachan.foundation.documents import Issuer
from lachan.foundation.documents.administrative import Paper, PaperKind, Signature
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.outgoing import OutgoingDocument, OutgoingReason, issue
from lachan.plans.outgoing.rules import symbol_of
from lachan.plans.outgoing.store import is_numbered
from lachan.plans.reporting import store
from lachan.plans.reporting.model import HANDED_IN, PeriodicReport, ReportReason
from lachan.plans.reporting.paper import paper_of
from lachan.plans.reporting.recording import today_is
from lachan.plans.reporting.rounds import round_of
from lachan.plans.reporting.views import full_names, may_read


@dataclass(frozen=True, slots=True)
class Signing:
    """What the office adds to a report's content: its letters (`CAT-PA05`), who signs, gets and keeps it."""

    letters: str
    signature: Signature
    recipients: tuple[str, ...] = ()
    archive: str = ""


UNSIGNED = Signing("", Signature("Thủ trưởng cơ quan", ""))
"""For a look at a report before anybody has said who signs it."""


def issue_report(unit: Unit, report_id: str, signing: Signing) -> OutgoingDocument:
    """Enter a report that was handed in in the register of its agency, under the next number; one is in force at a
    time.

    Raises:
        Conflict: NOT_FINISHED for a draft; NUMBERED_ALREADY where it was issued, and not cancelled.
    """
    report = store.report(unit.conn, report_id, lock=True)
    require(unit.actor, Permission.DOCUMENT_ISSUE, today_is(unit, report.agency_id))
    if report.state not in HANDED_IN:
        raise Conflict(ReportReason.NOT_FINISHED)
    about = f"plan_report:{report.id}"
    if is_numbered(unit.conn, about):
        raise Conflict(OutgoingReason.NUMBERED_ALREADY)
    return issue(unit, report_paper(unit.conn, unit.actor, unit.now, report, signing), about=about)


def report_paper(conn: Connection, actor: Actor, now: datetime, report: PeriodicReport, signing: Signing) -> Paper:
    """The report as a document without a number, as it stands now; an ended body's bears its successor's head."""
    may_read(conn, actor, now, report)
    return draft_paper(conn, report, signing, agency_on(conn, report.agency_id, vietnam_date(now)).id)


def draft_paper(conn: Connection, report: PeriodicReport, signing: Signing, issuer_id: str = "") -> Paper:
    """The same for whoever was let in already."""
    symbol = symbol_of(PaperKind.REPORT, signing.letters) if signing.letters else "BC-……"
    return paper_of(
        report, round_of(conn, report.plan_id, report.key), issuer_of(conn, issuer_id or report.agency_id),
        symbol=symbol, signature=signing.signature, names=full_names(conn),
        recipients=signing.recipients, archive=signing.archive,
    )  # fmt: skip


def issuer_of(conn: Connection, agency_id: str) -> Issuer:
    """An agency as the head of a document names it."""
    own = agency(conn, agency_id)
    parent = agency(conn, own.parent_id).name if own.parent_id else ""
    return Issuer(own.name, parent, own.place)
