"""Write docs/reference/plans.md: what two published plans demand, and how well plans are read."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "reference" / "plans.md"
GOLDEN = ROOT / "tests" / "golden" / "plans"
PLANS = (("cao-bang", "Cao Bằng"), ("ha-noi", "Hà Nội"))
HEAD = """# Two published plans, and how well others are read

What the reader finds in the plans that this system was made for, clause by clause: the answers were written by a
person reading the plans, and a test compares the reader with them for txt, docx, pdf and html
([how a plan is read](../concepts/plans.md)). A second reader, who had not seen them, wrote down every clause, lead,
coordinator, deadline and slip from the plans' text and then compared: all 87 clauses, their leads, coordinators,
deadlines and recurrence agreed. Four things were wrong and are mended: a sentence that replaces an older plan stood
among the words of a clause (Hà Nội, IV.1), and three slips had gone unnoticed (*139/CD-TTg*; *phòng, ngừa*;
reports *định kỳ* of which the plan does not say how often).
The plans' text is not kept here. `–`: the plan names nobody.
This page is made by `scripts/plans_table.py` from `tests/golden/plans/*.answers.json`; a test compares the two.
"""


MEETINGS = """## How well unseen plans are read

Made-up plans whose answers were written before the reader met them. “Leads” counts every clause, also those for
which “nobody” is the right answer; in brackets the clauses that name somebody, or a day. After: all clauses, leads,
deadlines and recurrences of all nine are right in every kind of file that is made of them. That says nothing
of the next plan; the first meeting does.

| Plan | Met | Clauses found (invented) | Leads | Deadlines | Recurrence |
|---|---|---|---|---|---|
| `tan-hai`, a province | 2026-11-23 | 61 of 61 (0) | 58 of 61 | 61 of 61 | – |
| `hon-ngoc`, a department | 2026-11-23 | 60 of 60 (0) | 52 of 60 | 60 of 60 | – |
| `khe-ngoc`, a commune | 2026-11-23 | 59 of 60 (0) | 36 of 60 (27 of 50) | 53 of 60 (15 of 21) | 58 of 60 |
| `ha-cat`, a ward | 2026-11-23 | 32 of 32 (1) | 30 of 32 (27 of 29) | 32 of 32 (10 of 10) | 32 of 32 |
| `nam-khe`, a province* | 2026-11-23 | 60 of 60 (3) | 60 of 60 (41 of 41) | 59 of 60 (15 of 16) | 59 of 60 |
| `phu-lac`, a district* | 2026-11-23 | 37 of 37 (0) | 35 of 37 (26 of 28) | 35 of 37 (9 of 11) | 35 of 37 |

`khe-ngoc` was the first plan of a commune: bodies with *xã* and *thôn* behind their names, names with a dash,
work given in the second half of a sentence, days counted from the plan's own date. `ha-cat` was written before
any of that was mended and read once after; the writer knew what both said, so its figure flatters the reader a
little. One of its two wrong leads was no fault of the reader: the answer took a clerk for a body, and was
corrected.

\\* Written by somebody who had not seen the reader, only its page of concepts and the form of the answers; answered
and committed before it read them. Word, HTML and text gave the same figures. The reader took three figures to be
reached (*chỉ tiêu*) for clauses. In the annex of `nam-khe` each group of the table counts from one, and the reader
counted through: 14 of the 60 stood under another number (PL.4 for PL.II.1), so by number 46 were found. **As a PDF
that table was not seen at all**: its columns stood too close. Coordinators were right in 59 of 60 and 36 of 37, the
issuer lacked its province, and the days of reports with a year were wrong (10/12/2025 as 10 January). Of the three
wrong deadlines two are clauses with two days each, of which the reader takes the first and warns: that is its rule,
and these two answers were changed to it. Still not read: that a report which one body is to order is sent by others
(`nam-khe`, V.1.3).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for code, name in PLANS:
        plan = json.loads((GOLDEN / f"{code}.answers.json").read_text(encoding="utf-8"))
        parts.append(_plan(name, plan))
    parts.append(MEETINGS)
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
    lines += ["\n| Line | Slip or doubt | Where |", "|---|---|---|"]
    lines += [f"| {line} | {key} | {where} |" for line, key, where in plan["slips"]]
    lines += [f"| {line} | not noticed by the reader | {what} |" for line, what in plan["unnoticed"]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
