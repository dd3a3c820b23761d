"""Long files of records: taken in part by part, outside any transaction of the job's own."""

import logging

import sqlalchemy as sa

from lachan.activities.filed import FILE_JOB, fail, import_file
from lachan.bootstrap import Services
from lachan.foundation.base import SYSTEM, LachanError, WallClock
from lachan.foundation.storage import Job, JobReason, claim, retry_later

# Longer than the longest file takes on a busy machine; who dies is followed after it.
_LEASE_S = 300.0
# Some minutes: then who sent the file is told that it stopped, and may start it again.
_ATTEMPTS_MOST = 10
_USE = "activities"
_log = logging.getLogger("lachan.worker")


def take_files(services: Services) -> int:
    """Take in one file that waits; returns how many were claimed."""
    jobs = claim(
        services.db, now=services.clock.now(), wall_now=WallClock().now(), kinds=(FILE_JOB,), limit=1,
        lease_s=_LEASE_S,
    )  # fmt: skip
    for job in jobs:
        _take(services, job)
    return len(jobs)


def _take(services: Services, job: Job) -> None:
    if job.attempts > _ATTEMPTS_MOST:
        # Every worker that took it died before it could say so: another one would, too.
        _again(services, job, "WorkerDied")
        return
    try:
        import_file(services.db, services.clock.now, job, secret=services.secret.derive(_USE))
    except LachanError as error:
        _log.warning("file %s was not taken in: %s", job.payload["file_id"], error)
        if error.reason is not JobReason.LEASE_LOST:
            with services.db.unit(services.clock.now(), SYSTEM) as unit:
                fail(unit, job, error.reason.value)
    except sa.exc.SQLAlchemyError as error:
        _log.warning("file %s is tried again: %s", job.payload["file_id"], error)
        _again(services, job, type(error).__name__)
    except Exception as error:  # noqa: BLE001 a file that breaks us must not come back for ever
        _log.exception("file %s broke", job.payload["file_id"])
        _again(services, job, type(error).__name__)


def _again(services: Services, job: Job, error: str) -> None:
    """`error` is its name alone: its own words may hold a row of the file."""
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        if retry_later(unit, job, error, wall_now=WallClock().now(), max_attempts=_ATTEMPTS_MOST):
            _log.error("file %s stopped after %d attempts", job.payload["file_id"], job.attempts)
