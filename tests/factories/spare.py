"""Records that nothing else needs, made afresh for each call: what a route changes, the next one does not miss."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from tests.factories import papers
from tests.factories.alerts import found
from tests.factories.instance import CODES, OWN, Instance
from tests.factories.told_world import campaign_draft, warning_draft

from lachan.activities import evidence, importable, record
from lachan.activities.filed import take_file
from lachan.activities.tables import named
from lachan.doors.web.checking import seal_card
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Position,
    ResetKind,
    Role,
    Scope,
    SubjectRequestKind,
    actor_at,
    add_agency,
    add_person,
    ask_reset,
    grant_role,
    plan_shift,
    receive_subject_request,
    record_breach,
    register_client,
)
from lachan.foundation.access import agency as agency_by_id
from lachan.foundation.base import SYSTEM, Actor, ActorKind, WallClock, new_id
from lachan.foundation.documents.administrative import PaperKind
from lachan.foundation.documents.workbooks import Grid
from lachan.foundation.protocol import Answer, HoldRequest, ReceivedPayment, SigningKey
from lachan.foundation.protocol.connections import allow_host, register_key
from lachan.foundation.protocol.outbox import envelope_of, message, message_by_id
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.storage.jobs import job
from lachan.foundation.taxonomy import FileSort, activity_kind, vietnam_date
from lachan.foundation.trail import seal
from lachan.monitoring.alerts import confirm, propose, record_alerts, suppress_kind, take
from lachan.monitoring.alerts.tables import alert as alerts_table
from lachan.outreach import approve_item, draft_item, open_campaign, publish_item, submit_item
from lachan.plans.drafting import Written, write
from lachan.plans.kept.actions import approve_plan
from lachan.plans.kept.importing import keep_plan
from lachan.plans.kept.model import Document
from lachan.plans.model import PlanDraft, ReportDuty, ReportPeriod, SourceLine, TaskDraft
from lachan.plans.outgoing import issue
from lachan.plans.reminders.sweeping import Post, sweep_reminders
from lachan.plans.reporting import begin as begin_report
from lachan.plans.reporting import set_calendar
from lachan.plans.reporting.store import calendars
from lachan.plans.tables import reminder as reminder_table
from lachan.plans.tasks import store as task_store
from lachan.registry import ClaimDraft, alert_payers, claim, record_received
from lachan.registry.actions.claims import record_claims
from lachan.registry.model import Standing
from lachan.registry.tables import payment
from lachan.response import follow_payer_alert, recommend_step, sign_policy, store, tables
from lachan.response.actions.replies import prepare_reply
from lachan.response.refunds.proposing import request_of
from lachan.response.refunds.store import add_refund
from lachan.response.rules.tasks import CALL_PAYER_BANK
from lachan.screening import Asker, Found, Sign, record_found
from lachan.screening.copies import GrantedKey, copy_keys, grant_copy
from lachan.screening.tables import lookup_alarm as lookup_alarm_table

T = TypeVar("T")


def made(instance: Instance, do: Callable[[Unit], T], actor: Actor = OPERATOR) -> T:
    """What `do` makes in a transaction of its own."""
    with instance.services.db.unit(instance.services.clock.now(), actor) as unit:
        return do(unit)


def agency(instance: Instance) -> str:
    draft = AgencyDraft("commune_police", "Đơn vị thử", "Thử", date(2025, 7, 1))
    return made(instance, lambda unit: add_agency(unit, draft).id)


def activity(instance: Instance, kind: str) -> tuple[str, str]:
    """A record of the own desk, and the hash of its evidence."""
    services, desk = instance.services, instance.desks[OWN]
    with services.db.read() as conn:
        head = actor_at(conn, instance.people[OWN, Role.DESK_HEAD.value], desk, services.clock.now())
    assert head is not None
    paper = evidence.keep(services.settings.home, "danh-sach.pdf", b"%PDF-1.4\n%%EOF", (FileSort.DOCUMENT,))
    values: dict[str, Any] = {
        "briefing": {
            "day": "2026-01-15",
            "subject": "Chỉ thị 21",
            "form": "meeting",
            "invited": 9,
            "attended": 9,
            "acknowledged": 8,
            "document": [paper.as_value()],
        },
        "budget_line": {
            "day": "2026-01-15",
            "item": "Loa",
            "year": 2026,
            "source": "own",
            "proposed": 5_000_000,
        },
    }
    one = made(instance, lambda unit: record(unit, kind, values[kind], key=new_id()), head)
    return one.id, paper.sha256


def activity_file(instance: Instance) -> str:
    """A long file that the own desk's duty officer has sent."""
    services, desk = instance.services, instance.desks[OWN]
    with services.db.read() as conn:
        officer = actor_at(conn, instance.people[OWN, Role.DUTY_OFFICER.value], desk, services.clock.now())
    assert officer is not None
    kind = activity_kind("briefing", services.clock.now())
    grid = Grid(([one.code for one in importable(kind)], [""]), ())
    return made(instance, lambda unit: take_file(unit, kind, "bang.xlsx", b"PK", grid), officer)


