"""Signing in: what is asked, what is refused, and what the refusal must not reveal."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Literal

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from tests.conftest import NOON
from tests.foundation.access.conftest import DESK, PASSWORD

from lachan.foundation import access
from lachan.foundation.access import AccessReason, InstanceSecret, Opened, Role, Stage
from lachan.foundation.access.people import passwords
from lachan.foundation.access.people.tables import person
from lachan.foundation.access.sessions import rules
from lachan.foundation.base import Actor, BadInput, Conflict, LachanError, NotAllowed
from lachan.foundation.base.settings import Settings
from lachan.foundation.storage import Database

Hire = Callable[..., Actor]
NEW = "con co bay la 2026"


def at(seconds: float = 0) -> dict[str, Any]:
    """The two times: here the domain's clock stands still while the wall's goes on."""
    return {"now": NOON, "wall_now": NOON + timedelta(seconds=seconds)}


def enter(
    db: Database, secret: InstanceSecret, password: str = PASSWORD, *, name: str = "lan.anh", seconds: float = 0,
    source: str = "192.0.2.1", demo: bool = False,
) -> Opened:  # fmt: skip
    return access.sign_in(db, secret, name, password, source, demo=demo, **at(seconds))


def refusal(action: Callable[[], object]) -> LachanError:
    with pytest.raises(LachanError) as refused:
        action()
    return refused.value


def stage(db: Database, token: str, seconds: float = 0) -> Stage | None:
    with db.read() as conn:
        found = access.current(conn, token, **at(seconds))
    assert found is None or (found.actor is not None) == (found.session.stage is Stage.FULL)
    return found.session.stage if found else None


def enrolled(
    db: Database, secret: InstanceSecret, seconds: float = 0
) -> tuple[Opened, pyotp.TOTP, tuple[str, ...]]:
    """The whole first sign-in: enrolment, then one's own password."""
    opened = enter(db, secret, seconds=seconds)
    enrolment = access.begin_enrolment(db, secret, opened.token, "Lá Chắn", **at(seconds))
    totp = pyotp.TOTP(enrolment.secret)
    opened, codes = access.finish_enrolment(
        db, secret, opened.token, totp.at(NOON + timedelta(seconds=seconds)), "s", **at(seconds)
    )
    opened = access.change_password(db, secret, opened.token, PASSWORD, NEW, "s", **at(seconds))
    return opened, totp, codes


def test_the_first_sign_in_asks_for_a_second_factor_and_an_own_password(
    world: Database, hire: Hire, secret: InstanceSecret
) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    opened = enter(world, secret, name=" Lan.Anh ")
    assert stage(world, opened.token) is Stage.ENROLMENT
    enrolment = access.begin_enrolment(world, secret, opened.token, "Lá Chắn", **at())
    assert access.begin_enrolment(world, secret, opened.token, "Lá Chắn", **at()) == enrolment
    code = pyotp.TOTP(enrolment.secret).at(NOON)
    second, _ = access.finish_enrolment(world, secret, opened.token, code, "s", **at())
    assert stage(world, opened.token) is None, "the token before the step is worth nothing after it"
    assert stage(world, second.token) is Stage.PASSWORD
    third = access.change_password(world, secret, second.token, PASSWORD, NEW, "s", **at())
    with world.read() as conn:
        found = access.current(conn, third.token, **at())
    assert found is not None
    assert found.actor is not None
    assert (found.actor.agency_id, set(found.actor.roles)) == (DESK, {"duty_officer"})


