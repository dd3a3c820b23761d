"""The worker's loop, and the sealer's."""

import logging
import os
import threading
import time
from collections.abc import Callable
from enum import StrEnum

from lachan.activities import forget_activities, forget_files
from lachan.activities.filed import forget_imports
from lachan.bootstrap import Services
from lachan.doors.worker.deliveries import Deliveries
from lachan.doors.worker.files import take_files
from lachan.doors.worker.jobs import MONEY_CLOCKS, REGISTRY, run_due_jobs
from lachan.doors.worker.mails import make_reminders, send_mails
from lachan.foundation.access import erase_due_records
from lachan.foundation.base import SYSTEM, WallClock
from lachan.foundation.protocol.received import forget_words
from lachan.foundation.trail import SEAL_INTERVAL, destroy_due_salts, seal
from lachan.ledger import erase_due_files
from lachan.monitoring.alerts import forget_alerts, sweep_suppressions
from lachan.monitoring.stream import erase_judged
from lachan.outreach import sweep as sweep_texts
from lachan.reactions import REACT
from lachan.registry import erase_due_words, forget_payments, sweep
from lachan.response import keep_retention, wait_turn
from lachan.screening import erase_due_addresses, erase_due_hits

# A look costs the record and the worker a millisecond of processor; fifty between looks keep an answer's next hop
# well under 0.1 s.
IDLE_S = 0.05
# For clocks, which run for minutes, and for the registry.
UNHURRIED_S = 0.1
# After a look that broke (the record restarts, its disk is full): long enough not to flood the log.
BROKEN_S = 1.0
SWEEP_S = 3600.0
# A listing whose time has come ends everywhere by its own date; this only writes it down.
LISTING_SWEEP_S = 0.5
# Reminders count in days; an e-mail may wait for seconds.
REMINDER_SWEEP_S = 60.0
MAIL_LOOK_S = 2.0
# Somebody looks at the page of a file that has just come.
FILE_LOOK_S = 0.5
# Files of evidence that no record names: of records that were erased, and of forms that were never sent.
EVIDENCE_SWEEP_S = 86_400.0
# What is public ends by its own date; this writes it down, and looks whether reports of a form have risen.
TEXTS_SWEEP_S = 30.0
# Before anybody sends transfers: nothing of monitoring is loaded till then.
STREAM_LOOK_S = 1.0
# A registry process takes the processors after those that serve the golden hour. Not where it holds the only
# writer's turn meanwhile: they would wait for it.
_AFTER_REQUESTS = 5
_log = logging.getLogger("lachan.worker")


class Part(StrEnum):
    """What a worker process does; separate processes may do one each."""

    ALL = "all"
    JOBS = "jobs"
    REGISTRY = "registry"
    SEAL = "seal"
    STREAM = "stream"


