"""Sign in, second factor, passwords, sign out.

These take the database, not a unit: an attempt stays counted when it is refused, and passwords are hashed
outside of any transaction. `now` is domain time for the trail, `wall_now` decides.
"""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lachan.foundation.access.people import Person, actor_at, passwords, second_factor, workplaces
from lachan.foundation.access.people import store as people_store
from lachan.foundation.access.people.actions import clean_sign_in_name
from lachan.foundation.access.permissions import Permission, require
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.access.secret import InstanceSecret
from lachan.foundation.access.sessions import rules, store
from lachan.foundation.access.sessions.attempts import count_attempt, forgive
from lachan.foundation.access.sessions.model import Opened, Session, Stage
from lachan.foundation.access.sessions.resets import note_told
from lachan.foundation.base import Actor, ActorKind, BadInput, Conflict, NotAllowed, new_id, new_secret
from lachan.foundation.storage import Database, Unit
from lachan.foundation.trail import append


def token_hash(token: str) -> str:
    """What the record keeps of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    db: Database,
    secret: InstanceSecret,
    sign_in_name: str,
    password: str,
    source: str,
    *,
    demo: bool,
    now: datetime,
    wall_now: datetime,
) -> Opened:
    """Open a session for a right name and password; its stage says which step comes next.

    Refusals: LOCKED_OUT, WRONG_CREDENTIALS (the same words and the same work whether or not there is such a
    person), NOT_PERMITTED (a right password, but no role anywhere).
    """
    name = clean_sign_in_name(sign_in_name)
    attempt = count_attempt(db, secret, "password", name, source, now=now, wall_now=wall_now)
    with db.read() as conn:
        row = people_store.row_by_sign_in_name(conn, name)
    holds = passwords.password_holds(row.password_hash if row else None, password)
    if row is None or not holds or not row.active:
        raise NotAllowed(AccessReason.WRONG_CREDENTIALS)
    person = people_store.person_from_row(row)
    rehashed = passwords.hash_password(password) if passwords.needs_rehash(row.password_hash) else None
    with db.unit(now, _bare(person)) as unit:
        forgive(unit, attempt)
        if rehashed:
            people_store.update(unit.conn, person.id, password_hash=rehashed)
            _record(unit, "person.password_rehashed", person.id, sealed=True)
        return open_session(unit, person, rules.stage_after_password(person, demo=demo), wall_now, demo=False)


def pass_second_factor(
    db: Database,
    secret: InstanceSecret,
    token: str,
    code: str,
    source: str,
    *,
    now: datetime,
    wall_now: datetime,
) -> Opened:
    """Take a one-time code or a recovery code; returns the session with a new token.

    Refusals: NOT_SIGNED_IN, WRONG_STATE, LOCKED_OUT, WRONG_CODE, CODE_USED.
    """
    session, row = _load(db, token, wall_now, Stage.SECOND_FACTOR)
    attempt = count_attempt(db, secret, "code", session.person_id, source, now=now, wall_now=wall_now)
    person = people_store.person_from_row(row)
    step = second_factor.matching_step(secret.unseal("second_factor", row.second_factor), code, wall_now)
    with db.unit(now, _bare(person)) as unit:
        if step is not None:
            if not people_store.use_step(unit.conn, person.id, step):
                raise NotAllowed(AccessReason.CODE_USED, field="code")
        elif not people_store.use_recovery_code(unit.conn, person.id, _recovery_mark(secret, person.id, code), now):
            raise NotAllowed(AccessReason.WRONG_CODE, field="code")
        forgive(unit, attempt)
        _record(unit, "person.second_factor_passed", person.id, {"recovery_code": step is None})
        return _advance(unit, session, rules.stage_after_second_factor(person), wall_now)


def begin_enrolment(
    db: Database, secret: InstanceSecret, token: str, issuer: str, *, now: datetime, wall_now: datetime
) -> second_factor.Enrolment:
    """Draw the secret for the person's authenticator application; asked again, it is the same one."""
    session, row = _load(db, token, wall_now, Stage.ENROLMENT)
    with db.unit(now, _bare(people_store.person_from_row(row))) as unit:
        stored = store.row_by_token(unit.conn, token_hash(token))
        pending = (
            secret.unseal("second_factor", stored.pending_factor) if stored and stored.pending_factor else None
        )
        made = second_factor.new_enrolment(row.sign_in_name, issuer, pending)
        if pending is None:
            store.update(unit.conn, session.id, pending_factor=secret.seal("second_factor", made.secret))
    return made


