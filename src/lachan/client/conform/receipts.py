"""The rules about a question that holds nothing: what did your accounts receive from an account elsewhere?

Every connected machine is asked (`receipts.asked`). To tell less hides where money went, to tell more breaks bank
secrecy, so both are broken rules.
"""

import json
from datetime import timedelta

from lachan.client.conform.model import BrokenRuleError, UncheckedError
from lachan.client.conform.session import Sent, Session
from lachan.foundation.protocol import Answer, Direction, Movement, ReceiptsQuery, ReceiptsTold

# The fixture's movements are this far apart: a time that is off by more is another movement's.
_APART = timedelta(minutes=1)


def receipts_told(session: Session) -> None:
    """By `answer_by`, everything from that account since then, the earliest first, and nothing else."""
    fixture = session.fixture
    first, second = _credits(session)
    _check(session, session.receipts_question, (first, second))
    # The instant itself belongs to what is asked for.
    _check(session, session.send(session.receipts_query(second.booked_at)), (second,))
    _check(session, session.send(session.receipts_query(second.booked_at + _APART)), ())
    stranger = f"{fixture.payer[:-1]}2"
    _check(session, session.send(session.receipts_query(fixture.opened_at, payer=stranger)), ())


def receipts_same_again(session: Session) -> None:
    """The same message again is not another question; the same question in a later message is one."""
    sent = session.receipts_question
    first = _first(session)
    status = session.deliver(sent.envelope).status
    if not 200 <= status < 300:
        raise BrokenRuleError(f"status {status} to a question sent again")
    session.settle()
    if any(one.receipts != first.receipts for one in session.replies(sent.envelope.message_id, ReceiptsTold)):
        raise BrokenRuleError("the same message was answered otherwise")
    later = session.send(session.receipts_query(session.fixture.opened_at))
    told = session.wait_for(_taken(later), ReceiptsTold)
    if told.receipts != first.receipts:
        raise BrokenRuleError(f"told {len(first.receipts)} payments, then {len(told.receipts)}")


def receipts_without_basis_refused(session: Session) -> None:
    """Whom an account paid is bank secrecy: without a legal basis nothing is told, not even an empty list."""
    envelope = session.wrap(session.receipts_query(session.fixture.opened_at))
    content = json.loads(envelope.as_json())
    del content["data"]["legal_basis"]
    status = session.post(envelope.message_id, json.dumps(content).encode())
    if status >= 500:
        raise BrokenRuleError(f"status {status}")
    session.settle()
    if told := session.replies(envelope.message_id, ReceiptsTold):
        raise BrokenRuleError(f"told {len(told[0].receipts)} payments without a legal basis")


def receipts_hold_nothing(session: Session) -> None:
    """What was available before a question is available after it: it is no order to hold anything."""
    _ = _first(session)
    request = session.hold_request()
    try:
        before = session.wait_for(_taken(session.send(request)), Answer)
        session.wait_for(_taken(session.send(session.receipts_query(session.fixture.opened_at))), ReceiptsTold)
        again = session.send(request.model_copy(update={"revision": request.revision + 1}))
        after = session.wait_for(_taken(again), Answer)
    finally:
        session.clean(request.id)
    if (after.available_vnd, after.held_vnd) != (before.available_vnd, before.held_vnd):
        raise BrokenRuleError(f"available {before.available_vnd}, after a question {after.available_vnd}")


def _credits(session: Session) -> tuple[Movement, Movement]:
    first, second = (one for one in session.fixture.movements if one.direction is Direction.CREDIT)
    return first, second


def _first(session: Session) -> ReceiptsTold:
    """What was told first; a rule that compares with it is unchecked where nothing was."""
    told = session.replies(session.receipts_question.envelope.message_id, ReceiptsTold)
    if not told:
        raise UncheckedError("nothing was told to compare with")
    return told[0]


def _check(session: Session, sent: Sent, expected: tuple[Movement, ...]) -> None:
    told = session.wait_for(_taken(sent), ReceiptsTold)
    asked = sent.envelope.data
    if not isinstance(asked, ReceiptsQuery):
        raise UncheckedError("no question")
    if told.request_id != asked.id:
        raise BrokenRuleError(f"speaks of {told.request_id}")
    found = [(one.reference, one.amount_vnd, one.account) for one in told.receipts]
    wanted = [(one.id, one.amount_vnd, session.fixture.account) for one in expected]
    if found != wanted:
        about = f"{asked.payer_account} since {asked.since.isoformat()}"
        raise BrokenRuleError(f"told {_names(found)} of {about}, where {_names(wanted)} is true")
    for one, true in zip(told.receipts, expected, strict=True):
        if abs(one.booked_at - true.booked_at) >= _APART:
            raise BrokenRuleError(f"{one.reference} came at {true.booked_at.isoformat()}, told {one.booked_at}")


def _names(found: list[tuple[str, int, str]]) -> str:
    return ", ".join(f"{reference} {amount_vnd}" for reference, amount_vnd, _ in found) or "nothing"


def _taken(sent: Sent) -> Sent:
    if not 200 <= sent.status < 300:
        raise BrokenRuleError(f"status {sent.status} to {sent.envelope.type.value}")
    return sent
