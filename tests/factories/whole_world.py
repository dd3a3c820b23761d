"""The desk's world with something on every page: each state that a page can show, made through the real actions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
from tests.factories.alerted_world import alert_some
from tests.factories.desk_world import PASSWORD_HASH, World, moved_on
from tests.factories.inbox_world import BANK, CONTROLLER, appoint_controller
from tests.factories.listed_world import Listed, list_some
from tests.factories.planned_world import Planned, plan_some
from tests.factories.refund_stage import RefundStage, give_back
from tests.factories.reported_world import report_some
from tests.factories.silent_stage import fall_silent
from tests.factories.suspects import BLOCKED, list_suspects
from tests.factories.told_world import Told, tell

from lachan.activities import importable, name_person, record
from lachan.activities.filed import take_file
from lachan.activities.tables import file as activity_file
from lachan.doors.web.checking import seal_card
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Purpose,
    Role,
    Scope,
    SubjectRequestKind,
    actor_at,
    add_agency,
    add_person,
    agency_by_code,
    agency_id_by_code,
    demo_link_token,
    grant_role,
    grant_view,
    open_demo_session,
    person,
    receive_subject_request,
    record_breach,
    register_client,
)
from lachan.foundation.access.sessions import Stage
from lachan.foundation.access.sessions.actions import open_session
from lachan.foundation.base import PUBLIC, SYSTEM, Actor, ActorKind, WallClock, new_id, new_secret
from lachan.foundation.documents.workbooks import Grid
from lachan.foundation.protocol import Answer, Part, PartKind, ReceivedPayment, SigningKey, Situation
from lachan.foundation.protocol.connections import allow_host, register_key
from lachan.foundation.protocol.outbox import Outbox, message
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.storage.jobs import job
from lachan.foundation.taxonomy import activity_kind, vietnam_date
from lachan.plans.reminders.sweeping import Post, sweep_reminders
from lachan.registry import alert_payers, claim_hold, record_received
from lachan.registry.tables import payment
from lachan.response import (
    Objection,
    cancel_trace,
    follow_payer_alert,
    open_appeal,
    propose_conversion,
    recommend_step,
    serve_notices,
    silent_institution,
    tables,
    take_trace,
)
from lachan.response.actions.replies import prepare_reply
from lachan.response.rules.tasks import CALL_PAYER_BANK
from lachan.screening import Asker, Found, Outcome, Sign, record_found, report_outcomes
from lachan.screening.copies import grant_copy, revoke_copy, rotate_copy

T = TypeVar("T")
DECISION = {
    "issuer": "Công an tỉnh Sơn Hà", "number": "412/QĐ-ANM", "signatory": "Nguyễn Văn Bình",
    "scope": "Toàn bộ số dư", "issuer_kind": "police_investigation",
}  # fmt: skip
EMPTY_HEAD = "head.empty"


@dataclass
class WholeWorld:
    """The world, and what leads to each page."""

    world: World
    secrets: dict[str, str] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    appeal: str = ""
    proposal: str = ""
    telephone: str = ""
    other_task: str = ""
    call_task: str = ""
    prepared: str = ""
    card: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    listed: Listed | None = None
    refunds: RefundStage | None = None
    alerts: dict[str, str] = field(default_factory=dict)
    activity: str = ""
    file: str = ""
    case: str = ""
    planned: Planned = field(default_factory=Planned)
    told: Told = field(default_factory=Told)
    periodic: dict[str, str] = field(default_factory=dict)

    def act(self, actor: Actor, do: Callable[[Unit], T]) -> T:
        """Do something in a transaction of its own."""
        with self.world.services.db.unit(self.world.now, actor) as unit:
            return do(unit)

    def session(self, who: str) -> str:
        """The cookie of somebody who is signed in; `newcomer…` stands in the middle of signing in."""
        services, wall_now = self.world.services, WallClock().now()
        if who not in self.tokens:
            link = demo_link_token(services.settings, services.secret, self.world.people[who], wall_now=wall_now)
            opened = open_demo_session(
                services.db, services.settings, services.secret, link, now=self.world.now, wall_now=wall_now
            )
            self.tokens[who] = opened.token
        return self.tokens[who]

    def unfinished(self, name: str, stage: Stage) -> str:
        """The cookie of a new person who still has a step of the sign-in to go."""

        def do(unit: Unit) -> str:
            draft = PersonDraft("Cán bộ mới", f"{name}-{new_id()[-6:]}")
            made = add_person(unit, draft, password_hash=PASSWORD_HASH)
            grant_role(unit, made.id, self.world.desk_id, Role.DUTY_OFFICER)
            return open_session(unit, person(unit.conn, made.id), stage, WallClock().now(), demo=False).token

        return self.act(OPERATOR, do)

    def listing(self, what: str) -> str:
        """An entry of the registry, or a code of its holder's pages, by what it shows."""
        assert self.listed is not None
        return str(getattr(self.listed, what))

    def trace_id(self, what: str) -> str:
        """The trace of a report."""
        with self.world.services.db.read() as conn:
            query = sa.select(tables.trace.c.id).where(tables.trace.c.code == self.world.codes[what])
            return str(conn.execute(query).scalar_one())

    def given(self, what: str) -> str:
        """A pool's hold or a list's code, by what it shows."""
        assert self.refunds is not None
        return str(getattr(self.refunds, what))

    def inbox_item(self, kind: str) -> str:
        """The bank's newest open message of a kind."""
        with self.world.services.db.read() as conn:
            query = sa.select(message.c.id).where(
                message.c.institution == BANK, message.c.type == kind, message.c.closed_at.is_(None)
            )
            return str(conn.execute(query.order_by(message.c.ordinal.desc())).scalars().first())


