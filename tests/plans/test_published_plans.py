"""Two published plans against answers that were written by reading them clause by clause, in every kind of file."""

import hashlib
import importlib.util
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lachan.plans.model import PlanDraft
from lachan.plans.reading import read_plan
from tests.factories.plan_files import as_docx, as_html, as_pdf, printed
from tests.plans.annotated import GOLDEN

ROOT = Path(__file__).parents[2]
PLANS = ("cao-bang", "ha-noi")
KINDS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "txt": ("plan.txt", str.encode),
    "printed": ("plan.txt", lambda text: printed(text).encode()),
    "docx": ("plan.docx", as_docx),
    "html": ("plan.html", as_html),
    "pdf": ("plan.pdf", as_pdf),
}


def answers(plan: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{plan}.answers.json").read_text(encoding="utf-8"))
    return found


def source(test_data: Path, plan: str) -> str:
    file: str = answers(plan)["file"]
    return (test_data / "plans" / file).read_text(encoding="utf-8")


def shown(draft: PlanDraft) -> list[dict[str, Any]]:
    return [
        {
            "ref": task.ref,
            "lead": task.lead,
            "coordinating": list(task.coordinating),
            "deadline": task.deadline.isoformat() if task.deadline else None,
            "recurrence": sorted(task.recurrence),
            "words": " ".join(task.text.split()[:3]),
            "sha256": hashlib.sha256(" ".join(task.text.split()).encode()).hexdigest()[:16],
        }
        for task in draft.tasks
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("plan", PLANS)
def test_every_clause_once_in_every_kind_of_file(plan: str, kind: str, test_data: Path) -> None:
    golden = answers(plan)
    name, make = KINDS[kind]
    draft = read_plan(make(source(test_data, plan)), name)
    wanted = [{key: value for key, value in task.items() if key != "lines"} for task in golden["tasks"]]
    assert shown(draft) == wanted
    assert (draft.number, draft.issuer, draft.signed_by) == (
        golden["number"],
        golden["issuer"],
        golden["signed_by"],
    )
    assert draft.issued_on is not None
    assert draft.issued_on.isoformat() == golden["issued_on"]
    assert draft.supersedes == golden["supersedes"]
    assert list(draft.implements) == golden["implements"]
    assert len(draft.recipients) == golden["recipients"]
    reports = [
        {
            "period": duty.period.value,
            "due": f"{duty.due[0]:02d}-{duty.due[1]:02d}" if duty.due else None,
            "from": duty.sender,
            "to": duty.receiver,
        }
        for duty in draft.reports
    ]
    assert reports == golden["reports"]


@pytest.mark.parametrize("plan", PLANS)
def test_the_plans_own_slips_are_warned_about_with_their_line(plan: str, test_data: Path) -> None:
    draft = read_plan(source(test_data, plan).encode(), "plan.txt")
    told = [
        [warned.line.number, warned.key, warned.details[0][1]]
        for warned in draft.warnings
        if warned.line and warned.key != "no_lead"
    ]
    assert sorted(told) == answers(plan)["slips"]


def test_before_a_day_leaves_the_day_before_it(test_data: Path) -> None:
    draft = read_plan(source(test_data, "cao-bang").encode(), "plan.txt")
    sent = next(task for task in draft.tasks if task.ref == "V.1")
    assert (sent.deadline, sent.last_day) == (date(2025, 1, 15), date(2025, 1, 14))


@pytest.mark.parametrize("plan", PLANS)
def test_a_clause_stands_where_its_line_says(plan: str, test_data: Path) -> None:
    draft = read_plan(source(test_data, plan).encode(), "plan.txt")
    lines = {task["ref"]: task["lines"] for task in answers(plan)["tasks"]}
    for task in draft.tasks:
        # A paragraph below its heading begins at the heading.
        assert task.line.number in (lines[task.ref][0], lines[task.ref][0] - 1, lines[task.ref][0] - 2), task.ref


def test_the_reference_page_says_what_the_answers_say() -> None:
    spec = importlib.util.spec_from_file_location("plans_table", ROOT / "scripts" / "plans_table.py")
    assert spec is not None
    assert spec.loader is not None
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)
    assert (ROOT / "docs" / "reference" / "plans.md").read_text(encoding="utf-8") == table.page()