def naming(instance: Instance) -> str:
    """Somebody who is named for a restricted kind at the own desk."""
    row_id = new_id()
    values = {"id": row_id, "kind": "official_violation", "agency_id": instance.desks[OWN], "person_id": new_id()}

    def do(unit: Unit) -> str:
        unit.conn.execute(sa.insert(named).values(**values, by="person:x", at=unit.now))
        return row_id

    return made(instance, do)


def payer_call(instance: Instance) -> str:
    """A customer of a bank that is not connected paid an account that is listed."""
    account = f"account:{CODES[OWN]}:{int(new_id()[-12:], 16):015d}"

    def do(unit: Unit) -> str:
        paid = ReceivedPayment(
            payer_institution="999088", reference=f"FT-{new_id()}", amount_vnd=4_000_000, booked_at=unit.now
        )
        record_received(unit, account, [paid], CODES[OWN], f"hold:{new_id()}")
        draft = ClaimDraft(account, reason="R3")
        record_claims(unit, [draft], "claims", "bank", Standing.INSTITUTION)
        alert_payers(unit, instance.services.outbox, [account])
        query = sa.select(payment.c.id).where(payment.c.payee == account)
        follow_payer_alert(unit, unit.conn.execute(query).scalar_one())
        task = tables.task
        newest = sa.select(task.c.id).where(task.c.kind == CALL_PAYER_BANK).order_by(task.c.id.desc()).limit(1)
        return str(unit.conn.execute(newest).scalar_one())

    return made(instance, do, SYSTEM)


def card(instance: Instance) -> str:
    """The card of a number that is warned of."""
    services, key = instance.services, "phone:+84912345678"
    draft = ClaimDraft(key, reason="T5")
    made(instance, lambda unit: record_claims(unit, [draft], "telecom", "carrier", Standing.INSTITUTION), SYSTEM)
    now = services.clock.now()
    while seal(services.db, services.seal_key, now=now, wall_now=WallClock().now()):
        pass
    services.screening.catch_up()
    return seal_card(services.secret, key, now)


def person(instance: Instance) -> str:
    draft = PersonDraft("Người thử", f"x{new_id()[-12:]}")
    return made(instance, lambda unit: add_person(unit, draft, password_hash="x").id)


def reset(instance: Instance) -> str:
    somebody = person(instance)
    return made(instance, lambda unit: ask_reset(unit, somebody, ResetKind.PASSWORD).id)


def appointment(instance: Instance) -> str:
    somebody, desk = person(instance), instance.desks[OWN]
    return made(instance, lambda unit: grant_role(unit, somebody, desk, Role.LEADER).id)