def whole(world: World) -> WholeWorld:
    """Something for every page."""
    made = WholeWorld(world)
    _people(made)
    _reports(made)
    _papers(made)
    _administration(made)
    fall_silent(world)
    made.refunds = give_back(world)
    made.listed = list_some(world)
    made.alerts = alert_some(world)
    _record_activities(made)
    made.planned = plan_some(world)
    sweep_reminders(world.services.db, world.now, Post("", world.services.settings.base_url, "lachan"))
    made.told = tell(world)
    made.periodic = report_some(world)
    # It seals too: what is listed is screened.
    list_suspects(world)
    _copies(made)
    made.card = seal_card(world.services.secret, BLOCKED, world.now)
    return made


def _people(made: WholeWorld) -> None:
    world = made.world
    appoint_controller(world)

    def do(unit: Unit) -> None:
        since = world.now.date() - timedelta(days=60)
        desk = add_agency(unit, AgencyDraft("commune_police", "Công an phường An Lạc", "CA An Lạc", since))
        head = add_person(unit, PersonDraft("Trưởng công an phường", EMPTY_HEAD), password_hash=PASSWORD_HASH)
        grant_role(unit, head.id, desk.id, Role.DESK_HEAD)
        world.people[EMPTY_HEAD] = head.id
        draft = AgencyDraft(
            "credit_institution", "Ngân hàng Vạn Xuân", "Vạn Xuân", since, codes=("999088",), phone="024 3800 0088"
        )
        bank = add_agency(unit, draft)
        clerk = add_person(unit, PersonDraft("Cán bộ Vạn Xuân", "bank.999088"), password_hash=PASSWORD_HASH)
        grant_role(unit, clerk.id, bank.id, Role.INSTITUTION_OFFICER)
        world.people["bank.999088"] = clerk.id

    made.act(OPERATOR, do)


def _reports(made: WholeWorld) -> None:
    world = made.world
    outbox, base_url = world.services.outbox, world.services.settings.base_url
    for what, amount_vnd in (("chased", 95_000_000), ("noticed", 18_000_000), ("appealed", 22_000_000)):
        made.secrets[what] = new_secret()
        world.report(what, amount_vnd, secret=made.secrets[what])
    made.secrets["referred"] = new_secret()
    world.report("referred", 3_000_000, secret=made.secrets["referred"], situation=Situation.REGRET)
    world.answer(
        "chased", 30_000_000, moved_on(40_000_000, "Y1", "999002", "33333333331"),
        Part(kind=PartKind.CASH_OUT, amount_vnd=25_000_000, reference="Y2"),
    )  # fmt: skip
    for what, amount_vnd in (("noticed", 18_000_000), ("appealed", 22_000_000)):
        world.answer(what, amount_vnd)
        trace_id = made.trace_id(what)
        made.act(PUBLIC, lambda unit, t=trace_id: serve_notices(unit, outbox, t, base_url))  # type: ignore[misc]
        with world.services.db.read() as conn:
            query = sa.select(tables.hold.c.notice_code).where(tables.hold.c.trace_id == trace_id)
            made.notices[what] = str(conn.execute(query).scalar_one())
    objection = Objection("Trần Văn Lưu", "0912 345 671", "Tiền bán xe, có hợp đồng.", 10_000_000)
    made.appeal = made.act(PUBLIC, lambda unit: open_appeal(unit, outbox, made.notices["appealed"], objection))
    world.report("cancelled", 9_000_000)
    cancelled = made.trace_id("cancelled")
    made.act(world.actor("shift"), lambda unit: cancel_trace(unit, outbox, cancelled, reason="Nạn nhân báo nhầm"))
    hops = made.trace_id("hops")
    made.act(world.actor("officer"), lambda unit: take_trace(unit, outbox, hops))
    made.act(SYSTEM, lambda unit: _warn(unit, outbox))
    made.act(OPERATOR, _advise)


