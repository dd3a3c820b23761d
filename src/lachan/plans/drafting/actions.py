"""Write a draft, put it away, issue it under the next number."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.engine import Connection

from lachan.foundation.access import AccessReason, Permission, clean_text, require
from lachan.foundation.base import Actor, Conflict, InputReason, NotAllowed, new_id
from lachan.foundation.documents.administrative import Paper, check_paper
from lachan.foundation.storage import Unit, add_row, change_row
from lachan.foundation.trail import append
from lachan.plans.drafting import rules, store
from lachan.plans.drafting.model import Draft, DraftReason, Written
from lachan.plans.drafting.tables import outgoing_draft
from lachan.plans.outgoing import OutgoingDocument, issue
from lachan.plans.reporting import issuer_of

_LINE_MOST, _LIST_MOST, _BODY_MOST = 300, 4_000, 60_000
_LONG = {"abstract": 1_000, "body": _BODY_MOST, "addressees": _LIST_MOST, "bases": _LIST_MOST,
         "recipients": _LIST_MOST, "behalf": 600}  # fmt: skip


def write(unit: Unit, written: Written, draft_id: str | None = None, version: int | None = None) -> Draft:
    """Keep what was typed, as a new draft of the own agency or in one that is there. `version`: as it was read.

    Raises:
        BadInput: at a field that cannot stand in a document.
        Conflict: ENDED; CHANGED_MEANWHILE where somebody else saved it since.
    """
    own = _own_agency(unit.actor)
    require(unit.actor, Permission.PERIODIC_WRITE, own)
    before = _open(unit, draft_id, Permission.PERIODIC_WRITE, version) if draft_id else None
    said = _cleaned(written)
    check_paper(rules.paper_of(said, issuer_of(unit.conn, own)))
    values: dict[str, Any] = {
        "written": store.written_to_json(said), "changed_by": unit.actor.reference, "changed_at": unit.now,
    }  # fmt: skip
    if before is None:
        made = {
            "id": new_id(),
            "agency_id": own,
            "version": 1,
            "made_by": unit.actor.reference,
            "made_at": unit.now,
        }
        return _noted(unit, add_row(unit.conn, outgoing_draft, {**made, **values}), "document.drafted")
    return _noted(
        unit, change_row(unit.conn, outgoing_draft, before.id, {**values, "version": before.version + 1}),
        "document.draft_changed",
    )  # fmt: skip


def drop(unit: Unit, draft_id: str) -> Draft:
    """Put a draft away; it stays in the record."""
    before = _open(unit, draft_id, Permission.PERIODIC_WRITE)
    values = {"dropped_at": unit.now, "version": before.version + 1}
    return _noted(unit, change_row(unit.conn, outgoing_draft, before.id, values), "document.draft_dropped")


def issue_draft(unit: Unit, draft_id: str, version: int | None = None) -> OutgoingDocument:
    """Enter a draft in the register of its agency under the next number of its book.

    Raises:
        BadInput: MISSING at a field without which it is no document.
        Conflict: ENDED; CHANGED_MEANWHILE where it is not the draft that was read.
    """
    before = _open(unit, draft_id, Permission.DOCUMENT_ISSUE, version)
    rules.check_complete(before.written)
    made = issue(unit, draft_paper(unit.conn, before), about=f"draft:{before.id}")
    values = {"document_id": made.id, "version": before.version + 1}
    _noted(unit, change_row(unit.conn, outgoing_draft, before.id, values), "document.draft_issued")
    return made


def draft_paper(conn: Connection, draft: Draft) -> Paper:
    """The draft as a paper without a number; the caller has asked the permission."""
    return rules.paper_of(draft.written, issuer_of(conn, draft.agency_id))


def _own_agency(actor: Actor) -> str:
    if actor.agency_id is None:
        raise NotAllowed(AccessReason.NO_AGENCY)
    return actor.agency_id


def _open(unit: Unit, draft_id: str, permission: Permission, version: int | None = None) -> Draft:
    found = store.draft(unit.conn, draft_id, lock=True)
    require(unit.actor, permission, found.agency_id)
    if not found.open:
        raise Conflict(DraftReason.ENDED)
    if version is not None and version != found.version:
        raise Conflict(InputReason.CHANGED_MEANWHILE, field="version")
    return found


def _cleaned(written: Written) -> Written:
    said = {
        name: clean_text(
            value.replace("\r\n", "\n"), name, at_least=name == "abstract", limit=_LONG.get(name, _LINE_MOST)
        )
        for name, value in asdict(written).items()
        if name not in {"kind", "urgency"}
    }
    return Written(kind=written.kind, urgency=written.urgency, **said)


def _noted(unit: Unit, row: Any, kind: str) -> Draft:
    draft = store.draft_from_row(row)
    append(
        unit, kind, f"draft:{draft.id}",
        {"kind": draft.written.kind.value, "version": draft.version, "document": draft.document_id},
        rows=[("outgoing_draft", draft.id)],
    )  # fmt: skip
    return draft
