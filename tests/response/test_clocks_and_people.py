"""One life after another: approvals, escalation, expiry, extension, confirmation, notices, appeals, cancellation.

Each test is a table: what happens, when, by whom, and what must come of it.
"""

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.checks import check_record
from tests.response.life import DAY, DECISION, HOUR, MINUTE, MULE, SECOND, Life
from tests.response.staging import (
    BASIS,
    DESK,
    HEAD,
    OFFICER,
    OUTBOX,
    SHIFT,
    person,
)

from lachan.foundation.access import Role
from lachan.foundation.base import SYSTEM, Actor, new_id
from lachan.foundation.protocol import Confirmation, ConfirmationOutcome, HoldRequest, Situation
from lachan.foundation.storage import Database, Unit
from lachan.intake.tables import loss, report
from lachan.response import (
    approve_hold,
    cancel_trace,
    escalate_approval,
    expire_hold,
    extend_hold,
    lapse_confirmation,
    propose_conversion,
    raise_hold,
    reject_hold,
    release_hold,
    sign_policy,
    silent_institution,
    store,
    tables,
    take_confirmation,
)
from lachan.response.model import TraceState

# Somebody competent, but not the body that the desk has asked to decide.
OTHERS = DECISION | {"issuer_kind": "court"}


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


@pytest.fixture
def strict(db: Database) -> Life:
    """Without a policy that reaches: a second officer must look."""
    return Life(db, policy_vnd=None)


def test_approvals(strict: Life) -> None:
    strict.report()
    hold = strict.hold()
    stranger = person("shift-b", Role.SHIFT_HEAD, "999001")

    def approve(content: str) -> Any:
        return lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=content)

    rows = [
        # who      approves what         refused because            state afterwards
        (OFFICER,  hold.content_hash,    "not_permitted",           "drafted"),
        (stranger, hold.content_hash,    "other_agency",            "drafted"),
        (SHIFT,    "0" * 64,             "content_changed",         "drafted"),
        (SHIFT,    hold.content_hash,    None,                      "requested"),
        (SHIFT,    hold.content_hash,    "hold_wrong_state",        "requested"),
    ]  # fmt: skip
    for who, content, reason, state in rows:
        assert strict.act(NOON + SECOND, who, approve(content)) == reason
        assert strict.hold().state == state
    assert strict.hold().approver == SHIFT.reference
    assert strict.due(f"escalate:{hold.id}") is None


def test_who_asks_does_not_approve(strict: Life) -> None:
    strict.report()
    hold = strict.hold()
    with strict.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(tables.hold).values(requester=SHIFT.reference))
    approve = lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=hold.content_hash)  # noqa: E731
    assert strict.act(NOON, SHIFT, approve) == "approver_is_requester"
    assert strict.act(NOON, HEAD, approve) is None


def test_a_rejected_request_is_never_sent(strict: Life) -> None:
    strict.report()
    hold = strict.hold()
    assert strict.act(NOON, SHIFT, lambda unit: reject_hold(unit, OUTBOX, hold.id, reason="nhầm")) is None
    assert strict.hold().state == "voided"
    assert not [e for _, _, e in strict.desk.envelopes() if isinstance(e.data, HoldRequest)]
    assert strict.trace().located_vnd == hold.transfer_vnd


def test_an_unapproved_request_escalates_after_sixty_seconds(strict: Life) -> None:
    strict.report()
    hold = strict.hold()
    key = f"escalate:{hold.id}"
    assert strict.due(key) == NOON + 60 * SECOND
    for count in range(1, 4):
        now = NOON + count * 60 * SECOND
        assert strict.act(now, SYSTEM, lambda unit: escalate_approval(unit, OUTBOX, hold.id)) is None
        assert strict.facts("hold.escalated") == count
        assert strict.due(key) == now + 60 * SECOND
    strict.act(NOON + HOUR, SHIFT, lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=hold.content_hash))
    strict.act(NOON + HOUR, SYSTEM, lambda unit: escalate_approval(unit, OUTBOX, hold.id))
    assert strict.facts("hold.escalated") == 3