# What a bank's core reports of its payers: the second text stops more of them.
OUTCOMES = (
    Outcome("warn_payer", 1, "a", stopped=312, continued=688),
    Outcome("warn_payer", 1, "b", stopped=427, continued=573),
)


def _advise(unit: Unit) -> None:
    bank = agency_id_by_code(unit.conn, BANK)
    assert bank is not None
    client, _ = register_client(unit, bank, "Lõi ngân hàng", [Scope.SCREEN], wall_now=WallClock().now())
    unit.actor = Actor(ActorKind.CLIENT, client.id, bank, frozenset({Scope.SCREEN.value}))
    report_outcomes(unit, vietnam_date(unit.now), OUTCOMES)


def _warn(unit: Unit, outbox: Outbox) -> None:
    """A customer of the bank has paid an account that another bank then holds money on."""
    account = "account:999002:33333333331"
    paid = ReceivedPayment(
        payer_institution=BANK, payer_account=f"account:{BANK}:0381009921", reference="FT26326A7B",
        amount_vnd=27_500_000, booked_at=unit.now - timedelta(hours=3),
    )  # fmt: skip
    record_received(unit, account, [paid], "999002", "hold:told")
    # One of a bank that is not connected, too: it is telephoned.
    elsewhere = {"payer_institution": "999088", "payer_account": "account:999088:55667788990"}
    other = paid.model_copy(update=elsewhere | {"reference": "FT26326C11"})
    record_received(unit, account, [other], "999002", "hold:told")
    claim_hold(unit, hold_id="told", account=account, institution="999002", fast_out=True)
    alert_payers(unit, outbox, [account])
    for payment_id in unit.conn.execute(sa.select(payment.c.id)).scalars().all():
        follow_payer_alert(unit, payment_id)


def _papers(made: WholeWorld) -> None:
    """What waits for a second person or for the telephone."""
    world = made.world
    outbox = world.services.outbox
    hold = world.hold_of("held")
    made.act(
        world.actor("shift"),
        lambda unit: recommend_step(unit, outbox, hold.id, step=3, to_kind="police_investigation"),
    )
    made.act(
        world.actor("shift"),
        lambda unit: propose_conversion(
            unit, outbox, hold.id, step=3, basis="nd52-2024-11", decision=DECISION,
            review_at=world.now + timedelta(days=7),
        ),
    )  # fmt: skip
    made.proposal = hold.id
    world.report("telephone", 45_000_000, payee="999088")
    silent = world.hold_of("telephone")
    made.act(SYSTEM, lambda unit: silent_institution(unit, outbox, silent.id, clock_name="ack"))
    with world.services.db.read() as conn:
        tasks = conn.execute(
            sa.select(tables.task.c.id, tables.task.c.kind, tables.trace.c.code).join(tables.trace)
        )
        calls = sa.select(tables.task.c.id).where(tables.task.c.kind == CALL_PAYER_BANK)
        made.call_task = str(conn.execute(calls).scalar_one())
        for row in tasks:
            if row.kind == "telephone":
                made.telephone = row.id
            elif row.code == world.codes["hops"]:
                made.other_task = row.id
        bank = agency_by_code(conn, BANK)
        assert bank is not None
        clerk = actor_at(conn, world.people[f"bank.{BANK}"], bank.id, world.now)
    assert clerk is not None
    waiting = world.hold_of("waiting")
    with world.services.db.read() as conn:
        query = sa.select(message.c.id).where(message.c.subject == f"hold:{waiting.id}")
        made.prepared = str(conn.execute(query).scalars().first())
    answer = Answer(
        message_id=new_id(), request_id=waiting.id, request_revision=waiting.revision, revision=1,
        held_vnd=20_000_000, available_vnd=20_000_000, placed_at=world.now, decided_by="Cán bộ Sông Hồng",
        parts=(
            moved_on(30_000_000, "Z1", "999002", "0101234567"),
            Part(kind=PartKind.CASH_OUT, amount_vnd=10_000_000, reference="Z2"),
        ),
    )  # fmt: skip
    made.act(clerk, lambda unit: prepare_reply(unit, made.prepared, answer, bank, {}))


