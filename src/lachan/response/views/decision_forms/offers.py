"""What a decision may be about now: the holds for which its action would accept it, and what it accepts."""

from dataclasses import dataclass

from lachan.foundation.protocol import total
from lachan.foundation.taxonomy import hold_limit_at, hold_step, legal_bases
from lachan.intake import Loss, LossConfirmation
from lachan.response.model import ENDED, HOLDING, OPEN, Hold, HoldState, TraceState
from lachan.response.rules import lawful
from lachan.response.rules.analysis import is_cancellable
from lachan.response.views.golden_hour.load import Record

_UNSENT = frozenset({HoldState.DRAFTED, HoldState.APPROVED})
_OPEN_TO_WORD = frozenset({LossConfirmation.PENDING, LossConfirmation.LAPSED})


@dataclass(frozen=True, slots=True)
class Offer:
    """What one decision accepts for one hold: steps, legal bases, kinds of body, reasons to release."""

    steps: tuple[int, ...] = ()
    bases: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def offer_of(record: Record, name: str, hold: Hold) -> Offer | None:
    """What this desk may decide for this hold; None where the action would refuse whatever is stated."""
    return _OFFERS[name](record, hold)


def is_about_a_hold(name: str) -> bool:
    """Whether a decision is about one hold."""
    return name in _OFFERS


def offered(record: Record, name: str) -> list[Hold]:
    """The holds of this trace that a decision may be about, the largest first."""
    mine = [hold for hold in record.holds.values() if hold.trace_id == record.trace.id]
    found = [hold for hold in mine if offer_of(record, name, hold) is not None]
    return sorted(found, key=lambda hold: -(total(hold.held) or total(hold.asked)))


def is_possible(record: Record, name: str) -> bool:
    """Whether a decision about the trace, a transfer or an appeal has anything to decide."""
    if name == "confirm":
        return bool(unconfirmed(record, payer_known=True))
    if name == "payer":
        return bool(unconfirmed(record, payer_known=False))
    if name == "appeal":
        return bool(record.appeals)
    if name == "analyse":
        return record.trace.state is TraceState.AWAITING_ANALYSIS
    return is_cancellable(record.trace, record.now)


def unconfirmed(record: Record, *, payer_known: bool) -> list[Loss]:
    """The transfers of which the payer's institution may still say a word, or whose institution nobody knows."""
    waiting = [loss for loss in record.report.losses if loss.confirmation in _OPEN_TO_WORD]
    return [
        loss for loss in waiting if not loss.duplicate_of and (loss.payer_institution is not None) == payer_known
    ]


def lawful_steps(record: Record, hold: Hold, above: int) -> tuple[int, ...]:
    """The steps by decision above `above` that this desk may ask for with this hold."""
    least = max(above, lawful.POLICY_STEP_MAX)
    return lawful.steps_for(record.asker_kind, least, record.now, hold.recommended)


def _extend(record: Record, hold: Hold) -> Offer | None:
    """An authority's freeze lasts as long as its decision says; nothing lasts longer than its basis allows."""
    if hold.state not in HOLDING or hold.step >= lawful.FIRST_STEP_BY_DECISION:
        return None
    if record.asker_kind not in hold_step(hold.step, record.now).requested_by:
        return None
    bases = [row.code for row in legal_bases(record.now, step=hold.step) if _lengthens(record, hold, row.code)]
    return Offer(bases=tuple(bases)) if bases else None


def _lengthens(record: Record, hold: Hold, basis: str) -> bool:
    limit = hold_limit_at(hold.step, basis, hold.placed_at or record.now)
    return limit is None or limit > max(record.now, hold.expires_at or record.now)


def _convert(record: Record, hold: Hold) -> Offer | None:
    """The step it has already may rest on a newer decision."""
    return _by_decision(record, hold, hold.step - 1) if hold.state in HOLDING else None


def _raise(record: Record, hold: Hold) -> Offer | None:
    return _by_decision(record, hold, hold.step) if hold.state is HoldState.REFUSED else None


def _by_decision(record: Record, hold: Hold, above: int) -> Offer | None:
    steps = lawful_steps(record, hold, above)
    if not steps:
        return None
    bases = dict.fromkeys(row.code for step in steps for row in legal_bases(record.now, step=step))
    kinds = dict.fromkeys(
        kind
        for step in steps
        for kind in hold_step(step, record.now).decided_by
        if lawful.recommended_to(hold.recommended, step) in {None, kind}
    )
    return Offer(steps, tuple(bases), tuple(kinds))


def _recommend(record: Record, hold: Hold) -> Offer | None:
    """A recommendation rests on a request that was sent."""
    if hold.state in ENDED or hold.institution is None or hold.requested_at is None:
        return None
    steps = lawful.steps_to_recommend(record.asker_kind, hold.step, record.now)
    kinds = dict.fromkeys(kind for step in steps for kind in hold_step(step, record.now).decided_by)
    return Offer(steps=steps, kinds=tuple(kinds)) if steps else None


def _release(record: Record, hold: Hold) -> Offer | None:
    """What an authority decided on is freed, or asked for no more, when it says so."""
    decided = lawful.stands(hold)
    if hold.state not in HOLDING and not (decided and hold.state in OPEN):
        return None
    return Offer(reasons=("authority",) if decided else ("officer", "authority"))


def _answer(record: Record, hold: Hold) -> Offer | None:
    """An institution answers what it was asked, as often as it has something to say."""
    return None if hold.state in ENDED | _UNSENT or hold.institution is None else Offer()


_OFFERS = {
    "extend": _extend,
    "convert": _convert,
    "raise": _raise,
    "recommend": _recommend,
    "release": _release,
    "answer": _answer,
}
