"""What a reminder says: an e-mail, and the text values of a letter of urging (*công văn đôn đốc*). Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lachan.foundation.base import Language, translate
from lachan.foundation.taxonomy import ReminderStep

_TEXT_MOST = 600


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that a reminder can speak of."""

    step: ReminderStep
    plan: str
    ref: str
    text: str
    due_on: date
    today: date
    lead: str
    consolidator: str
    head: str
    href: str

    @property
    def days(self) -> int:
        """Days from today to the day that is due; less than 0 when it has gone by."""
        return (self.due_on - self.today).days


def mail(told: Told, sender: str) -> tuple[str, str]:
    """Subject and body, in Vietnamese: the language of offices."""
    said = _values(told)
    subject = translate(f"plans.mail.subject_{_when(told)}", Language.VI, **said)
    lines = [
        translate(f"plans.mail.opening_{told.step.to.value}", Language.VI, **said),
        translate(f"plans.mail.when_{_when(told)}", Language.VI, **said),
        told.text[:_TEXT_MOST],
        translate("plans.mail.where", Language.VI, **said),
        translate("plans.mail.closing", Language.VI, sender=sender),
    ]
    return " ".join(subject.split()), "\n\n".join(lines) + "\n"


def letter(told: Told) -> dict[str, Any]:
    """What the letter's layout is filled with: whom, what about, its paragraphs. Number and day come later."""
    said = _values(told)
    return {
        "to": told.lead,
        "from": told.consolidator,
        "abstract": translate("plans.letter.abstract", Language.VI, **said),
        "paragraphs": [
            translate("plans.letter.basis", Language.VI, **said),
            translate("plans.letter.found", Language.VI, **said),
            told.text[:_TEXT_MOST],
            translate("plans.letter.asked", Language.VI, **said),
        ],
    }


def _when(told: Told) -> str:
    if told.days == 0:
        return "today"
    return "before" if told.days > 0 else "after"


def _values(told: Told) -> dict[str, object]:
    return {
        "plan": told.plan, "ref": told.ref, "due": told.due_on.strftime("%d/%m/%Y"), "days": abs(told.days),
        "lead": told.lead, "consolidator": told.consolidator, "head": told.head or told.lead, "href": told.href,
    }  # fmt: skip
