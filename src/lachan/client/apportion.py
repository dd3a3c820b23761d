"""An institution's arithmetic: from its own movements to what it can hold and what it must answer.

Pure. Call `apportion` with the movements since the disputed credit, freeze what `to_hold` says in your own
book, then build the answer with the movements as they are after that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.base import new_id
from lachan.foundation.protocol import (
    Answer,
    Direction,
    HoldRequest,
    Movement,
    Part,
    PartKind,
    Payee,
    ReceivedPayment,
    Refusal,
    Spans,
    flow,
    newest,
    normalise,
    subtract,
    total,
    union,
)


@dataclass(frozen=True, slots=True)
class Onward:
    """What an institution knows about one of its debits: what kind it is and who received it."""

    kind: PartKind
    payee: Payee | None = None


@dataclass(frozen=True, slots=True)
class Apportionment:
    """What to freeze now for this request, what it already holds, and where the other coins are."""

    request: HoldRequest
    to_hold: Spans
    held: Spans
    parts: tuple[Part, ...]
    free_vnd: int
    told_reference: str | None = None

    @property
    def to_hold_vnd(self) -> int:
        """The amount to freeze now."""
        return total(self.to_hold)

    def hold(self, booked_at: datetime, sequence: int, number: int = 1) -> Movement | None:
        """The hold to book, named `<request>.<number>`; none where there is nothing to freeze."""
        if not self.to_hold:
            return None
        return Movement(
            id=hold_id(self.request, number),
            booked_at=booked_at,
            sequence=sequence,
            direction=Direction.HOLD,
            amount_vnd=self.to_hold_vnd,
            reference=self.request.transfer.reference,
            spans=self.to_hold,
        )

    def answer(
        self,
        movements: Iterable[Movement],
        *,
        revision: int,
        decided_by: str,
        placed_at: datetime | None,
        note: str | None = None,
        received: Iterable[ReceivedPayment] = (),
    ) -> Answer:
        """The answer once `to_hold` is frozen; `movements` include that hold, `placed_at` is its time.

        `received`: other payments of the last days into the account, so that their payers can be warned.
        """
        held = union(self.held, self.to_hold)
        return Answer(
            message_id=new_id(),
            request_id=self.request.id,
            request_revision=self.request.revision,
            revision=revision,
            held_vnd=total(held),
            held_spans=held,
            refusal=None if held else Refusal.NO_BALANCE,
            parts=self.parts,
            movements=tuple(movements),
            available_vnd=self.free_vnd + total(self.held),
            placed_at=placed_at if held else None,
            decided_by=decided_by,
            note=note,
            transfer_reference=self.told_reference,
            received=tuple(received),
        )


def hold_id(request: HoldRequest, number: int) -> str:
    """How a hold is named among the movements, so that both sides know whose it is."""
    return f"{request.id}.{number}"


def under_real_reference(request: HoldRequest, reference: str) -> HoldRequest:
    """The request under the reference that your own book has for a transfer that the center could not name."""
    return request.model_copy(update={"transfer": request.transfer.model_copy(update={"reference": reference})})


def apportion(
    request: HoldRequest,
    movements: Sequence[Movement],
    available_vnd: int,
    onward: Mapping[str, Onward],
    *,
    transfer_reference: str | None = None,
) -> Apportionment:
    """What remains of the asked coins is held, newest first, as far as `available_vnd` (free now) reaches.

    Coins that a release named `<request>.<number>` has freed are not held under this request again.

    Where the request's reference is made up (`is_made_up_reference`), find the credit by account, amount and time,
    and give its own as `transfer_reference`: the answer tells it to the center.

    `movements` begin at the disputed credit; `onward` says what the debits are; a debit that it does not know
    becomes an `unexplained` part. Raises BadInput where the movements do not start there or contradict
    themselves.
    """
    if transfer_reference is not None:
        request = under_real_reference(request, transfer_reference)
    credit = request.transfer.reference
    found = flow(credit, request.spans, movements)
    held: Spans = ()
    for hold, spans in found.holds.items():
        if hold.startswith(f"{request.id}."):
            held = union(held, spans)
    # What was freed under this request is not held under it again.
    freed: Spans = ()
    for movement in movements:
        if movement.direction is Direction.RELEASE and movement.id.startswith(f"{request.id}."):
            freed = union(freed, normalise(movement.spans))
    to_hold = newest(subtract(found.remaining, freed), available_vnd)
    stays = union(subtract(found.remaining, to_hold), subtract(found.frozen, held))
    booked = {movement.id: movement.booked_at for movement in movements}
    parts = []
    if stays:
        parts.append(Part(kind=PartKind.REMAINS, amount_vnd=total(stays), spans=stays))
    unexplained_vnd = 0
    for debit, spans in found.out.items():
        known = onward.get(debit)
        if known is None:
            unexplained_vnd += total(spans)
            continue
        parts.append(
            Part(
                kind=known.kind,
                amount_vnd=total(spans),
                reference=debit,
                booked_at=booked[debit],
                payee=known.payee,
                spans=spans,
            )
        )
    if unexplained_vnd:
        parts.append(Part(kind=PartKind.UNEXPLAINED, amount_vnd=unexplained_vnd))
    return Apportionment(request, to_hold, held, tuple(parts), available_vnd, transfer_reference)


def refuse(
    request: HoldRequest, refusal: Refusal, *, revision: int, decided_by: str, note: str | None = None
) -> Answer:
    """Nothing is held and nothing is known: an unknown reference, an account of another bank."""
    return Answer(
        message_id=new_id(),
        request_id=request.id,
        request_revision=request.revision,
        revision=revision,
        held_vnd=0,
        refusal=refusal,
        parts=(Part(kind=PartKind.UNEXPLAINED, amount_vnd=request.amount_vnd),),
        available_vnd=0,
        decided_by=decided_by,
        note=note,
    )
