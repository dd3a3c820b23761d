"""The hard shapes of a trace, each told as a table of what happens, each compared coin by coin at the end."""

import contextlib
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from tests.response.coin_world import COIN_VND, institution_of
from tests.response.life import DAY, DECISION
from tests.response.staging import HEAD, OFFICER, OUTBOX, SHIFT
from tests.response.traces import Traces

from lachan.foundation.base import Language, new_id
from lachan.foundation.protocol import AnswerReason, Confirmation, ConfirmationOutcome, HoldRequest, total
from lachan.foundation.storage import Database
from lachan.intake import loss_by_id
from lachan.response import (
    approve_hold,
    cancel_trace,
    propose_conversion,
    recommend_step,
    store,
    tables,
    take_confirmation,
)
from lachan.response.model import Hold, HoldState
from lachan.response.shapes import State, StreamEvent
from lachan.response.views.golden_hour import golden_hour_page, load

A, B, C, D, E, F = (f"account:99900{bank}:000{number}" for bank in (1, 2, 3) for number in (1, 2))
ANSWER = "everybody answers"

STORIES = {
    # name: what happens, in order: (payer, payee, coins), a transfer by its number that is reported, or ANSWER
    "one road": [(A, B, 4), (B, C, 3), 1, ANSWER],
    "two roads into one transfer": [(A, B, 4), (B, C, 2), (B, C, 2), (C, D, 4), (D, E, 3), 1, ANSWER],
    "two losses, the earlier found first": [(A, B, 4), (B, C, 4), (C, D, 3), 1, ANSWER, 2, ANSWER],
    "two losses, the later found first": [(A, B, 4), (B, C, 4), (C, D, 3), 2, ANSWER, 1, ANSWER],
    "a mule who disputes his own onward transfer": [(A, B, 2), (B, C, 5), (C, D, 5), 2, 1, ANSWER],
    "back into the same account": [(A, B, 4), (B, C, 4), (C, B, 3), (B, D, 2), 1, ANSWER],
    "a cycle of three, two victims": [(A, B, 3), (B, C, 3), (E, B, 4), (C, A, 3), (A, B, 2), 3, 1, ANSWER],
    "cash between": [(A, B, 4), (B, None, 2), (B, C, 1), 1, ANSWER],
    "clean money on top": [(A, B, 4), (E, B, 3), (B, C, 5), 1, ANSWER],
    "one debit of two credits": [(A, B, 3), (E, B, 3), (B, C, 6), (C, D, 5), 2, ANSWER, 1, ANSWER],
}  # fmt: skip


@pytest.fixture
def traces(db: Database) -> Traces:
    @contextlib.contextmanager
    def same() -> Iterator[Database]:
        yield db

    class OnThisRecord(Traces):
        fresh = staticmethod(same)

    return OnThisRecord()


@pytest.mark.parametrize("name", STORIES)
def test_every_coin_is_where_the_record_says(traces: Traces, name: str) -> None:
    play(traces, STORIES[name])
    traces.everything_is_answered()
    assert traces.exact
    traces.verify()


def test_ending_one_loss_leaves_the_others_money_held(traces: Traces) -> None:
    """The mule's own report shares a hold with his victim's: it is cancelled, and frees nobody else's coins."""
    play(traces, [(A, B, 2), (B, C, 5), 2, ANSWER, 1, ANSWER])
    mule, victim = traces.disputed
    cancel(traces, mule)
    assert held(traces) == {victim: 2}


def test_the_coins_of_a_denied_loss_go_back_to_the_other(traces: Traces) -> None:
    """The earlier report was not true: what it had taken from the later one is the later one's again, and held."""
    play(traces, [(A, B, 2), (B, C, 5), 2, ANSWER, 1, ANSWER])
    later, earlier = traces.disputed
    payer = institution_of(traces.world.carried[traces.disputed[earlier]].payer)
    traces.desk.act(
        traces.world.now, lambda unit: take_confirmation(unit, OUTBOX, not_found(earlier), {payer}), SHIFT
    )
    traces.exact = False
    traces.everything_is_answered()
    assert held(traces) == {later: 5}


