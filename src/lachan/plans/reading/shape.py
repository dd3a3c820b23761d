"""A draft as the contract's JSON document, and its warnings as sentences."""

from typing import Any

from lachan.foundation.base import Language, translate
from lachan.plans.model import PlanDraft, Warned


def plan_document(draft: PlanDraft, language: Language) -> dict[str, Any]:
    """What `lachan --json plan import` prints: dates ISO, `due` as `MM-DD`; `message` in the language."""
    return {
        "number": draft.number,
        "issuer": draft.issuer,
        "issued_on": draft.issued_on.isoformat() if draft.issued_on else None,
        "title": draft.title,
        "supersedes": draft.supersedes,
        "implements": list(draft.implements),
        "tasks": [
            {
                "ref": task.ref,
                "section": task.section,
                "lead": task.lead,
                "coordinating": list(task.coordinating),
                "text": task.text,
                "deadline": task.deadline.isoformat() if task.deadline else None,
                "recurrence": [kind.value for kind in task.recurrence],
            }
            for task in draft.tasks
        ],
        "reports": [
            {
                "period": duty.period.value,
                "due": f"{duty.due[0]:02d}-{duty.due[1]:02d}" if duty.due else None,
                "from": duty.sender,
                "to": duty.receiver,
            }
            for duty in draft.reports
        ],
        "recipients": list(draft.recipients),
        "signed_by": draft.signed_by,
        "warnings": [
            {
                "line": warned.line.number if warned.line else None,
                "key": warned.key,
                "message": warning_text(warned, language),
            }
            for warned in draft.warnings
        ],
    }


def warning_text(warned: Warned, language: Language) -> str:
    """The sentence of a warning, without its line."""
    return translate(f"plan_warning.{warned.key}", language, **dict(warned.details))
