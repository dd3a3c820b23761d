"""Two people at one plan: what stands there beside what was typed, and what was typed where its form has gone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from lachan.doors.web.visit import Visit
from lachan.foundation.base import translate
from lachan.plans.kept.model import Plan
from lachan.plans.model import Recurrence
from lachan.plans.views.one import ClauseRow
from lachan.response.shapes import Unkept

CLAUSE = {
    "text": "clause", "leads": "lead", "coordinators": "with", "deadline": "last_day", "demands": "demands",
    "recurrence": "recurrence",
}  # fmt: skip
HEAD = {
    "title": "title", "issued_on": "issued_on", "signed_by": "signed_by", "supersedes": "supersedes",
    "implements": "implements", "recipients": "recipients",
}  # fmt: skip
SETTINGS = {"consolidator": "consolidator", "sub_plans_due": "sub_plans_last"}
TASK = {
    "words": "field_words", "remark": "field_remark", "reason": "field_reason", "reference": "field_reference",
    "title": "field_title", "to": "field_to", "head": "head", "person": "person", "day": "due",
}  # fmt: skip


def typed_rows(visit: Visit, labels: Mapping[str, str], typed: Mapping[str, str]) -> tuple[Unkept, ...]:
    """What was typed into a form that the page has no more; `labels` name its fields' sentences."""
    return tuple(
        Unkept(translate(f"web.plans.{label}", visit.language), typed[name])
        for name, label in labels.items()
        if typed.get(name)
    )


def standing_rows(
    visit: Visit, labels: Mapping[str, str], stands: Mapping[str, str], typed: Mapping[str, str]
) -> tuple[Unkept, ...]:  # fmt: skip
    """Of a form that came back the fields in which something else stands now."""
    return tuple(
        Unkept(translate(f"web.plans.{label}", visit.language), stands[name] or "–")
        for name, label in labels.items()
        if _plain(typed.get(name, "")) != _plain(stands[name])
    )


def of_head(plan: Plan, implements: Iterable[str]) -> dict[str, str]:
    """What a plan says of itself, as its form has it."""
    return {
        "title": plan.title, "issued_on": of_day(plan.issued_on), "signed_by": plan.signed_by or "",
        "supersedes": plan.supersedes or "", "implements": "\n".join(implements),
        "recipients": "\n".join(plan.recipients),
    }  # fmt: skip


def of_settings(plan: Plan, consolidator: str) -> dict[str, str]:
    """Who gathers, and until when plans are sent in, as their form has it."""
    return {"consolidator": consolidator, "sub_plans_due": of_day(plan.sub_plans_due)}


def of_clause(visit: Visit, row: ClauseRow, leads: Sequence[str], coordinators: Sequence[str]) -> dict[str, str]:
    """A clause as its form has it, its agencies by name."""
    one = row.clause
    return {
        "text": one.text, "leads": "\n".join(leads), "coordinators": "\n".join(coordinators),
        "deadline": of_day(one.deadline), "demands": ", ".join(map(str, one.demands)),
        "recurrence": of_rhythm(visit, [each.value for each in one.recurrence]),
    }  # fmt: skip


def of_rhythm(visit: Visit, codes: Sequence[str]) -> str:
    """Ticked boxes in words."""
    known = [one.value for one in Recurrence if one.value in codes]
    return ", ".join(translate(f"plans.recurrence_{code}", visit.language) for code in known)


def of_day(day: date | None) -> str:
    """As a date field has it."""
    return day.isoformat() if day else ""


def _plain(text: str) -> list[str]:
    return text.replace(",", " ").split()