def run_worker(services: Services, part: Part, stop: threading.Event) -> None:
    """Run until told to stop."""
    if part is Part.REGISTRY and not services.db.is_sqlite:
        os.nice(_AFTER_REQUESTS)
    threads = [
        threading.Thread(target=target, args=(services, stop), name=target.__name__.strip("_"))
        for one, target in _THREADS
        if part in {one, Part.ALL}
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _keep_retention(services: Services) -> None:
    """Personal data whose time has ended goes: its commitments' salts, then the data itself."""
    destroy_due_salts(services.db, now=services.clock.now())
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        wait_turn(unit)
        gone = keep_retention(unit) + forget_payments(unit) + erase_due_records(unit, wall_now=WallClock().now())
        gone += erase_due_files(unit) + forget_alerts(unit)
        gone += erase_due_hits(unit) + erase_due_addresses(unit) + forget_words(unit)
        gone += erase_judged(unit) + forget_imports(unit)
        gone += forget_activities(unit)
    if services.columns_folder.is_dir():
        from lachan.monitoring.stream import forget_columns  # compiled, and few instances have the folder

        forget_columns(services.columns_folder, services.secret.derive("columns"), services.clock.now())
    gone += erase_due_words(services.db, services.clock.now())
    if gone:
        services.db.settle()


def _repeat(step: Callable[[], float], stop: threading.Event) -> None:
    """Take `step` again and again; it says how long to wait, in seconds. What breaks once is tried again.

    A thread that ended would leave a process that looks alive while its clocks stand still.
    """
    while not stop.is_set():
        try:
            pause_s = step()
        except Exception:  # noqa: BLE001 whatever it was, the clocks go on
            _log.exception("%s broke, and goes on", threading.current_thread().name)
            pause_s = BROKEN_S
        if pause_s:
            stop.wait(pause_s)


def _reactions(services: Services, stop: threading.Event) -> None:
    """A report's first requests: nothing else stands before them."""
    _repeat(lambda: 0.0 if run_due_jobs(services, (REACT,)) else IDLE_S, stop)


def _clocks(services: Services, stop: threading.Event) -> None:
    _repeat(lambda: 0.0 if run_due_jobs(services, MONEY_CLOCKS) else UNHURRIED_S, stop)


def _registry(services: Services, stop: threading.Event) -> None:
    swept_at: float | None = None

    def look() -> float:
        nonlocal swept_at
        if swept_at is None or time.monotonic() - swept_at > LISTING_SWEEP_S:
            swept_at = time.monotonic()
            sweep(services.db, services.clock.now())
            sweep_suppressions(services.db, services.clock.now())
        return 0.0 if run_due_jobs(services, REGISTRY) else UNHURRIED_S

    _repeat(look, stop)


def _reminders(services: Services, stop: threading.Event) -> None:
    swept_at: float | None = None

    def look() -> float:
        nonlocal swept_at
        if swept_at is None or time.monotonic() - swept_at > REMINDER_SWEEP_S:
            swept_at = time.monotonic()
            make_reminders(services)
        return 0.0 if send_mails(services) else MAIL_LOOK_S

    _repeat(look, stop)


def _files(services: Services, stop: threading.Event) -> None:
    swept_at: float | None = None

    def look() -> float:
        nonlocal swept_at
        if swept_at is None or time.monotonic() - swept_at > EVIDENCE_SWEEP_S:
            # Not with the erasure of a record: a worker that died between the two would leave its files for good.
            swept_at = time.monotonic()
            with services.db.read() as conn:
                forget_files(conn, services.settings.home, WallClock().now())
        return 0.0 if take_files(services) else FILE_LOOK_S

    _repeat(look, stop)


def _texts(services: Services, stop: threading.Event) -> None:
    def look() -> float:
        sweep_texts(services.db, services.clock.now())
        return TEXTS_SWEEP_S

    _repeat(look, stop)


def _deliveries(services: Services, stop: threading.Event) -> None:
    deliveries = Deliveries(services)
    _repeat(lambda: 0.0 if deliveries.start_due() else IDLE_S, stop)
    deliveries.close()


def _sealer(services: Services, stop: threading.Event) -> None:
    swept_at: float | None = None

    def look() -> float:
        nonlocal swept_at
        seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())
        if swept_at is None or time.monotonic() - swept_at > SWEEP_S:
            swept_at = time.monotonic()
            _keep_retention(services)
        return SEAL_INTERVAL.total_seconds()

    _repeat(look, stop)
    seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())


def _stream(services: Services, stop: threading.Event) -> None:
    """Judge the stream of transfers, or stand by while another worker does."""

    def judge() -> float:
        if not services.stream.last():
            return STREAM_LOOK_S
        from lachan.monitoring.stream import GRAPH, Processor

        source = services.open_stream(GRAPH)
        try:
            Processor(services.db, services.clock, source, services.stream_folder).run(stop)
        finally:
            source.close()
        return 0.0

    _repeat(judge, stop)


_THREADS = (
    (Part.JOBS, _reactions),
    (Part.JOBS, _clocks),
    (Part.JOBS, _deliveries),
    (Part.REGISTRY, _registry),
    (Part.REGISTRY, _reminders),
    (Part.REGISTRY, _texts),
    (Part.REGISTRY, _files),
    (Part.SEAL, _sealer),
    (Part.STREAM, _stream),
)
