"""The record: engine, unit of work, migrations and the job table, on SQLite and PostgreSQL."""

from lachan.foundation.storage.engine import Database, Unit, metadata
from lachan.foundation.storage.jobs import (
    DeadJob,
    Job,
    JobReason,
    KeyedJob,
    cancel,
    claim,
    dead_jobs,
    enqueue,
    finish,
    jobs_by_key,
    jobs_waiting,
    replay,
    retry_later,
    waiting,
)
from lachan.foundation.storage.locks import hold_names, lock_key, met_another
from lachan.foundation.storage.statements import add_row, among, change_row, insert_into, rows_by
from lachan.foundation.storage.types import SALTED, Instant, Json, digest_salt

__all__ = [
    "SALTED",
    "Database",
    "DeadJob",
    "Instant",
    "Job",
    "JobReason",
    "Json",
    "KeyedJob",
    "Unit",
    "add_row",
    "among",
    "cancel",
    "change_row",
    "claim",
    "dead_jobs",
    "digest_salt",
    "enqueue",
    "finish",
    "hold_names",
    "insert_into",
    "jobs_by_key",
    "jobs_waiting",
    "lock_key",
    "met_another",
    "metadata",
    "replay",
    "retry_later",
    "rows_by",
    "waiting",
]
