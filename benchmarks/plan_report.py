"""A half-year of 40 agencies gathered into one report, as figures, DOCX and PDF; beside it a recount of the trail.

The plan serves every demand, so that its reports count every kind of activity: a kept sum stands for each figure,
day and agency. The agencies' reports are handed in first (not measured). Measured: `consolidate`, with shares and
medians counted anew over all agencies, then the document in both forms. The other side reads the facts
`periodic.submitted` and adds their figures up: both must say the same. Wall time; the target is 5 s for the whole
report.
"""

import argparse
import json
import tempfile
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa
from tests.factories import reporting

from benchmarks.instance import new_instance
from lachan.activities.model import EVERYWHERE
from lachan.activities.tables import kept_sum
from lachan.foundation.base import new_id
from lachan.foundation.documents.administrative import paper_docx, paper_pdf
from lachan.foundation.taxonomy import activity_kinds, vietnam_date
from lachan.foundation.trail.tables import fact
from lachan.intake.tables import report as report_table
from lachan.plans import tables as plans
from lachan.plans.reporting import Origin, PeriodicReport, consolidate
from lachan.plans.reporting.actions import draft_paper


def main() -> None:
    """Measure once and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agencies", type=int, default=40)
    parser.add_argument("--reports", type=int, default=100_000, help="fraud reports that the figures count")
    parser.add_argument("--days", type=int, default=180, help="days of the period with a sum of every figure")
    parser.add_argument("--database-url", default="", help="a PostgreSQL address; without it SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        services = new_instance(Path(folder) / "home", given.database_url)
        province = reporting.build(services.db, given.agencies)
        _fraud(province, given.reports)
        sums = _work(province, given.days)
        for agency_id in province.senders:
            province.handed_in(agency_id)
        begin = time.perf_counter()
        with services.db.unit(reporting.IN_TIME, province.clerk(province.police)) as unit:
            whole = consolidate(unit, reporting.PLAN, reporting.KEY)
        gathered_s = time.perf_counter() - begin
        with services.db.read() as conn:
            paper = draft_paper(conn, whole, reporting.SIGNING)
        word, pdf = len(paper_docx(paper)), len(paper_pdf(paper))
        whole_s = time.perf_counter() - begin
        begin = time.perf_counter()
        recounted = _recount(province)
        recount_s = time.perf_counter() - begin
        ours = {one.field: one.value for one in whole.figures if one.origin is Origin.CHILDREN}
        print(
            json.dumps(
                {
                    "agencies": given.agencies, "reports": given.reports, "sums": sums, "lines": len(whole.figures),
                    "gathered_s": round(gathered_s, 3),
                    "whole_s": round(whole_s, 3), "recount_s": round(recount_s, 3),
                    "same": ours == {name: recounted.get(name) for name in ours},
                    "reports_received": str(ours["reports_received"]), "docx_bytes": word, "pdf_bytes": pdf,
                    "parts": _parts(whole),
                }
            )
        )  # fmt: skip
        services.db.close()


def _fraud(province: reporting.Province, count: int) -> None:
    """Reports of fraud at the agencies' desks, spread over the half-year."""
    start = reporting.IN_TIME - timedelta(days=180)
    rows = [
        {
            "id": new_id(), "code": f"B{number:08d}", "secret_hash": f"{number:064d}", "channel": "web",
            "status": "received", "situation": "scam",
            "agency_id": province.senders[number % len(province.senders)],
            "filed_by": "bench", "language": "vi", "consent": True,
            "received_at": start + timedelta(seconds=number * 170 * 86_400 // max(count, 1)),
        }
        for number in range(count)
    ]  # fmt: skip
    with province.db.unit(reporting.IN_TIME, province.clerk(province.police)) as unit:
        for first in range(0, len(rows), 5_000):
            unit.conn.execute(sa.insert(report_table), rows[first : first + 5_000])


def _work(province: reporting.Province, days: int) -> int:
    """A plan whose clause serves every demand, and kept sums of every kind's figures; how many sums."""
    now = reporting.IN_TIME
    plan_row = {
        "id": reporting.PLAN, "number": "50/KH-UBND", "number_key": "50", "issuer": "UBND", "issuer_key": "ubnd",
        "year": 2025, "title": reporting.TITLE, "recipients": [], "state": "in_force", "keeper_id": province.police,
        "consolidator_id": province.police, "made_by": "bench", "made_at": now, "version": 1,
    }  # fmt: skip
    clause_row = {
        "id": new_id(), "plan_id": reporting.PLAN, "position": 0, "ref": "1", "section": "", "text": "x",
        "coordinating": [], "recurrence": [], "demands": list(range(1, 104)), "gone": False,
    }  # fmt: skip
    sums = [
        {
            "kind": kind.code, "figure": one.code, "commune": EVERYWHERE, "day": day.isoformat(),
            "agency_id": agency_id, "part": "", "amount": 3, "base": 0,
        }
        for kind in activity_kinds(now)
        for one in kind.figures
        for day in (vietnam_date(now) - timedelta(days=5 + back) for back in range(days))
        for agency_id in province.senders
    ]  # fmt: skip
    with province.db.unit(now, province.clerk(province.police)) as unit:
        unit.conn.execute(sa.insert(plans.plan), [plan_row])
        unit.conn.execute(sa.insert(plans.clause), [clause_row])
        for first in range(0, len(sums), 20_000):
            unit.conn.execute(sa.insert(kept_sum), sums[first : first + 20_000])
    return len(sums)


def _recount(province: reporting.Province) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    with province.db.read() as conn:
        newest = {row.subject: row.data for row in conn.execute(
            sa.select(fact.c.subject, fact.c.data)
            .where(fact.c.kind == "periodic.submitted")
            .order_by(fact.c.ordinal)
        )}  # fmt: skip
    for said in newest.values():
        for name, value in said["figures"].items():
            if value is not None:
                totals[name] = totals.get(name, Decimal(0)) + Decimal(value)
    return totals


def _parts(whole: PeriodicReport) -> int:
    return sum(len(one.parts) for one in whole.figures)


if __name__ == "__main__":
    main()