def finish_enrolment(
    db: Database,
    secret: InstanceSecret,
    token: str,
    code: str,
    source: str,
    *,
    now: datetime,
    wall_now: datetime,
) -> tuple[Opened, tuple[str, ...]]:
    """The first right code makes the second factor count; returns the recovery codes, which are shown once."""
    session, row = _load(db, token, wall_now, Stage.ENROLMENT)
    attempt = count_attempt(db, secret, "code", session.person_id, source, now=now, wall_now=wall_now)
    person = people_store.person_from_row(row)
    codes = second_factor.new_recovery_codes()
    with db.unit(now, _bare(person)) as unit:
        stored = store.row_by_token(unit.conn, token_hash(token))
        if stored is None or stored.pending_factor is None:
            raise Conflict(AccessReason.WRONG_STATE)
        step = second_factor.matching_step(secret.unseal("second_factor", stored.pending_factor), code, wall_now)
        if step is None:
            raise NotAllowed(AccessReason.WRONG_CODE, field="code")
        forgive(unit, attempt)
        people_store.update(unit.conn, person.id, second_factor=stored.pending_factor, second_factor_step=step)
        marks = [_recovery_mark(secret, person.id, c) for c in codes]
        people_store.replace_recovery_codes(unit.conn, person.id, marks)
        store.update(unit.conn, session.id, pending_factor=None)
        _record(unit, "person.second_factor_enrolled", person.id, sealed=True)
        if not person.password_is_initial:
            note_told(unit, person.id)
        return _advance(unit, session, rules.stage_after_second_factor(person), wall_now), codes


def change_password(
    db: Database,
    secret: InstanceSecret,
    token: str,
    old: str,
    new: str,
    source: str,
    *,
    now: datetime,
    wall_now: datetime,
) -> Opened:
    """Change one's own password; every other session of the person ends, and this one gets a new token."""
    session, row = _load(db, token, wall_now, Stage.PASSWORD, Stage.FULL)
    attempt = count_attempt(db, secret, "password", row.sign_in_name, source, now=now, wall_now=wall_now)
    if not passwords.password_holds(row.password_hash, old):
        raise NotAllowed(AccessReason.WRONG_CREDENTIALS, field="old")
    passwords.check_strength(new, row.sign_in_name)
    if new == old:
        raise BadInput(AccessReason.SAME_PASSWORD, field="password")
    hashed = passwords.hash_password(new)
    person = people_store.person_from_row(row)
    with db.unit(now, _bare(person)) as unit:
        forgive(unit, attempt)
        people_store.update(unit.conn, person.id, password_hash=hashed, password_is_initial=False)
        ended = store.delete_of_person(unit.conn, person.id, keep=session.id)
        _record(unit, "person.password_changed", person.id, {"sessions_ended": ended}, sealed=True)
        note_told(unit, person.id)
        return _advance(unit, session, Stage.FULL, wall_now)


def revoke_sessions(unit: Unit, person_id: str) -> int:
    """End all sessions of a person; returns how many."""
    if unit.actor.reference != f"person:{person_id}":
        require(unit.actor, Permission.PERSON_MANAGE)
    ended = store.delete_of_person(unit.conn, person_id)
    _record(unit, "person.sessions_revoked", person_id, {"sessions_ended": ended})
    return ended