def client(instance: Instance) -> str:
    bank, now = instance.banks[OWN], WallClock().now()
    return made(instance, lambda unit: register_client(unit, bank, "x", [Scope.SCREEN], wall_now=now)[0].id)


def key(instance: Instance) -> str:
    public, now = SigningKey.generate().public.as_text(), WallClock().now()
    return made(instance, lambda unit: register_key(unit, instance.banks[OWN], public, valid_from=now).id)


def listing(instance: Instance) -> str:
    """An entry of the registry that a bank has claimed."""
    officer = Actor(ActorKind.PERSON, "claimant", instance.banks[OWN], frozenset({Role.INSTITUTION_OFFICER.value}))
    draft = ClaimDraft(f"account:999001:{made_count(instance):012}", reason="R3")
    return made(instance, lambda unit: claim(unit, [draft])[0].entry_id, officer)


def host(instance: Instance) -> str:
    name = f"h{new_id()[-12:]}.example"
    made(instance, lambda unit: allow_host(unit, name))
    return name


def policy(instance: Instance) -> str:
    desk, now = instance.desks[OWN], instance.services.clock.now()
    with instance.services.db.read() as conn:
        head = actor_at(conn, instance.people[OWN, Role.DESK_HEAD.value], desk, now)
    assert head is not None
    return made(
        instance,
        lambda unit: sign_policy(
            unit, desk_id=desk, title="x", step_max=2, amount_max_vnd=1, basis="aml-2022-44",
            expires_at=now + timedelta(days=1),
        ),
        head,
    )  # fmt: skip


def shift(instance: Instance) -> str:
    start = instance.services.clock.now() + timedelta(days=made_count(instance))
    duty = instance.people[OWN, Role.DUTY_OFFICER.value]
    return made(
        instance,
        lambda unit: (
            plan_shift(unit, instance.desks[OWN], duty, Position.OFFICER, start, start + timedelta(hours=8)).id
        ),
    )


def made_count(instance: Instance) -> int:
    """A number that no other call has had."""
    instance.made += 1
    return instance.made


def dead_letter(instance: Instance) -> str:
    name = f"dead:{new_id()}"
    made(instance, lambda unit: enqueue(unit, "react", {"fact_id": "none"}, key=name))

    def die(unit: Unit) -> str:
        change = sa.update(job).where(job.c.key == name).values(dead_at=unit.now).returning(job.c.id)
        return str(unit.conn.execute(change).scalar_one())

    return made(instance, die)


def breach(instance: Instance) -> str:
    return made(instance, lambda unit: record_breach(unit, "Lộ dữ liệu", 1, unit.now).id)


def lookup_alarm(instance: Instance) -> str:
    def find(unit: Unit) -> str:
        record_found(unit, [Found(Asker.PUBLIC, f"203.0.113.{made_count(instance)}", Sign.NEAR, unit.now, 9, 9, 9)])
        return str(unit.conn.execute(sa.select(sa.func.max(lookup_alarm_table.c.id))).scalar_one())

    return made(instance, find, SYSTEM)


def subject_request(instance: Instance) -> str:
    kind = next(iter(SubjectRequestKind))
    admin = instance.people[OWN, Role.ADMINISTRATOR.value]
    with instance.services.db.read() as conn:
        actor = actor_at(conn, admin, instance.desks[OWN], instance.services.clock.now())
    assert actor is not None
    return made(instance, lambda unit: receive_subject_request(unit, kind, "A", "0912345678", "x").id, actor)


def inbox_item(instance: Instance) -> str:
    """The open hold request of the own bank."""
    with instance.services.db.read() as conn:
        return str(
            conn.execute(
                sa.select(message.c.id).where(
                    message.c.institution == CODES[OWN], message.c.type == "hold.requested",
                    message.c.closed_at.is_(None),
                )
            ).scalars().first()
        )  # fmt: skip


