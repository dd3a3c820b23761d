"""The forms behind the decisions of a golden hour: what each asks, on what it rests, what it may be about."""

from lachan.response.model import Hold
from lachan.response.views.decision_forms.fields import PAPER, PARTS_MAX, local_text
from lachan.response.views.decision_forms.offers import lawful_steps, offered
from lachan.response.views.decision_forms.page import decision_page
from lachan.response.views.decision_forms.tasks import task_page, task_title
from lachan.response.views.golden_hour.load import Record

__all__ = [
    "PAPER",
    "PARTS_MAX",
    "convertible",
    "decision_page",
    "extendable",
    "lawful_steps",
    "local_text",
    "offered",
    "task_page",
    "task_title",
]


def extendable(record: Record) -> list[Hold]:
    """The holds of this trace that an extension can prolong."""
    return offered(record, "extend")


def convertible(record: Record) -> list[Hold]:
    """The holds of this trace that an authority's decision may be entered for at this desk."""
    return offered(record, "convert")
