"""Whatever is done about access, the trail still verifies: every changed row was named by its action."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyotp
import sqlalchemy as sa
from argon2 import PasswordHasher
from tests.conftest import NOON
from tests.foundation.access.conftest import BANK, DESK, PASSWORD

from lachan.foundation import access
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    InstanceSecret,
    Position,
    Purpose,
    ResetKind,
    Role,
    Scope,
)
from lachan.foundation.access.people import passwords
from lachan.foundation.access.people.tables import person, person_role
from lachan.foundation.base import LANGUAGES, PUBLIC, Actor, NotAllowed, catalogue
from lachan.foundation.protocol.connections import Channel as ConnectionChannel
from lachan.foundation.protocol.connections import KeyState, allow_host
from lachan.foundation.storage import Database, metadata
from lachan.foundation.trail import SealKey, Verification, create_private_key, seal, verify

Hire = Callable[..., Actor]
HOUR = timedelta(hours=1)
AT: dict[str, Any] = {"now": NOON, "wall_now": NOON}


def verified(db: Database, key: SealKey) -> Verification:
    seal(db, key, now=NOON, wall_now=NOON)
    with db.read() as conn:
        return verify(conn, [key.public_text])


def everything(db: Database, hire: Hire, secret: InstanceSecret) -> None:
    """One of every action that changes a row."""
    officer = hire("lan.anh", Role.SHIFT_HEAD, Role.DUTY_OFFICER)
    other = hire("mai", Role.DUTY_OFFICER)
    opened = access.sign_in(db, secret, "lan.anh", PASSWORD, "s", demo=False, **AT)
    passwords.HASHER, light = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1), passwords.HASHER
    opened = access.sign_in(db, secret, "lan.anh", PASSWORD, "s", demo=False, **AT)
    passwords.HASHER = light
    enrolment = access.begin_enrolment(db, secret, opened.token, "x", **AT)
    opened, codes = access.finish_enrolment(
        db, secret, opened.token, pyotp.TOTP(enrolment.secret).at(NOON), "s", **AT
    )
    access.change_password(db, secret, opened.token, PASSWORD, "con co bay la", "s", **AT)
    opened = access.sign_in(db, secret, "lan.anh", "con co bay la", "s", demo=False, **AT)
    access.pass_second_factor(db, secret, opened.token, codes[0], "s", **AT)
    for _ in range(5):
        try:
            access.sign_in(db, secret, "nobody", "x", "s", demo=False, **AT)
        except NotAllowed:
            continue
    with db.unit(NOON, OPERATOR) as unit:
        access.rename_agency(unit, BANK, "B", "B")
        access.set_codes(unit, BANK, ("999001", "bb"))
        ended = access.add_agency(unit, AgencyDraft("district_police", "H", "H", date(2024, 1, 1), codes=("hh",)))
        access.set_codes(unit, ended.id, ())
        access.end_agency(unit, ended.id, date(2025, 2, 28), DESK)
        access.set_person_active(unit, other.id, False)
        access.reset_at_console(unit, other.id, ResetKind.PASSWORD, access.hash_password(PASSWORD))
        access.reset_at_console(unit, officer.id, ResetKind.SECOND_FACTOR)
        (held,) = access.appointments(unit.conn, NOON, person_id=other.id)
        access.revoke_role(unit, held.id)
        client, _ = access.register_client(unit, BANK, "x", (Scope.INBOX,), wall_now=NOON)
        access.rotate_secret(unit, client.id, wall_now=NOON)
        access.revoke_client(unit, client.id, wall_now=NOON + HOUR)
        running = access.plan_shift(unit, DESK, officer.id, Position.SHIFT_HEAD, NOON - HOUR, NOON + HOUR)
        coming = access.plan_shift(unit, DESK, officer.id, Position.DEPUTY, NOON + HOUR, NOON + 2 * HOUR)
        access.cancel_shift(unit, running.id)
        access.cancel_shift(unit, coming.id)
        breach = access.record_breach(unit, "lộ dữ liệu", 1, NOON)
        access.correct_breach(unit, breach.id, "lộ dữ liệu hai lần", 2)
        access.note_breach_notice(unit, breach.id, "A05", NOON)
        access.close_breach(unit, breach.id, "đã xong")
        allow_host(unit, "x.example")
    with db.unit(NOON, officer) as unit:
        access.grant_view(unit, "report:1", Purpose.INSPECT, "kiểm tra", wall_now=NOON)
    with db.unit(NOON, PUBLIC) as unit:
        asked = access.receive_subject_request(unit, access.SubjectRequestKind.ACCESS, "M", "0", "xem")
    with db.unit(NOON, OPERATOR) as unit:
        access.confirm_identity(unit, asked.id)
        access.refuse_subject_request(unit, asked.id, "sai người")


def test_the_trail_verifies_after_every_action(
    world: Database, hire: Hire, secret: InstanceSecret, tmp_path: Path
) -> None:
    key = SealKey(create_private_key(tmp_path / "trail.pem"))
    everything(world, hire, secret)
    result = verified(world, key)
    assert result.findings == ()
    assert result.rows_checked >= 15


def test_a_role_or_password_changed_by_hand_is_found(
    world: Database, hire: Hire, secret: InstanceSecret, tmp_path: Path
) -> None:
    key = SealKey(create_private_key(tmp_path / "trail.pem"))
    actor = hire("lan.anh", Role.DUTY_OFFICER)
    assert verified(world, key).intact
    for statement in (
        sa.update(person_role).values(role=Role.ADMINISTRATOR.value),
        sa.update(person).where(person.c.id == actor.id).values(password_hash=access.hash_password("stolen")),
    ):
        with world.engine.connect() as conn:
            conn.execute(statement)
            assert len(verify(conn, [key.public_text]).findings) == 1


def test_erasing_a_person_leaves_the_trail_intact(
    world: Database, hire: Hire, secret: InstanceSecret, tmp_path: Path
) -> None:
    key = SealKey(create_private_key(tmp_path / "trail.pem"))
    actor = hire("lan.anh", Role.DUTY_OFFICER)
    verified(world, key)
    with world.engine.connect() as conn:
        conn.execute(sa.update(person).values(name="", sign_in_name=actor.id, phone=None))
        assert verify(conn, [key.public_text]).intact


def test_names_of_people_never_enter_the_trail(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    everything(world, hire, secret)
    with world.read() as conn:
        rows = str(list(conn.execute(sa.select(metadata.tables["fact"]))))
    assert "lan.anh" not in rows
    assert PASSWORD not in rows


def test_every_word_that_people_see_is_there() -> None:
    families = {
        "role": Role, "scope": Scope, "duty_position": Position, "purpose": Purpose, "channel": ConnectionChannel,
        "breach_state": access.BreachState, "subject_request_kind": access.SubjectRequestKind,
        "subject_request_state": access.SubjectRequestState, "key_state": KeyState,
    }  # fmt: skip
    for language in LANGUAGES:
        for family, members in families.items():
            assert [m for m in members if f"{family}.{m.value}" not in catalogue(language)] == []
        for reason in access.AccessReason:
            assert f"reason.{reason.value}" in catalogue(language)