SITUATIONS = [
    # situation                        report     holds asked for
    (Situation.SCAM,                   "dispatched", 1),
    (Situation.ACCOUNT_TAKEOVER,       "dispatched", 1),
    (Situation.UNKNOWN,                "dispatched", 1),
    (Situation.COMMERCIAL_DISPUTE,     "referred",   0),
    (Situation.REGRET,                 "referred",   0),
    (Situation.MISTYPED_PAYEE,         "referred",   0),
]  # fmt: skip


@pytest.mark.parametrize(("situation", "status", "asked"), SITUATIONS)
def test_every_report_is_received_not_every_hold(life: Life, situation: Situation, status: str, asked: int) -> None:
    life.report(situation)
    with life.db.read() as conn:
        assert conn.execute(sa.select(report.c.status)).scalar_one() == status
        assert len(store.holds(conn, sa.true())) == asked


CONFIRMATIONS = [
    # minutes until the word   the word                               the hold afterwards
    (10,                       ConfirmationOutcome.CONFIRMED,         "placed"),
    (10,                       ConfirmationOutcome.NOT_FOUND,         "released"),
    (10,                       ConfirmationOutcome.PAYEE_DIFFERS,     "released"),
]  # fmt: skip


@pytest.mark.parametrize(("minutes", "outcome", "state"), CONFIRMATIONS)
def test_the_payers_bank_has_the_word(life: Life, minutes: int, outcome: ConfirmationOutcome, state: str) -> None:
    life.report()
    life.answer()
    with life.db.read() as conn:
        loss_id = conn.execute(sa.select(loss.c.id)).scalar_one()
    said = Confirmation(message_id=new_id(), request_id=loss_id, outcome=outcome, decided_by="Giao dịch viên")
    now = NOON + minutes * MINUTE
    take = lambda unit: take_confirmation(unit, OUTBOX, said, {"999001"})  # noqa: E731
    wrong = lambda unit: take_confirmation(unit, OUTBOX, said, {"999002"})  # noqa: E731
    assert life.act(now, SYSTEM, wrong) == "wrong_institution"
    assert life.act(now, SYSTEM, take) is None
    assert life.hold().state == state
    assert life.due(f"confirm:{loss_id}") is None


def test_an_unconfirmed_hold_lapses_at_sixty_minutes(life: Life) -> None:
    life.report()
    life.answer()
    with life.db.read() as conn:
        loss_id = conn.execute(sa.select(loss.c.id)).scalar_one()
    assert life.due(f"confirm:{loss_id}") == NOON + 60 * MINUTE
    life.act(NOON + 60 * MINUTE, SYSTEM, lambda unit: lapse_confirmation(unit, OUTBOX, loss_id))
    assert (life.hold(0).state, life.hold(0).end_reason) == ("released", "unconfirmed")
    assert (life.hold(1).state, life.hold(1).end_reason) == ("voided", "unconfirmed")
    # The same transfer may be reported again: a report that nobody confirmed stands in nobody's way.
    life.report(now=NOON + 61 * MINUTE)
    with life.db.read() as conn:
        assert list(conn.execute(sa.select(report.c.status).order_by(report.c.id)).scalars())[1] == "dispatched"
        check_record(conn)
        assert len(store.holds(conn, tables.hold.c.state == "requested")) == 1


def test_a_hold_expires_at_its_instant_and_not_before(life: Life) -> None:
    life.report()
    hold = life.answer()
    assert hold.expires_at is not None
    assert hold.placed_at is not None
    assert hold.expires_at == hold.placed_at + 72 * HOUR
    assert life.due(f"expire:{hold.id}") == hold.expires_at
    rows = [
        # when                        state afterwards
        (hold.expires_at - SECOND,    "placed"),
        (hold.expires_at,             "expired"),
        (hold.expires_at + SECOND,    "expired"),
    ]  # fmt: skip
    for now, state in rows:
        life.act(now, SYSTEM, lambda unit: expire_hold(unit, OUTBOX, hold.id))
        assert life.hold().state == state
    assert life.facts("hold.expired") == 1


