"""A desk with people, three institutions and a handful of traces, made through the real actions."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from lachan.bootstrap import Services, initialise
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Position,
    Role,
    actor_at,
    add_agency,
    add_person,
    demo_link_token,
    grant_role,
    hash_password,
    plan_shift,
)
from lachan.foundation.base import SYSTEM, Actor, ActorKind, WallClock, new_id
from lachan.foundation.base.settings import Settings
from lachan.foundation.protocol import Answer, Part, PartKind, Payee, Refusal, Situation
from lachan.foundation.protocol.connections import Channel as Connection
from lachan.foundation.protocol.connections import register_connection
from lachan.intake import Channel, LossDraft, ReportDraft, receive_report
from lachan.response import Hold, HoldState, acknowledge, open_trace, sign_policy, store, tables, take_answer

POLICY_VND = 200_000_000
PEOPLE = (
    ("officer", "Trực ban 01", Role.DUTY_OFFICER), ("shift", "Trưởng ca 01", Role.SHIFT_HEAD),
    ("head", "Trưởng bàn trực", Role.DESK_HEAD), ("leader", "Lãnh đạo tỉnh", Role.LEADER),
    ("admin", "Quản trị viên", Role.ADMINISTRATOR), ("auditor", "Thanh tra", Role.AUDITOR),
    ("admin_2", "Quản trị viên 02", Role.ADMINISTRATOR),
)  # fmt: skip
INSTITUTIONS = (
    ("999001", "Sông Hồng", "credit_institution"), ("999002", "Tam Đảo", "credit_institution"),
    ("saokhue", "Ví Sao Khuê", "payment_intermediary"),
)  # fmt: skip
PASSWORD_HASH = hash_password("mật khẩu của bản thử 01")


@dataclass
class World:
    """The instance, who is in it, and the codes of its traces by what they are for."""

    services: Services
    desk_id: str = ""
    people: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    serial: int = 0

    @property
    def now(self) -> datetime:
        """Domain time."""
        return self.services.clock.now()

    def actor(self, name: str) -> Actor:
        """Somebody at the desk."""
        with self.services.db.read() as conn:
            found = actor_at(conn, self.people[name], self.desk_id, self.now)
        assert found is not None
        return found

    def link(self, name: str) -> str:
        """The one-click link of somebody."""
        token = demo_link_token(
            self.services.settings, self.services.secret, self.people[name], wall_now=WallClock().now()
        )
        return f"/demo/{token}"

    def report(
        self,
        what: str,
        *amounts_vnd: int,
        payee: str = "999001",
        minutes_ago: int = 8,
        opened_ago: int = 0,
        secret: str | None = None,
        situation: Situation = Situation.SCAM,
    ) -> str:
        """A report whose trace is open, since so many minutes; returns its code and keeps it under `what`."""
        losses, at = [], self.now - timedelta(minutes=opened_ago)
        for amount_vnd in amounts_vnd:
            self.serial += 1
            losses.append(
                LossDraft(
                    amount_vnd=amount_vnd, booked_at=self.now - timedelta(minutes=minutes_ago),
                    payee_account=f"account:{payee}:{70_000_000_000 + self.serial}", payee_institution=payee,
                    payer_account=f"account:999002:{10_000_000_000 + self.serial}", payer_institution="999002",
                    reference=f"FT{self.serial:04}",
                )
            )  # fmt: skip
        draft = ReportDraft(
            situation=situation, victim_name="Nông Thị Hạnh", losses=tuple(losses),
            victim_phone="+84912345678", story="Có người xưng công an, bắt chuyển tiền để kiểm tra.",
            place="Xã Thanh Khê", consent=True,
        )  # fmt: skip
        with self.services.db.unit(at, Actor(ActorKind.PUBLIC, "public")) as unit:
            received = receive_report(unit, draft, Channel.WEB, agency_id=self.desk_id, secret=secret)
        with self.services.db.unit(at, SYSTEM) as unit:
            open_trace(unit, self.services.outbox, received.report_id)
        self.codes[what] = received.code
        return received.code

    def hold_of(self, what: str) -> Hold:
        """The newest request of a trace that nobody has answered, else the newest."""
        with self.services.db.read() as conn:
            code = self.codes[what]
            found = store.holds(
                conn,
                tables.hold.c.trace_id.in_(sa.select(tables.trace.c.id).where(tables.trace.c.code == code)),
            )
        waiting = [hold for hold in found if hold.state in {HoldState.REQUESTED, HoldState.ACKNOWLEDGED}]
        return (waiting or found)[-1]

    def acknowledge(self, what: str) -> None:
        """The institution has it."""
        hold = self.hold_of(what)
        with self.services.db.unit(self.now, _bank(hold)) as unit:
            acknowledge(unit, self.services.outbox, hold.id, {hold.institution or ""}, self.now)

    def answer(
        self,
        what: str,
        held_vnd: int,
        *parts: Part,
        refusal: Refusal | None = None,
        available_vnd: int | None = None,
    ) -> None:
        """The institution answers; what is not said is unexplained."""
        hold = self.hold_of(what)
        asked = sum(span.amount_vnd for span in hold.asked)
        rest = asked - held_vnd - sum(part.amount_vnd for part in parts)
        told = (*parts, Part(kind=PartKind.UNEXPLAINED, amount_vnd=rest)) if rest else parts
        answer = Answer(
            message_id=new_id(), request_id=hold.id, request_revision=hold.revision,
            revision=hold.answer_revision + 1, held_vnd=held_vnd, refusal=refusal, parts=told,
            available_vnd=held_vnd if available_vnd is None else available_vnd,
            placed_at=self.now if held_vnd else None, decided_by="Tổ trực",
        )  # fmt: skip
        with self.services.db.unit(self.now, _bank(hold)) as unit:
            reasons = take_answer(unit, self.services.outbox, answer, {hold.institution or ""})
        assert not reasons, reasons


def moved_on(amount_vnd: int, reference: str, institution: str, number: str) -> Part:
    """A part that went to another account."""
    kind = "account" if institution.isdigit() else "wallet"
    return Part(
        kind=PartKind.MOVED_ON, amount_vnd=amount_vnd, reference=reference,
        payee=Payee(institution=institution, account=f"{kind}:{institution}:{number}"),
    )  # fmt: skip


def world_settings(home: Path, base_url: str) -> Settings:
    """The settings of such an instance."""
    return Settings(
        home=home, base_url=base_url, instance="son-ha", instance_name="Bàn trực tỉnh Sơn Hà", demo_sign_in=True,
        clock="", database_url="",
    )  # fmt: skip


def build_world(home: Path, base_url: str = "http://127.0.0.1:8040") -> World:
    """The instance with desk, people, roster, policy and institutions; no traces yet."""
    world = World(initialise(world_settings(home, base_url)))
    now = world.now
    since = (now - timedelta(days=60)).astimezone(UTC).date()
    with world.services.db.unit(now, OPERATOR) as unit:
        desk = add_agency(unit, AgencyDraft("province_desk", "Bàn trực tỉnh Sơn Hà", "Bàn trực tỉnh Sơn Hà", since))
        world.desk_id = desk.id
        for sign_in, name, role in PEOPLE:
            person = add_person(unit, PersonDraft(name, sign_in), password_hash=PASSWORD_HASH)
            grant_role(unit, person.id, desk.id, role)
            world.people[sign_in] = person.id
        for code, name, kind in INSTITUTIONS:
            agency = add_agency(unit, AgencyDraft(kind, f"Tổ chức {name}", name, since, codes=(code,)))
            register_connection(unit, agency.id, Connection.INBOX, None)
            person = add_person(unit, PersonDraft(f"Cán bộ {name}", f"bank.{code}"), password_hash=PASSWORD_HASH)
            grant_role(unit, person.id, agency.id, Role.INSTITUTION_OFFICER)
            world.people[f"bank.{code}"] = person.id
    # Signed before the oldest of its reports.
    with world.services.db.unit(now - timedelta(hours=1), world.actor("head")) as unit:
        sign_policy(
            unit, desk_id=desk.id, title="Ủy quyền thường trực nấc 2", step_max=2, amount_max_vnd=POLICY_VND,
            basis="aml-2022-44", expires_at=now + timedelta(days=30),
        )  # fmt: skip
    with world.services.db.unit(world.now, world.actor("head")) as unit:
        for sign_in, position in (("shift", Position.SHIFT_HEAD), ("officer", Position.OFFICER)):
            plan_shift(
                unit, desk.id, world.people[sign_in], position, now - timedelta(hours=2), now + timedelta(hours=6)
            )
    return world


def seeded_world(home: Path, base_url: str = "http://127.0.0.1:8040") -> World:
    """The same with five traces at different states."""
    world = build_world(home, base_url)
    world.report("waiting", 60_000_000)
    world.report("approval", 350_000_000)
    world.report("hops", 120_000_000, payee="999002")
    world.acknowledge("hops")
    world.answer(
        "hops", 40_000_000, moved_on(50_000_000, "X1", "999001", "88888888881"),
        moved_on(20_000_000, "X2", "saokhue", "+84987654321"),
        Part(kind=PartKind.CASH_OUT, amount_vnd=10_000_000, reference="X3"),
    )  # fmt: skip
    world.report("refused", 25_000_000)
    world.answer(
        "refused", 0, Part(kind=PartKind.REMAINS, amount_vnd=25_000_000), refusal=Refusal.NO_LEGAL_BASIS,
        available_vnd=25_000_000,
    )  # fmt: skip
    world.report("gap", 30_000_000)
    world.answer("gap", 12_000_000)
    world.report("held", 15_000_000)
    world.answer("held", 15_000_000)
    return world


def _bank(hold: Hold) -> Actor:
    return Actor(ActorKind.CLIENT, f"client-{hold.institution}", None, frozenset({"answer"}))