def test_a_new_owner_of_coins_whose_request_has_ended_asks_anew(traces: Traces) -> None:
    """The later report is cancelled before the earlier one's trace comes to its coins: they are held again."""
    play(traces, [(A, B, 4), (B, C, 4), 2, ANSWER])
    (later,) = traces.disputed
    cancel(traces, later)
    play(traces, [1, ANSWER])
    earlier = list(traces.disputed)[1]
    assert held(traces) == {earlier: 4}


@pytest.mark.parametrize("answered", [True, False])
def test_coins_that_a_shared_request_let_go_of_are_asked_for_anew(traces: Traces, answered: bool) -> None:
    """A mule's report shares requests with his victim's; his is denied: they ask for hers alone or free the rest.

    Then the next one disputes what he sent on: what the mule's had of it is the new victim's, and is held.
    """
    play(traces, [(A, B, 2), (B, C, 5), (C, D, 5), 2])
    answers_at(traces, C)
    play(traces, [1])
    answers_at(traces, B)
    denied, other = traces.disputed
    if answered:
        play(traces, [ANSWER])
    traces._act(lambda unit: take_confirmation(unit, OUTBOX, not_found(denied), {institution_of(B)}))
    traces._note_dead()
    play(traces, [3])
    new = list(traces.disputed)[2]
    traces.exact = False
    play(traces, [ANSWER])
    assert held(traces) == {other: 2, new: 3}


def test_what_was_frozen_for_an_older_request_is_freed_and_held_for_who_asks_for_it(traces: Traces) -> None:
    """A bank has frozen five coins when only two are asked for any more; its word of the five comes too late.

    Nobody knew of the other three: they stayed frozen for nothing, and the victim who asked for them missed them.
    """
    play(traces, [(A, B, 2), (B, C, 5), (C, D, 5), 2])
    answers_at(traces, C)
    traces._fetch()
    request = next(data for _, data in traces.waiting if isinstance(data, HoldRequest) and data.account == D)
    traces.requests[request.id] = request
    late = traces.world.answer(request)
    play(traces, [1])
    answers_at(traces, B)
    denied, other = traces.disputed
    traces._act(lambda unit: take_confirmation(unit, OUTBOX, not_found(denied), {institution_of(B)}))
    traces._note_dead()
    assert traces._hear(late) is AnswerReason.SUPERSEDED
    play(traces, [3])
    new = list(traces.disputed)[2]
    traces.exact = False
    read_in_order(traces)
    assert held(traces) == {other: 2, new: 3}
    traces._compare_frozen()
    (told,) = [one for one in stream_of(traces, denied) if one.what.key == "web.fact.hold_lifted"]
    lifted = {"institution": "Ngân hàng 999002", "lifted_vnd": 3 * COIN_VND, "asked_vnd": 2 * COIN_VND}
    assert (told.what.params, told.state) == (lifted, State.NOTHING)


def frozen_too_late(traces: Traces, story: list[object], *, least_left: int = 0) -> None:
    """D's bank froze, all but `least_left`, what a mule's report asked for before it was denied; its word is late.

    FT3 paid C and FT4 paid D, five coins each; the mule B reports FT3, his victim A what he had sent to B.
    """
    play(traces, [(E, B, 1), (A, B, 2), (B, C, 5), (C, D, 5), 3])
    answers_at(traces, C)
    traces._fetch()
    request = next(data for _, data in traces.waiting if isinstance(data, HoldRequest) and data.account == D)
    traces.requests[request.id] = request
    late = traces.world.answer(request, least_left=least_left)
    play(traces, [2])
    answers_at(traces, B)
    deny(traces, next(iter(traces.disputed)))
    assert traces._hear(late) is AnswerReason.SUPERSEDED
    play(traces, story)


