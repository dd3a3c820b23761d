"""The victim still paying, where no message arrives: one telephone task until the bank knows."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.foundation.documents.test_documents_letters import words
from tests.registry.test_golden_hour_claims import ACCOUNT
from tests.registry.test_payer_alerts import OUTBOX, PAID, list_it, received
from tests.registry.world import World, build

from lachan.bootstrap import Services
from lachan.doors.worker import run_due_jobs
from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency, agency, set_phone
from lachan.foundation.base import SYSTEM, BadInput, Conflict, Language, NotAllowed
from lachan.foundation.protocol.connections import Channel, register_connection
from lachan.foundation.protocol.outbox import open_messages
from lachan.foundation.storage import Database
from lachan.registry import forget_payments
from lachan.response import finish_task, tables
from lachan.response.actions.replies import acknowledge_item
from lachan.response.actions.tasks import open_call_task
from lachan.response.views.letters import Sender
from lachan.response.views.payer_calls import call_by_id, call_page, payer_letter
from lachan.response.views.queue import Sight
from lachan.response.views.reports import reports_page

SENDER = Sender("Bàn trực tỉnh Sơn Hà", "http://127.0.0.1", "")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def work(world: World, at: datetime = NOON) -> None:
    """What the worker does at that instant."""
    services = SimpleNamespace(db=world.db, clock=SimpleNamespace(now=lambda: at), outbox=OUTBOX)
    while run_due_jobs(cast("Services", services)):
        pass


def listed(world: World) -> None:
    received(world, PAID)
    list_it(world)
    work(world)


def tasks(world: World) -> list[Any]:
    with world.db.read() as conn:
        return list(conn.execute(sa.select(tables.task).order_by(tables.task.c.opened_at)).all())


def shown(world: World, desk_id: str | None, at: datetime = NOON) -> list[str]:
    with world.db.read() as conn:
        return [row.href for row in reports_page(conn, Sight(desk_id), Language.VI, at).tasks]


def connect(world: World) -> None:
    with world.db.unit(NOON, OPERATOR) as unit:
        register_connection(unit, world.other_bank, Channel.INBOX)


def take_it(world: World, at: datetime) -> None:
    """The bank's officer has read the alert."""
    with world.db.unit(at, world.at(world.other_bank)) as unit:
        (one,) = open_messages(unit.conn, ["999002"])
        acknowledge_item(unit, OUTBOX, one.id, agency(unit.conn, world.other_bank), closes=True)


def test_where_nobody_fetches_messages_the_desk_telephones(world: World) -> None:
    listed(world)
    (task,) = tasks(world)
    assert (task.institution, task.amount_vnd, task.report_id, task.desk_id) == (
        "999002", 7_000_000, None, world.desk,
    )  # fmt: skip
    assert shown(world, world.desk) == [f"/desk/calls/{task.id}"] == shown(world, None)
    assert shown(world, world.police) == []
    # Listed by another agency too: nobody calls twice.
    list_it(world, agency_id=world.carrier)
    work(world)
    assert len(tasks(world)) == 1


def test_the_officer_sees_whom_to_call_and_notes_the_call(world: World) -> None:
    listed(world)
    (task,) = tasks(world)
    with world.db.unit(NOON, OPERATOR) as unit:
        set_phone(unit, world.other_bank, " 024 3800 0000 ")
    with world.db.read() as conn:
        page = call_page(conn, call_by_id(conn, task.id), Language.VI, typed={}, wrong={})
    told = {label.key: value.params.get("text") for label, value in page.facts}
    assert told["web.call.phone"] == "024 3800 0000"
    assert told["web.call.reference"] == "FT88"
    # Masked here, whole in the letter.
    number = ACCOUNT.rpartition(":")[2]
    assert number[-4:] in str(told["web.call.payee"])
    assert number not in str(page.facts)
    assert "4455667788" not in str(page.facts)
    officer = world.at(world.desk, Role.DUTY_OFFICER)
    with pytest.raises(NotAllowed), world.db.unit(NOON, world.at(world.police, Role.DUTY_OFFICER)) as unit:
        finish_task(unit, task.id, note="x")
    with world.db.unit(NOON, officer) as unit:
        finish_task(unit, task.id, note="Chị Hà, đã gọi cho khách.")
    assert shown(world, world.desk) == []
    with world.db.read() as conn:
        done = call_page(conn, call_by_id(conn, task.id), Language.VI, typed={}, wrong={})
    assert done.fields == ()
    assert "Chị Hà" in str(done.facts)
    with pytest.raises(Conflict), world.db.unit(NOON, officer) as unit:
        finish_task(unit, task.id, note="x")


