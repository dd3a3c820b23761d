"""A report that proved untrue is replaced by one that somebody pursues: the real victim never waits behind it."""

import time
from dataclasses import replace
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.checks import check_record
from tests.response.life import HOUR, MINUTE, MULE, VICTIM, Life
from tests.response.staging import DESK, OFFICER, OUTBOX, SHIFT

from lachan.foundation.base import PUBLIC, SYSTEM, BadInput, InputReason, new_id
from lachan.foundation.protocol import Confirmation, ConfirmationOutcome, Situation, total
from lachan.foundation.storage import Database, Unit
from lachan.foundation.trail.tables import fact
from lachan.intake import Channel, LossDraft, Report, ReportDraft, ReportStatus, receive_report, report_by_id
from lachan.reactions import REACTIONS
from lachan.response import (
    cancel_trace,
    enter_confirmation,
    formalise_report,
    lapse_confirmation,
    store,
    take_confirmation,
    withdraw_report,
)

S = ReportStatus
INVENTED = LossDraft(
    amount_vnd=7_000_000, booked_at=NOON - 9 * MINUTE, payee_account="account:999003:0002",
    payee_institution="999003", payer_institution="999001", reference="FT-OTHER",
)  # fmt: skip


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


def draft_of(life: Life) -> LossDraft:
    one = life.first
    return LossDraft(
        amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=VICTIM,
        payee_institution="999002", payer_institution="999001", reference=one.reference,
    )  # fmt: skip


def told(life: Life, *more: LossDraft, situation: Situation = Situation.SCAM) -> str:
    """A report of the same transfer; its reaction has run."""
    draft = ReportDraft(situation, "Lê Thị Mai", (draft_of(life), *more), victim_phone="+84912345678", consent=True)
    with life.db.unit(NOON, PUBLIC) as unit:
        report_id = receive_report(unit, draft, Channel.WEB, agency_id=DESK).report_id
    react(life)
    return report_id


def react(life: Life) -> None:
    """The worker runs every reaction, more than once: the second time changes nothing."""
    services: Any = SimpleNamespace(outbox=OUTBOX)
    for _ in range(2):
        with life.db.read() as conn:
            rows = conn.execute(sa.select(fact).where(fact.c.kind.in_(REACTIONS)).order_by(fact.c.ordinal)).all()
        for row in rows:
            if row.kind != "agency.added":
                with life.db.unit(NOON, SYSTEM) as unit:
                    said = {"id": row.subject.partition(":")[2], **row.data}
                    REACTIONS[row.kind](services, unit, said)
    with life.db.read() as conn:
        check_record(conn)


def read(life: Life, report_id: str) -> Report:
    with life.db.read() as conn:
        return report_by_id(conn, report_id)


def deny(life: Life, report_id: str) -> None:
    """The payer's institution says that this never was."""
    said = Confirmation(
        message_id=new_id(), request_id=read(life, report_id).losses[0].id,
        outcome=ConfirmationOutcome.NOT_FOUND, decided_by="Giao dịch viên 01",
    )  # fmt: skip
    with life.db.unit(NOON + MINUTE, SYSTEM) as unit:
        take_confirmation(unit, OUTBOX, said, {"999001"})
    react(life)


def asked_for(life: Life, report_id: str) -> bool:
    """Somebody asks for the report's first transfer, and its payer's institution must answer in time."""
    first = read(life, report_id).losses[0]
    with life.db.read() as conn:
        hops = store.hops(conn, loss_id=first.id)
    return bool(hops) and life.due(f"confirm:{first.id}") == first.confirm_by


def test_a_report_that_nobody_traces_is_not_woken_before_the_real_victim(life: Life) -> None:
    false, referred = told(life), told(life, situation=Situation.COMMERCIAL_DISPUTE)
    true = told(life)
    deny(life, false)
    assert (read(life, true).status, asked_for(life, true)) == (S.DISPATCHED, True)
    kept = read(life, referred)
    assert (kept.status, kept.losses[0].duplicate_of) == (S.REFERRED, read(life, true).losses[0].id)


def test_a_report_that_is_nothing_but_a_duplicate_goes_before_one_with_other_transfers(life: Life) -> None:
    false, padded, true = told(life), told(life, INVENTED), told(life)
    deny(life, false)
    assert asked_for(life, true)
    assert not asked_for(life, padded)


