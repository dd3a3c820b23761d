"""Reminders of plans: made as their day comes, and their e-mail handed to a mail server outside any transaction."""

import logging
import smtplib
from urllib.parse import urlsplit

from lachan.bootstrap import Services
from lachan.foundation.base import SYSTEM, WallClock
from lachan.foundation.storage import Job, claim, finish, retry_later
from lachan.plans.reminders.mailing import Server, find_mail, mark_sent, send
from lachan.plans.reminders.sweeping import MAIL_JOB, Post, sweep_reminders

_AT_ONCE = 20
_LEASE_S = 120.0
_log = logging.getLogger("lachan.worker")


def make_reminders(services: Services) -> int:
    """Everything that is due now; returns how many."""
    settings = services.settings
    host = urlsplit(settings.base_url).hostname or "localhost"
    post = Post(host if settings.smtp_host else "", settings.base_url, settings.instance_name)
    return sweep_reminders(services.db, services.clock.now(), post)


def send_mails(services: Services) -> int:
    """Hand over what waits; returns how many were claimed. A mail server that takes its time holds nobody up."""
    settings = services.settings
    if not settings.smtp_host:
        return 0
    jobs = claim(
        services.db, now=services.clock.now(), wall_now=WallClock().now(), kinds=(MAIL_JOB,), limit=_AT_ONCE,
        lease_s=_LEASE_S,
    )  # fmt: skip
    if not jobs:
        return 0
    with services.db.read() as conn:
        found = {job.id: find_mail(conn, job.payload["mail_id"]) for job in jobs}
    server = Server(
        settings.smtp_host, settings.smtp_port, settings.smtp_tls, settings.mail_from, settings.smtp_ca_file,
        settings.smtp_user, settings.smtp_password_file,
    )  # fmt: skip
    try:
        wrong = send(server, list(found.values()))
    except (OSError, smtplib.SMTPException) as error:
        _log.warning("the mail server did not take %d e-mails: %s", len(jobs), error)
        wrong = {one.id: type(error).__name__ for one in found.values()}
    for job in jobs:
        _settle(services, job, found[job.id].id, wrong.get(found[job.id].id))
    return len(jobs)


def _settle(services: Services, job: Job, mail_id: str, wrong: str | None) -> None:
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        if wrong is not None:
            retry_later(unit, job, wrong, wall_now=WallClock().now())
        else:
            finish(unit, job)
            mark_sent(unit, mail_id)