@pytest.mark.parametrize("language", list(Language))
def test_the_alert_is_a_letter_that_stays_what_it_was(world: World, language: Language) -> None:
    listed(world)
    (task,) = tasks(world)
    with world.db.read() as conn:
        first = payer_letter(conn, call_by_id(conn, task.id), SENDER, language)
    with world.db.unit(NOON, world.at(world.desk, Role.DUTY_OFFICER)) as unit:
        finish_task(unit, task.id, note="Đã gọi.")
    with world.db.read() as conn:
        again = payer_letter(conn, call_by_id(conn, task.id), SENDER, language)
    assert first.startswith(b"%PDF")
    assert first == again
    told = words(first)
    for whole in (ACCOUNT.rpartition(":")[2], "4455667788", "FT88", "7.000.000"):
        assert whole in told


def test_a_silent_bank_is_telephoned_after_half_an_hour_and_never_once_it_knows(world: World) -> None:
    connect(world)
    listed(world)
    work(world, NOON + 29 * MINUTE)
    assert tasks(world) == []
    work(world, NOON + 30 * MINUTE)
    (task,) = tasks(world)
    assert task.state == "open"
    take_it(world, NOON + 31 * MINUTE)
    (task,) = tasks(world)
    assert (task.state, task.note) == ("done", "payer.alert_taken")
    with world.db.read() as conn:
        page = call_page(conn, call_by_id(conn, task.id), Language.VI, typed={}, wrong={})
    assert "web.call.taken" in {value.key for _, value in page.facts}


def test_nobody_calls_a_bank_that_took_the_alert_in_time(world: World) -> None:
    connect(world)
    listed(world)
    take_it(world, NOON + MINUTE)
    work(world, NOON + 60 * MINUTE)
    assert tasks(world) == []


def test_nobody_calls_a_bank_that_took_the_alert_before_anybody_looked(world: World) -> None:
    received(world, PAID)
    list_it(world)
    services = SimpleNamespace(db=world.db, clock=SimpleNamespace(now=lambda: NOON), outbox=OUTBOX)
    run_due_jobs(cast("Services", services), ("alert_payers",))
    take_it(world, NOON)
    work(world, NOON + MINUTE)
    assert tasks(world) == []


def test_many_calls_to_one_bank_are_one_row_and_hide_no_other_task(world: World) -> None:
    with world.db.unit(NOON, SYSTEM) as unit:
        for number in range(75):
            open_call_task(
                unit, f"call_payer_bank:{number}", desk_id=world.desk, institution="999002", amount_vnd=1,
                due_at=NOON + (75 - number) * MINUTE, subject=f"payment:{number}",
            )  # fmt: skip
    first = min(tasks(world), key=lambda one: one.due_at)
    with world.db.read() as conn:
        (row,) = reports_page(conn, Sight(world.desk), Language.VI, NOON).tasks
    assert row.href == f"/desk/calls/{first.id}"
    assert (row.what.key, row.what.params["count"]) == ("web.call.several", 75)


def test_a_call_whose_alert_is_gone_is_nobodys_task_any_more(world: World) -> None:
    listed(world)
    later = NOON + timedelta(days=6 * 365)
    with world.db.unit(later, SYSTEM) as unit:
        forget_payments(unit)
    work(world, later)
    assert [(one.state, one.note) for one in tasks(world)] == [("done", None)]
    assert shown(world, world.desk, later) == []


def test_the_first_desk_takes_the_calls_that_waited(db: Database) -> None:
    with db.unit(NOON, OPERATOR) as unit:
        made = {
            name: add_agency(unit, AgencyDraft("credit_institution", name, name, NOON.date(), codes=(code,))).id
            for name, code in (("bank", "999001"), ("other", "999002"))
        }
    world = World(db, made["bank"], made["other"], "", "", "")
    listed(world)
    assert [task.desk_id for task in tasks(world)] == [None]
    with db.unit(NOON, OPERATOR) as unit:
        desk = add_agency(unit, AgencyDraft("province_desk", "Bàn", "Bàn", NOON.date())).id
    work(world)
    assert [task.desk_id for task in tasks(world)] == [desk]


def test_what_an_officer_wrote_goes_with_the_alert(world: World) -> None:
    listed(world)
    (task,) = tasks(world)
    with world.db.unit(NOON, world.at(world.desk, Role.DUTY_OFFICER)) as unit:
        finish_task(unit, task.id, note="Chị Hà, đã gọi cho khách.")
    for months, note in ((59, "Chị Hà, đã gọi cho khách."), (62, None)):
        at = NOON + months * timedelta(days=30.5)
        with world.db.unit(at, SYSTEM) as unit:
            forget_payments(unit)
        work(world, at)
        assert [one.note for one in tasks(world)] == [note]


@pytest.mark.parametrize("wrong", ["24 3800 không", "1", "0" * 40])
def test_a_telephone_is_digits(world: World, wrong: str) -> None:
    with pytest.raises(BadInput), world.db.unit(NOON, OPERATOR) as unit:
        set_phone(unit, world.other_bank, wrong)