def test_who_is_asked_again_is_asked_for_their_own_coins_alone(traces: Traces) -> None:
    """A request that its bank refused serves the next mule and a victim of the first; the next mule's is denied.

    When the bank lets go of what it had frozen too much, the victim's one coin is asked for: nobody has a basis
    for the denied ones beside it, which stood in the request when it was refused.
    """
    frozen_too_late(traces, [4])
    answers_newest_at(traces, D, hold=1)
    play(traces, [1])
    answers_at(traces, B)
    answers_at(traces, C)
    _, other, mule, victim = traces.disputed
    deny(traces, mule)
    shared = next(one for one in holds(traces) if one.loss_id == mule)
    assert (shared.state, total(shared.asked)) == (HoldState.REFUSED, 3 * COIN_VND)

    answers_newest_at(traces, D, hold=0)
    again = next(one for one in holds(traces) if one.id == shared.id)
    assert (again.asked_revision > shared.asked_revision, total(again.asked)) == (True, COIN_VND)
    traces._fetch()
    asked = [data for _, data in traces.waiting if isinstance(data, HoldRequest) and data.id == shared.id]
    assert asked[-1].amount_vnd == COIN_VND
    read_in_order(traces)
    assert held(traces) == {other: 2, victim: 1}
    traces._compare_frozen()


def test_what_an_authority_decided_on_is_not_asked_for_again(traces: Traces) -> None:
    """Coins are let go of beside a hold that an authority's decision covers: the decision is of what was held."""
    frozen_too_late(traces, [4], least_left=5)  # D has four coins of its own
    answers_newest_at(traces, D, hold=1)
    other, new = list(traces.disputed)[1:]
    partly = next(one for one in holds(traces) if one.loss_id == new)
    assert (partly.state, total(partly.held), total(partly.asked)) == (HoldState.PLACED, COIN_VND, 3 * COIN_VND)
    decide(traces, partly.id)
    answers_newest_at(traces, D, hold=0)
    decided = next(one for one in holds(traces) if one.id == partly.id)
    assert decided.state is HoldState.CONVERTED
    assert (decided.asked, decided.asked_revision) == (partly.asked, partly.asked_revision)
    read_in_order(traces)
    assert held(traces) == {other: 2, new: 1}
    traces._compare_frozen()


def deny(traces: Traces, loss_id: str) -> None:
    """The payer's bank does not know the payment of this loss."""
    payer = institution_of(traces.world.carried[traces.disputed[loss_id]].payer)
    traces._act(lambda unit: take_confirmation(unit, OUTBOX, not_found(loss_id), {payer}))
    traces._note_dead()
    traces.the_record_keeps_its_word()


def decide(traces: Traces, hold_id: str) -> None:
    """A competent authority freezes what is held: one person enters its decision, another checks it."""
    traces._act(
        lambda unit: recommend_step(unit, OUTBOX, hold_id, step=3, to_kind=DECISION["issuer_kind"]), OFFICER
    )
    review_at = traces.world.now + 7 * DAY
    traces._act(
        lambda unit: propose_conversion(
            unit, OUTBOX, hold_id, step=3, basis="nd52-2024-11", decision=DECISION, review_at=review_at
        ),
        SHIFT,
    )
    content = (next(one for one in holds(traces) if one.id == hold_id).proposal or {})["content_hash"]
    traces._act(lambda unit: approve_hold(unit, OUTBOX, hold_id, content_hash=content), HEAD)
    traces.the_record_keeps_its_word()


def stream_of(traces: Traces, loss_id: str) -> tuple[StreamEvent, ...]:
    """What the officer reads of the loss's trace, the newest first."""
    with traces.db.read() as conn:
        trace = store.trace_of_report(conn, loss_by_id(conn, loss_id).report_id)
        assert trace is not None
        return golden_hour_page(load(conn, trace, OFFICER, Language.VI, traces.world.now, full=True)).stream


def holds(traces: Traces) -> list[Hold]:
    """All holds, the oldest first."""
    with traces.db.read() as conn:
        return store.holds(conn, sa.true())


def not_found(loss_id: str) -> Confirmation:
    """The payer's bank knows no such payment."""
    return Confirmation(
        message_id=new_id(), request_id=loss_id, outcome=ConfirmationOutcome.NOT_FOUND, decided_by="Giao dịch viên"
    )


