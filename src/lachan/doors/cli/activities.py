"""`lachan activities`: kinds, the template of one, a file in, records out."""

from pathlib import Path

from rich.progress import Progress

from lachan.activities import import_grid, saying, sheets, views
from lachan.activities.importing import BYTES_MOST, ROWS_MOST, columns_of
from lachan.bootstrap import Services, build
from lachan.doors.cli.output import EXIT_NO, out
from lachan.doors.cli.rejects import Rejects
from lachan.foundation.access import OPERATOR, agencies
from lachan.foundation.base import BadInput, InputReason, WallClock, translate
from lachan.foundation.base.settings import Settings
from lachan.foundation.documents.sheets import STANDARD
from lachan.foundation.documents.workbooks import read_grid
from lachan.foundation.taxonomy import activity_kind, activity_kinds
from lachan.foundation.trail import append


def kinds() -> None:
    """One line for each kind in use."""
    found = activity_kinds(WallClock().now())
    values = [
        {
            "code": one.code, "name": one.label(out.language), "demands": list(one.demands),
            "restricted": one.restricted, "figures": [each.code for each in one.figures],
        }
        for one in found
    ]  # fmt: skip
    lines = [f"{one.code:28} {one.label(out.language)}  D{', D'.join(map(str, one.demands))}" for one in found]
    out.result(values, lines)


def template(kind: str, target: Path, province: str) -> None:
    """Write the template of a kind."""
    content = sheets.template(activity_kind(kind, WallClock().now()), out.language, province or None)
    try:
        target.write_bytes(content)
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(target), expected="XLSX") from error
    out.result({"file": str(target)}, [str(target)])


def import_file(kind: str, file: Path, agency: str, strict: bool) -> int:
    """Record the good rows of a file; 0 all of them, 1 some were refused."""
    services = build(Settings())
    found = activity_kind(kind, services.clock.now())
    whose = _agency(services, agency)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="XLSX, CSV") from error
    grid = read_grid(file.name, content, rows_most=ROWS_MOST, bytes_most=BYTES_MOST)
    columns_of(found, grid)
    with Progress(transient=True, disable=out.json) as bar, Rejects(file) as rejects:
        task = bar.add_task("", total=len(grid.rows) - 1)
        done = import_grid(
            services.db, OPERATOR, services.clock.now, kind, grid, secret=services.secret.derive("activities"),
            agency_id=whose, progress=lambda rows: bar.update(task, completed=rows), strict=strict,
        )  # fmt: skip
        for one in done.refused:
            said = saying.params_said(one.fault.params, out.language)
            rejects.add(one.line, one.fault.reason, said, {"column": one.column, "cell": one.text}, one.head)
        counts = {
            "rows": done.rows, "recorded": done.recorded, "repeated": done.repeated, "refused": done.refused_rows,
        }  # fmt: skip
        line = translate("activities.imported", out.language, **counts)
        out.result({**counts, "rejects": rejects.listed}, [line, *rejects.line()])
    return EXIT_NO if done.refused_rows else 0


def export(kind: str, target: Path, agency: str) -> None:
    """Write the records of a kind that is not restricted, personal values masked."""
    services = build(Settings())
    found = activity_kind(kind, services.clock.now())
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        names = {one.id: one.short_name for one in agencies(unit.conn)}
        whose = _agency(services, agency) if agency else ""
        records = views.for_operator(unit.conn, unit.actor, found, whose, unit.now)
        count = sheets.export(
            target, found, records, out.language, lambda one: names.get(one, one), full=lambda _one: False
        )  # fmt: skip
        append(unit, "activity.exported", f"activity_kind:{kind}", {"records": count, "agency": whose or None})
    line = translate("cli.exported", out.language, lines=count, file=target)
    if target == STANDARD:
        out.complain(line)
    else:
        out.result({"records": count, "file": str(target)}, [line])


def _agency(services: Services, text: str) -> str:
    wanted = " ".join(text.lower().split())
    with services.db.read() as conn:
        for one in agencies(conn):
            if wanted in {one.id, one.name.lower(), one.short_name.lower(), *one.codes}:
                return one.id
    raise BadInput(InputReason.UNKNOWN_VALUE, field="--agency", value=text[:60])
