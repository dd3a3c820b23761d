"""How fast are the officer's pages with 10,000 reports in the record?  SQLite and PostgreSQL in one run.

Server time of the desk and of a golden-hour page, over HTTP on this machine, signed in, one request at a time.
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from benchmarks.instance import new_instance, percentile, postgres, running
from lachan.bootstrap import Services
from lachan.doors.cli.demo.stage import set_stage
from lachan.foundation.access import demo_link_token
from lachan.foundation.base import PUBLIC, SYSTEM, Language, WallClock
from lachan.foundation.protocol import SigningKey, Situation
from lachan.intake import Channel, LossDraft, ReportDraft, receive_report
from lachan.intake.tables import loss as loss_table
from lachan.intake.tables import report as report_table
from lachan.response import open_trace
from lachan.response.tables import hold, hop, policy, trace
from lachan.sandbox.province import InstitutionKind
from lachan.sandbox.run import Registration

REPORTS = 10_000
SEED = 100
LOOKS = 60


def fill(services: Services, reports: int) -> None:
    """Reports through the real actions, spread over the last days, each with its trace and its sent request."""
    codes = [f"{999001 + number}" for number in range(12)]
    now = services.clock.now()
    with services.db.unit(now, SYSTEM) as unit:
        # The desk's policy is older than its reports: their requests went out.
        unit.conn.execute(sa.update(policy).values(signed_at=now - timedelta(days=30)))
    for start in range(0, reports, 200):
        for number in range(start, min(start + 200, reports)):
            at = now - timedelta(seconds=30 * (reports - number))
            loss = LossDraft(
                amount_vnd=1_000_000 + number * 1_000,
                booked_at=at - timedelta(minutes=5),
                payee_account=f"account:{codes[number % 12]}:{number:08d}",
                payer_account=f"account:{codes[(number + 5) % 12]}:{number:08d}",
                payee_institution=codes[number % 12],
                payer_institution=codes[(number + 5) % 12],
                reference=f"P{number}",
            )
            draft = ReportDraft(
                Situation.SCAM, f"Nguyễn Văn {number}", (loss, replace(loss, reference=f"Q{number}", amount_vnd=7)),
                victim_phone="+84912345678", story="Bị lừa.",
            )  # fmt: skip
            with services.db.unit(at, PUBLIC) as unit:
                received = receive_report(unit, draft, Channel.WEB, agency_id=services_desk(services))
            with services.db.unit(at, SYSTEM) as unit:
                open_trace(unit, services.outbox, received.report_id)


def multiply(services: Services, times: int) -> None:
    """Copies of what the actions made, under new names: rows are what pages read, not how they came about."""
    tables = (report_table, loss_table, trace, hold, hop)
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        for table in tables:
            rows = [dict(row) for row in unit.conn.execute(sa.select(table)).mappings()]
            for copy in range(1, times):
                unit.conn.execute(sa.insert(table), [_copied(row, copy, n) for n, row in enumerate(rows)])


def _copied(row: dict[str, Any], copy: int, number: int) -> dict[str, Any]:
    copied = {str(name): value for name, value in row.items()}
    for name in ("id", "report_id", "loss_id", "trace_id", "hold_id"):
        if copied.get(name):
            copied[name] = f"{copy + 0x1000:04x}{copied[name][4:]}"
    if "code" in copied:
        copied["code"] = f"LC-{copied['code'][3:5]}{copied['code'][-3:]}-{copy:04x}"
    if "secret_hash" in copied:
        copied["secret_hash"] = f"{copy:08x}-{copied['secret_hash'][9:]}"
    if "reference" in copied:
        copied["reference"] = f"{copied['reference']}-{copy}"
    return copied


_desks: dict[int, str] = {}


def services_desk(services: Services) -> str:
    """The desk of this instance."""
    return _desks[id(services)]


def measure(services: Services, reports: int) -> dict[str, float]:
    """One store: milliseconds at the 50th and 95th percentile."""
    registrations = [
        Registration(f"{999001 + n}", f"Bank {n}", f"B{n}", InstitutionKind.BANK, "human", None,
                     SigningKey.generate().public.as_text())
        for n in range(12)
    ]  # fmt: skip
    stage = set_stage(services, registrations, Language.VI)
    _desks[id(services)] = stage.desk_id
    fill(services, SEED)
    multiply(services, reports // SEED)
    # Both stores know the sizes of their tables.
    with services.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")
    with services.db.read() as conn:
        codes = list(conn.execute(sa.select(trace.c.code).order_by(trace.c.id).limit(LOOKS)).scalars())
    token = demo_link_token(services.settings, services.secret, stage.people["officer"], wall_now=WallClock().now())
    with (
        running(services, workers=False),
        httpx.Client(base_url=services.settings.base_url, follow_redirects=True) as browser,
    ):
        browser.get(f"/demo/{token}").raise_for_status()
        desk = [_timed(browser, "/desk") for _ in range(LOOKS)]
        golden = [_timed(browser, f"/trace/{code}") for code in codes]
    return {
        "desk_p50_ms": percentile(desk, 0.5), "desk_p95_ms": percentile(desk, 0.95),
        "golden_hour_p50_ms": percentile(golden, 0.5), "golden_hour_p95_ms": percentile(golden, 0.95),
    }  # fmt: skip


def _timed(browser: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    browser.get(path).raise_for_status()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Measure both stores and print them side by side."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reports", type=int, default=REPORTS)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres(Path(tempfile.mkdtemp())) as address:
        sqlite = measure(new_instance(Path(folder) / "sqlite"), chosen.reports)
        postgresql = measure(new_instance(Path(folder) / "postgres", address), chosen.reports)
    for name, value in sqlite.items():
        print(f"{name:22} SQLite {value:8.1f}   PostgreSQL {postgresql[name]:8.1f}")
    print(json.dumps({"reports": chosen.reports, "sqlite": sqlite, "postgresql": postgresql}))


if __name__ == "__main__":
    main()
