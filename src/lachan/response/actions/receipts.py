"""Past a silent institution: the machines of the others are asked what their accounts received from its account.

They are asked once for all requests that wait at the account, and what they tell serves all of them. It is traced
as an answer would be, and asked for like any other money; no more of it than is disputed. When the silent
institution answers, its word replaces theirs, and what was held too much is let go at once.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from lachan.foundation.access import agencies
from lachan.foundation.base import BadInput, Language, NotFound
from lachan.foundation.protocol import (
    AnswerReason,
    EventType,
    LegalBasis,
    Person,
    ReceiptsQuery,
    ReceiptsTold,
    intersect,
    normalise,
    subtract,
    union,
)
from lachan.foundation.protocol.connections import Channel, connections
from lachan.foundation.protocol.outbox import (
    Message,
    Outbox,
    close_all,
    close_subject,
    envelope_of,
    is_newest,
    sent_since,
)
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import clock, legal_basis, threshold, vietnam_date
from lachan.foundation.trail import append
from lachan.ledger import Received, Said, learn_receipts
from lachan.response import store
from lachan.response.actions.hops import (
    better_known,
    hops_of,
    is_over,
    open_or_update,
    resettle_hold,
    settlement,
)
from lachan.response.actions.rounds import others_in_turn, subject_of
from lachan.response.actions.work import Work, wait_turn, working
from lachan.response.model import ENDED, OPEN, Hold, HoldState
from lachan.response.rules.receipts import known_of, refusal_of, through_receipts

BASIS = "nd117-2018"
_BY_MACHINE = frozenset({Channel.WEBHOOK, Channel.INBOX})


def ask_receipts(unit: Unit, outbox: Outbox, hold_id: str, round_: int) -> None:
    """The institution has not answered: ask the others, if what may have gone on is worth it.

    Who was asked about this account a moment ago, for another request, is not asked again: its answer finds this
    request waiting too.
    """
    hold = store.hold(unit.conn, hold_id)
    if not _waits(hold):
        return
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        open_vnd = sum(hop.sum.moving_vnd for hop in work.hops(hold_id=hold.id))
        if _waits(hold) and open_vnd >= threshold("receipts_floor", unit.now).value:
            codes, told_soon = machines(unit, hold.institution), _asked_just_now(unit, hold)
            anew = ask_about(work, hold, [code for code in codes if code not in told_soon], open_vnd)
            work.fact(
                "receipts.asked", f"hold:{hold.id}",
                {"institutions": len(codes), "messages": anew, "open_vnd": open_vnd, "round": round_ + 1},
                legal_basis=BASIS,
            )  # fmt: skip
        others_in_turn(work.unit, hold, round_ + 1)


def take_receipts(
    unit: Unit, outbox: Outbox, item: Message, told: ReceiptsTold, codes: Collection[str]
) -> AnswerReason | None:
    """Take what an institution's accounts received, or refuse it by name. Late words change nothing."""
    wait_turn(unit)
    query = envelope_of(item).data
    if not isinstance(query, ReceiptsQuery) or query.institution not in codes:
        raise BadInput(AnswerReason.WRONG_INSTITUTION, field="request_id")
    try:
        hold = store.hold(unit.conn, told.request_id)
    except NotFound as error:
        raise BadInput(AnswerReason.WRONG_REQUEST, field="request_id") from error
    refused = refusal_of(query, told, codes, unit.now)
    said = {"institution": query.institution, "receipts": len(told.receipts)}
    if refused is not None:
        append(unit, "receipts.refused", f"hold:{hold.id}", {**said, "reason": refused})
        return refused
    close_subject(unit, query.institution, item.subject, (EventType.RECEIPTS_ASKED,))
    with working(unit, outbox, hold.trace_id) as work:
        # Where its own institution has spoken meanwhile, or nobody pursues it any more, nothing is kept.
        waiting = list(_waiting(work, hold.account))
        said["amount_vnd"] = sum(one.amount_vnd for one in told.receipts) if waiting else 0
        served = {hold.id: hold.trace_id}
        if told.receipts or any(one.receipts for one in waiting):
            alike = store.holds_by(unit.conn, account=hold.account)
            replaces = is_newest(unit.conn, item, [subject_of(one.id) for one in alike])
            known = known_of(waiting, [one for one in alike if _came_in(one)], query, told, replaces=replaces)
            # A mule's bank is silent about many losses at once: most answers say nothing new about any of them.
            if any(one.receipts != known for one in waiting):
                served |= {one.id: one.trace_id for one in waiting}
                for one in waiting:
                    work.update_hold(one, receipts=known)
                # What is held for one loss and turns out to be another's changes owner; else it would be let go
                # for one before it is asked for again for the other.
                for one in waiting:
                    _take_over(work, work.hold(one.id))
                # The oldest money first: a newer loss's coins lie on it, and are known by then.
                for one in waiting:
                    resettle_hold(work, work.hold(one.id))
        for hold_id, trace_id in served.items():
            work.fact("receipts.told", f"hold:{hold_id}", {**said, "trace": trace_id}, legal_basis=BASIS)
    return None


