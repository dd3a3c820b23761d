"""monitor models: which models there are, one more, and the end of one. Approval is a person's, on the pages."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from lachan.bootstrap import build
from lachan.doors.cli.output import out
from lachan.foundation.access import OPERATOR
from lachan.foundation.base import VIETNAM, translate
from lachan.foundation.base.settings import Settings
from lachan.monitoring.models import as_bytes, read_model
from lachan.monitoring.models.register import RegisteredModel, models_registered, register_model

_COLUMNS = ("model", "state", "trained_to", "precision", "f1", "proposed", "decided")


def list_command() -> None:
    """The whole register, newest first."""
    services = build(Settings())
    with services.db.read() as conn:
        found = models_registered(conn)
    if out.json:
        out.result([_values(one) for one in found], [])
    elif not found:
        out.say(translate("monitoring.models_none", out.language))
    else:
        table = Table(*(translate(f"monitoring.models_{column}", out.language) for column in _COLUMNS))
        for one in found:
            table.add_row(*_row(one))
        Console().print(table)


def add_command(file: Path, note: str) -> None:
    """Propose a model."""
    services = build(Settings())
    content = as_bytes(read_model(file))
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        made = register_model(unit, content, note)
    out.result(_values(made), [translate("monitoring.model_proposed", out.language, model=made.model_id)])


def _values(one: RegisteredModel) -> dict[str, object]:
    return {
        "model": one.model_id, "state": one.state.value, "digest": one.digest, "data_hash": one.data_hash,
        "trained_to": one.trained_to.isoformat(), "seed": one.seed, "figures": dict(one.figures), "note": one.note,
        "proposed_at": one.proposed_at.isoformat(), "proposed_by": one.proposed_by,
        "decided_at": one.decided_at.isoformat() if one.decided_at else None, "decided_by": one.decided_by,
        "valid_from": one.valid_from.isoformat() if one.valid_from else None,
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        "retired_at": one.retired_at.isoformat() if one.retired_at else None, "retired_by": one.retired_by,
    }  # fmt: skip


def _row(one: RegisteredModel) -> list[str]:
    figures = one.figures
    return [
        one.model_id, translate(f"monitoring.model_state_{one.state.value}", out.language),
        f"{one.trained_to.astimezone(VIETNAM):%d/%m/%Y}", f"{100 * figures.get('precision_at', 0):.1f} %",
        f"{figures.get('f1', 0):.3f}", one.proposed_by, one.decided_by or "–",
    ]  # fmt: skip
