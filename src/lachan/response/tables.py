"""Tables of response. A hold row is one request and the hold it led to; a hop row is one loss's share of it."""

import sqlalchemy as sa

from lachan.foundation.storage import SALTED, Instant, Json, digest_salt, metadata

PERSONAL = {"undigested": True}


def _vnd(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False, default=0)


def _sum() -> list["sa.Column[int]"]:
    parts = ("held", "returned", "located", "moving", "out_of_reach", "diluted")
    return [_vnd(f"{part}_vnd") for part in parts]


trace = sa.Table(
    "trace",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("report_id", sa.String(36), sa.ForeignKey("report.id"), nullable=False, unique=True),
    sa.Column("code", sa.String(16), nullable=False, index=True),
    sa.Column("desk_id", sa.String(36), nullable=True),
    sa.Column("officer_id", sa.String(36), nullable=True),
    sa.Column("state", sa.String(24), nullable=False),
    sa.Column("opened_at", Instant, nullable=False, index=True),
    sa.Column("first_transfer_at", Instant, nullable=False),
    sa.Column("first_request_at", Instant, nullable=True),
    sa.Column("first_hold_at", Instant, nullable=True),
    sa.Column("analysed_at", Instant, nullable=True),
    sa.Column("analysis", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("closed_at", Instant, nullable=True),
    _vnd("reported_vnd"),
    _vnd("overlap_vnd"),
    *_sum(),
    # What can still be stopped: located + moving. Kept as a column because the desk sorts by it.
    _vnd("movable_vnd"),
)
# The desk is asked for at every change: its order, its sums and its speed are read from indexes alone.
sa.Index("ix_trace_desk_order", trace.c.desk_id, trace.c.movable_vnd, trace.c.first_transfer_at, trace.c.state,
         trace.c.report_id)  # fmt: skip
sa.Index(
    "ix_trace_desk_sums", trace.c.desk_id, trace.c.state, trace.c.movable_vnd, trace.c.held_vnd,
    trace.c.returned_vnd, trace.c.located_vnd, trace.c.moving_vnd, trace.c.out_of_reach_vnd, trace.c.diluted_vnd,
    trace.c.overlap_vnd,
)  # fmt: skip
sa.Index("ix_trace_desk_first_hold", trace.c.desk_id, trace.c.first_hold_at, trace.c.opened_at)
sa.Index("ix_trace_desk_closed", trace.c.desk_id, trace.c.closed_at)
sa.Index("ix_trace_desk_opened", trace.c.desk_id, trace.c.opened_at)

hold = sa.Table(
    "hold",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("trace_id", sa.String(36), sa.ForeignKey("trace.id"), nullable=False),
    sa.Column("loss_id", sa.String(36), sa.ForeignKey("loss.id"), nullable=False),
    sa.Column("institution", sa.String(40), nullable=True),
    digest_salt(),
    sa.Column("account", sa.String(90), nullable=False, index=True, info=SALTED),
    sa.Column("payer_institution", sa.String(40), nullable=True),
    sa.Column("reference", sa.String(80), nullable=False, index=True, info=SALTED),
    sa.Column("transfer_vnd", sa.BigInteger, nullable=False),
    sa.Column("booked_at", Instant, nullable=False),
    sa.Column("asked", Json, nullable=False),
    sa.Column("asked_vnd", sa.BigInteger, nullable=False),
    # What the last accepted answer was asked for; `asked` may have been revised since.
    sa.Column("answered", Json, nullable=False),
    sa.Column("held", Json, nullable=False),
    sa.Column("held_vnd", sa.BigInteger, nullable=False),
    sa.Column("released", Json, nullable=False),
    # Paid out to victims by refunds.
    sa.Column("applied", Json, nullable=False),
    sa.Column("allocations", Json, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("basis", sa.String(64), nullable=False),
    sa.Column("decision", Json, nullable=True, info=SALTED),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("refusal", sa.String(32), nullable=True),
    sa.Column("end_reason", sa.String(32), nullable=True),
    sa.Column("revision", sa.Integer, nullable=False),
    # The revision of the last request sent: releases and extensions raise `revision` too, answers name this one.
    sa.Column("asked_revision", sa.Integer, nullable=False, default=1),
    sa.Column("answer_revision", sa.Integer, nullable=False),
    sa.Column("answer", Json, nullable=True, info=SALTED),
    # While nobody answers: what others told of the account (`rules/receipts.py`). The answer takes its place.
    sa.Column("receipts", Json, nullable=True, info=SALTED),
    sa.Column("content_hash", sa.String(64), nullable=False, info=SALTED),
    sa.Column("requester", sa.String(80), nullable=False),
    sa.Column("requester_name", sa.Text, nullable=False, info=SALTED),
    sa.Column("approver", sa.String(80), nullable=True),
    sa.Column("approver_name", sa.Text, nullable=True, info=SALTED),
    sa.Column("policy_id", sa.String(36), nullable=True),
    # An authority's decision that one person has entered and a second one has yet to check.
    sa.Column("proposal", Json, nullable=True, info=SALTED),
    sa.Column("proposed_at", Instant, nullable=True),
    # The step that this desk may not order, and the kind of body to which it has recommended it.
    sa.Column("recommended", Json, nullable=True, info=SALTED),
    sa.Column("escalations", sa.Integer, nullable=False, default=0),
    sa.Column("drafted_at", Instant, nullable=False),
    sa.Column("requested_at", Instant, nullable=True),
    sa.Column("acknowledged_at", Instant, nullable=True),
    sa.Column("answered_at", Instant, nullable=True),
    sa.Column("placed_at", Instant, nullable=True),
    sa.Column("ack_by", Instant, nullable=True),
    sa.Column("answer_by", Instant, nullable=True),
    sa.Column("expires_at", Instant, nullable=True),
    sa.Column("review_at", Instant, nullable=True),
    sa.Column("notice_code", sa.String(16), nullable=True, unique=True),
    sa.Column("notice_by", Instant, nullable=True),
    sa.Column("notice_sent_at", Instant, nullable=True),
    sa.Column("notice_served_at", Instant, nullable=True),
)
sa.Index("ix_hold_institution_state", hold.c.institution, hold.c.state, hold.c.ack_by, hold.c.requested_at)
_PROPOSED = hold.c.proposed_at.is_not(None)
sa.Index("ix_hold_proposed", hold.c.proposed_at, sqlite_where=_PROPOSED, postgresql_where=_PROPOSED)
sa.Index("ix_hold_answered", hold.c.answered_at)
sa.Index("ix_hold_trace_state", hold.c.trace_id, hold.c.state)
sa.Index("ix_hold_state_drafted", hold.c.state, hold.c.drafted_at)

hop = sa.Table(
    "hop",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("trace_id", sa.String(36), sa.ForeignKey("trace.id"), nullable=False, index=True),
    sa.Column("loss_id", sa.String(36), sa.ForeignKey("loss.id"), nullable=False, index=True),
    sa.Column("parent_id", sa.String(36), nullable=True, index=True),
    sa.Column("hold_id", sa.String(36), sa.ForeignKey("hold.id"), nullable=False, index=True),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("reference", sa.String(80), nullable=False, index=True, info=SALTED),
    sa.Column("transfer_vnd", sa.BigInteger, nullable=False),
    sa.Column("booked_at", Instant, nullable=False),
    sa.Column("institution", sa.String(40), nullable=True),
    digest_salt(),
    sa.Column("account", sa.String(90), nullable=False, info=SALTED),
    sa.Column("spans", Json, nullable=False),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    # What the analysis found, once the hop is closed.
    sa.Column("verdict", sa.String(16), nullable=True),
    *_sum(),
    _vnd("forwarded_vnd"),
    sa.UniqueConstraint("loss_id", "parent_id", "hold_id"),
)

policy = sa.Table(
    "standing_policy",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("desk_id", sa.String(36), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("step_max", sa.Integer, nullable=False),
    sa.Column("amount_max_vnd", sa.BigInteger, nullable=False),
    sa.Column("basis", sa.String(64), nullable=False),
    sa.Column("signed_by", sa.String(80), nullable=False),
    sa.Column("signed_by_name", sa.Text, nullable=False),
    sa.Column("signed_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant, nullable=True),
)

task = sa.Table(
    "response_task",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    # Empty where nobody has reported: somebody paid a suspected account, and no message reaches their bank. Such a
    # task is the desk's own.
    sa.Column("report_id", sa.String(36), sa.ForeignKey("report.id"), nullable=True, index=True),
    sa.Column("desk_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=True),
    # Empty where the report was never traced: referred, or a duplicate.
    sa.Column("trace_id", sa.String(36), sa.ForeignKey("trace.id"), nullable=True, index=True),
    sa.Column("hold_id", sa.String(36), nullable=True),
    sa.Column("kind", sa.String(32), nullable=False),
    # Why it stands (`rules/tasks.py`) and what it is about, as facts name it: a fact about it may end it.
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(80), nullable=False),
    sa.Column("key", sa.String(160), nullable=False, unique=True),
    sa.Column("institution", sa.String(40), nullable=True),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=True),
    sa.Column("done_at", Instant, nullable=True),
    sa.Column("done_by", sa.String(80), nullable=True),
    sa.Column("note", sa.Text, nullable=True, info=SALTED),
    digest_salt(),
)

sa.Index("ix_response_task_subject", task.c.subject, task.c.state)
sa.Index("ix_response_task_due", task.c.state, task.c.due_at)

appeal = sa.Table(
    "appeal",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("hold_id", sa.String(36), sa.ForeignKey("hold.id"), nullable=False, index=True),
    sa.Column("trace_id", sa.String(36), nullable=False, index=True),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("claimed_vnd", sa.BigInteger, nullable=False),
    sa.Column("holder_name", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("holder_contact", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("grounds", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("target_at", Instant, nullable=False),
    sa.Column("decide_by", Instant, nullable=False),
    # When a level let its time pass and the appeal went up by itself; at the last level, that its time has passed.
    sa.Column("escalated_at", Instant, nullable=True),
    sa.Column("decided_at", Instant, nullable=True),
    sa.Column("decided_by", sa.String(80), nullable=True),
    sa.Column("decision", sa.String(16), nullable=True),
    sa.Column("released_vnd", sa.BigInteger, nullable=False),
    sa.Column("reasons", sa.Text, nullable=True, info=SALTED),
    digest_salt(),
)

# What one person of an institution prepared in the web inbox and a second one confirms; `id` is the inbox
# message's. `body` is the reply as it will be taken, `typed` the form as it was filled in.
prepared_reply = sa.Table(
    "prepared_reply",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("institution_id", sa.String(36), nullable=False, index=True),
    sa.Column("subject", sa.String(80), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("typed", Json, nullable=False),
    sa.Column("prepared_by", sa.String(80), nullable=False),
    sa.Column("prepared_by_name", sa.Text, nullable=False),
    sa.Column("prepared_at", Instant, nullable=False),
    sa.Column("returned_by", sa.String(80), nullable=True),
    sa.Column("returned_by_name", sa.Text, nullable=True),
    sa.Column("returned_at", Instant, nullable=True),
    sa.Column("reason", sa.Text, nullable=True),
)

# What answers taught (`lachan.tracing.next`): observations by subject and step of the scale. No person in it.
learnt = sa.Table(
    "learnt",
    metadata,
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("permille", sa.BigInteger, nullable=False),
)