def test_refusals_do_not_tell_whether_there_is_such_a_person(
    world: Database, hire: Hire, secret: InstanceSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    checks = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 (the library's)
            checks.append(str(hash).split("$")[:4])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "_NOBODY", passwords.HASHER.hash("nobody"))
    known = [refusal(lambda: enter(world, secret, "wrong")) for _ in range(7)]
    unknown = [refusal(lambda: enter(world, secret, "wrong", name="nobody")) for _ in range(7)]
    assert [(e.reason, e.params, e.field) for e in known] == [(e.reason, e.params, e.field) for e in unknown]
    assert len(checks) == 10
    assert len({tuple(parameters) for parameters in checks}) == 1, "the same work"


def test_sign_in_locks_and_opens_again(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    for second in range(rules.ATTEMPTS_PER_SOURCE):
        assert refusal(lambda s=second: enter(world, secret, "wrong", seconds=s)).reason is (  # type: ignore[misc]
            AccessReason.WRONG_CREDENTIALS
        )
    locked = refusal(lambda: enter(world, secret, seconds=5))
    assert locked.reason is AccessReason.LOCKED_OUT
    assert locked.params == {"seconds": 895, "minutes": 15}
    assert enter(world, secret, source="192.0.2.2", seconds=6), "another place is not locked"
    assert refusal(lambda: enter(world, secret, seconds=899.9)).reason is AccessReason.LOCKED_OUT
    assert enter(world, secret, seconds=900)


def test_guesses_made_at_the_same_time_are_all_counted(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(refusal, lambda: enter(world, secret, "wrong")) for _ in range(16)]
        reasons = [result.result().reason for result in results]
    assert reasons.count(AccessReason.WRONG_CREDENTIALS) == rules.ATTEMPTS_PER_SOURCE
    assert reasons.count(AccessReason.LOCKED_OUT) == 16 - rules.ATTEMPTS_PER_SOURCE


def test_guessing_from_many_places_locks_too(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    for place in range(rules.ATTEMPTS_PER_NAME):
        refusal(lambda p=place: enter(world, secret, "wrong", source=f"192.0.2.{p}"))  # type: ignore[misc]
    assert refusal(lambda: enter(world, secret, source="198.51.100.1")).reason is AccessReason.LOCKED_OUT


def test_a_used_code_is_refused(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    _, totp, _ = enrolled(world, secret)
    half_minute = NOON + timedelta(seconds=30)

    def second(code: str, seconds: float, source: str = "s") -> Opened:
        opened = enter(world, secret, NEW, seconds=seconds)
        assert opened.session.stage is Stage.SECOND_FACTOR
        return access.pass_second_factor(world, secret, opened.token, code, source, **at(seconds))

    assert refusal(lambda: second(totp.at(NOON), 1)).reason is AccessReason.CODE_USED, "the code of the enrolment"
    passed = second(totp.at(half_minute), 30)
    assert stage(world, passed.token, 30) is Stage.FULL
    assert refusal(lambda: second(totp.at(half_minute), 31)).reason is AccessReason.CODE_USED
    assert refusal(lambda: second(totp.at(NOON), 31)).reason is AccessReason.CODE_USED, "nor an older one"
    for wrong in ("", "12345", "١٢٣٤٥٦", "abcdef"):
        assert refusal(lambda w=wrong: second(w, 32, "t")).reason is AccessReason.WRONG_CODE  # type: ignore[misc]


def test_codes_lock_too(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    _, totp, _ = enrolled(world, secret)
    opened = enter(world, secret, NEW, seconds=60)
    reasons = [
        refusal(lambda: access.pass_second_factor(world, secret, opened.token, "abc", "s", **at(60))).reason
        for _ in range(6)
    ]
    assert reasons == [AccessReason.WRONG_CODE] * 5 + [AccessReason.LOCKED_OUT]
    right = totp.at(NOON + timedelta(seconds=60))
    last = refusal(lambda: access.pass_second_factor(world, secret, opened.token, right, "s", **at(60)))
    assert last.reason is AccessReason.LOCKED_OUT


def test_a_recovery_code_opens_once(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    _, _, codes = enrolled(world, secret)
    assert len(set(codes)) == 10
    opened = enter(world, secret, NEW)
    typed = codes[3].lower().replace("-", " ")
    assert access.pass_second_factor(world, secret, opened.token, typed, "s", **at()).session.stage is Stage.FULL
    again = enter(world, secret, NEW)
    refused = refusal(lambda: access.pass_second_factor(world, secret, again.token, codes[3], "s", **at()))
    assert refused.reason is AccessReason.WRONG_CODE


@pytest.mark.parametrize(
    ("seen_after", "alive"),
    [(timedelta(minutes=59, seconds=59), True), (timedelta(hours=1), False)],
)
def test_idle_sessions_end(
    world: Database, hire: Hire, secret: InstanceSecret, seen_after: timedelta, alive: bool
) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    opened, _, _ = enrolled(world, secret)
    assert (stage(world, opened.token, seen_after.total_seconds()) is not None) is alive


def test_sessions_end_after_a_shift_however_busy(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    opened, _, _ = enrolled(world, secret)
    seconds = 0.0
    while stage(world, opened.token, seconds):
        with world.read() as conn:
            found = access.current(conn, opened.token, **at(seconds))
        assert found is not None
        access.touch(world, found.session, **at(seconds))
        seconds += 1800
    assert timedelta(seconds=seconds) == rules.ABSOLUTE


def test_an_unfinished_sign_in_ends_soon(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    opened = enter(world, secret)
    assert stage(world, opened.token, 599) is Stage.ENROLMENT
    assert stage(world, opened.token, 600) is None


def test_a_changed_password_ends_all_other_sessions(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    opened, totp, _ = enrolled(world, secret)
    other = enter(world, secret, NEW, seconds=30)
    other = access.pass_second_factor(
        world, secret, other.token, totp.at(NOON + timedelta(seconds=30)), "s", **at(30)
    )
    kept = access.change_password(world, secret, opened.token, NEW, "mot mat khau khac 9", "s", **at(40))
    assert stage(world, other.token, 41) is None
    assert stage(world, opened.token, 41) is None
    assert stage(world, kept.token, 41) is Stage.FULL
    assert kept.session.expires_at == opened.session.expires_at, "a new password does not prolong the shift"


@pytest.mark.parametrize("weak", ["short", "a" * 300, "aaaaaaaaaaaaab", "xx-Lan.Anh-12345"])
def test_weak_passwords_are_refused(world: Database, hire: Hire, secret: InstanceSecret, weak: str) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    opened, _, _ = enrolled(world, secret)
    with pytest.raises(BadInput):
        access.change_password(world, secret, opened.token, NEW, weak, "s", **at())
    with pytest.raises(NotAllowed):
        access.change_password(world, secret, opened.token, "wrong", "mot mat khau khac 9", "s", **at())
    with pytest.raises(BadInput):
        access.change_password(world, secret, opened.token, NEW, NEW, "s", **at())


def test_closing_a_person_ends_everything_at_once(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    actor = hire("lan.anh", Role.DUTY_OFFICER)
    opened, _, _ = enrolled(world, secret)
    with world.unit(NOON, access.OPERATOR) as unit:
        access.set_person_active(unit, actor.id, False)
    assert stage(world, opened.token) is None
    assert refusal(lambda: enter(world, secret, NEW)).reason is AccessReason.WRONG_CREDENTIALS


def test_an_ended_role_ends_the_actor(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    actor = hire("lan.anh", Role.DUTY_OFFICER, Role.LEADER)
    opened, _, _ = enrolled(world, secret)
    with world.unit(NOON, access.OPERATOR) as unit:
        for held in access.appointments(unit.conn, NOON, person_id=actor.id)[:1]:
            access.revoke_role(unit, held.id)
    with world.read() as conn:
        found = access.current(conn, opened.token, **at())
    assert found is not None
    assert found.actor is not None
    assert set(found.actor.roles) == {"leader"}


def test_old_hashes_are_made_anew(
    world: Database, hire: Hire, secret: InstanceSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    enter(world, secret)
    with world.read() as conn:
        stored = conn.execute(sa.select(person.c.password_hash)).scalar_one()
    assert "t=2" in stored
    assert enter(world, secret)


def test_signing_out(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    opened, _, _ = enrolled(world, secret)
    access.sign_out(world, opened.token, now=NOON)
    access.sign_out(world, opened.token, now=NOON)
    assert stage(world, opened.token) is None


def test_steps_come_in_order(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    opened = enter(world, secret)
    with pytest.raises(Conflict):
        access.change_password(world, secret, opened.token, PASSWORD, NEW, "s", **at())
    with pytest.raises(Conflict):
        access.pass_second_factor(world, secret, opened.token, "123456", "s", **at())
    with pytest.raises(NotAllowed):
        access.begin_enrolment(world, secret, "no token", "Lá Chắn", **at())


def test_form_tokens_hold_for_one_session_only(secret: InstanceSecret) -> None:
    access.check_form_token(secret, "session-1", access.form_token(secret, "session-1"))
    for given in (access.form_token(secret, "session-2"), "", "é"):
        with pytest.raises(NotAllowed):
            access.check_form_token(secret, "session-1", given)


def test_demo_links_exist_in_the_demo_only(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    actor = hire("lan.anh", Role.DUTY_OFFICER)
    demo, real = Settings(demo_sign_in=True), Settings(demo_sign_in=False)
    link = access.demo_link_token(demo, secret, actor.id, wall_now=NOON)
    opened = access.open_demo_session(world, demo, secret, link, **at())
    assert stage(world, opened.token) is Stage.FULL
    assert enter(world, secret, demo=True).session.stage is Stage.PASSWORD, "no second factor in a demo"

    def late(when: datetime) -> object:
        return access.open_demo_session(world, demo, secret, link, now=NOON, wall_now=when)

    assert refusal(lambda: late(NOON + rules.DEMO_LINK)).reason is AccessReason.LINK_EXPIRED
    assert refusal(lambda: access.open_demo_session(world, demo, secret, link + "x", **at())).reason is (
        AccessReason.LINK_EXPIRED
    )
    assert refusal(lambda: access.open_demo_session(world, real, secret, link, **at())).reason is (
        AccessReason.DEMO_ONLY
    )
    with pytest.raises(NotAllowed):
        access.demo_link_token(real, secret, actor.id, wall_now=NOON)


def test_working_for_two_agencies(world: Database, hire: Hire, secret: InstanceSecret) -> None:
    actor = hire("lan.anh", Role.DUTY_OFFICER)
    opened, _, _ = enrolled(world, secret)
    with pytest.raises(NotAllowed):
        access.choose_agency(world, opened.token, "bank", **at())
    with world.unit(NOON, access.OPERATOR) as unit:
        access.grant_role(unit, actor.id, "bank", Role.INSTITUTION_OFFICER)
    access.choose_agency(world, opened.token, "bank", **at())
    with world.read() as conn:
        found = access.current(conn, opened.token, **at())
    assert found is not None
    assert found.actor is not None
    assert (found.actor.agency_id, set(found.actor.roles)) == ("bank", {"institution_officer"})
