"""Requests that wait for their second person: the list, and one of them with exactly what an approval binds."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, may
from lachan.foundation.base import Actor, Language
from lachan.foundation.protocol import total
from lachan.foundation.taxonomy import clock, legal_basis, vietnam_date
from lachan.response import store, tables
from lachan.response.actions.conversions import as_proposed, holds_still
from lachan.response.model import Hold, HoldReason, HoldState, Hop
from lachan.response.rules import lawful
from lachan.response.shapes import ApprovalPage, ApprovalRow, Deadline, Field, Message, State
from lachan.response.views.names import Names, words
from lachan.response.views.queue import Sight
from lachan.response.views.resting import UNNAMED, Word, resting_vnd, rests, word_of

LIST_MAX = 30
_H = tables.hold
# Two kinds of what waits, each with its own index; an OR over them would read every request there ever was.
_DRAFTED = _H.c.state == HoldState.DRAFTED
_PROPOSED = _H.c.proposed_at.is_not(None)


def waiting_approvals(
    conn: Connection, sight: Sight, names: Names, language: Language, now: datetime, limit: int = LIST_MAX
) -> tuple[ApprovalRow, ...]:
    """Drafted requests, the one that escalates first on top."""
    waits = sa.select(
        _H.c.id, _H.c.trace_id, _H.c.institution, _H.c.step, _H.c.asked_vnd, _H.c.basis, _H.c.drafted_at,
        _H.c.escalations, _H.c.held_vnd, _H.c.proposal, _H.c.proposed_at,
    )  # fmt: skip
    drafted = waits.where(_DRAFTED, _of_desk(sight)).order_by(_H.c.drafted_at).limit(limit)
    proposed = waits.where(_PROPOSED, _of_desk(sight)).order_by(_H.c.proposed_at).limit(limit)
    found = [*conn.execute(drafted), *conn.execute(proposed)]
    rows = sorted(found, key=lambda row: row.proposed_at or row.drafted_at)[:limit]
    trace = tables.trace
    wanted = sa.select(trace.c.id, trace.c.code).where(trace.c.id.in_([row.trace_id for row in rows]))
    codes = {row.id: row.code for row in conn.execute(wanted)}
    return tuple(
        ApprovalRow(
            Message(
                "web.say.approval_hold",
                {"institution": names.institution(row.institution), "step": said.get("step", row.step),
                 "amount_vnd": row.held_vnd if said else row.asked_vnd},
            ),
            short_basis(said.get("basis", row.basis), now, language), codes[row.trace_id], f"/approvals/{row.id}",
            _escalates(row.proposed_at or row.drafted_at, row.escalations),
        )
        for row in rows
        for said in (row.proposal or {},)
    )  # fmt: skip


def count_waiting(conn: Connection, sight: Sight) -> int:
    """How many requests wait."""
    one = sa.select(sa.func.count()).select_from(_H).where(_of_desk(sight))
    return sum(int(conn.execute(one.where(kind)).scalar_one()) for kind in (_DRAFTED, _PROPOSED))


def _of_desk(sight: Sight) -> sa.ColumnElement[bool]:
    """The requests of the traces in sight. Not a join: what waits is little, the traces of a desk are many."""
    mine: sa.Select[tuple[str]] = sa.select(sa.literal_column("1")).where(
        tables.trace.c.id == _H.c.trace_id, sight.covers()
    )
    return sa.true() if sight.desk_id is None else mine.exists()


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
    stored = store.hold(conn, hold_id)
    hold = as_proposed(stored)
    proposed = hold.proposal is not None
    trace = store.trace(conn, hold.trace_id)
    escalations = conn.execute(sa.select(_H.c.escalations).where(_H.c.id == hold_id)).scalar_one()
    why_not = None
    if hold.state is not HoldState.DRAFTED:
        why_not = Message("web.approval.over", {"state": Message(f"web.hold_state.{hold.state}")})
    elif not may(actor, Permission.HOLD_APPROVE, trace.desk_id):
        why_not = Message("reason.not_permitted")
    elif actor.reference == hold.requester:
        why_not = Message(f"reason.{HoldReason.SAME_PERSON.value}")
    elif not holds_still(stored):
        why_not = Message("web.approval.held_changed")
    basis = legal_basis(hold.basis, hold.drafted_at)
    term = (hold.decision or {}).get("term_ends_at")
    ends = lawful.expiry(hold.step, hold.basis, now, datetime.fromisoformat(term) if term else None)
    return ApprovalPage(
        key=hold.id,
        code=trace.code,
        what=Message(
            "web.approval.decision_of" if proposed else "web.say.approval_hold",
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
            "web.approval.why_decision" if proposed else "web.approval.why",
            {"reference": hold.reference, "at": hold.booked_at, "transfer_vnd": hold.transfer_vnd,
             "payer": names.institution(hold.payer_institution)},
        ),
        expires=Message("web.approval.until", {"at": ends, "day": vietnam_date(ends)}) if ends
        else Message("web.approval.by_decision"),
        escalates=_escalates(hold.drafted_at, escalations),
        content_hash=hold.content_hash,
        may_approve=why_not is None,
        why_not=why_not,
        waiting=waiting_approvals(conn, sight, names, language, now),
        reason_field=reason_field or Field(),
        decision=_decision(hold),
        is_decision=proposed,
        rests=_rests(conn, hold, names),
    )  # fmt: skip


def _rests(conn: Connection, hold: Hold, names: Names) -> Message | None:
    """How much is asked for on whose word; past which bank others' money came is not this desk's to know."""

    def word(hop: Hop) -> Word | None:
        said = word_of(hop, lambda key: store.hop(conn, key), lambda key: store.hold(conn, key), names)
        return said if said is None or hop.trace_id == hold.trace_id else (said[0], UNNAMED)

    return rests(hold, resting_vnd(hold, store.hops(conn, hold_id=hold.id), word))


def _decision(hold: Hold) -> tuple[tuple[Message, Message], ...]:
    """Issuer, number, signatory, scope and end of the decision that a step of 3 or 4 rests on."""
    stated = hold.decision
    if not stated:
        return ()
    rows = [(name, words(str(stated[name]))) for name in ("issuer", "number", "signatory", "scope")]
    if term := stated.get("term_ends_at"):
        rows.append(("term_ends_at", _moment(datetime.fromisoformat(term))))
    review = (hold.proposal or {}).get("review_at")
    review_at = datetime.fromisoformat(review) if review else hold.review_at
    if review_at:
        rows.append(("review_at", _moment(review_at)))
    return tuple((Message(f"web.act.{name}"), said) for name, said in rows)


def _moment(at: datetime) -> Message:
    return Message("web.approval.moment", {"at": at, "day": vietnam_date(at)})


def short_basis(code: str, now: datetime, language: Language) -> str:
    """How a table cites a legal basis."""
    return legal_basis(code, now).brief(language)


def _escalates(drafted_at: datetime, escalations: int) -> Deadline:
    """The running minute: each escalation starts the next one."""
    start = drafted_at
    for _ in range(escalations):
        start = clock("approval_escalation", start).deadline(start)
    return Deadline(clock("approval_escalation", start).deadline(start), start, 30)