def test_an_extension_names_its_basis_and_never_passes_its_limit(life: Life) -> None:
    life.report()
    hold = life.answer()
    assert hold.placed_at is not None
    assert hold.expires_at is not None
    # Wednesday noon: the AML law's three working days end on Monday, 24:00.
    limit = datetime.fromisoformat("2026-11-24T00:00:00+07:00")
    rows = [
        # who    basis             until                   refused because
        (OFFICER, BASIS,           limit,                  "not_permitted"),
        (SHIFT,  "nd52-2024-11",   limit,                  "basis_not_for_step"),
        (SHIFT,  "",               limit,                  "no_legal_basis"),
        (SHIFT,  BASIS,            hold.expires_at,        "term_missing"),
        (SHIFT,  BASIS,            limit + SECOND,         "beyond_basis_limit"),
        (SHIFT,  BASIS,            limit,                  None),
        (SHIFT,  BASIS,            limit,                  "term_missing"),
    ]  # fmt: skip
    for who, basis, until, reason in rows:
        extend = lambda unit, b=basis, u=until: extend_hold(unit, OUTBOX, hold.id, basis=b, until=u)  # noqa: E731
        assert life.act(NOON + HOUR, who, extend) == reason, (basis, until)
    assert life.hold().expires_at == limit
    assert life.due(f"expire:{hold.id}") == limit


def test_a_freeze_needs_a_decision_and_another_person(life: Life) -> None:
    life.report()
    hold = life.answer()
    # The desk may not freeze by itself; what it has recommended and another body decided, it carries out.
    alone = lambda unit: propose_conversion(  # noqa: E731
        unit, OUTBOX, hold.id, step=3, basis="nd52-2024-11", decision=DECISION, review_at=NOON + 7 * DAY
    )
    assert life.act(NOON + HOUR, SHIFT, alone) == "not_entitled"
    assert life.recommend(hold.id) is None
    term = {"term_ends_at": (NOON + 30 * DAY).isoformat()}
    rows = [
        # who      step  basis            decision           review          refused because
        (OFFICER,  3,    "nd52-2024-11",  DECISION | term,   None,           "not_permitted"),
        (SHIFT,    2,    BASIS,           DECISION | term,   None,           "basis_not_for_step"),
        (SHIFT,    3,    BASIS,           DECISION | term,   None,           "basis_not_for_step"),
        (SHIFT,    3,    "nd52-2024-11",  {"number": "12"},  NOON + 7 * DAY, "decision_missing"),
        (SHIFT,    3,    "nd52-2024-11",  OTHERS | term,     None,           "not_entitled"),
        (SHIFT,    4,    "bltths-129",    DECISION | term,   None,           "not_entitled"),
        (SHIFT,    3,    "nd52-2024-11",  DECISION,          None,           "term_missing"),
        (SHIFT,    3,    "nd52-2024-11",  DECISION,          NOON,           "term_missing"),
        (SHIFT,    3,    "nd52-2024-11",  DECISION,          NOON + 7 * DAY, None),
        (SHIFT,    3,    "nd52-2024-11",  DECISION | term,   None,           None),
    ]  # fmt: skip
    for who, step, basis, decision, review, reason in rows:
        convert = lambda unit, s=step, b=basis, d=decision, r=review: propose_conversion(  # noqa: E731
            unit, OUTBOX, hold.id, step=s, basis=b, decision=d, review_at=r
        )
        assert life.act(NOON + HOUR, who, convert) == reason, (step, basis)
    # One person entered it; nothing changes before another one has checked it.
    assert life.hold().state == "placed"
    content = (life.hold().proposal or {})["content_hash"]
    for who, shown, reason in (
        (SHIFT, content, "approver_is_requester"),
        (HEAD, "x", "content_changed"),
        (HEAD, content, None),
    ):
        check = lambda unit, c=shown: approve_hold(unit, OUTBOX, hold.id, content_hash=c)  # noqa: E731
        assert life.act(NOON + HOUR, who, check) == reason
    assert life.hold().state == "converted"
    assert (life.hold().requester, life.hold().approver) == (SHIFT.reference, HEAD.reference)
    assert life.hold().expires_at == NOON + 30 * DAY
    # What an authority froze lasts as long as it says: nobody here prolongs it, or ends it without its act.
    longer = lambda unit: extend_hold(unit, OUTBOX, hold.id, basis="nd52-2024-11", until=NOON + 60 * DAY)  # noqa: E731
    assert life.act(NOON + DAY, SHIFT, longer) == "decision_missing"
    for why, reason in (("officer", "not_entitled"), ("authority", None)):
        release = lambda unit, w=why: release_hold(unit, OUTBOX, hold.id, reason=w)  # noqa: E731
        assert life.act(NOON + DAY, SHIFT, release) == reason


