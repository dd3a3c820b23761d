"""A small instance behind a real server: desks, institutions, people in every role, clients of every scope.

It runs on SQLite, on the machine's clock, with argon2's lightest parameters. `trace_a_report` puts something into
both institutions' inboxes.
"""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from tests.factories import protocol as make

from lachan.bootstrap import Services, initialise
from lachan.doors.api import create_app
from lachan.doors.worker import run_due_jobs
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Role,
    Scope,
    actor_at,
    add_agency,
    add_person,
    grant_role,
    hash_password,
    issue_token,
    register_client,
)
from lachan.foundation.access.people import passwords
from lachan.foundation.base import SYSTEM, Actor, ActorKind, WallClock, new_id
from lachan.foundation.base.settings import Settings
from lachan.foundation.protocol import BankReport, Envelope, SigningKey, read_envelope, sign
from lachan.foundation.protocol.connections import Channel, confirm_key, register_connection, register_key
from lachan.foundation.protocol.outbox import open_messages
from lachan.foundation.trail import seal
from lachan.intake.tables import report
from lachan.response import sign_policy, tables

PASSWORD = "mua dau mua 1987"
STAFF = (Role.DUTY_OFFICER, Role.SHIFT_HEAD, Role.DESK_HEAD, Role.LEADER, Role.ADMINISTRATOR, Role.AUDITOR)
INSTITUTION_STAFF = (Role.INSTITUTION_OFFICER, Role.INSTITUTION_CONTROLLER)
OWN, OTHER = "own", "other"
# The codes of the two institutions; the traced money lies at the first one, and left from the second one.
CODES = {OWN: "999001", OTHER: "999002"}


@dataclass
class Instance:
    """What was seeded. `desk`, `bank` and everything else is asked for by OWN or OTHER."""

    services: Services
    app: FastAPI
    desks: dict[str, str] = field(default_factory=dict)
    banks: dict[str, str] = field(default_factory=dict)
    keys: dict[str, SigningKey] = field(default_factory=dict)
    clients: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    people: dict[tuple[str, str], str] = field(default_factory=dict)
    sessions: dict[tuple[str, str], str] = field(default_factory=dict)
    url: str = ""
    # What trace_a_report and wait_for_a_person leave behind.
    code: str = ""
    secret: str = ""
    drafted_hold: str = ""
    orphan_code: str = ""
    orphan_hold: str = ""
    task_code: str = ""
    task: str = ""
    made: int = 0

    def inbox(self, whose: str = OWN) -> list[Envelope]:
        """What waits for an institution."""
        with self.services.db.read() as conn:
            waiting = open_messages(conn, {CODES[whose]})
        return [read_envelope(one.body.encode()) for one in waiting]

    def bearer(self, scope: str = "all", whose: str = OWN) -> dict[str, str]:
        """The authorization header of a client."""
        return {"authorization": f"Bearer {self.tokens[whose, scope]}"}

    def basic(self, actor: str) -> dict[str, str]:
        """The id and secret of a client, `client:SCOPE@own`; nothing for anybody else."""
        scope, _, whose = actor.removeprefix("client:").partition("@")
        if not actor.startswith("client:"):
            return {}
        pair = ":".join(self.clients[whose, scope])
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def signed(self, body: bytes, message_id: str, whose: str = OWN, scope: str = "all") -> dict[str, str]:
        """All headers of a good signed call."""
        headers = sign(message_id, WallClock().now(), body, self.keys[whose])
        return headers | self.bearer(scope, whose) | json_headers(message_id)

    def report(self, **changes: Any) -> BankReport:
        """A good report of now."""
        now = WallClock().now().replace(microsecond=0)
        loss = make.bank_report().losses[0]
        fields = {
            "booked_at": now - timedelta(minutes=7),
            "reference": f"FT-{new_id()}",
            "payee": loss.payee.model_copy(update={"account": f"account:999001:{new_id()[-12:]}"}),
        }
        losses = (loss.model_copy(update=fields),)
        return make.bank_report(reported_at=now, losses=losses, **changes)


def json_headers(message_id: str) -> dict[str, str]:
    """Content type and idempotency key."""
    return {"content-type": "application/json", "idempotency-key": message_id}


