"""What the golden hour finds out becomes claims, and goes with it when it proves untrue."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.registry.world import World

from lachan.foundation.base import PUBLIC, SYSTEM
from lachan.foundation.protocol import Situation
from lachan.intake import Channel, ContactVector, LossDraft, ReportDraft, receive_report, report_by_id
from lachan.registry import (
    EntryState,
    Verdict,
    claim_confirmed_loss,
    claim_hold,
    claim_report,
    views,
    withdraw_origin,
)
from lachan.registry.tables import claim

ACCOUNT = "account:999001:0381004417"
CONTACTS = (
    ContactVector("phone", "0912 345 678"),
    ContactVector("url", "http://giai-thuong-xau.com/"),
    ContactVector("url", "https://giai-thuong-xau.com/nhan?id=1"),
    ContactVector("social", "telegram:lua_dao"),
    ContactVector("other", "gặp ở quán nước"),
)
LOSS = LossDraft(
    amount_vnd=50_000_000, booked_at=NOON - timedelta(minutes=8), payee_account=ACCOUNT,
    payer_account="account:999002:1203", payee_institution="999001", payer_institution="999002", reference="FT1",
)  # fmt: skip


def reported(world: World, situation: Situation = Situation.SCAM) -> tuple[str, str]:
    with world.db.unit(NOON, PUBLIC) as unit:
        draft = ReportDraft(situation, "Nguyễn Thị An", (LOSS,), contacts=CONTACTS, scam_form="no_such_form")
        report_id = receive_report(unit, draft, Channel.WEB).report_id
        return report_id, report_by_id(unit.conn, report_id).losses[0].id


def states(world: World) -> dict[str, tuple[EntryState, Verdict]]:
    with world.db.read() as conn:
        keys = set(conn.execute(sa.select(claim.c.key)).scalars())
        found = [views.entry_of_key(conn, world.head(), key) for key in keys]
    return {one.key: (one.state, one.verdict) for one in found}


def test_a_report_proposes_its_confirmation_warns_and_a_hold_steps_up(world: World) -> None:
    report_id, loss_id = reported(world)
    with world.db.unit(NOON, SYSTEM) as unit:
        assert claim_report(unit, report_id) == 5
    proposed = (EntryState.PROPOSED, Verdict.CLEAR)
    assert states(world) == {
        ACCOUNT: proposed, "phone:+84912345678": proposed, "domain:giai-thuong-xau.com": proposed,
        "url:https://giai-thuong-xau.com/nhan?id=1": proposed, "social:telegram:lua_dao": proposed,
    }  # fmt: skip
    with world.db.unit(NOON, SYSTEM) as unit:
        assert claim_confirmed_loss(unit, loss_id) == 5
    assert set(states(world).values()) == {(EntryState.ACTIVE, Verdict.WARN)}
    with world.db.unit(NOON, SYSTEM) as unit:
        claim_hold(unit, hold_id="h1", account=ACCOUNT, institution="999001", fast_out=True)
    assert states(world)[ACCOUNT] == (EntryState.ACTIVE, Verdict.STEP_UP)
    with world.db.read() as conn:
        rows = conn.execute(sa.select(claim.c.reason, claim.c.claimant).where(claim.c.source == "hold")).all()
        assert [tuple(row) for row in rows] == [("R3", world.bank)]
    with world.db.unit(NOON, SYSTEM) as unit:
        assert withdraw_origin(unit, f"loss:{loss_id}", "unconfirmed") == 5
        assert withdraw_origin(unit, "hold:h1", "unconfirmed") == 1
        assert withdraw_origin(unit, "hold:h1", "unconfirmed") == 0
    assert set(states(world).values()) == {proposed}


@pytest.mark.parametrize("situation", [Situation.COMMERCIAL_DISPUTE, Situation.REGRET, Situation.MISTYPED_PAYEE])
def test_a_quarrel_lists_nobody(world: World, situation: Situation) -> None:
    report_id, loss_id = reported(world, situation)
    with world.db.unit(NOON, SYSTEM) as unit:
        assert claim_report(unit, report_id) == 0
        assert claim_confirmed_loss(unit, loss_id) == 0
    assert states(world) == {}


def test_an_institution_that_has_not_joined_claims_by_its_code(world: World) -> None:
    with world.db.unit(NOON, SYSTEM) as unit:
        claim_hold(unit, hold_id="h1", account=ACCOUNT, institution="999077", fast_out=False)
    with world.db.read() as conn:
        rows = conn.execute(sa.select(claim.c.reason, claim.c.claimant)).all()
    assert [tuple(row) for row in rows] == [("H1", "institution:999077")]
