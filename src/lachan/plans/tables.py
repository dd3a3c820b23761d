"""Tables of plans: the document, the plan, its clauses, the tasks that follow, and each step of the work.

Days are ISO text: sortable, the same on both stores. What is overdue is asked of `due_on`, never written down.
"""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

_UNDIGESTED = {"undigested": True}


def _id(name: str = "id") -> "sa.Column[str]":
    return sa.Column(name, sa.String(36), primary_key=True)


def _of(name: str, target: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(36), sa.ForeignKey(f"{target}.id"), nullable=nullable, index=True)


document = sa.Table(
    "plan_document",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # the SHA-256 of its bytes: the same file is kept once
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    # In the record, not beside it: kept in the transaction of the import, and in every backup. The id digests it.
    sa.Column("content", sa.LargeBinary, nullable=False, info=_UNDIGESTED),
    sa.Column("kept_at", Instant, nullable=False),
)

plan = sa.Table(
    "plan",
    metadata,
    _id(),
    sa.Column("number", sa.String(80), nullable=False),
    sa.Column("number_key", sa.String(80), nullable=False, index=True),
    sa.Column("issuer", sa.String(200), nullable=False),
    sa.Column("issuer_key", sa.String(200), nullable=False),
    sa.Column("issued_on", sa.String(10), nullable=True),
    # Numbers begin anew each year; 0 where the day is not known.
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("recipients", Json, nullable=False),
    sa.Column("signed_by", sa.String(200), nullable=True),
    sa.Column("state", sa.String(16), nullable=False),
    # Whose plan it is: its people review, correct and approve.
    _of("keeper_id", "agency"),
    # Who gathers what the others report, returns it or approves it.
    _of("consolidator_id", "agency"),
    sa.Column("supersedes", sa.String(200), nullable=True),
    _of("supersedes_id", "plan", nullable=True),
    sa.Column("sub_plans_due", sa.String(10), nullable=True),
    # Why a person set the calendar of reports; then no later reading changes it.
    sa.Column("duties_why", sa.Text, nullable=True),
    sa.Column("in_force_at", Instant, nullable=True),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("approved_by", sa.String(80), nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("number_key", "issuer_key", "year"),
)

reading = sa.Table(
    "plan_reading",
    metadata,
    _id(),
    _of("plan_id", "plan"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("document_id", sa.String(64), sa.ForeignKey("plan_document.id"), nullable=False),
    sa.Column("lines", Json, nullable=False),
    sa.Column("warnings", Json, nullable=False),
    sa.Column("read_by", sa.String(80), nullable=False),
    sa.Column("read_at", Instant, nullable=False),
    sa.UniqueConstraint("plan_id", "number"),
)

clause = sa.Table(
    "plan_clause",
    metadata,
    _id(),
    _of("plan_id", "plan"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("ref", sa.String(40), nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("lead", sa.Text, nullable=True),
    sa.Column("coordinating", Json, nullable=False),
    sa.Column("deadline", sa.String(10), nullable=True),
    sa.Column("recurrence", Json, nullable=False),
    sa.Column("demands", Json, nullable=False),
    sa.Column("line", sa.Integer, nullable=True),
    # As the newest reading had it; None where a person added the clause.
    sa.Column("read", Json, nullable=True),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Column("dropped", sa.Text, nullable=True),
    # Why a person keeps a clause that the newest reading lacks; None again once a reading has it.
    sa.Column("kept", sa.Text, nullable=True),
)

party = sa.Table(
    "plan_party",
    metadata,
    _id(),
    _of("clause_id", "plan_clause"),
    _of("plan_id", "plan"),
    sa.Column("role", sa.String(12), nullable=False),
    _of("agency_id", "agency"),
)

correction = sa.Table(
    "plan_correction",
    metadata,
    _id(),
    _of("plan_id", "plan"),
    # None: what the plan says of itself as a whole, and not in one clause.
    _of("clause_id", "plan_clause", nullable=True),
    sa.Column("field", sa.String(16), nullable=False),
    sa.Column("before", Json, nullable=True),
    sa.Column("after", Json, nullable=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
)

report_duty = sa.Table(
    "plan_report_duty",
    metadata,
    _id(),
    _of("plan_id", "plan"),
    sa.Column("period", sa.String(16), nullable=False),
    sa.Column("due", sa.String(5), nullable=True),  # MM-DD, as are the next two
    sa.Column("covers_from", sa.String(5), nullable=True),
    sa.Column("covers_to", sa.String(5), nullable=True),
    sa.Column("sender", sa.Text, nullable=True),
    sa.Column("receiver", sa.Text, nullable=True),
    sa.Column("line", sa.Integer, nullable=True),
)

task = sa.Table(
    "plan_task",
    metadata,
    _id(),
    _of("plan_id", "plan"),
    _of("clause_id", "plan_clause"),
    _of("lead_id", "agency"),
    # The agency that the lead handed the work to; the lead still answers for it.
    _of("delegate_id", "agency", nullable=True),
    sa.Column("head", sa.String(200), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    # The next day on which something is due; None while nothing is. From `deadline` or the running period.
    sa.Column("due_on", sa.String(10), nullable=True),
    sa.Column("deadline", sa.String(10), nullable=True),
    sa.Column("period_to", sa.String(10), nullable=True),
    # The clause's rhythm when `due_on` was last reckoned from it: a new reading's differs, and then it is again.
    sa.Column("recurrence", Json, nullable=False),
    sa.Column("carried_from", sa.String(36), nullable=True),
    sa.Column("given_at", Instant, nullable=False),
    sa.Column("reported_by", sa.String(80), nullable=True),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
)
sa.Index("ix_plan_task_due", task.c.due_on, task.c.state)
# Every figure of the dashboards is counted from this index alone, in its order.
sa.Index("ix_plan_task_board", task.c.plan_id, task.c.lead_id, task.c.head, task.c.state, task.c.due_on)

step = sa.Table(
    "plan_task_step",
    metadata,
    _id(),
    _of("task_id", "plan_task"),
    sa.Column("verb", sa.String(16), nullable=False),
    sa.Column("from_state", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False, info=_UNDIGESTED),
    sa.Column("agency_id", sa.String(36), nullable=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("period_to", sa.String(10), nullable=True),
    sa.Column("details", Json, nullable=False),
)

evidence = sa.Table(
    "plan_evidence",
    metadata,
    _id(),
    _of("task_id", "plan_task"),
    _of("step_id", "plan_task_step", nullable=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("added_by", sa.String(80), nullable=False),
    sa.Column("added_at", Instant, nullable=False),
)

directive = sa.Table(
    "plan_directive",
    metadata,
    _id(),
    sa.Column("number_key", sa.String(80), nullable=False),
    # Of which year it is; of a plan, whose number hundreds of issuers give, of which day. Empty: not said.
    sa.Column("dated", sa.String(10), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("first_at", Instant, nullable=False),
    sa.UniqueConstraint("number_key", "dated"),
)

implements = sa.Table(
    "plan_implements",
    metadata,
    _id(),
    _of("plan_id", "plan"),
    _of("directive_id", "plan_directive"),
    sa.UniqueConstraint("plan_id", "directive_id"),
)

receipt = sa.Table(
    "plan_receipt",
    metadata,
    _id(),
    _of("plan_id", "plan"),
    _of("agency_id", "agency"),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("plan_id", "agency_id", "by"),
)

sub_plan = sa.Table(
    "plan_sub_plan",
    metadata,
    _id(),
    _of("plan_id", "plan"),
    _of("agency_id", "agency"),
    # The sub-plan where it is kept here as a plan of its own; else only what it is called.
    _of("kept_id", "plan", nullable=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("submitted_by", sa.String(80), nullable=False),
    sa.Column("submitted_at", Instant, nullable=False),
    sa.UniqueConstraint("plan_id", "agency_id"),
)

contact = sa.Table(
    "plan_contact",
    metadata,
    sa.Column("id", sa.String(36), sa.ForeignKey("agency.id"), primary_key=True),
    sa.Column("head", sa.String(200), nullable=False),
    sa.Column("email", sa.String(200), nullable=False),
    sa.Column("head_email", sa.String(200), nullable=False),
)

reminder = sa.Table(
    "plan_reminder",
    metadata,
    _id(),
    _of("task_id", "plan_task"),
    _of("plan_id", "plan"),
    sa.Column("rule", sa.String(40), nullable=False),
    sa.Column("due_on", sa.String(10), nullable=False),
    sa.Column("audience", sa.String(16), nullable=False),
    # In whose list it stands.
    _of("agency_id", "agency"),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("letter", Json, nullable=True),
    sa.Column("seen_by", sa.String(80), nullable=True),
    sa.Column("seen_at", Instant, nullable=True),
    sa.UniqueConstraint("task_id", "rule", "due_on"),
)
sa.Index("ix_plan_reminder_list", reminder.c.agency_id, reminder.c.seen_at, reminder.c.made_at)

mail = sa.Table(
    "plan_mail",
    metadata,
    _id(),
    _of("reminder_id", "plan_reminder"),
    sa.Column("message_id", sa.String(120), nullable=False, unique=True),
    sa.Column("to_address", sa.String(200), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    # Delivery is the post office's work, not a decision: told by the server, in no digest.
    sa.Column("sent_at", Instant, nullable=True, info=_UNDIGESTED),
)