def _copies(made: WholeWorld) -> None:
    """One bank holds a copy under its second key and has taken it, one has none any more."""
    services = made.world.services

    def do(unit: Unit) -> str:
        grant_copy(unit, services.secret, BANK, "HĐ 12/2026 ngày 03/02/2026")
        rotate_copy(unit, services.secret, BANK)
        grant_copy(unit, services.secret, "999002", "HĐ 15/2026 ngày 09/03/2026")
        revoke_copy(unit, "999002", "Hết hạn thỏa thuận, không gia hạn.")
        bank = agency_id_by_code(unit.conn, BANK)
        assert bank is not None
        return bank

    services.copies.whole(made.act(OPERATOR, do))


def _administration(made: WholeWorld) -> None:
    world = made.world

    def do(unit: Unit) -> None:
        record_breach(unit, "Gửi nhầm danh sách cho một ngân hàng", 12, unit.now - timedelta(hours=5))
        allow_host(unit, "webhook.songhong.example")
        bank = agency_by_code(unit.conn, BANK)
        assert bank is not None
        wall_now = WallClock().now()
        register_key(unit, bank.id, SigningKey.generate().public.as_text(), valid_from=wall_now)
        register_client(unit, bank.id, "Hệ thống lõi", [Scope.INBOX, Scope.ANSWER], wall_now=wall_now)
        enqueue(unit, "deliver", {"message_id": made.prepared}, key="dead-letter")

    made.act(OPERATOR, do)
    walker = Found(Asker.PUBLIC, "203.0.113.9", Sign.NEAR, world.now, 412, 380, 412)
    made.act(SYSTEM, lambda unit: record_found(unit, [walker]))
    # Jobs are written at the commit: it dies in a transaction of its own.
    dead = {"dead_at": world.now, "attempts": 40, "last_error": "ConnectError: connection refused"}
    made.act(
        OPERATOR, lambda unit: unit.conn.execute(sa.update(job).where(job.c.key == "dead-letter").values(dead))
    )
    admin, officer = world.actor("admin"), world.actor("officer")
    made.act(
        admin,
        lambda unit: receive_subject_request(
            unit, next(iter(SubjectRequestKind)), "Lò Thị Mai", "0912345678", "Xin bản sao dữ liệu của tôi."
        ),
    )
    with world.services.db.read() as conn:
        hops = sa.select(tables.trace.c.report_id).where(tables.trace.c.code == world.codes["hops"])
        report_id = conn.execute(hops).scalar_one()
    made.act(
        officer,
        lambda unit: grant_view(
            unit, f"report:{report_id}", Purpose.CONTACT_VICTIM, world.codes["hops"], wall_now=WallClock().now(),
            agency_id=world.desk_id,
        ),
    )  # fmt: skip


__all__ = ["BANK", "CONTROLLER", "EMPTY_HEAD", "WholeWorld", "whole"]


def _record_activities(made: WholeWorld) -> None:
    """A proposal of money that waits, and a restricted case that the officer is named for."""
    world = made.world
    day = (vietnam_date(world.now) - timedelta(days=90)).isoformat()
    values = {"day": day, "item": "Máy ghi âm", "year": 2026, "source": "own", "proposed": "50.000.000"}
    made.activity = made.act(world.actor("officer"), lambda unit: record(unit, "budget_line", values, key="a").id)
    kind = activity_kind("budget_line", world.now)
    grid = Grid(([one.code for one in importable(kind)], *([""] for _row in range(12_400))), ())
    made.file = made.act(
        world.actor("officer"), lambda unit: take_file(unit, kind, "dự toán các xã năm 2026.xlsx", b"PK", grid)
    )
    started = {"done": 7_500, "recorded": 7_497}
    made.act(SYSTEM, lambda unit: unit.conn.execute(sa.update(activity_file).values(started)))
    made.act(world.actor("head"), lambda unit: name_person(unit, "official_violation", world.people["officer"]))
    case = {
        "day": day,
        "person": "Nguyễn Văn Bình",
        "position": "Phó phòng",
        "violation": "data_leak",
        "facts": "Làm lộ dữ liệu khách hàng.",
    }
    made.case = made.act(
        world.actor("officer"), lambda unit: record(unit, "official_violation", case, key="b").id
    )  # fmt: skip