def test_a_traced_report_takes_the_woken_transfer_up(life: Life) -> None:
    false, padded = told(life), told(life, INVENTED)
    with life.db.read() as conn:
        before = store.trace_of_report(conn, padded)
    deny(life, false)
    assert asked_for(life, padded)
    with life.db.read() as conn:
        after = store.trace_of_report(conn, padded)
        hops = store.hops(conn, loss_id=read(life, padded).losses[0].id)
    assert before is not None
    assert after is not None
    assert (before.sum.reported_vnd, after.sum.reported_vnd) == (7_000_000, 7_000_000 + life.first.amount_vnd)
    assert sum(total(hop.spans) for hop in hops) == life.first.amount_vnd
    # It is nobody's for ever either: where no word comes, the next one is woken.
    true = told(life)
    with life.db.unit(NOON + 30 * HOUR, SYSTEM) as unit:
        lapse_confirmation(unit, OUTBOX, read(life, padded).losses[0].id)
    react(life)
    assert asked_for(life, true)


def test_a_traced_report_whose_trace_is_cancelled_passes_the_transfer_on(life: Life) -> None:
    false, padded = told(life), told(life, INVENTED)
    true = told(life, replace(INVENTED, reference="FT-THIRD", amount_vnd=8_000_000))
    with life.db.read() as conn:
        trace = store.trace_of_report(conn, padded)
    assert trace is not None
    # Registered by the police, it stays so when its trace is cancelled.
    assert life.act(NOON, OFFICER, lambda u: formalise_report(u, OUTBOX, padded, number="15/TB-CSĐT")) is None
    assert life.act(NOON, SHIFT, lambda u: cancel_trace(u, OUTBOX, trace.id, reason="nhầm")) is None
    deny(life, false)
    assert not asked_for(life, padded)
    assert asked_for(life, true)


def test_another_amount_that_nobody_names_frees_nothing(life: Life) -> None:
    """The officer at the telephone forgot the amount: the form says so, instead of denying the whole transfer."""
    report_id = told(life)
    life.answer(0)
    held, loss_id = life.hold(0).held, read(life, report_id).losses[0].id

    def said(unit: Unit, vnd: int | None = None) -> None:
        outcome = ConfirmationOutcome.AMOUNT_DIFFERS
        enter_confirmation(unit, OUTBOX, loss_id, outcome=outcome, amount_vnd=vnd, decided_by="Cô Lan")

    with pytest.raises(BadInput) as caught, life.db.unit(NOON, OFFICER) as unit:
        said(unit)
    assert (caught.value.reason, caught.value.field) == (InputReason.MISSING, "confirmed_vnd")
    assert (life.hold(0).held, read(life, report_id).losses[0].confirmation) == (held, "pending")
    assert life.act(NOON, OFFICER, lambda unit: said(unit, life.first.amount_vnd)) is None
    assert read(life, report_id).losses[0].confirmation == "confirmed"


def test_withdrawing_an_untraced_report_wakes_who_waits_behind_it(life: Life) -> None:
    one = ReportDraft(Situation.SCAM, "Lê Thị Mai", (draft_of(life),), victim_phone="+84912345678", consent=True)
    with life.db.unit(NOON, PUBLIC) as unit:
        false = receive_report(unit, one, Channel.WEB, agency_id=DESK).report_id
        true = receive_report(unit, replace(one, victim_name="An"), Channel.WEB, agency_id=DESK).report_id
    assert life.act(NOON, SHIFT, lambda u: withdraw_report(u, OUTBOX, false, why="Báo nhầm")) is None
    react(life)
    assert (read(life, true).status, asked_for(life, true)) == (S.DISPATCHED, True)
    assert read(life, false).status is S.WITHDRAWN


def _denied(life: Life, unit: Any, false: str) -> None:
    said = Confirmation(
        message_id=new_id(), request_id=read(life, false).losses[0].id,
        outcome=ConfirmationOutcome.NOT_FOUND, decided_by="Giao dịch viên 01",
    )  # fmt: skip
    take_confirmation(unit, OUTBOX, said, {"999001"})


def _cancelled(life: Life, unit: Any, false: str) -> None:
    withdraw_report(unit, OUTBOX, false, why="Báo nhầm")


@pytest.mark.parametrize(("actor", "give_up"), [(SYSTEM, _denied), (SHIFT, _cancelled)])
def test_a_report_that_comes_in_while_the_first_one_is_given_up_is_pursued(
    life: Life, actor: Any, give_up: Any
) -> None:
    false = told(life)
    one = ReportDraft(Situation.SCAM, "Lê Thị Mai", (draft_of(life),), victim_phone="+84912345678", consent=True)

    def give_up_now() -> None:
        with life.db.unit(NOON, actor) as unit:
            give_up(life, unit, false)

    thread = Thread(target=give_up_now)
    with life.db.unit(NOON, PUBLIC) as unit:
        true = receive_report(unit, one, Channel.WEB, agency_id=DESK).report_id
        # It has seen the first report, and is not committed yet.
        thread.start()
        time.sleep(0.7 if not life.db.is_sqlite else 0)
    thread.join(20)
    react(life)
    assert asked_for(life, true)