def test_a_refused_request_is_raised_with_a_decision_that_ends(life: Life) -> None:
    life.report()
    life.world.move(MULE, None, len(life.world.free(MULE)))
    assert life.answer().state == "refused"
    hold, term = life.hold(), NOON + 30 * DAY
    lawful = DECISION | {"term_ends_at": term.isoformat()}
    alone = lambda unit: raise_hold(unit, OUTBOX, hold.id, step=3, basis="nd52-2024-11", decision=lawful)  # noqa: E731
    assert life.act(NOON + HOUR, OFFICER, alone) == "not_entitled"
    assert life.recommend(hold.id) is None
    rows = [
        # who     step  decision                                           refused because
        (SHIFT,   2,    DECISION,                                          "step_not_higher"),
        (SHIFT,   3,    None,                                              "decision_missing"),
        (SHIFT,   3,    {"issuer_kind": "police_investigation", "number": "12"}, "decision_missing"),
        (SHIFT,   3,    OTHERS | {"term_ends_at": term.isoformat()},       "not_entitled"),
        (SHIFT,   3,    DECISION,                                          "term_missing"),
        (SHIFT,   3,    DECISION | {"term_ends_at": NOON.isoformat()},     "term_missing"),
        (SHIFT,   3,    DECISION | {"term_ends_at": term.isoformat()},     None),
    ]  # fmt: skip
    for who, step, decision, reason in rows:
        again = lambda unit, s=step, d=decision: raise_hold(  # noqa: E731
            unit, OUTBOX, hold.id, step=s, basis="nd52-2024-11", decision=d
        )
        assert life.act(NOON + HOUR, who, again) == reason, (step, decision)
    content = life.hold().content_hash
    approve = lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=content)  # noqa: E731
    assert life.act(NOON + HOUR, HEAD, approve) is None
    assert life.hold().expires_at == term
    # The answer to the first request is no answer to this one: who stays silent is telephoned.
    silent = lambda unit: silent_institution(unit, OUTBOX, hold.id, clock_name="answer")  # noqa: E731
    life.act(NOON + 2 * HOUR, SYSTEM, silent)
    with life.db.read() as conn:
        assert "telephone" in set(conn.execute(sa.select(tables.task.c.kind)).scalars())


