"""Run every rule against one institution's end point."""

from collections.abc import Callable

from lachan.client.conform.center import LocalCenter, serve
from lachan.client.conform.model import (
    BrokenRuleError,
    Finding,
    Fixture,
    Outcome,
    Report,
    UncheckedError,
)
from lachan.client.conform.rules import RULES, Check
from lachan.client.conform.session import Patience, Session
from lachan.foundation.base import Clock, WallClock
from lachan.foundation.protocol import PublicKey, SigningKey


def run_conformance(
    url: str,
    *,
    center_key: SigningKey,
    institution_keys: tuple[PublicKey, ...],
    fixture: Fixture,
    host: str = "127.0.0.1",
    port: int = 0,
    patience: Patience | None = None,
    clock: Clock | None = None,
    started: Callable[[str], None] | None = None,
    found: Callable[[Finding], None] | None = None,
) -> Report:
    """Act as a center towards the webhook at `url` and say which rules it keeps.

    A small center is served at `host:port` for its replies; `started` is told that address before the first
    event, `found` each finding as it comes. The institution's test environment must know the public half of
    `center_key` as the key of the center `conformance`, and hold the fixture account.
    """
    center = LocalCenter(center_key, institution_keys)
    with serve(center, host, port):
        if started is not None:
            started(center.url)
        session = Session(url, center, fixture, patience or Patience(), clock or WallClock())
        findings = []
        try:
            for rule, check in RULES.items():
                outcome, detail = _outcome(session, check)
                findings.append(Finding(rule, outcome, detail))
                if found is not None:
                    found(findings[-1])
        finally:
            session.leave_clean()
            session.close()
    return Report(tuple(findings))


def _outcome(session: Session, check: Check) -> tuple[Outcome, str]:
    try:
        check(session)
    except BrokenRuleError as broken:
        return Outcome.BROKEN, str(broken)
    except UncheckedError as unchecked:
        return Outcome.UNCHECKED, str(unchecked)
    return Outcome.KEPT, ""