def seeded(home: Path, database_url: str = "") -> Instance:
    """An instance with everything in it, on SQLite in its home unless a record is named."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    services = initialise(
        Settings(
            home=home, database_url=database_url, allow_private_targets=True, demo_sign_in=True, instance="test"
        )
    )  # fmt: skip
    made = Instance(services, FastAPI())
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        since = date(2025, 7, 1)
        for whose, name in ((OWN, "Bàn trực"), (OTHER, "Bàn khác")):
            kind = "province_desk" if whose == OWN else "commune_police"
            desk = add_agency(unit, AgencyDraft(kind, name, name, since))
            made.desks[whose] = desk.id
            code = CODES[whose]
            bank = add_agency(
                unit, AgencyDraft("credit_institution", f"Ngân hàng {code}", code, since, codes=(code,))
            )
            made.banks[whose] = bank.id
            register_connection(unit, bank.id, Channel.INBOX, None)
            _key(unit, made, whose)
            for scope in ("all", *Scope):
                scopes = tuple(Scope) if scope == "all" else (Scope(scope),)
                client, issued = register_client(unit, bank.id, scope, scopes, wall_now=WallClock().now())
                made.clients[whose, str(scope)] = (client.id, issued.secret)
            for roles, agency_id in ((STAFF, desk.id), (INSTITUTION_STAFF, bank.id)):
                for role in roles:
                    draft = PersonDraft(f"{role} {whose}", f"{role}.{whose}")
                    person = add_person(unit, draft, password_hash=hash_password(PASSWORD))
                    grant_role(unit, person.id, agency_id, role)
                    made.people[whose, role.value] = person.id
    for key, (client_id, secret) in made.clients.items():
        now = WallClock().now()
        made.tokens[key] = issue_token(services.db, client_id, secret, now=now, wall_now=now).token
    _sign_policy(made)
    made.app = create_app(services)
    return made


@contextmanager
def served(instance: Instance) -> Iterator[httpx.Client]:
    """The instance behind a real server on a free port; gives a client for it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = uvicorn.Config(
        instance.app, host="127.0.0.1", port=port, http="httptools", log_level="critical", lifespan="off",
        server_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    instance.url = f"http://127.0.0.1:{port}"
    try:
        while not server.started:
            thread.join(0.01)
        with httpx.Client(base_url=instance.url, timeout=20) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        instance.services.db.close()


def trace_a_report(instance: Instance, client: httpx.Client) -> None:
    """A bank's report through the real door, worked on until its requests have been written."""
    receipt = _reported(instance, client, instance.report())
    instance.code = receipt["code"]
    instance.secret = receipt["live_url"].rsplit("/", 1)[-1]
    seal(
        instance.services.db, instance.services.seal_key, now=instance.services.clock.now(),
        wall_now=WallClock().now(),
    )  # fmt: skip


def wait_for_a_person(instance: Instance, client: httpx.Client) -> None:
    """A report above what the policy reaches, and one against a bank that is not connected: both need somebody."""
    large = instance.report()
    loss = large.losses[0].model_copy(update={"amount_vnd": 3_000_000_000})
    code = _reported(instance, client, large.model_copy(update={"losses": (loss,)}))["code"]
    with instance.services.db.read() as conn:
        hold = sa.select(tables.hold.c.id).join(tables.trace).where(tables.trace.c.code == code)
        instance.drafted_hold = conn.execute(hold).scalar_one()
    unknown = instance.report()
    payee = unknown.losses[0].payee.model_copy(
        update={"institution": "999088", "account": "account:999088:0123456789"}
    )
    loss = unknown.losses[0].model_copy(update={"payee": payee})
    instance.task_code = _reported(instance, client, unknown.model_copy(update={"losses": (loss,)}))["code"]
    with instance.services.db.read() as conn:
        task = sa.select(tables.task.c.id).join(tables.trace).where(tables.trace.c.code == instance.task_code)
        instance.task = conn.execute(task).scalars().one()


def leave_without_a_desk(instance: Instance, client: httpx.Client) -> None:
    """A report that no desk was there to take, and one whose request still waits for an approval."""
    large = instance.report()
    loss = large.losses[0].model_copy(update={"amount_vnd": 3_000_000_000})
    instance.orphan_code = _reported(instance, client, large.model_copy(update={"losses": (loss,)}))["code"]
    services, trace = instance.services, tables.trace
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        trace_id, report_id = unit.conn.execute(
            sa.select(trace.c.id, trace.c.report_id).where(trace.c.code == instance.orphan_code)
        ).one()
        unit.conn.execute(sa.update(trace).where(trace.c.id == trace_id).values(desk_id=None))
        unit.conn.execute(sa.update(report).where(report.c.id == report_id).values(agency_id=None))
        hold = sa.select(tables.hold.c.id).where(tables.hold.c.trace_id == trace_id)
        instance.orphan_hold = unit.conn.execute(hold).scalar_one()


def _reported(instance: Instance, client: httpx.Client, report: BankReport) -> Any:
    body = report.as_json()
    answer = client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id, OTHER))
    assert answer.status_code == 201, answer.text
    while run_due_jobs(instance.services):
        pass
    return answer.json()


def _key(unit: Any, made: Instance, whose: str) -> None:
    made.keys[whose] = SigningKey.generate()
    valid_from = WallClock().now() - timedelta(minutes=5)
    key = register_key(unit, made.banks[whose], made.keys[whose].public.as_text(), valid_from=valid_from)
    unit.actor = Actor(ActorKind.SYSTEM, "second-operator", roles=OPERATOR.roles)
    confirm_key(unit, key.id)
    unit.actor = OPERATOR


def _sign_policy(made: Instance) -> None:
    now = made.services.clock.now()
    with made.services.db.read() as conn:
        head = actor_at(conn, made.people[OWN, Role.DESK_HEAD.value], made.desks[OWN], now)
    assert head is not None
    with made.services.db.unit(now, head) as unit:
        sign_policy(
            unit, desk_id=made.desks[OWN], title="Chính sách giờ vàng", step_max=2, amount_max_vnd=2_000_000_000,
            basis="aml-2022-44", expires_at=now + timedelta(days=30),
        )  # fmt: skip
