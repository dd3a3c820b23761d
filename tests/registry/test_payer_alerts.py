"""The victim still paying: one warning a payment, to the payer's own bank, and to nobody who knows already."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.registry.test_golden_hour_claims import ACCOUNT, LOSS, reported
from tests.registry.world import World

from lachan.foundation.access import OPERATOR, end_agency
from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol import (
    ConfirmationRequest,
    Issuer,
    ListedVerdict,
    PayerAlert,
    ReceivedPayment,
    Situation,
    Transfer,
)
from lachan.foundation.protocol.outbox import Outbox, envelope_of, message, open_messages
from lachan.foundation.storage import claim as claim_jobs
from lachan.foundation.storage import finish
from lachan.registry import (
    ClaimDraft,
    Submission,
    alert_payers,
    claim,
    claim_report,
    delist,
    forget_origins,
    forget_payments,
    record_received,
    submit,
    views,
)
from lachan.registry.tables import payment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OUTBOX = Outbox(Issuer(instance="test", name="Thử"))
PAID = ReceivedPayment(
    payer_institution="999002", payer_account="account:999002:4455667788", reference="FT88", amount_vnd=7_000_000,
    booked_at=NOON - HOUR,
)  # fmt: skip


def ring(world: World, at: datetime = NOON) -> int:
    """Do the waiting jobs as the worker does; how many payments were told."""
    told = 0
    for job in claim_jobs(world.db, now=at, wall_now=NOON, kinds=["alert_payers"], limit=100):
        with world.db.unit(at, SYSTEM) as unit:
            finish(unit, job)
            told += alert_payers(unit, OUTBOX, job.payload["keys"])
    return told


def list_it(world: World, *, at: datetime = NOON, agency_id: str | None = None) -> str:
    with world.db.unit(at, world.at(agency_id or world.bank)) as unit:
        (done,) = claim(unit, [ClaimDraft(ACCOUNT, reason="R3")])
    return done.entry_id


def received(world: World, *given: ReceivedPayment, told_by: str = "999001", origin: str = "hold:h1") -> int:
    with world.db.unit(NOON, SYSTEM) as unit:
        return record_received(unit, ACCOUNT, given, told_by, origin)


def alerts(world: World, code: str = "999002") -> list[PayerAlert]:
    with world.db.read() as conn:
        data = [envelope_of(one).data for one in open_messages(conn, [code])]
    return [one for one in data if isinstance(one, PayerAlert)]


def test_who_paid_before_the_listing_is_told_once_when_it_comes(world: World) -> None:
    assert received(world, PAID) == 1
    assert ring(world) == 0
    assert alerts(world) == []
    entry_id = list_it(world)
    assert ring(world) == 1
    (alert,) = alerts(world)
    assert (alert.institution, alert.payer_account, alert.reference, alert.amount_vnd, alert.booked_at) == (
        "999002", "account:999002:4455667788", "FT88", 7_000_000, NOON - HOUR,
    )  # fmt: skip
    assert (alert.payee_account, alert.verdict, alert.reasons) == (ACCOUNT, ListedVerdict.WARN, ("R3",))
    assert alert.until is not None
    assert "Gọi cho khách" in alert.advice
    # Graver, off, on again, heard again from another source: the payment was told.
    list_it(world, agency_id=world.other_bank)
    with world.db.unit(NOON, world.head()) as unit:
        delist(unit, entry_id, "Nhầm.")
    list_it(world, at=NOON + HOUR, agency_id=world.carrier)
    assert received(world, PAID, PAID.model_copy(update={"booked_at": NOON}), origin="hold:h2") == 0
    assert ring(world, NOON + HOUR) == 0
    assert len(alerts(world)) == 1


def test_only_the_payers_own_bank_hears_of_the_payment(world: World) -> None:
    other = PAID.model_copy(
        update={"payer_institution": "999001", "payer_account": "account:999001:1", "reference": "FT9"}
    )
    received(world, PAID, other, told_by="songxanh")
    list_it(world)
    assert ring(world) == 2
    with world.db.read() as conn:
        rows = conn.execute(sa.select(message.c.institution, message.c.body)).all()
    assert {row.institution for row in rows if "4455667788" in row.body} == {"999002"}
    assert {row.institution for row in rows if 'account:999001:1"' in row.body} == {"999001"}


def test_who_pays_a_listed_account_is_told_at_once(world: World) -> None:
    list_it(world)
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        submit(unit, [Submission(key=ACCOUNT, reason="R3", received=(PAID,))])
        submit(unit, [Submission(key=ACCOUNT, reason="R3", received=(PAID,))])
    assert ring(world) == 1
    assert len(alerts(world)) == 1


def test_who_told_of_a_payment_is_not_told(world: World) -> None:
    received(world, PAID, told_by="999002")
    with world.db.unit(NOON, world.at(world.other_bank)) as unit:
        own = PAID.model_copy(update={"reference": "FT89"})
        submit(unit, [Submission(key=ACCOUNT, reason="R3", received=(own,))])
    assert ring(world) == 0
    assert alerts(world) == []


def test_a_report_tells_the_bank_unless_it_is_asked_about_that_very_transfer(world: World) -> None:
    report_id, loss_id = reported(world, Situation.REGRET)
    with world.db.unit(NOON, SYSTEM) as unit:
        assert claim_report(unit, report_id) == 0
    list_it(world)
    assert ring(world) == 1
    assert [one.amount_vnd for one in alerts(world)] == [LOSS.amount_vnd]
    del loss_id


def test_the_golden_hour_does_not_ask_and_warn_of_one_transfer(world: World) -> None:
    report_id, loss_id = reported(world)
    asked = ConfirmationRequest(
        id=loss_id, trace_code="T1", institution="999002", answer_by=NOON + HOUR,
        transfer=Transfer(reference="FT1", booked_at=LOSS.booked_at, amount_vnd=LOSS.amount_vnd),
    )  # fmt: skip
    with world.db.unit(NOON, SYSTEM) as unit:
        OUTBOX.send(unit, "999002", f"loss:{loss_id}", asked)
        claim_report(unit, report_id)
    list_it(world)
    # The account's bank tells of the same transfer by its reference, and by amount and time.
    for reference in ("FT1", None):
        same = {"reference": reference, "amount_vnd": LOSS.amount_vnd, "booked_at": LOSS.booked_at}
        assert received(world, PAID.model_copy(update=same | {"payer_account": "account:999002:1203"})) == 0
    assert ring(world) == 0
    assert alerts(world) == []


@pytest.mark.parametrize(("age", "kept"), [(7 * DAY - HOUR, 1), (7 * DAY, 0), (-HOUR / 60, 1), (-2 * HOUR, 0)])
def test_what_is_too_old_to_warn_of_or_not_yet_paid_is_not_even_kept(
    world: World, age: timedelta, kept: int
) -> None:
    assert received(world, PAID.model_copy(update={"booked_at": NOON - age})) == kept


def test_payments_go_when_the_time_to_warn_is_over_and_alerts_with_their_own(world: World) -> None:
    received(world, PAID)
    list_it(world, at=NOON + 7 * DAY)
    assert ring(world, NOON + 7 * DAY) == 0
    second = PAID.model_copy(update={"booked_at": NOON + 7 * DAY, "reference": "FT90"})
    with world.db.unit(NOON + 7 * DAY, SYSTEM) as unit:
        record_received(unit, ACCOUNT, [second], "999001", "hold:h2")
    assert ring(world, NOON + 7 * DAY) == 1
    for at, left in ((NOON + 8 * DAY, 1), (NOON + 59 * 30 * DAY, 1), (NOON + 62 * 31 * DAY, 0)):
        with world.db.unit(at, SYSTEM) as unit:
            forget_payments(unit)
        with world.db.read() as conn:
            assert conn.execute(sa.select(sa.func.count()).select_from(payment)).scalar_one() == left
            assert len(alerts(world)) == left


def test_what_proved_untrue_warns_nobody(world: World) -> None:
    received(world, PAID)
    with world.db.unit(NOON, SYSTEM) as unit:
        forget_origins(unit, ["hold:h1"])
    list_it(world)
    assert ring(world) == 0


def test_a_bank_that_was_taken_over_is_told_through_its_successor(world: World) -> None:
    received(world, PAID, told_by="songxanh")
    with world.db.unit(NOON, OPERATOR) as unit:
        end_agency(unit, world.other_bank, NOON.date() - DAY, world.bank)
    list_it(world)
    assert ring(world) == 1
    assert [one.institution for one in alerts(world, "999001")] == ["999001"]
    with world.db.read() as conn:
        assert views.check(conn, ACCOUNT, NOON).verdict.value == "warn"
