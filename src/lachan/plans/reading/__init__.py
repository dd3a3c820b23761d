"""Reading a plan: a document's bytes become a draft, and what is unsure becomes a warning with its line."""

from collections.abc import Sequence

from lachan.foundation.base import BadInput
from lachan.plans.model import PlanDraft
from lachan.plans.reading.clauses import Clauses
from lachan.plans.reading.frame import frame
from lachan.plans.reading.joining import paragraphs
from lachan.plans.reading.naming import Resolved, is_general, resolve
from lachan.plans.reading.outline import outline
from lachan.plans.reading.parts import Line
from lachan.plans.reading.periodic import receivers_of, with_cutoffs
from lachan.plans.reading.reasons import ReadingReason
from lachan.plans.reading.shape import plan_document, warning_text
from lachan.plans.reading.slips import slips
from lachan.plans.reading.source import lines_of

__all__ = [
    "ReadingReason", "Resolved", "is_general", "lines_of", "plan_document", "plan_of", "read_plan", "receivers_of",
    "resolve",
    "warning_text",
]  # fmt: skip


def read_plan(data: bytes, name: str) -> PlanDraft:
    """Read a plan as txt, md, docx, pdf with text, or html; `name` is the file's name, for its extension.

    Raises:
        BadInput: a `ReadingReason`: no such kind, damaged, encrypted, scanned, too large, or without any clause.
    """
    return plan_of(lines_of(data, name))


def plan_of(lines: Sequence[Line]) -> PlanDraft:
    """What the lines of a document say; BadInput: NO_CLAUSES."""
    parts = paragraphs(lines)
    framed = frame(parts)
    tree = outline(framed.body)
    clauses = Clauses(framed.issued_on)
    clauses.walk(tree.root)
    if not clauses.tasks:
        raise BadInput(ReadingReason.NO_CLAUSES, field="file")
    words = "\n".join(part.text for part in parts)
    reports = with_cutoffs(clauses.reports, words)
    warnings = [*framed.warnings, *tree.warnings, *clauses.warnings, *slips(parts)]
    warnings.sort(key=lambda warned: warned.line.number if warned.line else 0)
    return PlanDraft(
        number=framed.number,
        issuer=framed.issuer,
        issued_on=framed.issued_on,
        title=framed.title,
        supersedes=framed.supersedes,
        implements=framed.implements,
        tasks=tuple(clauses.tasks),
        reports=tuple(reports),
        recipients=framed.recipients,
        signed_by=framed.signed_by,
        warnings=tuple(dict.fromkeys(warnings)),
    )
