"""Only what a second person approved, in its time, reaches the service; every step is a fact."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.factories.models import NOON as NOW
from tests.factories.models import stump

from lachan.foundation.access import OPERATOR, Role
from lachan.foundation.base import Actor, ActorKind, BadInput, Conflict, LachanError, NotAllowed, NotFound
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact
from lachan.monitoring.models import as_bytes
from lachan.monitoring.models.register import (
    State,
    approve_model,
    model_in_use,
    model_registered,
    models_registered,
    register_model,
    reject_model,
    retire_model,
)  # fmt: skip


def person(name: str, role: Role) -> Actor:
    return Actor(ActorKind.PERSON, name, "desk", frozenset({role.value}))


HEAD, ADMIN, AUDITOR = person("h", Role.DESK_HEAD), person("a", Role.ADMINISTRATOR), person("u", Role.AUDITOR)
BOTH = Actor(ActorKind.PERSON, "b", "desk", frozenset({Role.DESK_HEAD.value, Role.ADMINISTRATOR.value}))


def proposed(db: Database, seed: int = 1, by: Actor = ADMIN) -> str:
    with db.unit(NOW, by) as unit:
        return register_model(unit, as_bytes(stump(seed=seed)), "Quý I").model_id


def test_from_proposal_to_service_to_retirement(db: Database) -> None:
    model_id = proposed(db)
    with db.read() as conn:
        assert model_in_use(conn, NOW) is None
        assert model_registered(conn, model_id).state is State.PROPOSED
    with db.unit(NOW, HEAD) as unit:
        approve_model(unit, model_id, "Đã xem", NOW + timedelta(days=1), NOW + timedelta(days=30))
    with db.read() as conn:
        assert model_in_use(conn, NOW) is None
        found = model_in_use(conn, NOW + timedelta(days=1))
        assert found is not None
        assert as_bytes(found) == as_bytes(stump())
        assert model_in_use(conn, NOW + timedelta(days=30)) is None
    with db.unit(NOW + timedelta(days=2), HEAD) as unit:
        retire_model(unit, model_id, "Lệch nhiều")
    with db.read() as conn:
        assert model_in_use(conn, NOW + timedelta(days=3)) is None
        kinds = [row.kind for row in conn.execute(select(fact.c.kind).order_by(fact.c.id))]
        assert [kind for kind in kinds if kind.startswith("model.")] == [
            "model.proposed", "model.approved", "model.retired",
        ]  # fmt: skip
        one = models_registered(conn)[0]
        assert (one.proposed_by, one.decided_by, one.retired_by) == ("person:a", "person:h", "person:h")
        assert one.figures["f1"] == 0.871


def test_the_newest_approved_one_serves(db: Database) -> None:
    first, second = proposed(db, 1), proposed(db, 2)
    for number, model_id in enumerate((second, first)):
        with db.unit(NOW + timedelta(hours=number), HEAD) as unit:
            approve_model(unit, model_id, "Đã xem")
    with db.read() as conn:
        found = model_in_use(conn, NOW + timedelta(days=1))
        assert found is not None
        assert found.id == first


def test_nobody_approves_what_he_proposed(db: Database) -> None:
    model_id = proposed(db, by=BOTH)
    for decide in (approve_model, reject_model):
        with pytest.raises(NotAllowed, match="maker_is_checker"), db.unit(NOW, BOTH) as unit:
            decide(unit, model_id, "Tự duyệt")
    with db.unit(NOW, HEAD) as unit:
        assert reject_model(unit, model_id, "Kém").state is State.REJECTED


def test_who_may(db: Database) -> None:
    model_id = proposed(db, by=OPERATOR)
    for actor in (ADMIN, AUDITOR, OPERATOR):
        for decide in (approve_model, reject_model, retire_model):
            with pytest.raises(NotAllowed, match="not_permitted"), db.unit(NOW, actor) as unit:
                decide(unit, model_id, "…")
    with pytest.raises(NotAllowed, match="not_permitted"):
        proposed(db, 2, by=HEAD)


def test_no_step_twice_and_none_out_of_order(db: Database) -> None:
    model_id = proposed(db)

    def refused(do: object, kind: type[LachanError], reason: str, *more: object) -> None:
        with pytest.raises(kind, match=reason), db.unit(NOW, HEAD) as unit:
            do(unit, *more)  # type: ignore[operator]

    refused(retire_model, Conflict, "model_not_in_use", model_id, "…")
    refused(approve_model, BadInput, "too_old", model_id, "…", NOW, NOW)
    refused(approve_model, BadInput, "missing", model_id, " ")
    refused(approve_model, NotFound, "no_such_record", "0" * 16, "…")
    with pytest.raises(Conflict, match="model_already_registered"):
        proposed(db)
    with db.unit(NOW, HEAD) as unit:
        approve_model(unit, model_id, "Đã xem")
    refused(approve_model, Conflict, "model_not_awaiting_approval", model_id, "…")
    refused(reject_model, Conflict, "model_not_awaiting_approval", model_id, "…")
    with db.unit(NOW, HEAD) as unit:
        retire_model(unit, model_id, "Cũ")
    refused(retire_model, Conflict, "model_not_in_use", model_id, "…")
    with pytest.raises(BadInput, match="model_unreadable"), db.unit(NOW, ADMIN) as unit:
        register_model(unit, b"{}", "…")
