"""Nine made-up plans of the genre, written before the reader met them: clauses, leads, deadlines, recurrence."""

from collections.abc import Callable

import pytest

from lachan.plans.model import PlanDraft
from lachan.plans.reading import read_plan
from tests.factories.plan_files import as_docx, as_html, as_pdf, printed
from tests.plans.annotated import Annotated, annotated

PLANS = ("lac-son", "song-van", "bac-lam", "tan-hai", "hon-ngoc", "khe-ngoc", "ha-cat", "nam-khe", "phu-lac")
KINDS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "txt": ("plan.txt", str.encode),
    "printed": ("plan.txt", lambda text: printed(text).encode()),
    "docx": ("plan.docx", as_docx),
    "html": ("plan.html", as_html),
    "pdf": ("plan.pdf", as_pdf),
}
# Rows between pipes are no longer rows when a printer breaks them.
NOT_MADE = {("song-van", "printed"), ("khe-ngoc", "printed"), ("nam-khe", "printed")}
CASES = [(plan, kind) for plan in PLANS for kind in KINDS if (plan, kind) not in NOT_MADE]
RIGHT_MIN = 0.95
CLAUSES_MIN = 30


def read(plan: Annotated, kind: str) -> PlanDraft:
    name, make = KINDS[kind]
    return read_plan(make(plan.text), name)


@pytest.mark.parametrize(("name", "kind"), CASES, ids=[f"{plan}-{kind}" for plan, kind in CASES])
def test_clauses_leads_and_deadlines(name: str, kind: str) -> None:
    plan = annotated(name)
    draft = read(plan, kind)
    tasks = {task.ref: task for task in draft.tasks}
    assert len(tasks) == len(draft.tasks)
    assert len(plan.answers) >= CLAUSES_MIN
    assert set(tasks) - set(plan.answers) == set(), "invented"
    right = {"clause": 0, "lead": 0, "deadline": 0, "recurrence": 0, "coordinating": 0}
    for ref, answer in plan.answers.items():
        task = tasks.get(ref)
        if task is None:
            continue
        due = task.deadline.isoformat() if task.deadline else None
        right["clause"] += 1
        right["lead"] += task.lead == answer.lead
        right["deadline"] += due == answer.deadline
        right["recurrence"] += set(task.recurrence) == answer.recurrence
        right["coordinating"] += not answer.coordinating or task.coordinating == answer.coordinating
    for what, count in right.items():
        assert count >= RIGHT_MIN * len(plan.answers), (what, count, len(plan.answers))


@pytest.mark.parametrize("name", PLANS)
def test_number_date_issuer_and_signature(name: str) -> None:
    plan = annotated(name)
    draft = read(plan, "txt")
    assert draft.number == plan.whole["number"]
    assert draft.issued_on is not None
    assert draft.issued_on.isoformat() == plan.whole["issued_on"]
    assert draft.issuer == plan.whole["issuer"]
    assert draft.signed_by == plan.whole["signed_by"]
    assert draft.title
    assert len(draft.recipients) >= 5
    for document in plan.whole["implements"].split("; "):
        assert any(document in told for told in draft.implements)
    assert (plan.whole.get("supersedes") or "") in (draft.supersedes or "")


@pytest.mark.parametrize("name", PLANS)
def test_every_word_of_a_clause_is_the_plans_own(name: str) -> None:
    plan = annotated(name)
    words = " ".join(plan.text.replace("*", "").split())
    for task in read(plan, "txt").tasks:
        for paragraph in task.text.split("\n"):
            assert paragraph in words, task.ref
