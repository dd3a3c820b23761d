"""What a report must have, and when two reports speak of the same transfer. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from lachan.foundation.access import Permission
from lachan.foundation.base import VND_MAX, BadInput, Conflict, InputReason, format_vnd
from lachan.foundation.protocol import is_made_up_reference
from lachan.foundation.taxonomy import clock
from lachan.intake.model import NEXT, IntakeReason, Loss, LossDraft, Outcome, Report, ReportDraft, ReportStatus

STORY_MAX = 4_000
NAME_MAX = 200
LOSSES_MAX = 50
# A clock that runs ahead by this much is a clock, not a lie.
CLOCK_TOLERANCE = timedelta(minutes=5)
OLDEST_TRANSFER = timedelta(days=366 * 2)
# A victim remembers ten things, not a thousand; whoever has more to say telephones.
DETAILS_MAX = 20
DETAILS_LENGTH_MAX = 20_000
DETAILS_AT_ONCE, DETAILS_WINDOW = 5, timedelta(minutes=10)

_P, _S = Permission, ReportStatus
# Who takes which step: one of these at the report's own desk. What happens by itself has CLOCK_RUN.
MOVED_BY: Mapping[ReportStatus, tuple[Permission, ...]] = {
    _S.RECEIVED: (_P.CLOCK_RUN,),
    _S.TRIAGED: (_P.HOLD_REQUEST, _P.CLOCK_RUN),
    _S.DISPATCHED: (_P.HOLD_REQUEST, _P.CLOCK_RUN),
    _S.ACTIONED: (_P.ANSWER_ENTER, _P.CLOCK_RUN),
    _S.FORMALISED: (_P.TASK_WORK, _P.CLOCK_RUN),
    _S.CLOSED: (_P.TASK_WORK, _P.CLOCK_RUN),
    _S.REFERRED: (_P.TASK_WORK, _P.CLOCK_RUN),
    _S.DUPLICATE: (_P.TASK_WORK, _P.CLOCK_RUN),
    _S.WITHDRAWN: (_P.TRACE_CANCEL, _P.CLOCK_RUN),
}


def check(draft: ReportDraft, now: datetime) -> None:
    """Refuse what cannot be a report; the message names the field. Evidence is never demanded here."""
    _text("victim_name", draft.victim_name, NAME_MAX, required=True)
    _text("story", draft.story, STORY_MAX)
    _text("place", draft.place, NAME_MAX)
    if not draft.losses:
        raise BadInput(IntakeReason.NO_TRANSFER, field="losses")
    if len(draft.losses) > LOSSES_MAX:
        raise BadInput(IntakeReason.TOO_MANY_TRANSFERS, field="losses", limit=LOSSES_MAX)
    for position, loss in enumerate(draft.losses):
        _check_loss(loss, f"losses.{position}", now)
    for position, loss in enumerate(draft.losses):
        if any(same_transfer(loss, other, now) for other in draft.losses[:position]):
            raise BadInput(IntakeReason.SAME_TRANSFER_TWICE, field=f"losses.{position}.reference")


def same_transfer(one: LossDraft | Loss, other: LossDraft | Loss, now: datetime) -> bool:
    """Whether two reported transfers are one: the same reference, or the same road, amount and minutes.

    Two people rarely remember the same second of one transfer: the clock `report_duplicate_window` of today says
    how far apart they may be.
    """
    if one.payee_account != other.payee_account or one.amount_vnd != other.amount_vnd:
        return False
    if one.reference and other.reference and not (_made_up(one) or _made_up(other)):
        return one.reference == other.reference
    payers = {one.payer_account, other.payer_account} - {None}
    window = clock("report_duplicate_window", now).duration
    return len(payers) <= 1 and abs(one.booked_at - other.booked_at) <= window


def duplicate_of(loss: LossDraft, known: Iterable[Loss], now: datetime) -> Loss | None:
    """The already reported loss that speaks of the same transfer."""
    return next((other for other in known if same_transfer(loss, other, now)), None)


def _made_up(loss: LossDraft | Loss) -> bool:
    return loss.reference is not None and is_made_up_reference(loss.reference)


def _check_loss(loss: LossDraft, field: str, now: datetime) -> None:
    if loss.amount_vnd <= 0:
        raise BadInput(InputReason.NOT_POSITIVE, field=f"{field}.amount_vnd")
    if loss.amount_vnd > VND_MAX:
        raise BadInput(InputReason.TOO_LARGE, field=f"{field}.amount_vnd", limit=format_vnd(VND_MAX))
    if loss.booked_at > now + CLOCK_TOLERANCE:
        raise BadInput(InputReason.IN_THE_FUTURE, field=f"{field}.booked_at")
    if loss.booked_at < now - OLDEST_TRANSFER:
        limit = (now - OLDEST_TRANSFER).date().isoformat()
        raise BadInput(InputReason.TOO_OLD, field=f"{field}.booked_at", limit=limit)
    if loss.payer_account is not None and loss.payer_account == loss.payee_account:
        raise BadInput(IntakeReason.SELF_TRANSFER, field=f"{field}.payee_account")


def _text(field: str, value: str | None, limit: int, *, required: bool = False) -> None:
    if required and not (value or "").strip():
        raise BadInput(InputReason.MISSING, field=field)
    if value is None:
        return
    if len(value) > limit:
        raise BadInput(InputReason.TOO_LONG, field=field, limit=limit)
    if any(ord(character) < 32 and character not in "\n\r\t" for character in value):
        raise BadInput(InputReason.MALFORMED, field=field, expected="Nguyễn Thị An")


def check_detail(text: str) -> None:
    """A detail added later: some words, not a book."""
    _text("text", text, STORY_MAX, required=True)


def check_room(text: str, earlier: Sequence[tuple[datetime, str]], now: datetime) -> None:
    """Refuse a detail where a report already has enough of them, in number, in length or in the last minutes."""
    if len(earlier) >= DETAILS_MAX:
        raise Conflict(IntakeReason.TOO_MANY_DETAILS, field="text", limit=DETAILS_MAX)
    if len(text) + sum(len(said) for _, said in earlier) > DETAILS_LENGTH_MAX:
        raise Conflict(IntakeReason.DETAILS_TOO_LONG, field="text", limit=DETAILS_LENGTH_MAX)
    recent = sorted(at for at, _ in earlier if at > now - DETAILS_WINDOW)
    if len(recent) >= DETAILS_AT_ONCE:
        wait = recent[-DETAILS_AT_ONCE] + DETAILS_WINDOW - now
        raise Conflict(IntakeReason.DETAILS_TOO_FAST, field="text", minutes=math.ceil(wait.total_seconds() / 60))


def complex_until(received_at: datetime, now: datetime) -> datetime:
    """When a complex report's time is over: counted from its receipt, not from the note (art. 147.2)."""
    return clock("report_resolution_complex", now).deadline(received_at)


def extended_until(resolve_by: datetime, now: datetime) -> datetime:
    """When the time is over after the one extension, which begins on the last day of the time before."""
    return clock("report_resolution_extension", now).deadline(resolve_by - timedelta(microseconds=1))


def extension_last_asked(resolve_by: datetime, now: datetime) -> datetime:
    """The first instant at which it is too late to ask for an extension (art. 147.3)."""
    return clock("report_extension_request", now).before(resolve_by)


def outcome_of(saved_vnd: int, owed_vnd: int) -> Outcome:
    """What the books say of a report: all, some or none of what was lost is held or returned."""
    if not saved_vnd:
        return Outcome.NONE
    return Outcome.FULL if saved_vnd >= owed_vnd else Outcome.PARTIAL


def fits_books(stated: Outcome, books: Outcome) -> bool:
    """Whether a stated outcome may stand: money may also come back past the books, never the other way."""
    order = (Outcome.NONE, Outcome.PARTIAL, Outcome.FULL)
    return order.index(stated) >= order.index(books)


def may_become(report: Report, status: ReportStatus) -> bool:
    """Whether the life-cycle has this step."""
    return status in NEXT[report.status]
