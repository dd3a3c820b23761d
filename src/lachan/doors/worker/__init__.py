"""The worker: due jobs, deliveries and the sealer. Any number of workers may run; each job runs once in effect."""

from lachan.doors.worker.deliveries import Deliveries
from lachan.doors.worker.jobs import run_due_jobs
from lachan.doors.worker.loop import run_worker

__all__ = ["Deliveries", "run_due_jobs", "run_worker"]
