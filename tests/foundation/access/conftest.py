"""A small world: a desk, a bank, and people with roles. Argon2 runs with its lightest parameters here."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from tests.conftest import NOON

from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    InstanceSecret,
    PersonDraft,
    Role,
    actor_at,
    add_agency,
    add_person,
    grant_role,
    hash_password,
    instance_secret,
)
from lachan.foundation.access.people import passwords
from lachan.foundation.base import Actor
from lachan.foundation.storage import Database

DESK, BANK = "desk", "bank"
PASSWORD = "mua dau mua 1987"


@pytest.fixture(autouse=True, scope="session")
def light_argon2() -> None:
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def secret(tmp_path: Path) -> InstanceSecret:
    return instance_secret(tmp_path, create=True)


@pytest.fixture
def world(db: Database) -> Database:
    with db.unit(NOON, OPERATOR) as unit:
        day = date(2025, 7, 1)
        add_agency(unit, AgencyDraft("province_desk", "Bàn trực", "Bàn trực", day), agency_id=DESK)
        bank = AgencyDraft("credit_institution", "Ngân hàng Sao Khuê", "Sao Khuê", day, codes=("999001", "saokhue"))
        add_agency(unit, bank, agency_id=BANK)
    return db


@pytest.fixture
def hire(world: Database) -> Callable[..., Actor]:
    """Hire somebody with roles at an agency; returns the actor."""

    def hired(name: str, *roles: Role, agency_id: str = DESK) -> Actor:
        with world.unit(NOON, OPERATOR) as unit:
            made = add_person(unit, PersonDraft(name, name), password_hash=hash_password(PASSWORD))
            for role in roles:
                grant_role(unit, made.id, agency_id, role)
            actor = actor_at(unit.conn, made.id, agency_id, NOON)
        assert actor is not None
        return actor

    return hired
