"""Holds and messages at the edges: another amount, nobody connected, time that passes, a name learned late."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND, institution_of
from tests.response.life import DAY, HOUR, MINUTE, MULE, NEXT, SECOND, VICTIM, Life
from tests.response.staging import BASIS, HEAD_2, HEAD_3, OFFICER, OUTBOX, SHIFT, person

from lachan.bootstrap import OUTBOX_KINDS
from lachan.foundation.access import Role
from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    HoldExtension,
    HoldRelease,
    HoldRequest,
    NoticeToServe,
    ReleaseDone,
    RequestCancellation,
    total,
)
from lachan.foundation.storage import Database
from lachan.intake import LossDraft
from lachan.intake.tables import loss
from lachan.response import (
    Objection,
    acknowledge,
    appeal_overdue,
    confirm_notice_served,
    decide_appeal,
    enter_confirmation,
    escalate_appeal,
    expire_hold,
    extend_hold,
    finish_task,
    lapse_confirmation,
    name_payer,
    open_appeal,
    release_hold,
    release_overdue,
    serve_notices,
    silent_institution,
    store,
    tables,
    take_answer,
    take_confirmation,
    take_release_done,
)
from lachan.response.model import HoldState

COIN = COIN_VND
OUTCOME = ConfirmationOutcome


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


def the_loss(life: Life) -> Any:
    with life.db.read() as conn:
        return conn.execute(sa.select(loss)).one()


def sent(life: Life, kind: type) -> list[Any]:
    return [envelope.data for _, _, envelope in life.desk.envelopes() if isinstance(envelope.data, kind)]


def confirm(life: Life, outcome: ConfirmationOutcome, amount_vnd: int | None, **more: Any) -> str | None:
    said = Confirmation(
        message_id=new_id(), request_id=the_loss(life).id, outcome=outcome, amount_vnd=amount_vnd,
        decided_by="Giao dịch viên", **more,
    )  # fmt: skip
    return life.act(NOON + MINUTE, SYSTEM, lambda unit: take_confirmation(unit, OUTBOX, said, {"999001"}))


# Four coins were reported; the mule has two of them, two went on to the next account.
AMOUNTS = [
    # the bank says              of                confirmation  loss      held at the mule  held at the next
    (OUTCOME.CONFIRMED,          None,             "confirmed",  4 * COIN, 2 * COIN,         2 * COIN),
    (OUTCOME.CONFIRMED,          4 * COIN,         "confirmed",  4 * COIN, 2 * COIN,         2 * COIN),
    (OUTCOME.AMOUNT_DIFFERS,     9 * COIN,         "confirmed",  4 * COIN, 2 * COIN,         2 * COIN),
    (OUTCOME.AMOUNT_DIFFERS,     3 * COIN,         "confirmed",  3 * COIN, 1 * COIN,         2 * COIN),
    (OUTCOME.CONFIRMED,          3 * COIN,         "confirmed",  3 * COIN, 1 * COIN,         2 * COIN),
    (OUTCOME.AMOUNT_DIFFERS,     2 * COIN,         "confirmed",  2 * COIN, 0,                2 * COIN),
    (OUTCOME.AMOUNT_DIFFERS,     COIN,             "confirmed",  COIN,     0,                COIN),
    (OUTCOME.AMOUNT_DIFFERS,     2 * COIN + 1,     "confirmed",  2 * COIN + 1, 1,            2 * COIN),
    (OUTCOME.NOT_FOUND,          None,             "denied",     4 * COIN, 0,                0),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "amount_vnd", "word", "loss_vnd", "mule_vnd", "next_vnd"), AMOUNTS)
def test_another_amount_lowers_the_loss_and_frees_the_excess_at_once(
    life: Life, outcome: ConfirmationOutcome, amount_vnd: int | None, word: str, loss_vnd: int, mule_vnd: int,
    next_vnd: int,
) -> None:  # fmt: skip
    life.report()
    life.answer(0)
    life.answer(1)
    assert confirm(life, outcome, amount_vnd) is None
    assert (the_loss(life).confirmation, the_loss(life).amount_vnd) == (word, loss_vnd)
    held = {hold.account: sum(span.amount_vnd for span in hold.held) for hold in (life.hold(0), life.hold(1))}
    assert held == {MULE: mule_vnd, NEXT: next_vnd}
    trace = life.trace()
    assert (trace.reported_vnd, trace.overlap_vnd) == (loss_vnd, 0)
    if word == "confirmed":
        assert trace.held_vnd == loss_vnd
        freed = sum(release.release_vnd for release in sent(life, HoldRelease))
        assert freed == 4 * COIN - loss_vnd, "exactly the excess"
        assert life.facts("loss.lowered") == (loss_vnd != 4 * COIN)
    # The requests speak of the transfer as it was, from then on.
    newest = [request for request in sent(life, HoldRequest) if request.account == MULE][-1]
    if word == "confirmed":
        assert newest.transfer.amount_vnd == loss_vnd
        assert newest.amount_vnd == loss_vnd


def test_another_amount_that_is_not_told_denies_nothing(life: Life) -> None:
    life.report()
    held = life.answer(0).held
    assert confirm(life, OUTCOME.AMOUNT_DIFFERS, None) == "confirmed_amount_missing"
    assert the_loss(life).confirmation == "pending"
    assert life.hold(0).held == held
    assert confirm(life, OUTCOME.AMOUNT_DIFFERS, 4 * COIN) is None
    assert the_loss(life).confirmation == "confirmed"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    carried=st.integers(1, 6),
    onward=st.integers(0, 6),
    stated=st.integers(1, 8),
    when=st.sampled_from(["first", "between", "last"]),
)
def test_the_sum_closes_whatever_amount_is_confirmed(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, carried: int, onward: int, stated: int,
    when: str,
) -> None:  # fmt: skip
    """Random transfers and splits: the loss is what was confirmed, nothing above it stays held, the sum closes."""
    file = tmp_path_factory.mktemp("life") / "record.sqlite"
    shutil.copy(sqlite_template, file)
    db = Database(f"sqlite:///{file}", outbox_kinds=OUTBOX_KINDS)
    try:
        life = Life(db)
        world = life.world
        world.now = NOON - 5 * MINUTE
        life.first = world.move(NEXT, MULE, min(carried, len(world.free(NEXT))))
        real = life.first.amount_vnd // COIN
        world.move(MULE, VICTIM, min(onward, real) or 1)
        world.now = NOON
        one = life.first
        life.desk.report(
            NOON,
            LossDraft(
                amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=NEXT,
                payee_institution="999002", payer_institution="999001", reference=one.reference,
            ),
        )  # fmt: skip
        if when != "first":
            life.answer(0)
        if when == "last" and len(sent(life, HoldRequest)) > 1:
            life.answer(1)
        assert confirm(life, OUTCOME.AMOUNT_DIFFERS, stated * COIN) is None
        kept = min(stated, real) * COIN
        trace = life.trace()
        assert (trace.reported_vnd, trace.overlap_vnd, the_loss(life).amount_vnd) == (kept, 0, kept)
        parts = sum(getattr(trace, part) for part in store.PARTS)
        assert parts == kept
        with db.read() as conn:
            assert sum(total(hold.held) for hold in store.holds(conn, sa.true())) == trace.held_vnd <= kept
    finally:
        db.close()


def test_a_loss_lowered_before_anybody_answered_is_asked_for_anew(life: Life) -> None:
    life.report()
    assert confirm(life, OUTCOME.AMOUNT_DIFFERS, 3 * COIN) is None
    request = sent(life, HoldRequest)[-1]
    assert (request.revision, request.amount_vnd, request.transfer.amount_vnd) == (2, 3 * COIN, 3 * COIN)
    assert life.trace().moving_vnd == 3 * COIN
    # A second word changes nothing, whatever it says.
    assert confirm(life, OUTCOME.NOT_FOUND, None) is None
    assert the_loss(life).confirmation == "confirmed"
    assert confirm(life, OUTCOME.AMOUNT_DIFFERS, COIN) is None
    assert the_loss(life).amount_vnd == 3 * COIN


def test_who_is_not_connected_is_telephoned_to_confirm(life: Life) -> None:
    life.report()
    [call] = life.tasks("confirm_by_telephone")
    assert (call.institution, call.state, call.amount_vnd) == ("999001", "open", 4 * COIN)
    assert sent(life, ConfirmationRequest), "its letter is drawn from the message"
    enter = lambda unit: enter_confirmation(  # noqa: E731
        unit, OUTBOX, the_loss(life).id, outcome=OUTCOME.CONFIRMED, amount_vnd=3 * COIN, decided_by="Kiểm soát viên"
    )
    stranger = person("other", Role.DUTY_OFFICER, "999003")
    assert life.act(NOON + MINUTE, stranger, enter) == "other_agency"
    assert life.act(NOON + MINUTE, OFFICER, enter) is None
    assert (the_loss(life).confirmation, the_loss(life).amount_vnd) == ("confirmed", 3 * COIN)
    assert life.tasks("confirm_by_telephone")[0].state == "done"
    assert life.due(f"confirm:{the_loss(life).id}") is None
    assert life.act(NOON + MINUTE, OFFICER, enter) == "hold_wrong_state"


def test_who_is_connected_is_not_telephoned(life: Life) -> None:
    life.connect("999001")
    life.report()
    assert life.tasks("confirm_by_telephone") == life.tasks("find_payer_institution") == []


def test_an_unknown_payers_bank_is_found_out_and_asked(life: Life) -> None:
    one = life.first
    life.desk.report(
        NOON,
        LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payee_institution="999002",
            reference=one.reference,
        ),
    )  # fmt: skip
    assert [task.state for task in life.tasks("find_payer_institution")] == ["open"]
    assert not sent(life, ConfirmationRequest)
    loss_id = the_loss(life).id
    too_early = lambda unit: enter_confirmation(  # noqa: E731
        unit, OUTBOX, loss_id, outcome=OUTCOME.CONFIRMED, amount_vnd=None, decided_by="x"
    )
    assert life.act(NOON, OFFICER, too_early) == "missing"
    assert life.act(NOON + MINUTE, OFFICER, lambda unit: name_payer(unit, OUTBOX, loss_id, "999001")) is None
    assert [task.state for task in life.tasks("find_payer_institution")] == ["done"]
    assert sent(life, ConfirmationRequest)[0].institution == "999001"
    assert [task.state for task in life.tasks("confirm_by_telephone")] == ["open"]
    assert confirm(life, OUTCOME.CONFIRMED, None) is None
    assert the_loss(life).confirmation == "confirmed"
    again = lambda unit: name_payer(unit, OUTBOX, loss_id, "999003")  # noqa: E731
    assert life.act(NOON + MINUTE, OFFICER, again) == "hold_wrong_state"


def test_a_late_word_of_another_amount_counts_as_late(life: Life) -> None:
    life.report()
    life.answer(0)
    life.act(NOON + HOUR, SYSTEM, lambda unit: lapse_confirmation(unit, OUTBOX, the_loss(life).id))
    assert confirm(life, OUTCOME.AMOUNT_DIFFERS, 3 * COIN) is None
    assert (the_loss(life).confirmation, the_loss(life).amount_vnd) == ("confirmed", 3 * COIN)
    assert len(life.tasks("late_confirmation")) == 1
    assert life.trace().reported_vnd == 3 * COIN


def test_a_release_that_a_connected_bank_never_confirms_is_chased(life: Life) -> None:
    life.connect("999002", "999003")
    life.report()
    hold = life.answer(0)
    life.act(NOON + MINUTE, SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id, amount_vnd=COIN))
    message_id = next(e.message_id for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRelease))
    key = f"release:{message_id}"
    assert life.due(key) == NOON + 31 * MINUTE
    assert life.tasks("tell_institution") == []
    late = lambda unit: release_overdue(unit, OUTBOX, hold.id, message_id)  # noqa: E731
    for _ in range(2):
        assert life.act(NOON + 31 * MINUTE, SYSTEM, late) is None
    [task] = life.tasks("release_unconfirmed")
    assert (task.state, task.amount_vnd, task.key) == ("open", COIN, f"release_unconfirmed:{message_id}")
    done = ReleaseDone(
        message_id=new_id(), request_id=hold.id, request_revision=life.hold().revision, released_vnd=COIN,
        held_vnd=COIN, released_at=NOON + 32 * MINUTE,
    )  # fmt: skip
    take = lambda unit: take_release_done(unit, OUTBOX, done, {"999002"})  # noqa: E731
    assert life.act(NOON + 32 * MINUTE, SYSTEM, take) is None
    assert life.due(key) is None
    assert life.tasks("release_unconfirmed")[0].state == "done"


def test_what_a_bank_froze_before_it_read_of_the_release_is_freed_too(life: Life) -> None:
    life.connect("999002")
    life.report()
    request = sent(life, HoldRequest)[0]
    refused: list[list[AnswerReason]] = []

    def take(said: Answer) -> None:
        life.act(NOON, SYSTEM, lambda unit: refused.append(take_answer(unit, OUTBOX, said, {"999002"})))

    take(life.world.answer(request, least_left=len(life.world.free(request.account)) - 1))
    held_vnd = total(life.hold().held)
    on_its_way = life.world.answer(request)
    life.act(NOON + MINUTE, SHIFT, lambda unit: release_hold(unit, OUTBOX, request.id, amount_vnd=held_vnd))
    take(on_its_way)
    take(on_its_way)
    assert refused == [[], [AnswerReason.SUPERSEDED], [AnswerReason.SUPERSEDED]]
    told = sent(life, HoldRelease)
    assert [one.release_vnd for one in told[:2]] == [held_vnd, total(on_its_way.held_spans) - held_vnd]
    assert (life.hold().state, life.hold().held) == ("released", ())
    for one in told:
        life.world.release(request, one.spans)
    assert request.id not in life.world.frozen.values()


def test_the_confirmation_of_an_earlier_release_does_not_end_the_chase_of_a_later_one(life: Life) -> None:
    life.connect("999002")
    life.report()
    hold = life.answer(0)
    for _ in range(2):
        life.act(NOON + MINUTE, SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id, amount_vnd=COIN))
    first, second = [e for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRelease)]
    earlier = sent(life, HoldRelease)[0].revision
    done = ReleaseDone(
        message_id=new_id(), request_id=hold.id, request_revision=earlier, released_vnd=COIN,
        held_vnd=COIN, released_at=NOON + 2 * MINUTE,
    )  # fmt: skip
    life.act(NOON + 2 * MINUTE, SYSTEM, lambda unit: take_release_done(unit, OUTBOX, done, {"999002"}))
    assert life.due(f"release:{first.message_id}") is None
    assert life.due(f"release:{second.message_id}") == NOON + 31 * MINUTE


def test_an_unconnected_institution_is_told_everything_by_letter_and_telephone(life: Life) -> None:
    life.report()
    hold = life.answer(0)  # the second request is never answered
    limit = datetime.fromisoformat("2026-11-24T00:00:00+07:00")
    life.act(NOON + MINUTE, SHIFT, lambda unit: extend_hold(unit, OUTBOX, hold.id, basis=BASIS, until=limit))
    life.act(NOON + MINUTE, SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id, amount_vnd=COIN))
    other = life.hold(1)
    assert other.expires_at is not None
    life.act(other.expires_at, SYSTEM, lambda unit: expire_hold(unit, OUTBOX, other.id))
    told = {task.key for task in life.tasks("tell_institution")}
    messages = {
        f"tell_institution:{envelope.message_id}"
        for _, _, envelope in life.desk.envelopes()
        if isinstance(envelope.data, HoldExtension | HoldRelease | RequestCancellation)
    }
    assert len(messages) == 3
    assert told == messages
    # An answer that comes later does not take them from the list: only who has told it does.
    [one] = [task for task in life.tasks("tell_institution") if task.amount_vnd == COIN]
    assert life.act(NOON + DAY, OFFICER, lambda unit: finish_task(unit, one.id, note="đã gọi")) is None


def test_a_notice_counts_as_sent_only_when_it_was(life: Life) -> None:
    life.connect("999003")
    life.report()
    life.answer(0)
    life.answer(1)
    serve = lambda unit: serve_notices(unit, OUTBOX, life.hold().trace_id, "https://lachan.example")  # noqa: E731
    for _ in range(2):
        assert life.act(NOON + HOUR, SYSTEM, serve) is None
    assert len(sent(life, NoticeToServe)) == 2, "once for each hold"

    def instants() -> list[tuple[str, datetime | None, datetime | None]]:
        columns = (tables.hold.c.institution, tables.hold.c.notice_sent_at, tables.hold.c.notice_served_at)
        with life.db.read() as conn:
            return [tuple(row) for row in conn.execute(sa.select(*columns).order_by(tables.hold.c.id))]

    assert instants() == [("999002", None, None), ("999003", NOON + HOUR, None)]
    [task] = life.tasks("serve_notice_letter")
    served = lambda unit: confirm_notice_served(unit, OUTBOX, task.id, note="giao tại quầy")  # noqa: E731
    assert life.act(NOON + 2 * HOUR, OFFICER, served) is None
    assert instants() == [
        ("999002", NOON + 2 * HOUR, NOON + 2 * HOUR), ("999003", NOON + HOUR, None)
    ]  # fmt: skip
    assert life.act(NOON + 2 * HOUR, OFFICER, served) == "hold_wrong_state"


def objected(life: Life) -> tuple[str, Any]:
    """A hold with its notice served, and the appeal against it."""
    life.report()
    life.answer(0)
    hold = life.answer(1)
    life.act(NOON, SYSTEM, lambda unit: serve_notices(unit, OUTBOX, hold.trace_id, "https://lachan.example"))
    with life.db.read() as conn:
        code = conn.execute(sa.select(tables.hold.c.notice_code).where(tables.hold.c.id == hold.id)).scalar_one()
    assert again(life, code) is None
    return code, hold


def again(life: Life, code: str, now: datetime = NOON) -> str | None:
    objection = Objection("Trần Văn B", "0912345678", "Tiền bán xe")
    return life.act(now, SYSTEM, lambda unit: open_appeal(unit, OUTBOX, code, objection))


def appeals(life: Life) -> list[Any]:
    with life.db.read() as conn:
        return list(conn.execute(sa.select(tables.appeal).order_by(tables.appeal.c.id)))


def decide(life: Life, who: Any, release_vnd: int, now: datetime = NOON + HOUR) -> str | None:
    one = appeals(life)[-1].id
    return life.act(
        now, who, lambda unit: decide_appeal(unit, OUTBOX, one, release_vnd=release_vnd, reasons="Có giấy tờ")
    )


def test_an_appeal_against_a_hold_that_has_ended_is_moot(life: Life) -> None:
    _, hold = objected(life)
    life.act(NOON + MINUTE, SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id))
    assert decide(life, HEAD_2, COIN) == "release_above_held", "nothing is left to free"
    assert decide(life, HEAD_2, 0) is None
    [one] = appeals(life)
    assert (one.state, one.decision, one.released_vnd, one.reasons) == ("decided", "moot", 0, "Có giấy tờ")
    for key in ("appeal", "appeal_limit"):
        assert life.due(f"{key}:{one.id}") is None


def test_an_undecided_appeal_climbs_by_itself(life: Life) -> None:
    code, hold = objected(life)
    first = appeals(life)[0]
    assert first.decide_by == NOON + 12 * HOUR
    assert life.due(f"appeal_limit:{first.id}") == first.decide_by
    life.act(first.target_at, SYSTEM, lambda unit: appeal_overdue(unit, OUTBOX, first.id))
    climb = lambda unit: escalate_appeal(unit, OUTBOX, first.id)  # noqa: E731
    life.act(first.decide_by - SECOND, SYSTEM, climb)
    assert appeals(life)[0].level == 1, "not before its time"
    for level in (2, 3, 3):
        due_at = appeals(life)[0].decide_by
        assert life.act(due_at, SYSTEM, climb) is None
        one = appeals(life)[0]
        assert (one.level, one.state, one.escalated_at) == (level, "opened", due_at)
    assert one.decide_by == one.escalated_at, "no time is promised any more"
    alarms = life.tasks("appeal_escalated")
    assert sorted(task.key.rpartition(":")[2] for task in alarms) == ["1", "2", "3"]
    assert again(life, code) == "hold_wrong_state", "it is still open"
    # It is decided all the same; then nobody needs the alarms.
    assert decide(life, HEAD_2, 0, NOON + 100 * DAY) is None
    left = [*life.tasks("appeal_escalated"), *life.tasks("appeal_undecided")]
    assert {task.state for task in left} == {"done"}
    assert again(life, code, NOON + 100 * DAY) == "appeal_last_level"
    assert life.hold(1).id == hold.id


def test_after_the_third_level_only_a_court_decides(life: Life) -> None:
    code, _ = objected(life)
    head_4 = person("head-4", Role.DESK_HEAD)
    for number, who in enumerate((HEAD_2, HEAD_3, head_4), 1):
        assert appeals(life)[-1].level == number
        if number > 1:
            assert decide(life, HEAD_2, 0) == "approver_is_requester", "another person at each level"
        assert decide(life, who, 0) is None
        expected = None if number < 3 else "appeal_last_level"
        assert again(life, code, NOON + number * HOUR) == expected


def test_the_acknowledgement_of_a_revision_stops_its_clock(life: Life) -> None:
    life.connect("999002", "999003")
    life.report()
    hold = life.answer(0)
    assert confirm(life, OUTCOME.AMOUNT_DIFFERS, 3 * COIN) is None
    hold = life.hold(0)
    assert (hold.state, hold.asked_revision) == (HoldState.PLACED, 2)
    key = f"ack:{hold.id}"
    assert life.due(key) is not None
    # The earlier request's acknowledgement says nothing about the revision.
    for revision, waits in ((1, True), (2, False)):
        said = lambda unit, r=revision: acknowledge(unit, OUTBOX, hold.id, {"999002"}, NOON, revision=r)  # noqa: E731
        assert life.act(NOON + 2 * MINUTE, SYSTEM, said) is None
        assert (life.due(key) is not None) == waits
    assert life.hold(0).state == HoldState.PLACED
    silent = lambda unit: silent_institution(unit, OUTBOX, hold.id, clock_name="ack")  # noqa: E731
    assert life.act(NOON + 3 * MINUTE, SYSTEM, silent) is None


def test_an_extension_names_the_authoritys_paper_to_the_institution(life: Life) -> None:
    life.report()
    hold = life.answer(0)
    paper = {"issuer": "Cơ quan CSĐT", "number": "7/CV", "signatory": "Phó Thủ trưởng", "scope": "400.000 đồng"}
    limit = datetime.fromisoformat("2026-11-24T00:00:00+07:00")
    rows = [
        # the paper                 refused because
        ({"number": "7/CV"},        "decision_missing"),
        (paper,                     None),
    ]  # fmt: skip
    for decision, reason in rows:
        extend = lambda unit, d=decision: extend_hold(unit, OUTBOX, hold.id, basis=BASIS, until=limit, decision=d)  # noqa: E731
        assert life.act(NOON + HOUR, SHIFT, extend) == reason
    said = sent(life, HoldExtension)[-1]
    assert said.decision is not None
    assert said.decision.number == "7/CV"


def unknown_reference(life: Life) -> HoldRequest:
    one = life.first
    life.desk.report(
        NOON,
        LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=VICTIM,
            payee_institution="999002", payer_institution="999001",
        ),
    )  # fmt: skip
    request: HoldRequest = sent(life, HoldRequest)[-1]
    assert request.transfer.reference.startswith("unknown-")
    return request


def told(life: Life, request: HoldRequest, reference: str | None) -> list[Any]:
    """The institution finds the transfer in its own book, and answers under the reference it has there."""
    real = request.model_copy(
        update={"transfer": request.transfer.model_copy(update={"reference": life.first.reference})}
    )
    answer: Answer = life.world.answer(real).model_copy(update={"transfer_reference": reference})
    with life.db.unit(life.world.now, SYSTEM) as unit:
        return take_answer(unit, OUTBOX, answer, {institution_of(request.account)})


def test_the_real_reference_is_kept_and_used(life: Life) -> None:
    request = unknown_reference(life)
    assert told(life, request, None) == ["movements_start_elsewhere"]
    assert told(life, request, life.first.reference) == []
    assert the_loss(life).reference == life.hold().reference == life.first.reference
    assert life.trace().held_vnd == 2 * COIN
    with life.db.read() as conn:
        [hop] = store.hops(conn, account=MULE)
    assert hop.reference == life.first.reference
    assert life.facts("loss.named") == 1
    # The next hop is found; and the same transfer reported with its reference is known.
    assert [one.account for one in sent(life, HoldRequest)] == [MULE, NEXT]
    life.report(now=NOON + MINUTE)
    with life.db.read() as conn:
        assert list(conn.execute(sa.select(loss.c.duplicate_of.is_not(None)).order_by(loss.c.id)).scalars()) == [
            False, True
        ]  # fmt: skip


def test_the_payers_bank_tells_the_reference_and_the_payees_is_told(life: Life) -> None:
    request = unknown_reference(life)
    assert confirm(life, OUTCOME.CONFIRMED, None, transfer_reference=life.first.reference) is None
    revised = sent(life, HoldRequest)[-1]
    assert (revised.id, revised.revision) == (request.id, 2)
    assert revised.transfer.reference == life.first.reference
    life.world.now = NOON + 2 * MINUTE
    answer = life.world.answer(revised)
    with life.db.unit(life.world.now, SYSTEM) as unit:
        assert take_answer(unit, OUTBOX, answer, {"999002"}) == []
    assert life.trace().held_vnd == 2 * COIN


def test_a_name_learned_after_an_answer_without_one_keeps_the_money(life: Life) -> None:
    """The bank answered on the telephone, without movements; later the payer's bank names the transfer."""
    request = unknown_reference(life)
    answer = Answer(
        message_id=new_id(), request_id=request.id, request_revision=1, revision=1, held_vnd=4 * COIN,
        available_vnd=4 * COIN, placed_at=NOON, decided_by="Tổ trực",
    )  # fmt: skip
    with life.db.unit(NOON, SYSTEM) as unit:
        assert take_answer(unit, OUTBOX, answer, {"999002"}) == []
    assert confirm(life, OUTCOME.CONFIRMED, None, transfer_reference=life.first.reference) is None
    assert life.trace().held_vnd == 4 * COIN
    assert sent(life, HoldRequest)[-1].transfer.reference == life.first.reference


