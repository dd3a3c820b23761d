"""The worker's loop, and the sealer's."""

import threading
import time
from enum import StrEnum

from lachan.bootstrap import Services
from lachan.doors.worker.deliveries import Deliveries
from lachan.doors.worker.jobs import run_due_jobs
from lachan.foundation.base import SYSTEM, WallClock
from lachan.foundation.trail import SEAL_INTERVAL, destroy_due_salts, seal
from lachan.intake import erase_due_reports

# Looking costs a fifth of a millisecond; twenty-five between looks keep an answer's next hop well under 0.1 s.
IDLE_S = 0.025


class Part(StrEnum):
    """What a worker process does; separate processes may do one each."""

    ALL = "all"
    JOBS = "jobs"
    SEAL = "seal"


def run_worker(services: Services, part: Part, stop: threading.Event) -> None:
    """Run until told to stop."""
    threads = []
    if part is not Part.SEAL:
        threads += [
            threading.Thread(target=_jobs, args=(services, stop), name="jobs"),
            threading.Thread(target=_deliveries, args=(services, stop), name="deliveries"),
        ]
    if part is not Part.JOBS:
        threads.append(threading.Thread(target=_sealer, args=(services, stop), name="sealer"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _keep_retention(services: Services) -> None:
    """Personal data whose time has ended goes: its commitments' salts, then the data itself."""
    destroy_due_salts(services.db, now=services.clock.now())
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        erase_due_reports(unit)


def _jobs(services: Services, stop: threading.Event) -> None:
    while not stop.is_set():
        if run_due_jobs(services) == 0:
            stop.wait(IDLE_S)


def _deliveries(services: Services, stop: threading.Event) -> None:
    deliveries = Deliveries(services)
    while not stop.is_set():
        if deliveries.start_due() == 0:
            stop.wait(IDLE_S)
    deliveries.close()


def _sealer(services: Services, stop: threading.Event) -> None:
    swept_at = 0.0
    while not stop.is_set():
        seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())
        if time.monotonic() - swept_at > 3600:
            _keep_retention(services)
            swept_at = time.monotonic()
        stop.wait(SEAL_INTERVAL.total_seconds())
    seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())
