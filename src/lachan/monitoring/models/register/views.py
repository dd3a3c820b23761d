"""Questions about registered models."""

from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.monitoring.models.document import model_of
from lachan.monitoring.models.model import Model
from lachan.monitoring.models.register import store
from lachan.monitoring.models.register.model import RegisteredModel, State


def models_registered(conn: Connection) -> list[RegisteredModel]:
    """The whole register, newest first."""
    return store.models(conn)


def model_registered(conn: Connection, model_id: str) -> RegisteredModel:
    """One of them; NotFound NO_SUCH_RECORD."""
    found = store.find(conn, model_id)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="model")
    return found


def model_serving(conn: Connection, now: datetime) -> RegisteredModel | None:
    """The approved model whose time it is, the one approved last where there are several; None where there is none.

    This is the only way by which the service comes to a model.
    """
    serving = [one for one in store.models(conn, State.APPROVED) if one.serves(now)]
    return max(serving, key=lambda one: (one.decided_at or one.proposed_at, one.id)) if serving else None


def model_of_registered(conn: Connection, one: RegisteredModel) -> Model:
    """What it scores with. BadInput `model_features_changed` where this version no longer makes its features."""
    return model_of(store.content(conn, one.id))


def model_in_use(conn: Connection, now: datetime) -> Model | None:
    """The serving model, read."""
    serving = model_serving(conn, now)
    return model_of_registered(conn, serving) if serving else None
