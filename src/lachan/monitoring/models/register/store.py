"""Registered models: rows to the model and back."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.monitoring.models.register.model import RegisteredModel, State
from lachan.monitoring.models.register.tables import monitoring_model as table

_COLUMNS = [column for column in table.c if column.name != "content"]


def _model(row: sa.Row[Any]) -> RegisteredModel:
    values = dict(row._mapping)
    return RegisteredModel(**values | {"state": State(values["state"])})


def models(conn: Connection, state: State | None = None) -> list[RegisteredModel]:
    """All of them, or those in one state, newest first."""
    query = sa.select(*_COLUMNS).order_by(table.c.proposed_at.desc(), table.c.id)
    if state is not None:
        query = query.where(table.c.state == state.value)
    return [_model(row) for row in conn.execute(query)]


def find(conn: Connection, model_id: str, *, lock: bool = False) -> RegisteredModel | None:
    """One by its short name, or None."""
    query = sa.select(*_COLUMNS).where(table.c.model_id == model_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return _model(row) if row else None


def content(conn: Connection, row_id: str) -> bytes:
    """The file."""
    return bytes(conn.execute(sa.select(table.c.content).where(table.c.id == row_id)).scalar_one())


def insert(conn: Connection, made: RegisteredModel, file: bytes) -> None:
    """Record a model with its file."""
    values = {column.name: getattr(made, column.name) for column in _COLUMNS}
    conn.execute(sa.insert(table).values(**values | {"state": made.state.value, "content": file}))


def update(conn: Connection, row_id: str, **values: object) -> None:
    """Change columns of one."""
    conn.execute(sa.update(table).where(table.c.id == row_id).values(**values))
