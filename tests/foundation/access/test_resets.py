"""A lost password or second factor: two administrators, neither of them the person, or the machine's console."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.foundation.access.conftest import DESK, PASSWORD

from lachan.foundation import access
from lachan.foundation.access import OPERATOR, AccessReason, InstanceSecret, Opened, ResetKind, Role, Stage
from lachan.foundation.base import Actor, LachanError, NotFound
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact

Hire = Callable[..., Actor]
FIRST, OWN = "hoa mai trang 2201", "con co bay la 2026"
AT: dict[str, Any] = {"now": NOON, "wall_now": NOON}
KINDS = list(ResetKind)


@pytest.fixture
def staff(hire: Hire) -> dict[str, Actor]:
    return {
        "officer": hire("lan.anh", Role.DUTY_OFFICER),
        "one": hire("mot", Role.ADMINISTRATOR),
        "two": hire("hai", Role.ADMINISTRATOR),
        "head": hire("truong", Role.DESK_HEAD),
    }


def signed_in(db: Database, secret: InstanceSecret, password: str = PASSWORD, own: str = OWN) -> Opened:
    opened = access.sign_in(db, secret, "lan.anh", password, "s", demo=False, **AT)
    if opened.session.stage is Stage.ENROLMENT:
        made = access.begin_enrolment(db, secret, opened.token, "Lá Chắn", **AT)
        opened, _ = access.finish_enrolment(db, secret, opened.token, pyotp.TOTP(made.secret).at(NOON), "s", **AT)
    if opened.session.stage is Stage.PASSWORD:
        opened = access.change_password(db, secret, opened.token, password, own, "s", **AT)
    return opened


def alive(db: Database, opened: Opened) -> bool:
    with db.read() as conn:
        return access.current(conn, opened.token, **AT) is not None


def ask(db: Database, actor: Actor, person_id: str, kind: ResetKind) -> str:
    with db.unit(NOON, actor) as unit:
        return access.ask_reset(unit, person_id, kind).id


@pytest.mark.parametrize("kind", KINDS)
def test_a_reset_needs_two_administrators_ends_the_sessions_and_is_told(
    world: Database, staff: dict[str, Actor], secret: InstanceSecret, kind: ResetKind
) -> None:
    person_id = staff["officer"].id
    before = signed_in(world, secret)
    reset_id = ask(world, staff["one"], person_id, kind)
    assert alive(world, before), "asking alone does nothing"
    with world.unit(NOON, staff["two"]) as unit:
        done = access.confirm_reset(unit, reset_id, access.hash_password(FIRST))
    assert not alive(world, before)
    assert (done.asked_by, done.decided_by) == (staff["one"].reference, staff["two"].reference)
    password = FIRST if kind is ResetKind.PASSWORD else OWN
    opened = access.sign_in(world, secret, "lan.anh", password, "s", demo=False, **AT)
    expected = Stage.SECOND_FACTOR if kind is ResetKind.PASSWORD else Stage.ENROLMENT
    assert opened.session.stage is expected
    with world.read() as conn:
        assert [one.kind for one in access.resets_to_tell(conn, person_id)] == [kind]
        kinds = conn.execute(sa.select(fact.c.kind).where(fact.c.subject == f"person:{person_id}")).scalars().all()
    assert {"person.reset_asked", "person.reset_done", f"person.{kind.value}_reset"} <= set(kinds)
    if kind is ResetKind.SECOND_FACTOR:
        signed_in(world, secret, OWN)
        with world.read() as conn:
            assert access.resets_to_tell(conn, person_id) == []


REFUSED: list[tuple[str, str, str, float, AccessReason]] = [
    ("who asked", "one", "officer", 0, AccessReason.SAME_PERSON),
    ("who is no administrator", "head", "officer", 0, AccessReason.NOT_PERMITTED),
    ("whose access it is", "two", "two", 0, AccessReason.SAME_PERSON),
    ("a day late", "two", "officer", 86_400, AccessReason.WRONG_STATE),
]


@pytest.mark.parametrize(("what", "who", "whose", "later_s", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_who_may_not_confirm(
    world: Database, staff: dict[str, Actor], hire: Hire, what: str, who: str, whose: str, later_s: float,
    reason: AccessReason,
) -> None:  # fmt: skip
    hire("baa", Role.ADMINISTRATOR)
    reset_id = ask(world, staff["one"], staff[whose].id, ResetKind.PASSWORD)
    with pytest.raises(LachanError) as caught, world.unit(NOON + timedelta(seconds=later_s), staff[who]) as unit:
        access.confirm_reset(unit, reset_id, access.hash_password(FIRST))
    assert caught.value.reason is reason, what


def test_a_reset_is_carried_out_once_and_not_after_it_was_refused(
    world: Database, staff: dict[str, Actor], secret: InstanceSecret
) -> None:
    first = ask(world, staff["one"], staff["officer"].id, ResetKind.PASSWORD)
    with pytest.raises(LachanError):
        ask(world, staff["two"], staff["officer"].id, ResetKind.PASSWORD)
    with world.unit(NOON, staff["one"]) as unit:
        access.refuse_reset(unit, first)
    second = ask(world, staff["one"], staff["officer"].id, ResetKind.PASSWORD)
    with world.unit(NOON, staff["two"]) as unit:
        access.confirm_reset(unit, second, access.hash_password(FIRST))
    for reset_id in (first, second):
        with pytest.raises(LachanError) as caught, world.unit(NOON, staff["two"]) as unit:
            access.confirm_reset(unit, reset_id, access.hash_password(OWN))
        assert caught.value.reason is AccessReason.WRONG_STATE
    with pytest.raises(NotFound), world.unit(NOON, staff["two"]) as unit:
        access.confirm_reset(unit, "none", access.hash_password(OWN))


@pytest.mark.parametrize("kind", KINDS)
def test_the_only_administrator_goes_to_the_console(
    world: Database, hire: Hire, secret: InstanceSecret, kind: ResetKind
) -> None:
    officer, only = hire("lan.anh", Role.DUTY_OFFICER), hire("mot", Role.ADMINISTRATOR)
    with pytest.raises(LachanError) as caught:
        ask(world, only, officer.id, kind)
    assert caught.value.reason is AccessReason.ONLY_ADMINISTRATOR
    with pytest.raises(LachanError) as caught, world.unit(NOON, only) as unit:
        access.reset_at_console(unit, officer.id, kind, access.hash_password(FIRST))
    assert caught.value.reason is AccessReason.NOT_PERMITTED
    before = signed_in(world, secret)
    with world.unit(NOON, OPERATOR) as unit:
        access.reset_at_console(unit, officer.id, kind, access.hash_password(FIRST))
    assert not alive(world, before)


def test_an_administrator_cannot_make_the_second_one(world: Database, staff: dict[str, Actor]) -> None:
    with pytest.raises(LachanError) as caught, world.unit(NOON, staff["one"]) as unit:
        access.grant_role(unit, staff["head"].id, DESK, Role.ADMINISTRATOR)
    assert caught.value.reason is AccessReason.ADMINISTRATOR_AT_CONSOLE
