"""The stage: an instance with its desk, its people and its twelve institutions, made the way an operator would."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lachan.bootstrap import Services
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Position,
    Role,
    Scope,
    actor_at,
    add_agency,
    add_person,
    grant_role,
    hash_password,
    initial_password,
    plan_shift,
    register_client,
)
from lachan.foundation.base import Actor, ActorKind, Language, WallClock, translate
from lachan.foundation.protocol import PublicKey
from lachan.foundation.protocol.connections import Channel, confirm_key, register_connection, register_key
from lachan.response import sign_policy
from lachan.sandbox.run import Credential, Registration

# The desk asks banks to use their own power for up to this much without a second look at each request.
POLICY_AMOUNT_VND = 2_000_000_000
_PEOPLE = (
    ("officer", "Trực ban 01", Role.DUTY_OFFICER),
    ("officer2", "Trực ban 02", Role.DUTY_OFFICER),
    ("shift", "Trưởng ca 01", Role.SHIFT_HEAD),
    ("shift2", "Trưởng ca 02", Role.SHIFT_HEAD),
    ("head", "Trưởng bàn trực", Role.DESK_HEAD),
    ("leader", "Lãnh đạo tỉnh", Role.LEADER),
    ("admin", "Quản trị viên", Role.ADMINISTRATOR),
    ("auditor", "Thanh tra", Role.AUDITOR),
)
_ROSTER = (
    ("shift", Position.SHIFT_HEAD),
    ("shift2", Position.DEPUTY),
    ("officer", Position.OFFICER),
    ("officer2", Position.OFFICER),
)
_INSTITUTION_PEOPLE = (
    ("bank", "Cán bộ 07", Role.INSTITUTION_OFFICER),
    ("bank2", "Kiểm soát viên 03", Role.INSTITUTION_CONTROLLER),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What was made: the desk, everybody's person id by sign-in name, and the institutions' credentials."""

    desk_id: str
    people: Mapping[str, str]
    credentials: Mapping[str, Credential]


def set_stage(services: Services, registrations: Iterable[Registration], language: Language) -> Stage:
    """Record the desk, its people and standing policy, and connect the institutions."""
    now, wall_now = services.clock.now(), WallClock().now()
    secret_hash = hash_password(initial_password())
    people: dict[str, str] = {}
    credentials: dict[str, Credential] = {}
    with services.db.unit(now, OPERATOR) as unit:
        # An instance is older than the story that is played on it.
        since = (now - timedelta(days=30)).date()
        name = translate("demo.desk", language)
        place = translate("demo.place", language)
        desk = add_agency(unit, AgencyDraft("province_desk", name, name, since, place=place))
        for sign_in, person_name, role in _PEOPLE:
            person = add_person(unit, PersonDraft(person_name, sign_in), password_hash=secret_hash)
            grant_role(unit, person.id, desk.id, role)
            people[sign_in] = person.id
        # A person may sit down at the bank whose desk is slow: there something waits to be answered.
        everybody = tuple(registrations)
        watched = next((one.code for one in everybody if one.temper == "human"), everybody[0].code)
        for one in everybody:
            kind = "payment_intermediary" if one.kind == "wallet" else "credit_institution"
            agency = add_agency(unit, AgencyDraft(kind, one.name, one.short_name, since, codes=(one.code,)))
            channel = Channel.WEBHOOK if one.webhook_url else Channel.INBOX
            register_connection(unit, agency.id, channel, one.webhook_url, allow_private=True)
            scopes = (Scope.INBOX, Scope.ANSWER, Scope.REPORT)
            client, issued = register_client(unit, agency.id, one.name, scopes, wall_now=wall_now)
            credentials[one.code] = Credential(client.id, issued.secret)
            public = PublicKey.from_text(one.public_key)
            key = register_key(unit, agency.id, public.as_text(), valid_from=wall_now - timedelta(minutes=5))
            unit.actor = _second_operator()
            confirm_key(unit, key.id)
            unit.actor = OPERATOR
            if one.code == watched:
                for sign_in, person_name, role in _INSTITUTION_PEOPLE:
                    person = add_person(unit, PersonDraft(person_name, sign_in), password_hash=secret_hash)
                    grant_role(unit, person.id, agency.id, role)
                    people[sign_in] = person.id
        for rank, (sign_in, position) in enumerate(_ROSTER):
            start, end = now - timedelta(hours=1), now + timedelta(hours=12)
            plan_shift(unit, desk.id, people[sign_in], position, start, end, rank=rank)
    _sign_policy(services, desk.id, people["head"], now, language)
    return Stage(desk.id, people, credentials)


def _sign_policy(services: Services, desk_id: str, head_id: str, now: datetime, language: Language) -> None:
    with services.db.read() as conn:
        head = actor_at(conn, head_id, desk_id, now)
    if head is None:
        raise RuntimeError("the head of desk was just appointed")
    with services.db.unit(now, head) as unit:
        sign_policy(
            unit, desk_id=desk_id, title=translate("demo.policy", language), step_max=2,
            amount_max_vnd=POLICY_AMOUNT_VND, basis="aml-2022-44", expires_at=now + timedelta(days=30),
        )  # fmt: skip


def _second_operator() -> Actor:
    """Keys are registered by one person and confirmed by another, also where both are the demo."""
    return Actor(ActorKind.SYSTEM, "second-operator", roles=OPERATOR.roles)