def settle_told(work: Work) -> None:
    """At the end of a piece of work: no request that is over keeps what others told, the ledger what still counts.

    Nobody will ever confirm it to a request that ended without an answer: what was held by it is let go. Nor did
    money come that such a request was about, as far as anybody pursues it: it hides what others' money paid.
    """
    while work.told_of:
        account = next(iter(work.told_of))
        alike = store.holds_by(work.unit.conn, account=account)
        came = {one.reference for one in alike if _waits(one) or _came_in(one)}
        for one in alike:
            if one.receipts and one.state in ENDED:
                resettle_hold(work, work.update_hold(work.hold(one.id), receipts=None))
        for one in _waiting(work, account):
            known = [word for word in one.receipts or () if "account" in word or word["reference"] in came]
            if len(known) < len(one.receipts or ()):
                resettle_hold(work, work.update_hold(one, receipts=known))
        institution = next((one.institution for one in alike if one.institution), account.split(":")[1])
        _keep_traced(work, account, institution)
        del work.told_of[account]


def _keep_traced(work: Work, account: str, institution: str) -> None:
    """The ledger learns the payments by which coins of a request that waits at this account went on, and no others.

    What carries none any more, because its bank has spoken, its institution took it back or nobody pursues those
    coins, is taken back there.
    """
    floor_vnd = int(threshold("tracing_floor", work.unit.now).value)
    found: dict[str, Received] = {}
    for one in _waiting(work, account):
        known = {word["reference"]: (row, word) for row, word in enumerate(one.receipts or (), 1)}
        for hop in () if not known else work.hops(hold_id=one.id):
            for onward in () if is_over(work, hop) else through_receipts(hop.spans, one, floor_vnd).onward:
                row, word = known[onward.reference]
                said = Said(
                    onward.reference, onward.booked_at, onward.transfer_vnd, account, onward.account, row=row
                )
                found.setdefault(
                    onward.reference, Received(onward.institution, f"hold:{one.id}", word.get("message"), said)
                )
    learn_receipts(work.unit, list(found.values()), payer=account, institution=institution)


def machines(unit: Unit, besides: str | None) -> list[str]:
    """The codes of the institutions whose machine takes messages, but for this one's; one code each."""
    live = {one.institution_id for one in connections(unit.conn) if one.active and one.channel in _BY_MACHINE}
    found = [one for one in agencies(unit.conn, on=vietnam_date(unit.now)) if one.id in live and one.codes]
    return [sorted(one.codes)[0] for one in found if besides not in one.codes]


def ask_about(work: Work, hold: Hold, institutions: Collection[str], open_vnd: int) -> list[str]:
    """Ask these institutions about the account of a request, since the oldest money that waits there came.

    Returns the messages' ids.
    """
    now, alike = work.unit.now, store.holds_by(work.unit.conn, account=hold.account)
    # The questions before these, for whichever request, need not be answered any more.
    subjects = [subject_of(one.id) for one in alike]
    desk = hold.requester_name or work.outbox.issuer.name
    sent: list[str] = []
    for institution in institutions:
        close_all(work.unit, subjects, EventType.RECEIPTS_ASKED, institution=institution)
        query = ReceiptsQuery(
            id=hold.id,
            trace_code=work.trace_of(hold.trace_id).code,
            institution=institution,
            payer_institution=hold.institution or hold.account.split(":")[1],
            payer_account=hold.account,
            since=min([hold.booked_at, *(one.booked_at for one in alike if _waits(one))]),
            legal_basis=LegalBasis(code=BASIS, title=legal_basis(BASIS, now).citation(Language.VI)),
            requester=Person(id=hold.requester, name=desk, agency=desk),
            answer_by=clock("hop_answer", now).deadline(now),
        )
        sent.append(work.outbox.send(work.unit, institution, subject_of(hold.id), query, priority=open_vnd))
    return sent


def _asked_just_now(unit: Unit, hold: Hold) -> set[str]:
    """Who was asked about this account within the time after which others are asked past a silent institution.

    This request has waited longer than that: it waited when they were asked, and their answer serves it too.
    """
    subjects = [subject_of(one) for one in store.requests_beside(unit.conn, hold.id)]
    moment_ago = clock("receipts_first", unit.now).before(unit.now)
    return {one.institution for one in sent_since(unit.conn, subjects, EventType.RECEIPTS_ASKED, moment_ago)}


def _waits(hold: Hold) -> bool:
    return hold.answer is None and hold.state in OPEN - {HoldState.DRAFTED, HoldState.APPROVED}


def _take_over(work: Work, hold: Hold) -> None:
    """Coins that others' word gives to this request's losses and gave to another's before."""
    floor_vnd = int(threshold("tracing_floor", work.unit.now).value)
    for hop in work.hops(hold_id=hold.id):
        for onward in () if is_over(work, hop) else settlement(hop, hold, floor_vnd).onward:
            wanted = subtract(onward.spans, better_known(work, hop, onward))
            rows = hops_of(work, onward.reference, onward.account)
            own = normalise(span for one in rows if one.parent_id == hop.id for span in one.spans)
            others = normalise(span for one in rows if one.parent_id != hop.id for span in one.spans)
            if mine := intersect(wanted, others):
                open_or_update(
                    work, loss_id=hop.loss_id, parent=hop, onward=replace(onward, spans=union(own, mine)),
                    payer_institution=hop.institution, trace_id=hop.trace_id,
                )  # fmt: skip


def _came_in(hold: Hold) -> bool:
    """Whether the account's own institution has said that this transfer came."""
    return hold.answer is not None and bool(hold.answer.get("movements") or hold.answer.get("parts"))


def _waiting(work: Work, account: str) -> Iterator[Hold]:
    found = [one for one in store.holds_by(work.unit.conn, account=account) if _waits(one)]
    for one in sorted(found, key=lambda hold: (hold.booked_at, hold.id)):
        yield work.hold(one.id)