def draft(instance: Instance) -> str:
    """The open hold request with an answer, prepared by an officer, that does not add up: it stays open."""
    item, bank = inbox_item(instance), instance.banks[OWN]
    with instance.services.db.read() as conn:
        now = instance.services.clock.now()
        officer = actor_at(conn, instance.people[OWN, Role.INSTITUTION_OFFICER.value], bank, now)
        institution = agency_by_id(conn, bank)
        asked = envelope_of(message_by_id(conn, item)).data
    assert officer is not None
    assert isinstance(asked, HoldRequest)
    wrong = Answer(
        message_id=new_id(), request_id=asked.id, request_revision=asked.revision, revision=1, held_vnd=0,
        available_vnd=0, decided_by="x",
    )  # fmt: skip
    made(instance, lambda unit: prepare_reply(unit, item, wrong, institution, {}), officer)
    return item


def granted_copy(instance: Instance, whose: str = OWN) -> GrantedKey:
    """The key of an institution that may hold a copy of the list from now on."""
    code = CODES[whose]
    return made(instance, lambda unit: grant_copy(unit, instance.services.secret, code, "HĐ 12/2026"))


def copy_holder(instance: Instance) -> str:
    """The code of an institution of its own that holds a copy."""
    code = f"x{new_id()[-12:]}"
    draft = AgencyDraft("credit_institution", f"Ngân hàng {code}", code, date(2025, 7, 1), codes=(code,))

    def do(unit: Unit) -> str:
        add_agency(unit, draft)
        return grant_copy(unit, instance.services.secret, code, "HĐ 12/2026").recipient

    return made(instance, do)


def granted_copies(instance: Instance) -> None:
    """Let both institutions hold a copy, once."""
    with instance.services.db.read() as conn:
        there = copy_keys(conn)
    if not there:
        for whose in CODES:
            granted_copy(instance, whose)


def hold(instance: Instance) -> str:
    """The hold of the traced report."""
    with instance.services.db.read() as conn:
        query = sa.select(tables.hold.c.id).join(tables.trace).where(tables.trace.c.code == instance.code)
        return str(conn.execute(query).scalars().first())


def question(instance: Instance) -> tuple[str, str]:
    """The message that asks to confirm the traced report's transfer, and which transfer that is."""
    with instance.services.db.read() as conn:
        loss_id = conn.execute(
            sa.select(tables.hold.c.loss_id).where(tables.hold.c.id == hold(instance))
        ).scalar_one()
        return str(
            conn.execute(sa.select(message.c.id).where(message.c.subject == f"loss:{loss_id}")).scalars().first()
        ), str(loss_id)


def recommended_hold(instance: Instance) -> str:
    """The hold of the traced report, with a recommendation to who may decide."""
    found, now = hold(instance), instance.services.clock.now()
    with instance.services.db.read() as conn:
        duty = actor_at(conn, instance.people[OWN, Role.DUTY_OFFICER.value], instance.desks[OWN], now)
    assert duty is not None
    outbox = instance.services.outbox
    made(instance, lambda unit: recommend_step(unit, outbox, found, step=3, to_kind="court"), duty)
    return found