def test_cancelling_releases_voids_and_asks_to_lift(life: Life) -> None:
    life.report()
    frozen = life.answer(0)
    assert life.recommend(frozen.id) is None
    life.act(
        NOON + HOUR, SHIFT,
        lambda unit: propose_conversion(
            unit, OUTBOX, frozen.id, step=3, basis="nd52-2024-11", decision=DECISION, review_at=NOON + 7 * DAY
        ),
    )  # fmt: skip
    content = (life.hold().proposal or {})["content_hash"]
    assert (
        life.act(NOON + HOUR, HEAD, lambda unit: approve_hold(unit, OUTBOX, frozen.id, content_hash=content))
        is None
    )
    trace_id = frozen.trace_id
    rows = [
        # who     refused because   trace
        (OFFICER, "not_permitted",  TraceState.TRACKED),
        (SHIFT,   None,             TraceState.CANCELLED),
        (SHIFT,   "not_cancellable", TraceState.CANCELLED),
    ]  # fmt: skip
    for who, reason, state in rows:
        cancel = lambda unit: cancel_trace(unit, OUTBOX, trace_id, reason="nhầm")  # noqa: E731
        assert life.act(NOON + 2 * HOUR, who, cancel) == reason
        assert life.trace().state == state
    assert life.hold(0).state == "converted", "only its issuer lifts an authority's freeze"
    assert life.hold(1).state == "voided"
    with life.db.read() as conn:
        kinds = list(conn.execute(sa.select(tables.task.c.kind)).scalars())
        assert kinds.count("lift_request") == 1
        assert conn.execute(sa.select(report.c.status)).scalar_one() == "withdrawn"


def test_releases_free_exactly(life: Life) -> None:
    life.report()
    hold = life.answer(0)
    held = sum(span.amount_vnd for span in hold.held)
    rows = [
        # who     amount      refused because         left
        (OFFICER, 1,          "not_permitted",        held),
        (SHIFT,   0,          "release_above_held",   held),
        (SHIFT,   -5,         "release_above_held",   held),
        (SHIFT,   held + 1,   "release_above_held",   held),
        (SHIFT,   1,          None,                   held - 1),
        (SHIFT,   None,       None,                   0),
        (SHIFT,   None,       "hold_wrong_state",     0),
    ]  # fmt: skip
    for who, amount, reason, left in rows:
        release = lambda unit, a=amount: release_hold(unit, OUTBOX, hold.id, amount_vnd=a)  # noqa: E731
        assert life.act(NOON + HOUR, who, release) == reason, amount
        assert sum(span.amount_vnd for span in life.hold().held) == left
    assert life.hold().state == "released"
    assert life.trace().located_vnd == held


def test_a_silent_institution_is_telephoned_once(life: Life) -> None:
    life.report()
    hold = life.hold()
    assert life.due(f"answer:{hold.id}") == NOON + 3 * MINUTE
    for clock_name in ("ack", "answer"):
        silent = lambda unit, c=clock_name: silent_institution(unit, OUTBOX, hold.id, clock_name=c)  # noqa: E731
        life.act(NOON + 3 * MINUTE, SYSTEM, silent)
    with life.db.read() as conn:
        assert [row.kind for row in conn.execute(sa.select(tables.task)) if row.hold_id] == ["telephone"]
    life.answer(0)
    assert [row.state for row in life.tasks("telephone")] == ["done"]


POLICY_SIGNINGS = [
    # who     step  amount  days  refused because
    (SHIFT,   2,    1,      1,    "not_permitted"),
    (HEAD,    3,    1,      1,    "policy_too_weak"),
    (HEAD,    2,    0,      1,    "not_positive"),
    (HEAD,    2,    1,      0,    "policy_expired"),
    (HEAD,    2,    1,      1,    None),
]  # fmt: skip


@pytest.mark.parametrize(("who", "step", "amount", "days", "reason"), POLICY_SIGNINGS)
def test_who_signs_a_policy(
    strict: Life, who: Actor, step: int, amount: int, days: int, reason: str | None
) -> None:
    def sign(unit: Unit) -> str:
        return sign_policy(
            unit, desk_id=DESK, title="Chính sách", step_max=step, amount_max_vnd=amount, basis=BASIS,
            expires_at=NOON + days * DAY,
        )  # fmt: skip

    assert strict.act(NOON, who, sign) == reason
