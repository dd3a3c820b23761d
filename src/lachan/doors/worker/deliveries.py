"""Deliveries run beside each other, so that one bank that is down delays no other."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from lachan.bootstrap import Services
from lachan.foundation.base import SYSTEM, LachanError, WallClock
from lachan.foundation.protocol import EventType
from lachan.foundation.protocol.connections import allowed_hosts, check_target, webhook_of
from lachan.foundation.protocol.delivery import Attempt, Postman
from lachan.foundation.protocol.outbox import DELIVER, mark, message_by_id
from lachan.foundation.storage import Job, claim, finish, retry_later
from lachan.foundation.trail import append

SLOTS = 24
_log = logging.getLogger("lachan.deliveries")


class Deliveries:
    """Claims delivery jobs up to its free slots, highest priority first, and posts them in threads."""

    def __init__(self, services: Services, slots: int = SLOTS) -> None:
        self._services = services
        self._slots = slots
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="deliver")
        self._postman = Postman(services.issuer_keys)
        self._running: set[Future[None]] = set()

    def start_due(self) -> int:
        """Start what is due and fits; returns how many were started."""
        self._running = {future for future in self._running if not future.done()}
        free = self._slots - len(self._running)
        if free <= 0:
            return 0
        services = self._services
        jobs = claim(
            services.db, now=services.clock.now(), wall_now=WallClock().now(), kinds=(DELIVER,), limit=free
        )
        self._running |= {self._pool.submit(self._deliver, job) for job in jobs}
        return len(jobs)

    def close(self) -> None:
        """Let running attempts end."""
        self._pool.shutdown(wait=True)
        self._postman.close()

    def _deliver(self, job: Job) -> None:
        try:
            self._attempt(job)
        except Exception:  # noqa: BLE001 the thread's end is nobody's to see; the lease gives the job back
            _log.exception("delivery %s broke", job.id)

    def _attempt(self, job: Job) -> None:
        services = self._services
        with services.db.read() as conn:
            message = message_by_id(conn, job.payload["message_id"])
            url = webhook_of(conn, message.institution)
            hosts = allowed_hosts(conn)
        spent = message.type == EventType.RECEIPTS_ASKED and message.closed_at is not None
        if url is None or spent:
            # The institution pulls from its inbox, or a person telephones, or nobody needs to know it any more.
            with services.db.unit(services.clock.now(), SYSTEM) as unit:
                finish(unit, job)
            return
        try:
            target = check_target(url, services.settings.allow_private_targets, hosts)
            attempt = self._postman.post(message, target, WallClock().now())
        except LachanError as error:
            attempt = Attempt(False, error.reason)
        with services.db.unit(services.clock.now(), SYSTEM) as unit:
            if attempt.delivered:
                mark(unit, message.id, delivered_at=unit.now)
                append(
                    unit, "message.delivered", f"message:{message.id}",
                    {"institution": message.institution, "type": message.type, "attempts": job.attempts},
                )  # fmt: skip
                finish(unit, job)
            elif retry_later(unit, job, attempt.error, wall_now=WallClock().now()):
                append(
                    unit, "message.dead", f"message:{message.id}",
                    {"institution": message.institution, "type": message.type, "error": attempt.error},
                )  # fmt: skip