def answers_at(traces: Traces, account: str) -> None:
    """The bank of this account answers what it is asked about it; the others have not read their messages."""
    traces._fetch()
    for _, data in traces.waiting:
        if isinstance(data, HoldRequest) and data.account == account:
            traces.requests[data.id] = data
            assert traces._hear(traces.world.answer(data)) is None


def answers_newest_at(traces: Traces, account: str, *, hold: int) -> None:
    """The bank answers the newest revision of the account's request of that place, and of no other."""
    traces._fetch()
    asked = [data for _, data in traces.waiting if isinstance(data, HoldRequest) and data.account == account]
    names = list(dict.fromkeys([name for name, one in traces.requests.items() if one.account == account]))
    names += [one.id for one in asked if one.id not in names]
    newest = max((one for one in asked if one.id == names[hold]), key=lambda one: one.revision)
    traces.requests[newest.id] = newest
    assert traces._hear(traces.world.answer(newest)) is None
    traces.the_record_keeps_its_word()


def read_in_order(traces: Traces) -> None:
    """Banks read their messages as they come, and answer each request that is new, once."""
    traces._fetch()
    while traces.waiting:
        _, data = traces.waiting.pop(0)
        known = traces.requests.get(data.id) if isinstance(data, HoldRequest) else None
        if not isinstance(data, HoldRequest):
            traces._obey(data)
        elif known is None or known.revision < data.revision:
            traces.requests[data.id] = data
            traces._hear(traces.world.answer(data))
        traces.the_record_keeps_its_word()
        traces._fetch()


def play(traces: Traces, story: list[object]) -> None:
    """Do what the story says."""
    for what in story:
        if isinstance(what, tuple):
            traces.world.move(*what)
        elif isinstance(what, int):
            traces._report(traces.world.carried[f"FT{what}"])
        else:
            traces.everything_is_answered()
        traces.the_record_keeps_its_word()


def cancel(traces: Traces, loss_id: str) -> None:
    """Cancel the trace of a loss, and let everybody answer."""
    with traces.db.read() as conn:
        trace = store.trace_of_report(conn, loss_by_id(conn, loss_id).report_id)
    assert trace is not None
    traces.desk.act(traces.world.now, lambda unit: cancel_trace(unit, OUTBOX, trace.id, reason="nhầm"), SHIFT)
    traces.exact = False
    traces.everything_is_answered()


def held(traces: Traces) -> dict[str, int]:
    """Coins held, by loss, as the holds' allocations say."""
    found: dict[str, int] = {}
    with traces.db.read() as conn:
        for row in conn.execute(sa.select(tables.hold.c.allocations)):
            for loss_id, amount_vnd in row.allocations.items():
                found[loss_id] = found.get(loss_id, 0) + amount_vnd // COIN_VND
    return found


def test_coins_of_a_cancelled_trace_that_nobody_asks_for_any_more_are_where_they_were_last(traces: Traces) -> None:
    """The mule's report and his victim's share a request that nobody has answered; the mule's is cancelled.

    What is asked for shrinks to the victim's coins. The mule's others are in that account, as far as is known: they
    do not move for ever, whatever the bank says of the victim's.
    """
    play(traces, [(A, B, 2), (B, C, 5), 2, 1])
    mule, _ = traces.disputed
    answers_at(traces, B)
    with traces.db.read() as conn:
        trace = store.trace_of_report(conn, loss_by_id(conn, mule).report_id)
    assert trace is not None
    traces.desk.act(traces.world.now, lambda unit: cancel_trace(unit, OUTBOX, trace.id, reason="nhầm"), SHIFT)
    traces.exact = False
    for _ in range(2):
        traces.the_record_keeps_its_word()
        with traces.db.read() as conn:
            root = next(hop for hop in store.hops(conn) if hop.loss_id == mule)
        assert (root.sum.moving_vnd, root.sum.located_vnd) == (0, 3 * COIN_VND)
        traces.everything_is_answered()
