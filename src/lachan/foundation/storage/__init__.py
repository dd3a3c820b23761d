"""The record: engine, unit of work, migrations and the job table, on SQLite and PostgreSQL."""

from lachan.foundation.storage.engine import Database, Unit, metadata
from lachan.foundation.storage.jobs import (
    Job,
    JobReason,
    cancel,
    claim,
    enqueue,
    finish,
    jobs_waiting,
    replay,
    retry_later,
    waiting,
)
from lachan.foundation.storage.types import Instant, Json

__all__ = [
    "Database",
    "Instant",
    "Job",
    "JobReason",
    "Json",
    "Unit",
    "cancel",
    "claim",
    "enqueue",
    "finish",
    "jobs_waiting",
    "metadata",
    "replay",
    "retry_later",
    "waiting",
]
