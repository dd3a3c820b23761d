"""From what a bank officer typed to an answer that adds up, or to what is wrong in which field. Pure.

The arithmetic is the client's: the asked coins are followed through the movements (LIFO), what is still there
can be held, what went out is a part with the kind that the officer chose, and what nobody explains is said to
be unexplained: requested = held + parts, always.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from lachan.foundation.base import BadInput, InputReason, LachanError, new_id, parse_vnd
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    Direction,
    Flow,
    HoldRequest,
    Movement,
    Part,
    PartKind,
    Payee,
    Refusal,
    Spans,
    check_answer,
    flow,
    newest,
    subtract,
    total,
    union,
)
from lachan.response.rules.statement import Line, read_statement

NOTE_MAX = 1_000
OUTFLOWS = tuple(kind for kind in PartKind if kind.left_the_account)
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,79}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# In which field of the form a refused answer is to be corrected.
FIELD_OF_REASON: Mapping[AnswerReason, str] = {
    AnswerReason.HELD_ABOVE_REQUEST: "held",
    AnswerReason.HELD_ABOVE_AVAILABLE: "held",
    AnswerReason.HELD_NOT_IN_MOVEMENTS: "held",
    AnswerReason.HELD_SPANS_DIFFER: "held",
    AnswerReason.REFUSED_BUT_HELD: "held",
    AnswerReason.SUM_DIFFERS: "held",
    AnswerReason.MOVEMENTS_START_ELSEWHERE: "statement",
    AnswerReason.MOVEMENTS_UNUSABLE: "statement",
    AnswerReason.PARTS_DISAGREE_WITH_MOVEMENTS: "statement",
    AnswerReason.IN_THE_FUTURE: "statement",
    AnswerReason.PLACED_BEFORE_TRANSFER: "statement",
}

PayeeOf = Callable[[str, str], Payee]


class Verdict:
    """What the institution decides: the values of the form's choice."""

    PART = "part"
    FULL = "full"
    REFUSE = "refuse"
    ALL = (PART, FULL, REFUSE)


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed; mappings are by the key of a statement line. None: not typed yet."""

    statement: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    banks: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    held: str | None = None
    remains: str | None = None
    verdict: str = ""
    refusal: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the institution already holds under this request, and since when."""

    spans: Spans = ()
    placed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A statement line with what it carries of the asked money, and how much is left after it."""

    line: Line
    id: str
    tainted_vnd: int
    left_vnd: int
    kind: PartKind | None


@dataclass(frozen=True, slots=True)
class Composed:
    """The sum as it stands; `answer` is there when nothing is wrong. `errors` are by field."""

    bookings: tuple[Booking, ...]
    there_vnd: int
    held_vnd: int
    remains_vnd: int
    outflows: Mapping[PartKind, int]
    unexplained_vnd: int
    over_vnd: int
    verdict: str
    refusal: str
    errors: Mapping[str, LachanError]
    answer: Answer | None


def compose(
    request: HoldRequest,
    typed: Typed,
    *,
    kept: Kept,
    revision: int,
    decided_by: str,
    payee_of: PayeeOf,
    now: datetime,
) -> Composed:
    """Add up what was typed. `payee_of(bank, number)` finds who received money, or raises BadInput."""
    errors: dict[str, LachanError] = {}
    bookings, found, lines = _follow(request, typed, kept, errors, now)
    requested = request.amount_vnd
    kept_vnd = total(kept.spans)
    there_vnd = total(found.remaining) + kept_vnd if found else requested
    outflows, parts = _outflows(bookings, found, typed, payee_of, errors)
    verdict, refusal = _decision(typed, there_vnd, requested, errors)
    held_vnd = 0 if verdict == Verdict.REFUSE else _money(typed.held, there_vnd, "held", errors)
    free_vnd = max(0, there_vnd - held_vnd)
    remains_vnd = free_vnd if found else _money(typed.remains, 0, "remains", errors)
    left_vnd = requested - held_vnd - remains_vnd - sum(outflows.values())
    _check_sum(verdict, held_vnd, there_vnd, requested, left_vnd, errors)
    note = typed.note.strip()
    if len(note) > NOTE_MAX:
        errors["note"] = BadInput(InputReason.TOO_LONG, field="note", limit=NOTE_MAX)
    elif _CONTROL.search(note):
        errors["note"] = BadInput(InputReason.MALFORMED, field="note", expected="abc")
    result = Composed(
        bookings, there_vnd, held_vnd, remains_vnd, outflows, max(0, left_vnd), max(0, -left_vnd), verdict,
        refusal, errors, None,
    )  # fmt: skip
    if errors:
        return result
    if remains_vnd:
        parts.append(Part(kind=PartKind.REMAINS, amount_vnd=remains_vnd))
    if left_vnd:
        parts.append(Part(kind=PartKind.UNEXPLAINED, amount_vnd=left_vnd))
    held, movements, placed_at = _hold(request, kept, found, lines, held_vnd, now)
    answer = Answer(
        message_id=new_id(), request_id=request.id, request_revision=request.revision, revision=revision,
        held_vnd=held_vnd, held_spans=held, refusal=None if held_vnd else Refusal(refusal), parts=tuple(parts),
        movements=movements, available_vnd=max(there_vnd, held_vnd), placed_at=placed_at, decided_by=decided_by,
        note=note or None,
    )  # fmt: skip
    reasons = check_answer(
        request, answer, institution=request.institution, now=now, last_revision=revision - 1
    )  # fmt: skip
    for reason in reasons:
        errors.setdefault(FIELD_OF_REASON.get(reason, "answer"), BadInput(reason))
    return replace(result, answer=None if errors else answer)


def _follow(
    request: HoldRequest, typed: Typed, kept: Kept, errors: dict[str, LachanError], now: datetime
) -> tuple[tuple[Booking, ...], Flow | None, tuple[Movement, ...]]:
    """The bookings with what they carry, the flow, and the movements it rests on; nothing without lines."""
    transfer = request.transfer
    try:
        lines = read_statement(typed.statement, transfer)
        if not lines and not typed.statement.strip():
            return (), None, ()
        ids = {line.key: _reference(line, typed, request) for line in lines}
        movements = [
            Movement(id=transfer.reference, booked_at=transfer.booked_at, sequence=0, direction=Direction.CREDIT,
                     amount_vnd=transfer.amount_vnd),
            *(
                Movement(id=ids[line.key], booked_at=line.at, sequence=number,
                         direction=Direction.DEBIT if line.amount_vnd < 0 else Direction.CREDIT,
                         amount_vnd=abs(line.amount_vnd))
                for number, line in enumerate(lines, 1)
            ),
        ]  # fmt: skip
        if kept.spans:
            movements.append(_freeze(request, 1, kept.spans, kept.placed_at or now, len(lines) + 1))
        found = flow(transfer.reference, request.spans, movements)
    except LachanError as error:
        errors["statement"] = error
        return (), None, ()
    left_vnd = request.amount_vnd
    bookings = []
    for line in lines:
        carried = total(found.taken.get(ids[line.key], ()))
        left_vnd -= carried
        chosen = typed.kinds.get(line.key, "")
        kind = PartKind(chosen) if chosen in {one.value for one in OUTFLOWS} else None
        if carried and chosen and kind is None:
            errors[f"kind_{line.key}"] = BadInput(InputReason.UNKNOWN_VALUE, value=chosen[:40])
        bookings.append(Booking(line, ids[line.key], carried, left_vnd, kind))
    return tuple(bookings), found, tuple(movements)


def _reference(line: Line, typed: Typed, request: HoldRequest) -> str:
    written = (typed.references.get(line.key) or line.reference or "").strip()
    # A booking without a reference that others could know gets a name of its own within this answer.
    return written if _REFERENCE.fullmatch(written) else f"{request.id[:8]}-{line.key}"


def _outflows(
    bookings: tuple[Booking, ...],
    found: Flow | None,
    typed: Typed,
    payee_of: PayeeOf,
    errors: dict[str, LachanError],
) -> tuple[dict[PartKind, int], list[Part]]:
    sums: dict[PartKind, int] = {}
    parts: list[Part] = []
    for booking in bookings:
        if not booking.tainted_vnd or booking.kind is None or found is None:
            continue
        sums[booking.kind] = sums.get(booking.kind, 0) + booking.tainted_vnd
        payee = None
        if booking.kind is PartKind.MOVED_ON:
            payee = _payee(booking, typed, payee_of, errors)
        parts.append(
            Part(
                kind=booking.kind, amount_vnd=booking.tainted_vnd, reference=booking.id,
                booked_at=booking.line.at, payee=payee, spans=found.out[booking.id],
            )
        )  # fmt: skip
    return sums, parts


def _payee(booking: Booking, typed: Typed, payee_of: PayeeOf, errors: dict[str, LachanError]) -> Payee | None:
    """Who received it, and by which reference the other institution knows it: else nobody can follow it."""
    key = booking.line.key
    written = (typed.references.get(key) or booking.line.reference or "").strip()
    if not written:
        errors[f"reference_{key}"] = BadInput(AnswerReason.REFERENCE_MISSING)
    elif not _REFERENCE.fullmatch(written):
        errors[f"reference_{key}"] = BadInput(InputReason.MALFORMED, expected="FT26325001234")
    bank, number = typed.banks.get(key, "").strip(), typed.accounts.get(key, "").strip()
    if not bank:
        errors[f"bank_{key}"] = BadInput(AnswerReason.PAYEE_MISSING)
        return None
    try:
        return payee_of(bank, number)
    except LachanError as error:
        errors[f"{error.field or 'account'}_{key}"] = error
        return None


def _decision(typed: Typed, there_vnd: int, requested_vnd: int, errors: dict[str, LachanError]) -> tuple[str, str]:
    if not typed.verdict:
        verdict = Verdict.REFUSE if there_vnd == 0 else Verdict.FULL if there_vnd >= requested_vnd else Verdict.PART
    elif typed.verdict in Verdict.ALL:
        verdict = typed.verdict
    else:
        errors["verdict"] = BadInput(InputReason.UNKNOWN_VALUE, value=typed.verdict[:40])
        return Verdict.PART, ""
    refusal = typed.refusal or (Refusal.NO_BALANCE.value if there_vnd == 0 else "")
    if verdict == Verdict.REFUSE:
        if not refusal:
            errors["refusal"] = BadInput(InputReason.MISSING, field="refusal")
        elif refusal not in set(Refusal):
            errors["refusal"] = BadInput(InputReason.UNKNOWN_VALUE, value=refusal[:40])
    return verdict, refusal


def _money(typed: str | None, otherwise_vnd: int, name: str, errors: dict[str, LachanError]) -> int:
    if typed is None or not typed.strip():
        return otherwise_vnd
    if re.fullmatch(r"0+\s*(₫|đ|d|vnd)?", typed.strip().lower().replace("\u00a0", " ")):
        return 0
    try:
        return parse_vnd(typed, field=name)
    except LachanError as error:
        errors[name] = error
        return 0


def _check_sum(
    verdict: str, held_vnd: int, there_vnd: int, requested_vnd: int, left_vnd: int, errors: dict[str, LachanError]
) -> None:
    if "held" in errors:
        return
    if held_vnd > requested_vnd:
        errors["held"] = BadInput(AnswerReason.HELD_ABOVE_REQUEST)
    elif held_vnd > there_vnd:
        errors["held"] = BadInput(AnswerReason.HELD_ABOVE_AVAILABLE)
    elif left_vnd < 0:
        errors["held"] = BadInput(AnswerReason.SUM_DIFFERS)
    elif verdict == Verdict.FULL and held_vnd != requested_vnd:
        errors["verdict"] = BadInput(AnswerReason.SUM_DIFFERS)
    elif verdict == Verdict.PART and held_vnd == 0:
        errors["held"] = BadInput(InputReason.NOT_POSITIVE)


def _hold(
    request: HoldRequest,
    kept: Kept,
    found: Flow | None,
    movements: tuple[Movement, ...],
    held_vnd: int,
    now: datetime,
) -> tuple[Spans, tuple[Movement, ...], datetime | None]:
    """Which coins are held from now on, as spans, movements and time."""
    if not held_vnd:
        return (), tuple(m for m in movements if m.direction is not Direction.HOLD), None
    before = newest(kept.spans, held_vnd)
    free = found.remaining if found else subtract(request.spans, kept.spans)
    added = newest(free, held_vnd - total(before))
    placed_at = kept.placed_at if before and kept.placed_at else now
    if not found:
        return union(before, added) if before else (), (), placed_at
    made = [m for m in movements if m.direction is not Direction.HOLD]
    number = len(movements)
    if before:
        made.append(_freeze(request, 1, before, placed_at, number))
    if added:
        last = max(m.booked_at for m in made)
        made.append(_freeze(request, 2, added, max(now, last), number + 1))
    return union(before, added), tuple(made), placed_at


def _freeze(request: HoldRequest, number: int, spans: Spans, at: datetime, sequence: int) -> Movement:
    return Movement(
        id=f"{request.id}.{number}", booked_at=at, sequence=sequence, direction=Direction.HOLD,
        amount_vnd=total(spans), reference=request.transfer.reference, spans=spans,
    )  # fmt: skip
