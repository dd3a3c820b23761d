"""`lachan plan import`: what a plan's document demands, printed for a person or as the contract's JSON."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from lachan.doors.cli.output import out
from lachan.foundation.base import BadInput, InputReason, translate
from lachan.plans.model import PlanDraft, SourceLine, Warned
from lachan.plans.reading import plan_document, read_plan, warning_text

if TYPE_CHECKING:  # reading a file needs no store, and starts faster without one
    from lachan.plans.kept.model import Kept

_WORDS_SHOWN = 80


def run(file: Path, keeper: str | None) -> None:
    """Read and print, and keep it where an agency is named.

    Raises:
        BadInput: the file is none that can be read, or no agency has this name.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="txt, md, docx, pdf, html") from error
    draft = read_plan(data, file.name)
    kept: Kept | None = None
    if keeper is not None:
        draft, kept = _keep(data, file.name, keeper)
    if out.json:
        out.result(plan_document(draft, out.language), [])
        return
    _show(draft)
    if kept is not None:
        counts = {
            "reading": kept.reading,
            "added": len(kept.added),
            "changed": len(kept.changed),
            "gone": len(kept.gone),
        }
        out.say(translate("cli.plan.kept", out.language, **counts))


def _show(draft: PlanDraft) -> None:
    console = Console(soft_wrap=False)
    console.print(" · ".join(filter(None, (draft.number, draft.issuer, draft.title))), highlight=False)
    table = Table(box=None, pad_edge=False)
    for key in ("ref", "lead", "due", "work"):
        table.add_column(translate(f"cli.plan.{key}", out.language), overflow="fold")
    for task in draft.tasks:
        due = task.deadline.strftime("%d/%m/%Y") if task.deadline else ""
        when = ", ".join(translate(f"cli.plan.recurrence.{kind.value}", out.language) for kind in task.recurrence)
        words = " ".join(task.text.split())
        shown = words if len(words) <= _WORDS_SHOWN else words[:_WORDS_SHOWN].rsplit(" ", 1)[0] + " …"
        table.add_row(task.ref, task.lead or "–", "; ".join(filter(None, (due, when))), shown)
    console.print(table, highlight=False)
    counts = {"tasks": len(draft.tasks), "reports": len(draft.reports), "warnings": len(draft.warnings)}
    out.say(translate("cli.plan.counts", out.language, **counts))
    for warned in draft.warnings:
        line = warned.line.number if warned.line else "–"
        out.say(translate("cli.plan.warning", out.language, line=line, message=warning_text(warned, out.language)))


def _keep(data: bytes, name: str, keeper: str) -> "tuple[PlanDraft, Kept]":
    """Keep the plan as a draft of the agency with this name, short name or id; what the register knows of the names
    in it stands among the draft's warnings."""
    from lachan.bootstrap import build
    from lachan.foundation.access import OPERATOR, agency_called
    from lachan.foundation.base.settings import Settings
    from lachan.foundation.taxonomy import vietnam_date
    from lachan.plans.kept import store
    from lachan.plans.kept.importing import keep_plan
    from lachan.plans.kept.reader import read

    services = build(Settings())
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        whose = agency_called(unit.conn, keeper, vietnam_date(unit.now), "--keep")
        draft, document = read(data, name)
        kept = keep_plan(unit, draft, document, keeper_id=whose.id)
        warned = store.readings(unit.conn, kept.plan_id)[0].warnings
    warnings = (
        Warned(one["key"], SourceLine(one["line"], "") if one["line"] else None, tuple(one["details"].items()))
        for one in warned
    )
    return replace(draft, warnings=tuple(warnings)), kept