def test_a_name_that_others_already_pursue_takes_only_what_is_nobodys(life: Life) -> None:
    """The first report is under its reference; the second turns out to be the same transfer: all is overlap."""
    life.report()
    life.answer(0)
    one = life.first
    life.desk.report(
        NOON + 11 * MINUTE,
        LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at + 11 * MINUTE, payee_account=MULE,
            payee_institution="999002", payer_institution="999001",
        ),
    )  # fmt: skip
    with life.db.read() as conn:
        second = conn.execute(sa.select(loss).order_by(loss.c.id.desc())).first()
        assert second is not None
    said = Confirmation(
        message_id=new_id(), request_id=second.id, outcome=OUTCOME.CONFIRMED, decided_by="x",
        transfer_reference=one.reference,
    )  # fmt: skip
    take = lambda unit: take_confirmation(unit, OUTBOX, said, {"999001"})  # noqa: E731
    assert life.act(NOON + 12 * MINUTE, SYSTEM, take) is None
    with life.db.read() as conn:
        first, other = conn.execute(sa.select(tables.trace).order_by(tables.trace.c.id)).all()
        held = [hold for hold in store.holds(conn, sa.true()) if hold.held]
    assert (first.held_vnd, first.overlap_vnd) == (2 * COIN, 0)
    assert (other.reported_vnd, other.overlap_vnd, other.held_vnd) == (4 * COIN, 4 * COIN, 0)
    assert [hold.trace_id for hold in held] == [first.id]
