"""plan report: who owes what in a period, and the gathered report or one agency's, on the screen or as a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from lachan.doors.cli.output import out
from lachan.foundation.base import VIETNAM, BadInput, InputReason, translate

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from lachan.plans.reporting import PeriodicReport
    from lachan.plans.reporting.views import RoundView

_ENDINGS = (".docx", ".pdf", ".xlsx", ".json")


def register(app: typer.Typer) -> None:
    """Put the command beside the others of plans."""
    app.command("report")(_report)


def _report(
    plan: Annotated[str, typer.Argument(help="The plan's id, or its number such as 50/KH-UBND")],
    period: Annotated[str, typer.Option(help="2026-H1, 2026-Q3, 2026-Y, 2026-M07")],
    agency: Annotated[str | None, typer.Option(help="One agency's report, by short name or id")] = None,
    file: Annotated[Path | None, typer.Option("--out", help="report.docx, .pdf, .xlsx or .json")] = None,
) -> None:
    """Who owes what for a period, and what was gathered; with --out as a document."""
    run(plan, period, agency, file)


def run(plan: str, period: str, agency: str | None, file: Path | None) -> None:
    """Show or write one report.

    Raises:
        BadInput: the file's ending is none of these; NotFound: no such plan, period or report.
    """
    from lachan.bootstrap import build
    from lachan.foundation.base.settings import Settings
    from lachan.plans.reporting import views

    if file is not None and file.suffix.lower() not in _ENDINGS:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected=", ".join(_ENDINGS))
    services = build(Settings())
    with services.db.read() as conn:
        found, report = views.at_console(conn, services.clock.now(), plan, period, agency)
        names = views.agency_names(conn)
        values = _values(found, report, names)
        if file is not None:
            _write(conn, file, report, values)
    lines = [translate("cli.wrote", out.language, file=str(file))] if file else _lines(found, report, names)
    out.result(values if file is None else {"file": str(file)}, lines)


def _write(conn: "Connection", file: Path, report: "PeriodicReport | None", values: dict[str, Any]) -> None:
    from lachan.foundation.base import NotFound
    from lachan.foundation.documents.administrative import paper_docx, paper_pdf
    from lachan.plans.reporting import UNSIGNED, views
    from lachan.plans.reporting.actions import draft_paper
    from lachan.plans.reporting.sheet import write_sheet

    ending = file.suffix.lower()
    if ending == ".json":
        file.write_bytes(orjson.dumps(values, option=orjson.OPT_INDENT_2))
        return
    if report is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="report")
    if ending == ".xlsx":
        write_sheet(file, report, views.full_names(conn), out.language)
        return
    paper = draft_paper(conn, report, UNSIGNED)
    file.write_bytes(paper_pdf(paper, out.language) if ending == ".pdf" else paper_docx(paper, out.language))


def _values(found: "RoundView", report: "PeriodicReport | None", names: dict[str, str]) -> dict[str, Any]:
    from lachan.plans.reporting.wording import field_label, measure_of, round_title

    one = found.round.occurrence
    form = {field.code: field for field in report.form} if report else {}
    return {
        "plan": found.round.plan_id, "period": one.key, "title": round_title(found.round, out.language),
        "covers_from": one.covers_from.isoformat(), "covers_to": one.covers_to.isoformat(),
        "due_at": one.due_at.astimezone(VIETNAM).isoformat(),
        "agencies": [
            {
                "agency": names.get(owed.agency_id, owed.agency_id), "state": owed.standing.value,
                "late": owed.late,
                "revision": owed.report.revision if owed.report else None,
                "handed_in_at": owed.report.submitted_at.astimezone(VIETNAM).isoformat()
                if owed.report and owed.report.submitted_at
                else None,
            }
            for owed in found.owed
        ],
        "report": None if report is None else {
            "agency": names.get(report.agency_id, report.agency_id), "consolidated": report.consolidated,
            "revision": report.revision, "state": report.state.value,
            "figures": [
                {
                    "code": figure.field, "label": field_label(form[figure.field], out.language),
                    "value": None if figure.value is None else str(figure.value),
                    "unit": measure_of(form[figure.field]).value, "origin": figure.origin.value,
                    "known_at": figure.known_at.astimezone(VIETNAM).isoformat(), "link": figure.link,
                    "parts": {
                        names.get(part.agency_id, part.agency_id): None if part.value is None else str(part.value)
                        for part in figure.parts
                    },
                }
                for figure in report.figures
            ],
            "texts": {text.field: text.text for text in report.texts},
        },
    }  # fmt: skip


def _lines(found: "RoundView", report: "PeriodicReport | None", names: dict[str, str]) -> list[str]:
    from lachan.plans.reporting.wording import field_label, number, round_title, unit_name

    lines = [f"{round_title(found.round, out.language)} · {found.round.plan_title}"]
    for owed in found.owed:
        state = translate(f"periodic.standing.{owed.standing.value}", out.language)
        late = f" · {translate('web.periodic.late', out.language)}" if owed.late else ""
        lines.append(f"  {names.get(owed.agency_id, owed.agency_id)}: {state}{late}")
    if report is None:
        return lines
    form = {field.code: field for field in report.form}
    lines.append(translate(f"periodic.state.{report.state.value}", out.language))
    for figure in report.figures:
        field = form[figure.field]
        value = f"{number(figure.value, out.language)} {unit_name(field, out.language)}".strip()
        lines.append(f"  {field_label(field, out.language)}: {value}")
    return lines