def pay_out(instance: Instance) -> str:
    """The code of a list that an institution is asked to pay out of the traced report's hold."""
    now, refund_id, code = instance.services.clock.now(), new_id(), f"HT-{made_count(instance):04}"
    with instance.services.db.read() as conn:
        held = store.hold(conn, hold(instance))
        trace = store.trace(conn, held.trace_id)
    head = {
        "id": refund_id, "code": code, "trace_id": trace.id, "desk_id": trace.desk_id,
        "institution": held.institution, "account": held.account, "state": "open", "basis": "holder_agrees",
        "document": {"issuer": "A", "number": "1", "signed_on": "2026-01-05", "signatory": "B"},
        "method": "pari_passu", "content_hash": "0" * 64, "pool_vnd": 1_000, "amount_vnd": 1_000,
        "remainder_vnd": 0, "revision": 1, "requester": "person:a", "requester_name": "A", "opened_at": now,
        "pay_by": now + timedelta(days=1), "approver": "person:b", "approver_name": "B", "approved_at": now,
    }  # fmt: skip
    coins = [{"hold": held.id, "owner": held.loss_id, "spans": [[0, 1_000]]}]
    line = {
        "id": new_id(), "refund_id": refund_id, "loss_id": held.loss_id, "trace_id": trace.id, "position": 1,
        "number": f"{code}-001", "entered_vnd": 1_000, "weight_vnd": 1_000, "share_vnd": 1_000, "amount_vnd": 1_000,
        "institution": "999002", "account": "account:999002:0001", "coins": coins, "foreign_vnd": 0, "state": "due",
    }  # fmt: skip

    def do(unit: Unit) -> str:
        one = add_refund(unit, head, [line])
        instance.services.outbox.send(unit, one.institution, f"refund:{one.id}", request_of(one))
        return code

    return made(instance, do)


def alert(i: Instance, whose: str = OWN, *, proposed: bool = False) -> str:
    """A new alert about an account at an institution; `proposed`: the desk's duty officer proposed a listing."""
    services = i.services
    i.made += 1
    account = f"account:{CODES[whose]}:{i.made:016d}"
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        record_alerts(unit.conn, [found(i.made, account=account, at=unit.now)], unit.now, "file:spare.csv")
        query = sa.select(alerts_table.c.id).where(alerts_table.c.account == account)
        made = str(unit.conn.execute(query).scalar_one())
    if proposed:
        person = Actor(ActorKind.PERSON, "proposer", i.desks[OWN], frozenset({Role.DUTY_OFFICER.value}))
        with services.db.unit(services.clock.now(), person) as unit:
            take(unit, made)
            confirm(unit, made, "Tiền vào rồi ra ngay.")
            propose(unit, made, account)
    return made


def suppression(i: Instance) -> str:
    """A typology that nobody wants to see for a day, anywhere."""
    head = Actor(ActorKind.PERSON, "head", i.desks[OWN], frozenset({Role.DESK_HEAD.value}))

    def do(unit: Unit) -> str:
        until = unit.now + timedelta(days=1)
        return suppress_kind(unit, until, "Đang chỉnh ngưỡng.", typology="night_burst").id

    return made(i, do, head)


def plan(i: Instance, keeper: str = "", lead: str = "Bàn trực") -> str:
    """A plan that the first desk keeps and gathers, in force, with a task of its own that was due long ago; or
    another `keeper`'s, whose one task another has."""
    services = i.services
    i.made += 1
    line = SourceLine(1, "Rà soát lại danh sách.")
    task = TaskDraft("I.1", "I. Việc", line.text, lead, (), date(2026, 1, 5), (), line)
    draft = PlanDraft(
        number=f"{i.made}/KH-UBND", issuer="Tỉnh", issued_on=None, title="Kế hoạch", supersedes=None, implements=(),
        tasks=(task,), reports=(), recipients=(), signed_by=None, warnings=(),
    )  # fmt: skip
    role = Role.PLAN_HEAD if keeper else Role.DESK_HEAD
    person = Actor(ActorKind.PERSON, "plan-head", keeper or i.desks[OWN], frozenset({role.value}))
    with services.db.unit(services.clock.now(), person) as unit:
        kept = keep_plan(
            unit, draft, Document("a.txt", "text/plain", draft.number.encode() if draft.number else b"")
        )
        approve_plan(unit, kept.plan_id)
    return kept.plan_id


def bank_task(i: Instance) -> str:
    """The task of a new plan that the first bank keeps, gathers and leads."""
    plan_id = plan(i, i.banks[OWN], f"Ngân hàng {CODES[OWN]}")
    with i.services.db.read() as conn:
        return task_store.of_plan(conn, plan_id)[0].id


