"""From a file to a plan that can be kept: the draft, and the document with its lines."""

from lachan.plans.kept.model import Document
from lachan.plans.model import PlanDraft
from lachan.plans.reading import lines_of, plan_of


def read(content: bytes, name: str, media_type: str = "") -> tuple[PlanDraft, Document]:
    """Read a plan; BadInput by the reader's own reasons where it cannot be read."""
    found = lines_of(content, name)
    lines = [""] * max((line.number for line in found), default=0)
    for line in found:
        lines[line.number - 1] = line.text
    return plan_of(found), Document(name, media_type or "application/octet-stream", content, tuple(lines))
