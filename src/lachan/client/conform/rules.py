"""One function a rule, in the order in which they run: `BrokenRuleError` says how the rule is broken.

A rule that needs what an earlier, broken rule should have brought is left unchecked.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

from lachan.client.conform.model import MILLION_VND, BrokenRuleError, Rule, UncheckedError
from lachan.client.conform.receipts import (
    receipts_hold_nothing,
    receipts_same_again,
    receipts_told,
    receipts_without_basis_refused,
)
from lachan.client.conform.refunds import refund_answered
from lachan.client.conform.session import Sent, Session
from lachan.foundation.base import WallClock, new_id
from lachan.foundation.protocol import (
    TOLERANCE,
    Acknowledgement,
    Answer,
    AnswerReason,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    Direction,
    HoldRelease,
    HoldRequest,
    ListedVerdict,
    NoticeServed,
    NoticeToServe,
    PayerAlert,
    ReleaseDone,
    ReleaseReason,
    SigningKey,
    Transfer,
    UnexplainedQuery,
    check_answer,
)

Check = Callable[[Session], None]

_FITS = {
    AnswerReason.WRONG_INSTITUTION,
    AnswerReason.WRONG_REQUEST,
    AnswerReason.TRANSFER_REFERENCE_DIFFERS,
    AnswerReason.SUPERSEDED,
    AnswerReason.IN_THE_FUTURE,
    AnswerReason.PLACED_BEFORE_TRANSFER,
    AnswerReason.PLACED_AT_MISSING,
    AnswerReason.REFUSED_BUT_HELD,
}
_WITHIN = {
    AnswerReason.HELD_ABOVE_REQUEST,
    AnswerReason.HELD_ABOVE_AVAILABLE,
    AnswerReason.HELD_SPANS_DIFFER,
}
_MOVEMENTS = {AnswerReason.MOVEMENTS_START_ELSEWHERE, AnswerReason.MOVEMENTS_UNUSABLE}
_PARTS = {
    AnswerReason.REFERENCE_MISSING,
    AnswerReason.PAYEE_MISSING,
    AnswerReason.HELD_NOT_IN_MOVEMENTS,
    AnswerReason.PARTS_DISAGREE_WITH_MOVEMENTS,
}
_SUM = {AnswerReason.SUM_DIFFERS}


# -- what must be refused at the door


def bad_signature_refused(session: Session) -> None:
    request = session.hold_request()
    envelope = session.wrap(request)
    status = session.post(envelope.message_id, envelope.as_json(), key=SigningKey.generate())
    _refused(session, request, status)


def old_timestamp_refused(session: Session) -> None:
    request = session.hold_request()
    envelope = session.wrap(request)
    long_ago = WallClock().now() - TOLERANCE - timedelta(minutes=1)
    _refused(session, request, session.post(envelope.message_id, envelope.as_json(), sent_at=long_ago))


def nonsense_refused(session: Session) -> None:
    for body in (b"{}", b"[", b'{"type":"hold.requested","data":{}}'):
        status = session.post(new_id(), body)
        if not 400 <= status < 500:
            raise BrokenRuleError(f"status {status} to a signed {body.decode()}")


def hold_without_basis_refused(session: Session) -> None:
    request = session.hold_request()
    envelope = session.wrap(request)
    content = json.loads(envelope.as_json())
    del content["data"]["legal_basis"]
    status = session.post(envelope.message_id, json.dumps(content).encode())
    if status >= 500:
        raise BrokenRuleError(f"status {status}")
    # Taken, it must at least be answered with a refusal; refused at the door, nothing may come any more.
    within_s = session.patience.answer_s if status < 300 else session.patience.settle_s
    session.center.wait(lambda _: bool(session.answers_to(request.id)), within_s)
    held = [answer.held_vnd for answer in session.answers_to(request.id) if answer.held_vnd]
    session.clean(request.id)
    if held:
        raise BrokenRuleError(f"held {held[0]} without a legal basis")


# -- one honest request


def webhook_accepted(session: Session) -> None:
    if not 200 <= session.main.status < 300:
        raise BrokenRuleError(f"status {session.main.status} to a good request")


def replies_signed(session: Session) -> None:
    item_id = session.main.envelope.message_id
    session.center.wait(lambda all_: any(r.item_id == item_id for r in all_), session.patience.answer_s)
    session.settle()
    bad = [r for r in session.center.received if r.badly_signed]
    if bad and bad[0].error:
        raise BrokenRuleError(f"{len(bad)} replies, first: {bad[0].error.reason.value}")


def acknowledged_in_time(session: Session) -> None:
    acknowledgement = session.wait_for(session.main, Acknowledgement, session.patience.acknowledge_s)
    if acknowledgement.request_id != session.main_request.id:
        raise BrokenRuleError(f"acknowledges {acknowledgement.request_id}")


def answered_in_time(session: Session) -> None:
    session.wait_for(session.main, Answer)


def answer_readable(session: Session) -> None:
    unreadable = [r.error for r in session.center.received if r.error is not None and not r.badly_signed]
    if unreadable:
        raise BrokenRuleError(f"{unreadable[0].reason.value} at {unreadable[0].field}")
    _ = session.main_answer


def answer_fits_request(session: Session) -> None:
    _without(session, _FITS)


def held_within_request(session: Session) -> None:
    _without(session, _WITHIN)


def movements_from_credit(session: Session) -> None:
    if not session.main_answer.movements:
        raise BrokenRuleError("no movements")
    _without(session, _MOVEMENTS)


def parts_follow_movements(session: Session) -> None:
    _without(session, _PARTS)


def sum_closes(session: Session) -> None:
    _without(session, _SUM)


def holds_what_it_can(session: Session) -> None:
    held_vnd, expected_vnd = session.main_answer.held_vnd, session.fixture.expected_held_vnd
    if held_vnd != expected_vnd:
        raise BrokenRuleError(f"held {held_vnd}, of which {expected_vnd} could be held")


def unknown_account_refused(session: Session) -> None:
    request = session.hold_request(account=session.fixture.unknown_account)
    _ = session.main_answer
    sent = session.send(request)
    if sent.status >= 400:
        raise BrokenRuleError(f"status {sent.status}: take the event, then answer with a refusal")
    answer = session.wait_for(sent, Answer)
    if answer.refusal is None or answer.held_vnd:
        raise BrokenRuleError(f"refusal {answer.refusal}, held {answer.held_vnd}")


# -- the same again, and what came before


def idempotent(session: Session) -> None:
    first = session.main_answer
    status = session.deliver(session.main.envelope).status
    if not 200 <= status < 300:
        raise BrokenRuleError(f"status {status} to a message sent again")
    session.settle()
    later = session.answers_to(first.request_id)
    again = session.send(session.main_request.model_copy(update={"revision": 2}))
    later.append(session.wait_for(again, Answer))
    for answer in later:
        holds_vnd = sum(
            m.amount_vnd
            for m in answer.movements
            if m.direction is Direction.HOLD and m.id.startswith(f"{answer.request_id}.")
        )
        if answer.held_vnd != first.held_vnd or holds_vnd > first.held_vnd:
            raise BrokenRuleError(f"first held {first.held_vnd}, then {max(answer.held_vnd, holds_vnd)}")


def lower_revision_ignored(session: Session) -> None:
    _ = session.main_answer
    sent = session.send(session.main_request)
    if sent.status >= 500:
        raise BrokenRuleError(f"status {sent.status}")
    after = session.send(session.main_request.model_copy(update={"revision": 3}))
    session.wait_for(after, Answer)
    session.settle()
    if session.replies(sent.envelope.message_id, Answer):
        raise BrokenRuleError("revision 1 was answered after revision 2")


def answer_revision_rises(session: Session) -> None:
    revisions = {a.message_id: a.revision for a in session.answers_to(session.main_answer.request_id)}
    numbers = list(revisions.values())
    if numbers != sorted(set(numbers)):
        raise BrokenRuleError(f"revisions {numbers}")


# -- freeing


def releases_exactly(session: Session) -> None:
    held_vnd = session.main_answer.held_vnd
    if held_vnd <= MILLION_VND:
        raise UncheckedError("nothing to release")
    first_vnd = held_vnd // 3
    steps = ((4, first_vnd, held_vnd - first_vnd), (5, held_vnd - first_vnd, 0))
    for revision, release_vnd, left_vnd in steps:
        release = HoldRelease(
            request_id=session.main_request.id,
            revision=revision,
            release_vnd=release_vnd,
            reason=ReleaseReason.MISTAKE,
        )
        done = session.wait_for(_accepted(session.send(release)), ReleaseDone)
        if (done.released_vnd, done.held_vnd) != (release_vnd, left_vnd):
            session.clean(session.main_request.id)
            raise BrokenRuleError(
                f"asked to release {release_vnd}, released {done.released_vnd}, still held {done.held_vnd}"
            )


def asked_again_answers(session: Session) -> None:
    request, answer = _second(session)
    query = UnexplainedQuery(
        request_id=request.id, revision=1, unexplained_vnd=MILLION_VND, answer_by=request.answer_by
    )
    again = session.wait_for(_accepted(session.send(query)), Answer)
    if again.revision <= answer.revision or again.held_vnd != answer.held_vnd:
        raise BrokenRuleError(f"revision {again.revision} after {answer.revision}, held {again.held_vnd}")


def notice_served(session: Session) -> None:
    request, _ = _second(session)
    notice = NoticeToServe(
        request_id=request.id,
        notice_code=f"CF-{session.run}-N",
        text="Thông báo chỉ để kiểm tra giao thức.",
        appeal_url="https://lachan.example/appeal/conformance",
    )
    served = session.wait_for(_accepted(session.send(notice)), NoticeServed)
    if served.notice_code != notice.notice_code:
        raise BrokenRuleError(f"served {served.notice_code}")


def cancel_releases(session: Session) -> None:
    request, answer = _second(session)
    if answer.held_vnd != session.main_answer.held_vnd:
        raise BrokenRuleError(f"after the release only {answer.held_vnd} could be held again")
    done = session.wait_for(_accepted(session.cancel(request.id, revision=2)), ReleaseDone)
    if (done.released_vnd, done.held_vnd) != (answer.held_vnd, 0):
        raise BrokenRuleError(f"released {done.released_vnd} of {answer.held_vnd}")


# -- the payer's side


def confirms_honestly(session: Session) -> None:
    out = session.fixture.movements[2]
    asked = (
        (out.id, out.amount_vnd, ConfirmationOutcome.CONFIRMED),
        (out.id, out.amount_vnd + MILLION_VND, ConfirmationOutcome.AMOUNT_DIFFERS),
        ("CONFORM-NEVER", out.amount_vnd, ConfirmationOutcome.NOT_FOUND),
    )
    for number, (reference, amount_vnd, expected) in enumerate(asked, 1):
        question = ConfirmationRequest(
            id=f"CF-{session.run}-C{number}",
            trace_code=f"CF-{session.run}",
            institution=session.fixture.institution,
            transfer=Transfer(reference=reference, booked_at=out.booked_at, amount_vnd=amount_vnd),
            payer_account=session.fixture.account,
            answer_by=session.hold_request().answer_by,
        )
        said = session.wait_for(_accepted(session.send(question)), Confirmation)
        if said.outcome is not expected:
            raise BrokenRuleError(f"{said.outcome.value} where {expected.value} is true")
        if expected is ConfirmationOutcome.AMOUNT_DIFFERS and said.amount_vnd != out.amount_vnd:
            raise BrokenRuleError(f"amount_differs with amount_vnd {said.amount_vnd}; it was {out.amount_vnd}")


def payer_alert_acknowledged(session: Session) -> None:
    paid = session.fixture.movements[2]
    alert = PayerAlert(
        id=f"CF-{session.run}-P",
        institution=session.fixture.institution,
        payer_account=session.fixture.account,
        reference=paid.id,
        amount_vnd=paid.amount_vnd,
        booked_at=paid.booked_at,
        payee_account="account:999998:0000000001",
        verdict=ListedVerdict.WARN,
        reasons=("R1",),
        advice="Cảnh báo chỉ để kiểm tra giao thức.",
    )
    sent = _accepted(session.send(alert))
    acknowledgement = session.wait_for(sent, Acknowledgement, session.patience.acknowledge_s)
    if acknowledgement.request_id != alert.id:
        raise BrokenRuleError(f"acknowledges {acknowledgement.request_id}")


def _refused(session: Session, request: HoldRequest, status: int) -> None:
    session.settle()
    answered = session.answers_to(request.id)
    session.clean(request.id)
    if not 400 <= status < 500:
        raise BrokenRuleError(f"status {status}")
    if answered:
        raise BrokenRuleError("refused, but acted on")


def _without(session: Session, unwanted: set[AnswerReason]) -> None:
    found = check_answer(
        session.main_request,
        session.main_answer,
        institution=session.fixture.institution,
        now=session.clock.now(),
    )
    if broken := [reason.value for reason in found if reason in unwanted]:
        raise BrokenRuleError(", ".join(broken))


def _accepted(sent: Sent) -> Sent:
    if not 200 <= sent.status < 300:
        raise BrokenRuleError(f"status {sent.status} to {sent.envelope.type.value}")
    return sent


def _second(session: Session) -> tuple[HoldRequest, Answer]:
    """The same coins, asked for again in a new request after everything was released."""
    _ = session.main_answer
    sent = session.second
    data = sent.envelope.data
    if not isinstance(data, HoldRequest) or sent.status >= 300:
        raise UncheckedError("the second request was not taken")
    return data, session.wait_for(sent, Answer)


RULES: Mapping[Rule, Check] = {
    Rule.BAD_SIGNATURE_REFUSED: bad_signature_refused,
    Rule.OLD_TIMESTAMP_REFUSED: old_timestamp_refused,
    Rule.NONSENSE_REFUSED: nonsense_refused,
    Rule.HOLD_WITHOUT_BASIS_REFUSED: hold_without_basis_refused,
    Rule.WEBHOOK_ACCEPTED: webhook_accepted,
    Rule.REPLIES_SIGNED: replies_signed,
    Rule.ACKNOWLEDGED_IN_TIME: acknowledged_in_time,
    Rule.ANSWERED_IN_TIME: answered_in_time,
    Rule.ANSWER_READABLE: answer_readable,
    Rule.ANSWER_FITS_REQUEST: answer_fits_request,
    Rule.HELD_WITHIN_REQUEST: held_within_request,
    Rule.MOVEMENTS_FROM_CREDIT: movements_from_credit,
    Rule.PARTS_FOLLOW_MOVEMENTS: parts_follow_movements,
    Rule.SUM_CLOSES: sum_closes,
    Rule.HOLDS_WHAT_IT_CAN: holds_what_it_can,
    Rule.UNKNOWN_ACCOUNT_REFUSED: unknown_account_refused,
    Rule.IDEMPOTENT: idempotent,
    Rule.LOWER_REVISION_IGNORED: lower_revision_ignored,
    Rule.ANSWER_REVISION_RISES: answer_revision_rises,
    Rule.RELEASES_EXACTLY: releases_exactly,
    Rule.ASKED_AGAIN_ANSWERS: asked_again_answers,
    Rule.NOTICE_SERVED: notice_served,
    Rule.CANCEL_RELEASES: cancel_releases,
    Rule.CONFIRMS_HONESTLY: confirms_honestly,
    Rule.PAYER_ALERT_ACKNOWLEDGED: payer_alert_acknowledged,
    Rule.REFUND_ANSWERED: refund_answered,
    Rule.RECEIPTS_TOLD: receipts_told,
    Rule.RECEIPTS_SAME_AGAIN: receipts_same_again,
    Rule.RECEIPTS_WITHOUT_BASIS_REFUSED: receipts_without_basis_refused,
    Rule.RECEIPTS_HOLD_NOTHING: receipts_hold_nothing,
}