def plan_task(i: Instance) -> str:
    """The task of a new plan."""
    plan_id = plan(i)
    with i.services.db.read() as conn:
        return task_store.of_plan(conn, plan_id)[0].id


def plan_reminder(i: Instance, *, letter: bool = False) -> str:
    """A reminder of that task to the desk, or the one that comes with a letter of urging."""
    task_id = plan_task(i)
    sweep_reminders(i.services.db, i.services.clock.now(), Post("", "http://localhost", "lachan"))
    with i.services.db.read() as conn:
        query = sa.select(reminder_table.c.id).where(reminder_table.c.task_id == task_id)
        query = query.where(reminder_table.c.letter.is_not(None)) if letter else query
        return str(conn.execute(query.limit(1)).scalar_one())


def text(i: Instance, state: str = "draft") -> str:
    """A new warning of the first desk in that state; who wrote it and who approved are nobody of the table."""
    services = i.services
    writer = Actor(ActorKind.PERSON, "writer", i.desks[OWN], frozenset({Role.DUTY_OFFICER.value}))
    second = Actor(ActorKind.PERSON, "second", i.desks[OWN], frozenset({Role.DESK_HEAD.value}))
    with services.db.unit(services.clock.now(), writer) as unit:
        code = draft_item(unit, warning_draft(unit.now)).code
        if state != "draft":
            submit_item(unit, code)
    if state in {"approved", "published"}:
        with services.db.unit(services.clock.now(), second) as unit:
            approve_item(unit, code)
            if state == "published":
                publish_item(unit, code)
    return code


def campaign(i: Instance) -> str:
    """A new campaign of the first desk."""
    services = i.services
    writer = Actor(ActorKind.PERSON, "writer", i.desks[OWN], frozenset({Role.DUTY_OFFICER.value}))
    with services.db.unit(services.clock.now(), writer) as unit:
        return open_campaign(unit, campaign_draft(vietnam_date(unit.now))).code


REPORTS_PLAN = "plan-of-the-matrix"


def periodic_round(i: Instance) -> str:
    """A round that the desk receives, and that the desk and a bank owe; its plan is `REPORTS_PLAN`."""
    duty = ReportDuty(ReportPeriod.YEAR, (12, 31), None, None, None, None, SourceLine(1, "hằng năm"))
    head = Actor(ActorKind.PERSON, "head", i.desks[OWN], frozenset({Role.DESK_HEAD.value}))

    def do(unit: Unit) -> str:
        if not calendars(unit.conn, REPORTS_PLAN):
            senders = [i.desks[OWN], i.banks[OWN]]
            set_calendar(unit, REPORTS_PLAN, "Kế hoạch", [duty], senders, valid_from=date(2024, 1, 1))
        return f"{unit.now.year}-Y"

    return made(i, do, head)


def periodic_report(i: Instance) -> str:
    """The desk's report, being written."""
    key = periodic_round(i)
    clerk = Actor(ActorKind.PERSON, "clerk", i.desks[OWN], frozenset({Role.DUTY_OFFICER.value}))
    return made(i, lambda unit: begin_report(unit, REPORTS_PLAN, key, i.desks[OWN]).id, clerk)


def outgoing_document(i: Instance) -> str:
    """A document that the desk issued."""
    head = Actor(ActorKind.PERSON, "head", i.desks[OWN], frozenset({Role.DESK_HEAD.value}))
    paper = replace(papers.letter(), number=None, issued_on=None)
    return made(i, lambda unit: issue(unit, paper).id, head)


def outgoing_draft(i: Instance) -> str:
    """A document that the desk is writing."""
    clerk = Actor(ActorKind.PERSON, "clerk", i.desks[OWN], frozenset({Role.DUTY_OFFICER.value}))
    return made(i, lambda unit: write(unit, Written(kind=PaperKind.MINUTES, abstract="Họp giao ban")).id, clerk)
