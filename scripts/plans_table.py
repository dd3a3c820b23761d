"""Write docs/reference/plans.md: what two published plans demand, by the reviewed answers."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "reference" / "plans.md"
GOLDEN = ROOT / "tests" / "golden" / "plans"
PLANS = (("cao-bang", "Cao Bằng"), ("ha-noi", "Hà Nội"))
HEAD = """# Two published plans

What the reader finds in the plans that this system was made for, clause by clause: the answers were written by a
person reading the plans, and a test compares the reader with them for txt, docx, pdf and html
([how a plan is read](../concepts/plans.md)). The plans' text is not kept here. `–`: the plan names nobody.
This page is made by `scripts/plans_table.py` from `tests/golden/plans/*.answers.json`; a test compares the two.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for code, name in PLANS:
        plan = json.loads((GOLDEN / f"{code}.answers.json").read_text(encoding="utf-8"))
        parts.append(_plan(name, plan))
    return "\n".join(parts)


def _plan(name: str, plan: dict[str, Any]) -> str:
    tasks = plan["tasks"]
    sections = Counter(task["ref"].split(".")[0] for task in tasks)
    counted = ", ".join(f"{section}: {count}" for section, count in sections.items())
    lines = [
        f"## {name}: {plan['number']}, {plan['issued_on']}\n",
        f"{len(tasks)} clauses that demand something ({counted}); replaces {plan['supersedes'] or 'nothing'}.\n",
        "| Lead | Clauses |",
        "|---|---|",
    ]
    leads: dict[str, list[str]] = {}
    for task in tasks:
        leads.setdefault(task["lead"] or "–", []).append(task["ref"])
    lines += [f"| {lead} | {', '.join(refs)} |" for lead, refs in leads.items()]
    lines += ["\n| Clause | Coordinating | Deadline | Recurrence |", "|---|---|---|---|"]
    for task in tasks:
        if task["coordinating"] or task["deadline"] or task["recurrence"]:
            told = "; ".join(task["coordinating"]), task["deadline"] or "", ", ".join(task["recurrence"])
            lines.append(f"| {task['ref']} | {' | '.join(told)} |")
    lines += ["\n| Report | Until | From | To |", "|---|---|---|---|"]
    lines += [
        f"| {duty['period']} | {duty['due'] or ''} | {duty['from']} | {duty['to']} |" for duty in plan["reports"]
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
