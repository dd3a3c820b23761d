"""How fast are figures from kept sums beside the same from the records, and how fast does a table come in?

Both are asked of the same record in one run. On a shared machine compare the rows of one run: CPU, not wall.
"""

import argparse
import io
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter

import lachan.bootstrap
from lachan.activities import Activity, Source, import_grid, views
from lachan.activities.rules import sums_of
from lachan.activities.store import add_to_sums, insert_new
from lachan.activities.tables import activity
from lachan.foundation.access import OPERATOR, AgencyDraft, add_agency
from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.documents.workbooks import read_grid
from lachan.foundation.storage import Database
from lachan.foundation.storage.migrations import upgrade
from lachan.foundation.taxonomy import activity_kind, communes_of

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
KIND = activity_kind("junk_sim_sweep", NOW)
PART = 5_000
AGENCIES = 40
HEADS = [one.vi for one in KIND.first_fields]


def asked(ask: Callable[[], object], times: int) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        took.append((time.perf_counter() - start) * 1000)
    took.sort()
    return {"median_ms": round(statistics.median(took), 2), "p95_ms": round(took[int(len(took) * 0.95)], 2)}


def fill(db: Database, records: int, chance: random.Random) -> list[str]:
    """Records of two years by forty agencies in one province's communes."""
    wards = [one.code for one in communes_of("04")]
    with db.unit(NOW, OPERATOR) as unit:
        made = [
            add_agency(
                unit, AgencyDraft("commune_committee", f"Xã {n}", f"Xã {n}", date(2025, 7, 1), province_code="04")
            )
            for n in range(AGENCIES)
        ]  # fmt: skip
    ids = [one.id for one in made]
    first = Activity(
        "", KIND.code, "", "04", "", "", "", None, {}, 1, "system:lachan", NOW, NOW, None, "", Source.FILE
    )  # fmt: skip
    for start in range(0, records, PART):
        rows = []
        for number in range(start, min(start + PART, records)):
            day = (date(2025, 1, 1) + timedelta(days=chance.randrange(690))).isoformat()
            checked, junk = chance.randrange(1, 200), chance.randrange(20)
            values: dict[str, Any] = {
                "day": day,
                "commune": chance.choice(wards),
                "households": 9,
                "checked": checked,
                "junk": junk,
                "handled": junk // 2,
            }
            rows.append(replace(
                first, id=new_id(), agency_id=chance.choice(ids), commune=values["commune"], day=day, values=values,
                key=f"bench:{number}",
            ))  # fmt: skip
        with db.unit(NOW, SYSTEM) as unit:
            insert_new(unit.conn, rows)
            add_to_sums(unit.conn, sums_of(KIND, [(one, 1) for one in rows]))
    return ids


def table(rows: int, chance: random.Random) -> bytes:
    """A table as clerks send it, every hundredth row wrong."""
    wards = [one.name for one in communes_of("04")]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADS)
    for row in range(rows):
        day = "31/02/2026" if row % 100 == 99 else f"{1 + row % 28:02}/10/2026"
        sheet.write_row(
            row + 1, 0, [day, chance.choice(wards), row % 90, 5 + row % 70, row % 5, row % 3, f"đợt {row}"]
        )
    book.close()
    return out.getvalue()


def main() -> None:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=50)
    given = parser.parse_args()
    chance = random.Random(34)
    assert lachan.bootstrap.OUTBOX_KINDS
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'lachan.db'}")
        upgrade(db)
        ids = fill(db, given.records, chance)
        since, until = date(2026, 1, 1), date(2026, 6, 30)

        def by_scan(conn: Any) -> int:
            junk = sa.cast(sa.func.json_extract(activity.c.content, "$.junk"), sa.Integer)
            query = sa.select(sa.func.sum(junk)).where(
                activity.c.kind == KIND.code, activity.c.day.between(since.isoformat(), until.isoformat())
            )
            return int(conn.execute(query).scalar_one() or 0)

        result: dict[str, Any] = {"records": given.records}
        with db.read() as conn:
            ours = views.figure(conn, KIND.code, "junk", None, since, until).amount
            assert ours == by_scan(conn), "the kept sums are the records'"
            result["figure_kept"] = asked(
                lambda: views.figure(conn, KIND.code, "junk", None, since, until), given.times
            )  # fmt: skip
            result["figure_kept_one_agency"] = asked(
                lambda: views.figure(conn, KIND.code, "junk", ids[:1], since, until), given.times
            )  # fmt: skip
            result["by_agency_kept"] = asked(
                lambda: views.figure_by(conn, KIND.code, "junk", "agency_id", None, since, until), given.times
            )  # fmt: skip
            result["figure_from_records"] = asked(lambda: by_scan(conn), max(3, given.times // 10))
        content = table(given.rows, chance)
        start, cpu = time.perf_counter(), time.process_time()
        grid = read_grid("a.xlsx", content, rows_most=20_000, bytes_most=20_000_000)
        done = import_grid(db, OPERATOR, lambda: NOW, KIND.code, grid, secret=b"b" * 32, agency_id=ids[0])
        result["import"] = {
            "rows": done.rows, "recorded": done.recorded, "refused": done.refused_rows,
            "wall_s": round(time.perf_counter() - start, 2), "cpu_s": round(time.process_time() - cpu, 2),
        }  # fmt: skip
        db.close()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