def sign_out(db: Database, token: str, *, now: datetime) -> None:
    """End the session of a token; an unknown token is no error."""
    with db.read() as conn:
        row = store.row_by_token(conn, token_hash(token))
    if row is not None:
        with db.unit(now, Actor(ActorKind.PERSON, row.person_id, row.agency_id)) as unit:
            if store.delete(unit.conn, row.id):
                _record(unit, "session.closed", row.person_id)


def touch(db: Database, session: Session, *, now: datetime, wall_now: datetime) -> None:
    """Note that a session is in use, at most once a minute."""
    if rules.needs_touch(session, wall_now):
        with db.unit(now, Actor(ActorKind.PERSON, session.person_id, session.agency_id)) as unit:
            store.update(unit.conn, session.id, last_seen_at=wall_now)


def choose_agency(db: Database, token: str, agency_id: str, *, now: datetime, wall_now: datetime) -> Session:
    """Go on at another agency where the person also has a role."""
    session, row = _load(db, token, wall_now, Stage.FULL)
    with db.unit(now, _bare(people_store.person_from_row(row))) as unit:
        if actor_at(unit.conn, session.person_id, agency_id, now) is None:
            raise NotAllowed(AccessReason.NOT_PERMITTED)
        store.update(unit.conn, session.id, agency_id=agency_id)
        _record(unit, "session.agency_chosen", session.person_id, {"agency": agency_id})
    return replace(session, agency_id=agency_id)


def open_session(unit: Unit, person: Person, stage: Stage, wall_now: datetime, *, demo: bool) -> Opened:
    """Record a new session at the person's first agency. Called by sign-in only."""
    places = workplaces(unit.conn, person.id, unit.now)
    if not places or not person.active:
        raise NotAllowed(AccessReason.NOT_PERMITTED)
    token = new_secret(32)
    made = Session(new_id(), person.id, places[0], stage, demo, wall_now, wall_now, rules.expiry(stage, wall_now))
    store.delete_expired(unit.conn, wall_now)
    store.insert(unit.conn, made, token_hash(token))
    _record(unit, "session.opened", person.id, {"stage": stage.value, "demo": demo})
    return Opened(made, token)


def _advance(unit: Unit, session: Session, stage: Stage, wall_now: datetime) -> Opened:
    # A new token with every step: one that leaked before the step is worth nothing after it.
    token = new_secret(32)
    end = rules.expiry(stage, session.opened_at) if session.stage is stage else rules.expiry(stage, wall_now)
    done = store.update(
        unit.conn,
        session.id,
        token_hash=token_hash(token),
        stage=stage.value,
        last_seen_at=wall_now,
        expires_at=end,
    )
    if not done:
        raise NotAllowed(AccessReason.NOT_SIGNED_IN)
    return Opened(replace(session, stage=stage, last_seen_at=wall_now, expires_at=end), token)


def _load(db: Database, token: str, wall_now: datetime, *stages: Stage) -> tuple[Session, sa.Row[Any]]:
    with db.read() as conn:
        row = store.row_by_token(conn, token_hash(token))
        person_row = people_store.row_by_id(conn, row.person_id) if row else None
    session = store.session_from_row(row) if row else None
    alive = session is not None and rules.is_alive(session, wall_now)
    if session is None or person_row is None or not alive or not person_row.active:
        raise NotAllowed(AccessReason.NOT_SIGNED_IN)
    if session.stage not in stages:
        raise Conflict(AccessReason.WRONG_STATE)
    return session, person_row


def _bare(person: Person) -> Actor:
    return Actor(ActorKind.PERSON, person.id, name=person.name)


def _recovery_mark(secret: InstanceSecret, person_id: str, code: str) -> str:
    return secret.mark("recovery_code", f"{person_id}:{second_factor.plain_recovery_code(code)}")


def _record(
    unit: Unit, kind: str, person_id: str, data: dict[str, object] | None = None, *, sealed: bool = False
) -> None:
    append(unit, kind, f"person:{person_id}", data or {}, rows=[("person", person_id)] if sealed else [])
