"""The record: engine, unit of work, migrations and the job table, on SQLite and PostgreSQL."""

from lachan.foundation.storage.engine import Database, Unit, metadata
from lachan.foundation.storage.jobs import (
    DeadJob,
    Job,
    JobReason,
    cancel,
    claim,
    dead_jobs,
    enqueue,
    finish,
    jobs_waiting,
    replay,
    retry_later,
    waiting,
)
from lachan.foundation.storage.statements import changed_row, new_row, rows_by
from lachan.foundation.storage.types import SALTED, Instant, Json, digest_salt

__all__ = [
    "SALTED",
    "Database",
    "DeadJob",
    "Instant",
    "Job",
    "JobReason",
    "Json",
    "Unit",
    "cancel",
    "changed_row",
    "claim",
    "dead_jobs",
    "digest_salt",
    "enqueue",
    "finish",
    "jobs_waiting",
    "metadata",
    "new_row",
    "replay",
    "retry_later",
    "rows_by",
    "waiting",
]
