"""Tables of intake. Personal columns are left out of the trail's digests, because they are erased one day."""

import sqlalchemy as sa

from lachan.foundation.storage import SALTED, Instant, Json, digest_salt, metadata

PERSONAL = {"undigested": True}

report = sa.Table(
    "report",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True, info=PERSONAL),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("situation", sa.String(32), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=True),
    sa.Column("filed_by", sa.String(80), nullable=False),
    sa.Column("victim_name", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("victim_phone", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("victim_citizen_id", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("victim_email", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("story", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("contacts", Json, nullable=True, info=PERSONAL),
    sa.Column("additions", Json, nullable=True, info=PERSONAL),
    sa.Column("place", sa.Text, nullable=True),
    sa.Column("scam_form", sa.String(64), nullable=True),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("consent", sa.Boolean, nullable=False),
    sa.Column("received_at", Instant, nullable=False, index=True),
    sa.Column("duplicate_of", sa.String(36), nullable=True),
    sa.Column("police_number", sa.String(64), nullable=True),
    sa.Column("resolve_by", Instant, nullable=True),
    # A commune's police pass a report on by then; they do not resolve it.
    sa.Column("forward_by", Instant, nullable=True),
    sa.Column("forwarded_at", Instant, nullable=True),
    sa.Column("formalised_at", Instant, nullable=True),
    sa.Column("complex_at", Instant, nullable=True),
    sa.Column("extension_requested_at", Instant, nullable=True),
    sa.Column("extended_at", Instant, nullable=True),
    sa.Column("extension_decision", sa.String(120), nullable=True),
    sa.Column("referred_to", sa.String(200), nullable=True),
    sa.Column("outcome", sa.String(16), nullable=True),
    sa.Column("closed_at", Instant, nullable=True),
    sa.Column("notice_by", Instant, nullable=True),
    sa.Column("notified_at", Instant, nullable=True),
    # What was done with the report and why, in people's words: who, when, what.
    sa.Column("remarks", Json, nullable=True, info=PERSONAL),
    sa.Column("erased_at", Instant, nullable=True),
)

loss = sa.Table(
    "loss",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("report_id", sa.String(36), sa.ForeignKey("report.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    digest_salt(),
    sa.Column("reference", sa.String(80), nullable=False, index=True, info=SALTED),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("booked_at", Instant, nullable=False),
    sa.Column("rail", sa.String(16), nullable=False),
    sa.Column("payer_institution", sa.String(40), nullable=True),
    sa.Column("payer_account", sa.String(90), nullable=True, info=SALTED),
    sa.Column("payee_institution", sa.String(40), nullable=True),
    sa.Column("payee_account", sa.String(90), nullable=False, info=SALTED),
    sa.Column("payee_name", sa.Text, nullable=True, info=PERSONAL),
    sa.Column("duplicate_of", sa.String(36), nullable=True),
    sa.Column("confirmation", sa.String(16), nullable=False),
    sa.Column("confirm_by", Instant, nullable=False),
)
sa.Index("ix_loss_payee_amount", loss.c.payee_account, loss.c.amount_vnd)
sa.Index("ix_loss_confirmation", loss.c.confirmation, loss.c.report_id, loss.c.duplicate_of)
sa.Index("ix_report_desk_received", report.c.agency_id, report.c.received_at, report.c.status)
