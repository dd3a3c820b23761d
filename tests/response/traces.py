"""A machine that lives random lives of several traces that share mules, and checks the invariants of `domain.md`.

The truth is a world of single coins (`coin_world`). Institutions answer from it with `lachan.client`; messages
arrive late, in any order and again. When everything has been answered, each loss's parts are what the coins say.
"""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.response.checks import check_record, excess_said, facts_seen
from tests.response.coin_world import COIN_VND, Carried, CoinWorld, institution_of
from tests.response.life import DAY, DECISION
from tests.response.staging import HEAD, HEAD_2, HEAD_3, OFFICER, OUTBOX, SHIFT, Desk, person, set_desk

from lachan.foundation.access import Role
from lachan.foundation.base import SYSTEM, Actor, Conflict, WallClock, new_id
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    HoldRelease,
    HoldRequest,
    PaidOut,
    Part,
    PartKind,
    PayOutcome,
    PayRefusal,
    ReceiptsQuery,
    ReceiptsTold,
    RefundBasis,
    RefundDone,
    RequestCancellation,
    is_made_up_reference,
)
from lachan.foundation.protocol.outbox import envelope_of, message_by_id
from lachan.foundation.storage import Database, Unit
from lachan.foundation.trail import SealKey, seal, verify
from lachan.intake import LossDraft
from lachan.intake.tables import loss
from lachan.response import (
    Document,
    Method,
    Objection,
    Verdict,
    analyse_trace,
    approve_hold,
    approve_refund,
    cancel_trace,
    decide_appeal,
    expire_hold,
    open_appeal,
    propose_conversion,
    propose_refund,
    raise_hold,
    recommend_step,
    recompute_refund,
    release_hold,
    serve_notices,
    store,
    tables,
    take_answer,
    take_confirmation,
    take_refund_done,
    withdraw_refund,
)
from lachan.response.actions.receipts import ask_about, take_receipts
from lachan.response.actions.work import working
from lachan.response.model import CANCELLABLE, HOLDING, EndReason, Hold, HoldReason, HoldState, TraceState
from lachan.response.refunds.model import LineState, Refund, RefundReason
from lachan.response.refunds.recomputing import overpays
from lachan.response.refunds.store import refund, refunds

ACCOUNTS = [f"account:99900{bank}:000{number}" for bank in (1, 2, 3) for number in (1, 2)]
account = st.sampled_from(ACCOUNTS)
pick = st.integers(0, 10**6)
# What a bank says of a pay-out list.
WORDS = ["paid", "refused", "mixed", "too late", "another victim"]
EASY = [Method.PARI_PASSU, Method.FIRST_IN_TIME]


# Another amount lowers the loss: `test_lawful_edges.py` plays that by itself.
OTHER = {ConfirmationOutcome.AMOUNT_DIFFERS, ConfirmationOutcome.CONFIRMED}
# A loss that is denied has no further life: most are confirmed.
OUTCOMES = [ConfirmationOutcome.CONFIRMED] * 9 + [one for one in ConfirmationOutcome if one not in OTHER]


