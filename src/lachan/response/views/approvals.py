"""Requests that wait for their second person: the list, and one of them with exactly what an approval binds."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, may
from lachan.foundation.base import Actor, Language
from lachan.foundation.protocol import total
from lachan.foundation.taxonomy import clock, legal_basis
from lachan.response import store, tables
from lachan.response.actions.conversions import as_proposed
from lachan.response.model import HoldReason, HoldState
from lachan.response.rules import lawful
from lachan.response.shapes import ApprovalPage, ApprovalRow, Deadline, Field, Message, State
from lachan.response.views.names import Names, words
from lachan.response.views.queue import Sight

LIST_MAX = 30
_H = tables.hold
_WAITING = sa.or_(_H.c.state == HoldState.DRAFTED, _H.c.proposed_at.is_not(None))


def waiting_approvals(
    conn: Connection, sight: Sight, names: Names, language: Language, now: datetime, limit: int = LIST_MAX
) -> tuple[ApprovalRow, ...]:
    """Drafted requests, the one that escalates first on top."""
    rows = conn.execute(
        sa.select(_H.c.id, _H.c.institution, _H.c.step, _H.c.asked_vnd, _H.c.basis, _H.c.drafted_at,
                  _H.c.escalations, _H.c.held_vnd, _H.c.proposal, _H.c.proposed_at, tables.trace.c.code)
        .join(tables.trace, tables.trace.c.id == _H.c.trace_id)
        .where(_WAITING, sight.covers())
        .order_by(_H.c.drafted_at)
        .limit(limit)
    )  # fmt: skip
    return tuple(
        ApprovalRow(
            Message(
                "web.say.approval_hold",
                {"institution": names.institution(row.institution), "step": said.get("step", row.step),
                 "amount_vnd": row.held_vnd if said else row.asked_vnd},
            ),
            short_basis(said.get("basis", row.basis), now, language), row.code, f"/approvals/{row.id}",
            _escalates(row.proposed_at or row.drafted_at, row.escalations),
        )
        for row in rows
        for said in (row.proposal or {},)
    )  # fmt: skip


def count_waiting(conn: Connection, sight: Sight) -> int:
    """How many requests wait."""
    return int(
        conn.execute(
            sa.select(sa.func.count())
            .select_from(_H)
            .join(tables.trace, tables.trace.c.id == _H.c.trace_id)
            .where(_WAITING, sight.covers())
        ).scalar_one()
    )


def approval_page(
    conn: Connection,
    actor: Actor,
    hold_id: str,
    sight: Sight,
    names: Names,
    language: Language,
    now: datetime,
    *,
    full: bool,
    reason_field: Field | None = None,
) -> ApprovalPage:
    """One drafted request; `full` shows the account unmasked, for a stated purpose."""
    hold = as_proposed(store.hold(conn, hold_id))
    trace = store.trace(conn, hold.trace_id)
    escalations = conn.execute(sa.select(_H.c.escalations).where(_H.c.id == hold_id)).scalar_one()
    why_not = None
    if hold.state is not HoldState.DRAFTED:
        why_not = Message("web.approval.over", {"state": Message(f"web.hold_state.{hold.state}")})
    elif not may(actor, Permission.HOLD_APPROVE, trace.desk_id):
        why_not = Message("reason.not_permitted")
    elif actor.reference == hold.requester:
        why_not = Message(f"reason.{HoldReason.SAME_PERSON.value}")
    basis = legal_basis(hold.basis, hold.drafted_at)
    term = (hold.decision or {}).get("term_ends_at")
    ends = lawful.expiry(hold.step, hold.basis, now, datetime.fromisoformat(term) if term else None)
    return ApprovalPage(
        key=hold.id,
        code=trace.code,
        what=Message(
            "web.say.approval_hold",
            {"institution": names.institution(hold.institution), "step": hold.step,
             "amount_vnd": total(hold.asked)},
        ),
        step=hold.step,
        basis=basis.citation(language),
        basis_text=words(basis.label(language)),
        amount_vnd=total(hold.asked),
        identifier=names.identifier(
            hold.account, hold.institution, state=State.WAITING, full=full,
            purpose_href=f"/purpose?trace={trace.code}&back=/approvals/{hold.id}",
        ),
        requester=hold.requester_name,
        reason=Message(
            "web.approval.why",
            {"reference": hold.reference, "at": hold.booked_at, "transfer_vnd": hold.transfer_vnd,
             "payer": names.institution(hold.payer_institution)},
        ),
        expires=Message("web.approval.until", {"at": ends, "day": ends.date()}) if ends
        else Message("web.approval.by_decision"),
        escalates=_escalates(hold.drafted_at, escalations),
        content_hash=hold.content_hash,
        may_approve=why_not is None,
        why_not=why_not,
        waiting=waiting_approvals(conn, sight, names, language, now),
        reason_field=reason_field or Field(),
    )  # fmt: skip


def short_basis(code: str, now: datetime, language: Language) -> str:
    """How a table cites a legal basis."""
    return legal_basis(code, now).brief(language)


def _escalates(drafted_at: datetime, escalations: int) -> Deadline:
    """The running minute: each escalation starts the next one."""
    start = drafted_at
    for _ in range(escalations):
        start = clock("approval_escalation", start).deadline(start)
    return Deadline(clock("approval_escalation", start).deadline(start), start, 30)
