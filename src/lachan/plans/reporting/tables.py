"""Calendars, single requests, reports with their revisions, and the steps of the work on them."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

# One row a setting: a change is a further row, so that what was owed last year stays what it was.
reporting_calendar = sa.Table(
    "reporting_calendar",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("plan_id", sa.String(80), nullable=False, index=True),
    sa.Column("plan_title", sa.Text, nullable=False),
    sa.Column("receiver_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False),
    sa.Column("duties", Json, nullable=False),
    sa.Column("senders", Json, nullable=False),
    sa.Column("form", sa.String(40), nullable=False),
    sa.Column("valid_from", sa.String(10), nullable=False),
    sa.Column("set_by", sa.String(80), nullable=False),
    sa.Column("set_at", Instant, nullable=False),
)

reporting_request = sa.Table(
    "reporting_request",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("plan_id", sa.String(80), nullable=False, index=True),
    sa.Column("plan_title", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("receiver_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False),
    sa.Column("senders", Json, nullable=False),
    sa.Column("form", Json, nullable=False),
    sa.Column("covers_from", sa.String(10), nullable=False),
    sa.Column("covers_to", sa.String(10), nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("asked_by", sa.String(80), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
)

periodic_report = sa.Table(
    "periodic_report",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("plan_id", sa.String(80), nullable=False),
    sa.Column("key", sa.String(48), nullable=False),
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False),
    sa.Column("receiver_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False),
    sa.Column("consolidated", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("covers_from", sa.String(10), nullable=False),
    sa.Column("covers_to", sa.String(10), nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("form", Json, nullable=False),
    sa.Column("figures", Json, nullable=False),
    sa.Column("texts", Json, nullable=False),
    sa.Column("opened_by", sa.String(80), nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("submitted_by", sa.String(80), nullable=True),
    sa.Column("submitted_at", Instant, nullable=True),
    sa.Column("first_submitted_at", Instant, nullable=True),
    sa.Column("decided_by", sa.String(80), nullable=True),
    sa.Column("decided_at", Instant, nullable=True),
    sa.Column("remarks", sa.Text, nullable=True),
    sa.Column("restates", sa.Text, nullable=True),
    sa.UniqueConstraint("plan_id", "key", "agency_id", "consolidated", "revision"),
)
sa.Index("ix_periodic_report_agency", periodic_report.c.agency_id, periodic_report.c.due_at)

periodic_step = sa.Table(
    "periodic_report_step",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("report_id", sa.String(36), sa.ForeignKey("periodic_report.id"), nullable=False, index=True),
    sa.Column("step", sa.String(16), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.Text, nullable=True),
    # What a step replaced, so that nothing that was written is lost: the texts before a saving.
    sa.Column("before", Json, nullable=True),
)