class Traces(RuleBasedStateMachine):
    """Transfers, reports, answers, releases and endings in any order."""

    fresh: ClassVar[Callable[[], contextlib.AbstractContextManager[Database]]]

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        self.db = self._stack.enter_context(type(self).fresh())
        self.key = SealKey(Ed25519PrivateKey.generate())
        self.world = CoinWorld(ACCOUNTS)
        self.desk: Desk = set_desk(self.db, self.world.now, ["999001", "999002", "999003"])
        self.requests: dict[str, HoldRequest] = {}  # newest revision that the institution has seen
        self.dead_requests: set[str] = set()
        self.waiting: list[tuple[str, object]] = []
        self.letters: list[Answer] = []
        self.disputed: dict[str, str] = {}
        self.unnamed: set[str] = set()  # requests that were sent before anybody told the transfer's reference
        self.seen = 0
        self.exact = True
        self.facts: dict[str, tuple[object, ...]] = {}

    def teardown(self) -> None:
        try:
            if self.disputed:
                self.everything_is_answered()
                self.verify()
        finally:
            self._stack.close()

    # Left to chance, most lives end before anybody has reported anything.
    @initialize(cash=st.integers(0, 4), onward=st.integers(0, 4))
    def two_victims_pay_one_mule(self, cash: int, onward: int) -> None:
        first, second, mule, after = (ACCOUNTS[place] for place in (0, 1, 2, 4))
        paid = [self.world.move(payer, mule, 4) for payer in (first, second)]
        if cash:
            self.world.move(mule, None, cash)
        if onward:
            self.world.move(mule, after, onward)
        for one in paid:
            self._report(one)

    # what the world does

    @rule(payer=account, payee=st.none() | account, share=st.integers(1, 4))
    def money_moves(self, payer: str, payee: str | None, share: int) -> None:
        count = -(-(self.world.worth_vnd(self.world.free(payer)) // COIN_VND) * share // 4)
        if count and payer != payee:
            self.world.move(payer, payee, count)

    @precondition(lambda self: self._disputable())
    @rule(number=pick, named=st.booleans())
    def victim_reports(self, number: int, named: bool) -> None:
        choices = self._disputable()
        self._report(choices[number % len(choices)], named=named)

    @rule(number=pick, reply=st.sampled_from(["now", "partly", "later"]))
    def institution_reads(self, number: int, reply: str) -> None:
        """One waiting message, whichever: it is worked on, and answered at once, in part, or in a letter."""
        self._fetch()
        if not self.waiting:
            return
        _, data = self.waiting.pop(number % len(self.waiting))
        if isinstance(data, HoldRequest):
            known = self.requests.get(data.id)
            if data.id in self.dead_requests or (known and known.revision >= data.revision):
                return
            answer = self._answer(self._read(data), least_left=1 if reply == "partly" else 0)
            if reply == "later":
                self.letters.append(answer)
            else:
                self._hear(answer)
        else:
            self._obey(data)

    @precondition(lambda self: self.requests)
    @rule(number=pick)
    def institution_answers_again(self, number: int) -> None:
        """Something has changed on the account: more came in, or the officer asked again."""
        live = [one for one in self.requests.values() if one.id not in self.dead_requests]
        if live:
            self._hear(self._answer(live[number % len(live)]))

    @precondition(lambda self: self.letters)
    @rule(number=pick, twice=st.booleans())
    def letter_arrives(self, number: int, twice: bool) -> None:
        letter = self.letters.pop(number % len(self.letters))
        self._hear(letter)
        if twice:
            assert self._hear(letter) is not None

    @rule(
        number=pick, bank=st.sampled_from(["999001", "999002", "999003"]), late=st.booleans(), decided=st.booleans()
    )
    def receivers_tell(self, number: int, bank: str, late: bool, decided: bool) -> None:
        """Where nobody has answered, a bank says what its accounts received; money may move meanwhile.

        What it holds on its own word may be frozen by an authority, before the silent bank speaks.
        """
        with self.db.read() as conn:
            found = store.holds(conn, tables.hold.c.state == HoldState.REQUESTED)
        silent = [one for one in found if one.institution != bank]
        if not silent:
            return
        hold = silent[number % len(silent)]
        asked: list[str] = []

        def ask(unit: Unit) -> None:
            with working(unit, OUTBOX, hold.trace_id) as work:
                asked.extend(ask_about(work, work.hold(hold.id), [bank], 1))

        self._act(ask)
        with self.db.read() as conn:
            query = envelope_of(message_by_id(conn, asked[0])).data
        assert isinstance(query, ReceiptsQuery)
        told = ReceiptsTold(
            message_id=new_id(), request_id=hold.id, decided_by="Máy",
            receipts=self.world.receipts(hold.account, bank, query.since),
        )  # fmt: skip
        if late:
            self._fetch()
            for request in [one for one in self._unended() if one.id == hold.id]:
                self._hear(self._answer(request))
        heard: list[object] = []

        def take(unit: Unit) -> None:
            item = message_by_id(unit.conn, asked[0])
            heard.append(take_receipts(unit, OUTBOX, item, told, {bank}))

        self._act(take)
        assert heard == [None]
        if decided:
            self._answer_all_at(bank)
            with self.db.read() as conn:
                placed = store.holds(conn, tables.hold.c.state == HoldState.PLACED)
            mine = [one for one in placed if institution_of(one.account) == bank]
            if mine:
                self._decide(mine[number % len(mine)])

    # what the desk and the clocks do

    @rule(number=pick, share=st.sampled_from([1, 2, 4]))
    def officer_releases(self, number: int, share: int) -> None:
        hold = self._some_hold(number)
        if hold is None:
            return
        self.exact = False
        before = sum(span.amount_vnd for span in hold.held)
        # Whole coins; of what a divided pool has left, also less than one.
        amount = min(max(before // COIN_VND * share // 4, 1) * COIN_VND, before)
        why = EndReason.AUTHORITY if hold.state is HoldState.CONVERTED else EndReason.OFFICER
        self._act(lambda unit: release_hold(unit, OUTBOX, hold.id, amount_vnd=amount, reason=why), SHIFT)
        self._freed_exactly(hold.id, before, amount)

    @rule(number=pick)
    def authority_decides(self, number: int) -> None:
        """What is held is frozen by a competent authority's decision: only it lifts that from then on."""
        hold = self._some_hold(number // 3)
        if number % 3 == 0 and hold is not None and hold.state is HoldState.PLACED:
            self._decide(hold)

    @rule(number=pick)
    def bank_wants_a_decision(self, number: int) -> None:
        """Asked without a reference, a bank freezes nothing by its own power: an authority decides then."""
        self._fetch()
        waits = [data for _, data in self.waiting if isinstance(data, HoldRequest) and data.id not in self.requests]
        unnamed = [data for data in waits if is_made_up_reference(data.transfer.reference)]
        if not unnamed:
            return
        data = unnamed[number % len(unnamed)]
        self._read(data)
        there = Part(kind=PartKind.REMAINS, amount_vnd=data.amount_vnd)
        refused = Answer(
            message_id=new_id(), request_id=data.id, request_revision=data.revision,
            revision=self.world.revision(data), held_vnd=0, available_vnd=data.amount_vnd, decided_by="Tổ trực",
            parts=(there,),
        )  # fmt: skip
        if self._hear(refused) is not None:
            return
        term = DECISION | {"term_ends_at": (self.world.now + 30 * DAY).isoformat()}
        to = DECISION["issuer_kind"]
        self._act(lambda unit: recommend_step(unit, OUTBOX, data.id, step=3, to_kind=to), OFFICER)
        try:
            self._act(
                lambda unit: raise_hold(unit, OUTBOX, data.id, step=3, basis="nd52-2024-11", decision=term), SHIFT
            )
        except Conflict:
            return  # nobody's any more
        with self.db.read() as conn:
            content = store.hold(conn, data.id).content_hash
        self._act(lambda unit: approve_hold(unit, OUTBOX, data.id, content_hash=content), HEAD)

    @rule(number=pick)
    def hold_expires(self, number: int) -> None:
        hold = self._some_hold(number)
        if hold is None or hold.expires_at is None:
            return
        self.exact = False
        self.world.now = max(self.world.now, hold.expires_at)
        before = sum(span.amount_vnd for span in hold.held)
        self._act(lambda unit: expire_hold(unit, OUTBOX, hold.id))
        self._freed_exactly(hold.id, before, before)

    @rule(number=pick, share=st.sampled_from([0, 1, 2]))
    def appeal_is_decided(self, number: int, share: int) -> None:
        hold = self._some_hold(number)
        if hold is None:
            return
        self.world.now += timedelta(hours=25)
        self._act(lambda unit: serve_notices(unit, OUTBOX, hold.trace_id, "http://localhost"))
        with self.db.read() as conn:
            code = conn.execute(
                sa.select(tables.hold.c.notice_code).where(tables.hold.c.id == hold.id)
            ).scalar_one()
        assert code is not None, "a notice was due"
        held = sum(span.amount_vnd for span in hold.held)
        objection = Objection("Trần Văn B", "0912345678", "Tiền bán xe")
        try:
            self._act(lambda unit: open_appeal(unit, OUTBOX, code, objection))
        except Conflict as error:
            if error.reason is not HoldReason.APPEAL_LAST_LEVEL:
                raise
            return
        with self.db.read() as conn:
            of_hold = sa.select(tables.appeal).where(tables.appeal.c.hold_id == hold.id)
            appeal = conn.execute(of_hold.order_by(tables.appeal.c.level)).all()[-1]
        release = held // COIN_VND * share // 2 * COIN_VND
        try:
            self._act(
                lambda unit: decide_appeal(unit, OUTBOX, appeal.id, release_vnd=release, reasons="Có giấy tờ"),
                _judge(appeal.level),
            )
        except Conflict:
            return
        if hold.state is HoldState.CONVERTED:
            release = 0  # a task: its issuer is asked to lift it
        self.exact = self.exact and not release
        self._freed_exactly(hold.id, held, release)

    @precondition(lambda self: self.disputed)
    @rule(number=pick, outcome=st.sampled_from(OUTCOMES))
    def payer_bank_confirms(self, number: int, outcome: ConfirmationOutcome) -> None:
        loss_id = list(self.disputed)[number % len(self.disputed)]
        payer = self.world.carried[self.disputed[loss_id]].payer
        said = Confirmation(
            message_id=new_id(), request_id=loss_id, outcome=outcome, decided_by="Giao dịch viên 01"
        )
        self._act(lambda unit: take_confirmation(unit, OUTBOX, said, {institution_of(payer)}))
        self._note_dead()

    @rule(number=pick)
    def trace_is_cancelled(self, number: int) -> None:
        if number % 8:  # rare, or nothing is ever traced to its end
            return
        with self.db.read() as conn:
            live = conn.execute(
                sa.select(tables.trace.c.id).where(tables.trace.c.state.in_(list(CANCELLABLE)))
            ).scalars().all()  # fmt: skip
        if live:
            self.exact = False
            chosen = live[number // 8 % len(live)]
            self._act(lambda unit: cancel_trace(unit, OUTBOX, chosen, reason="nhầm"), SHIFT)

    @precondition(lambda self: self.disputed)
    @rule(number=pick, word=st.sampled_from(WORDS), method=st.sampled_from(EASY))
    def cases_are_concluded(self, number: int, word: str, method: Method) -> None:
        """All is answered, confirmed and analysed, and some of it given back; new victims may come afterwards."""
        if number % 2:  # or little is left to release, to expire and to object to
            return
        self.everything_is_answered()
        for loss_id, reference in self.disputed.items():
            payer = institution_of(self.world.carried[reference].payer)
            said = Confirmation(
                message_id=new_id(), request_id=loss_id, outcome=ConfirmationOutcome.CONFIRMED, decided_by="Bot"
            )
            self._act(lambda unit, said=said, by=payer: take_confirmation(unit, OUTBOX, said, {by}))  # type: ignore[misc]
        self._note_dead()
        self._analyse(number // 2)
        for place in range(1 + number // 2 % 3):
            self.money_is_given_back(number // 6 + place, word, method)

    def _analyse(self, number: int) -> None:
        """Every trace that waits for it, but one in four; with one in five nobody agrees."""
        with self.db.read() as conn:
            query = sa.select(tables.trace.c.id).where(tables.trace.c.state == TraceState.AWAITING_ANALYSIS)
            waiting = conn.execute(query.order_by(tables.trace.c.id)).scalars().all()
            hops = store.hops(conn)
        for place, chosen in enumerate(waiting):
            if (number + place) % 4 == 0:
                continue
            verdict = Verdict.DISAGREED if (number + place) % 5 == 0 else Verdict.AGREED
            self.exact = self.exact and verdict is Verdict.AGREED
            verdicts = {hop.id: verdict for hop in hops if hop.trace_id == chosen and hop.spans}
            self._act(
                lambda unit, one=chosen, all_=verdicts: analyse_trace(  # type: ignore[misc]
                    unit, OUTBOX, one, verdicts=all_, conclusion="Đã rõ"
                ),
                OFFICER,
            )

    @rule(number=pick, word=st.sampled_from(WORDS), method=st.sampled_from(EASY))
    def money_is_given_back(self, number: int, word: str, method: Method) -> None:
        """A pool is divided, approved and paid, as its bank says."""
        hold = self._some_hold(number)
        if hold is None:
            return
        paper = Document("CSĐT", "1", "2026-01-05", "Phó Thủ trưởng")
        try:
            self._act(
                lambda unit: propose_refund(
                    unit, OUTBOX, hold.id, basis=RefundBasis.HOLDER_AGREES, document=paper, method=method,
                    reasons="Quyết định số 1",
                ),
                OFFICER,
            )  # fmt: skip
            with self.db.read() as conn:
                one = refunds(conn)[-1]
            self._act(lambda unit: approve_refund(unit, OUTBOX, one.id, content_hash=one.content_hash), SHIFT)
        except Conflict as error:
            if error.reason not in {RefundReason.NOTHING_TO_REFUND, RefundReason.REFUND_APPEALED}:
                raise
            return
        self.exact = False
        due = [line for line in one.lines if line.state is LineState.DUE]
        if word == "too late":
            self._act(lambda unit: withdraw_refund(unit, OUTBOX, one.id, why="nhầm"), SHIFT)
        if word == "another victim":
            self._another_victim(number, one)
        half = len(due) // 2
        paid = {"paid": len(due), "refused": 0, "mixed": half, "too late": len(due), "another victim": half}[word]
        lines = tuple(
            PaidOut(number=line.number, outcome=PayOutcome.PAID, paid_at=self.world.now)
            if place < paid
            else PaidOut(number=line.number, outcome=PayOutcome.REFUSED, refusal=PayRefusal.OTHER)
            for place, line in enumerate(due)
        )
        said = RefundDone(
            message_id=new_id(), request_id=one.id, request_revision=1, lines=lines, decided_by="Tổ trực"
        )
        heard: list[object] = []
        self._act(lambda unit: heard.append(take_refund_done(unit, OUTBOX, said, {one.institution})))
        assert heard == [None]

    def _another_victim(self, number: int, one: Refund) -> None:
        """Who paid into the pool, too, reports while its bank is asked to pay; their own bank confirms it."""
        choices = [each for each in self._disputable() if each.payee == one.account]
        if not choices:
            return
        chosen = choices[number % len(choices)]
        self._report(chosen)
        loss_id = next((name for name, known in self.disputed.items() if known == chosen.reference), None)
        if loss_id is None:
            return
        said = Confirmation(
            message_id=new_id(), request_id=loss_id, outcome=ConfirmationOutcome.CONFIRMED, decided_by="Bot"
        )
        by = {institution_of(chosen.payer)}
        self._act(lambda unit: take_confirmation(unit, OUTBOX, said, by))
        self._act(lambda unit: recompute_refund(unit, OUTBOX, one.id))
        with self.db.read() as conn:
            now = refund(conn, one.id)
            assert not (now.asked and overpays(conn, now))

    @rule(number=pick)
    def everything_is_answered_now(self, number: int) -> None:
        if number % 5 == 0:
            self.everything_is_answered()

    # what must be true

    @invariant()
    def the_record_keeps_its_word(self) -> None:
        with self.db.read() as conn:
            check_record(conn)
            facts = facts_seen(conn)
        assert all(facts.get(name) == content for name, content in self.facts.items()), "a fact was changed"
        if len(facts) // 200 > len(self.facts) // 200:
            self.verify()
        self.facts = facts

    def verify(self) -> None:
        wall = WallClock().now()
        while seal(self.db, self.key, now=self.world.now, wall_now=wall):
            pass
        with self.db.read() as conn:
            found = verify(conn, [self.key.public_text])
        assert found.intact, found.findings

    def everything_is_answered(self) -> None:
        """Deliver all, answer all, until nothing new is asked; then compare with the coins."""
        for letter in self.letters:
            self._hear(letter)
        self.letters.clear()
        for _ in range(100):
            self._fetch()
            waiting, self.waiting = self.waiting, []
            for _, data in sorted(waiting, key=lambda one: getattr(one[1], "revision", 0)):
                if isinstance(data, HoldRequest):
                    known = self.requests.get(data.id)
                    if data.id not in self.dead_requests and not (known and known.revision >= data.revision):
                        self._read(data)
                else:
                    self._obey(data)
            before = self._state()
            for request in self._unended():
                self._hear(self._answer(request))
            self._fetch()
            if not any(not isinstance(d, ConfirmationRequest) for _, d in self.waiting) and before == self._state():
                break
        else:
            raise AssertionError("the answers never end")
        self.the_record_keeps_its_word()
        self._compare_frozen()
        with self.db.read() as conn:
            decided = store.holds(conn, tables.hold.c.state == HoldState.CONVERTED)
            beyond = sum(excess_said(conn, one.id) for one in decided)
        # What is nobody's and frozen by an authority may be another's: nobody holds it for them.
        if self.exact and not beyond:
            self._compare_coins()

    # helpers

    def _act(self, what: Callable[[Unit], object], actor: Actor = SYSTEM) -> None:
        self.world.now += timedelta(milliseconds=10)
        self.desk.act(self.world.now, what, actor)

    def _disputable(self) -> list[Carried]:
        known = set(self.disputed.values())
        return [one for one in self.world.carried.values() if one.payee and one.reference not in known]

    def _report(self, one: Carried, *, named: bool = True) -> None:
        self.world.now += timedelta(seconds=1)
        assert one.payee is not None
        draft = LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=one.payee, payer_account=one.payer,
            payee_institution=institution_of(one.payee), payer_institution=institution_of(one.payer),
            reference=one.reference if named else None,
        )  # fmt: skip
        report_id = self.desk.report(self.world.now, draft)
        with self.db.read() as conn:
            row = conn.execute(sa.select(loss).where(loss.c.report_id == report_id)).one()
        if row.duplicate_of is None:  # or another one like it, of the same minutes, was reported before
            self.disputed[row.id] = one.reference

    def _fetch(self) -> None:
        for ordinal, institution, envelope in self.desk.envelopes(self.seen):
            self.seen = ordinal
            self.waiting.append((institution, envelope.data))

    def _read(self, data: HoldRequest) -> HoldRequest:
        """The institution has this request, and finds the transfer in its own book."""
        if is_made_up_reference(data.transfer.reference):
            self.unnamed.add(data.id)
            real = data.transfer.model_copy(update={"reference": self.disputed[data.loss]})
            data = data.model_copy(update={"transfer": real})
        self.requests[data.id] = data
        return data

    def _answer(self, request: HoldRequest, *, least_left: int = 0) -> Answer:
        answer = self.world.answer(request, least_left=least_left)
        told = {"transfer_reference": request.transfer.reference} if request.id in self.unnamed else {}
        return answer.model_copy(update=told)

    def _hear(self, answer: Answer) -> AnswerReason | None:
        self.world.now += timedelta(milliseconds=10)
        code = institution_of(self.requests[answer.request_id].account)
        with self.db.unit(self.world.now, SHIFT) as unit:
            reasons = take_answer(unit, OUTBOX, answer, {code})
        assert not reasons or reasons[0] is AnswerReason.SUPERSEDED, reasons
        return reasons[0] if reasons else None

    def _obey(self, data: object) -> None:
        if isinstance(data, HoldRelease) and data.request_id in self.requests:
            self.world.release(self.requests[data.request_id], data.spans)
        elif isinstance(data, RequestCancellation):
            self.dead_requests.add(data.request_id)
            if data.request_id in self.requests:
                self.world.release(self.requests[data.request_id], None)

    def _some_hold(self, number: int) -> Hold | None:
        with self.db.read() as conn:
            found = store.holds(conn, tables.hold.c.state.in_(list(HOLDING)))
        return found[number % len(found)] if found else None

    def _decide(self, hold: Hold) -> None:
        to, review_at = DECISION["issuer_kind"], self.world.now + 7 * DAY
        self._act(lambda unit: recommend_step(unit, OUTBOX, hold.id, step=3, to_kind=to), OFFICER)
        self._act(
            lambda unit: propose_conversion(
                unit, OUTBOX, hold.id, step=3, basis="nd52-2024-11", decision=DECISION, review_at=review_at
            ),
            SHIFT,
        )
        with self.db.read() as conn:
            content = (store.hold(conn, hold.id).proposal or {})["content_hash"]
        self._act(lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=content), HEAD)

    def _answer_all_at(self, bank: str) -> None:
        """This bank answers every request that it has not read; the messages stay, as if they came twice."""
        self._fetch()
        for _, data in list(self.waiting):
            if not isinstance(data, HoldRequest) or institution_of(data.account) != bank:
                continue
            known = self.requests.get(data.id)
            if data.id not in self.dead_requests and not (known and known.revision >= data.revision):
                self._hear(self._answer(self._read(data)))

    def _freed_exactly(self, hold_id: str, before: int, freed: int) -> None:
        with self.db.read() as conn:
            now_held = sum(span.amount_vnd for span in store.hold(conn, hold_id).held)
        assert now_held == before - freed, "a release frees exactly what it says"

    def _note_dead(self) -> None:
        with self.db.read() as conn:
            states = set(conn.execute(sa.select(loss.c.confirmation)).scalars())
        if states & {"denied", "lapsed"}:
            self.exact = False

    def _unended(self) -> list[HoldRequest]:
        with self.db.read() as conn:
            states = [HoldState.REQUESTED, HoldState.ACKNOWLEDGED, HoldState.REFUSED, *HOLDING]
            live = {hold.id for hold in store.holds(conn, tables.hold.c.state.in_(states))}
        return [one for name, one in self.requests.items() if name in live]

    def _state(self) -> list[object]:
        with self.db.read() as conn:
            return [(h.id, h.state, h.held, h.asked) for h in store.holds(conn, sa.true())]

    def _compare_frozen(self) -> None:
        """What institutions have frozen is what the record says they hold."""
        with self.db.read() as conn:
            holds = store.holds(conn, sa.true())
        for hold in holds:
            for spans in filter(None, (hold.held, hold.applied)):
                self.world.coins(hold.reference, spans)  # a coin that the record divides is two from here on
        frozen: dict[str, set[int]] = {}
        for coin, request in self.world.frozen.items():
            frozen.setdefault(request, set()).add(coin)
        for hold in holds:
            # What was paid back stays set aside in the bank's book: nobody else can take it.
            both = [spans for spans in (hold.held, hold.applied) if spans]
            kept = {coin for spans in both for coin in self.world.coins(hold.reference, spans)}
            assert frozen.get(hold.id, set()) == kept, hold.state

    def _compare_coins(self) -> None:
        owner: dict[int, str] = {}
        disputed = sorted(self.disputed.items(), key=lambda one: self.world.carried[one[1]].booked_at)
        for loss_id, reference in disputed:
            for coin in self.world.carried[reference].coins:
                owner.setdefault(coin, loss_id)
        with self.db.read() as conn:
            rows = store.hops(conn)
            overlaps = conn.execute(
                sa.select(loss.c.id, tables.trace.c.overlap_vnd).join(
                    tables.trace, tables.trace.c.report_id == loss.c.report_id
                )
            ).all()
        # Counted from the coins: what the books call overlap must not be money that nobody accounts for.
        foreign = {
            loss_id: self.world.worth_vnd(c for c in self.world.carried[reference].coins if owner[c] != loss_id)
            for loss_id, reference in disputed
        }
        assert {row.id: row.overlap_vnd for row in overlaps} == foreign
        for loss_id, reference in disputed:
            mine = {coin for coin, whose in owner.items() if whose == loss_id}
            expected = {
                "held_vnd": self.world.worth_vnd(mine & self.world.frozen.keys()),
                "out_of_reach_vnd": self.world.worth_vnd(mine & self.world.cashed),
                "located_vnd": self.world.worth_vnd(mine - self.world.frozen.keys() - self.world.cashed),
                "moving_vnd": 0, "returned_vnd": 0, "diluted_vnd": 0,
            }  # fmt: skip
            found = {
                part: sum(getattr(hop.sum, part) for hop in rows if hop.loss_id == loss_id) for part in expected
            }
            assert found == expected, (loss_id, reference)


def _judge(level: int) -> Actor:
    return [HEAD_2, HEAD_3, person("head-4", Role.DESK_HEAD)][level - 1]
