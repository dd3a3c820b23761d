"""The register of models: what each was trained on, how well it did, who approved it, and its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import carry_out, demand, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf
from lachan.foundation.access import OPERATOR, Permission, may, person_names
from lachan.foundation.storage import Unit
from lachan.monitoring.models.register import (
    RegisteredModel,
    State,
    approve_model,
    models_registered,
    reject_model,
    retire_model,
)
from lachan.response.shapes import Fields, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SECTION = "models"


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model. `serves`: the service scores with it now; shares are in percent.

    `proposed_by` is None where it was done at the console.
    """

    model_id: str
    data_hash: str
    note: str
    trained_to: datetime
    proposed_at: datetime
    proposed_by: str | None
    precision: float
    recall: float
    per_day: int
    f1: float
    auc: float
    average_precision: float
    state: Message
    serves: bool
    decided_at: datetime | None
    decided_by: str | None
    valid_to: datetime | None
    retired_at: datetime | None
    retired_by: str | None
    may_decide: bool
    may_retire: bool

    @property
    def past(self) -> bool:
        """Whether nothing more can happen to it."""
        return not (self.serves or self.may_decide or self.decided_at is None)


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """Newest first."""

    rows: tuple[ModelRow, ...]
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@router.get("/admin/models")
def page(visit: VisitOf) -> Response:
    """The register."""
    return show(visit, {}, None, 200)


@router.post("/admin/models/{model_id}/approve")
def approve(visit: VisitOf, model_id: str, form: FormOf) -> Response:
    """Let the service score with it from now on."""
    return _decide(visit, form, lambda unit: approve_model(unit, model_id, form.needed("note")))


@router.post("/admin/models/{model_id}/reject")
def reject(visit: VisitOf, model_id: str, form: FormOf) -> Response:
    """Refuse it."""
    return _decide(visit, form, lambda unit: reject_model(unit, model_id, form.needed("note")))


@router.post("/admin/models/{model_id}/retire")
def retire(visit: VisitOf, model_id: str, form: FormOf) -> Response:
    """End its use."""
    return _decide(visit, form, lambda unit: retire_model(unit, model_id, form.needed("note")))


def show(visit: Visit, fields: Fields, notice: Notice | None, status: int) -> Response:
    """The page."""
    demand(visit, SECTION)
    note = fields.get("note")
    if notice is None and note is not None and note.error is not None:
        # Its field is folded away in the row.
        notice = Notice("error", note.error)
    with visit.services.db.read() as conn:
        found = models_registered(conn)
        who = {one for made in found for one in (made.proposed_by, made.decided_by, made.retired_by) if one}
        names = person_names(conn, [one.partition(":")[2] for one in who])
    rows = tuple(_row(visit, one, names) for one in found)
    return section_page(visit, SECTION, ModelsPage(rows, fields, notice), status)


def _decide(visit: Visit, form: Form, do: Callable[[Unit], RegisteredModel]) -> Response:
    def run(unit: Unit) -> str:
        do(unit)
        return "/admin/models?done=saved"

    return carry_out(visit, SECTION, form, run, show)


def _row(visit: Visit, one: RegisteredModel, names: Mapping[str, str]) -> ModelRow:
    approver = may(visit.actor, Permission.MODEL_APPROVE)
    figures = one.figures

    def name(reference: str | None) -> str | None:
        return names.get(reference.partition(":")[2], reference) if reference else None

    return ModelRow(
        one.model_id, one.data_hash[:16], one.note, one.trained_to, one.proposed_at,
        None if one.proposed_by == OPERATOR.reference else name(one.proposed_by),
        100 * float(figures.get("precision_at", 0)), 100 * float(figures.get("recall_at", 0)),
        int(figures.get("per_day", 0)), float(figures.get("f1", 0)), float(figures.get("auc", 0)),
        float(figures.get("average_precision", 0)),
        Message(f"web.models.state_{one.state.value}"), one.serves(visit.now), one.decided_at, name(one.decided_by),
        one.valid_to, one.retired_at, name(one.retired_by),
        approver and one.state is State.PROPOSED and one.proposed_by != visit.actor.reference,
        approver and one.state is State.APPROVED,
    )  # fmt: skip
