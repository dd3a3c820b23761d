"""What an answer means for the coins of one hop. Pure: spans in, amounts and onward coins out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.protocol import (
    Answer,
    Part,
    PartKind,
    Spans,
    flow,
    intersect,
    newest,
    subtract,
    total,
    union,
)
from lachan.foundation.protocol.coins import Span, normalise
from lachan.response.model import Sum

OUT_OF_REACH = frozenset(
    {
        PartKind.CASH_OUT,
        PartKind.CARD_PAYMENT,
        PartKind.MERCHANT,
        PartKind.VIRTUAL_ASSET,
        PartKind.CROSS_BORDER,
    }
)


@dataclass(frozen=True, slots=True)
class Onward:
    """Coins that moved on: `spans` are coins of the transfer `reference`, now at the payee's institution."""

    reference: str
    transfer_vnd: int
    booked_at: datetime
    institution: str
    account: str
    name: str | None
    spans: Spans


@dataclass(frozen=True, slots=True)
class BranchEnd:
    """A branch that ends out of reach, and needs a follow-up of its own."""

    kind: PartKind
    reference: str
    amount_vnd: int
    booked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """One hop after an answer: its own six parts, the coins that went on, and the branches that ended."""

    sum: Sum
    onward: tuple[Onward, ...]
    ends: tuple[BranchEnd, ...]
    unexplained_vnd: int

    @property
    def forwarded_vnd(self) -> int:
        """What child hops carry on."""
        return sum(total(onward.spans) for onward in self.onward)


def unanswered(spans: Spans) -> Settlement:
    """Nobody has said anything: all of it may be moving."""
    return Settlement(Sum(moving_vnd=total(spans)), (), (), 0)


def settle(
    spans: Spans,
    *,
    reference: str,
    asked: Spans,
    answer: Answer,
    held: Spans,
    arrived_at: datetime,
    applied: Spans = (),
    floor_vnd: int = 0,
) -> Settlement:
    """Divide one hop's coins by an accepted answer to the request for `asked`, of which `spans` are a part.

    `held` are the coins of the transfer that are held now (after releases), `applied` those paid back: they are
    paid, wherever a later answer says that they went. An onward transfer whose time nobody told is as old as it
    can be: it left when the coins came, at `arrived_at`. Onward coins of less than `floor_vnd` in one transfer are
    diluted: not worth a request.
    """
    unpaid = subtract(spans, applied)
    out = _outflows(unpaid, reference, asked, answer)
    held_vnd, returned_vnd = total(intersect(held, unpaid)), total(intersect(applied, spans))
    left = sum(total(inside) for inside in out.values())
    there_vnd = total(unpaid) - left
    parts = {part.reference: part for part in answer.parts if part.reference is not None}
    onward: list[Onward] = []
    ends: list[BranchEnd] = []
    moving = diluted = out_of_reach = unexplained = 0
    amounts = {movement.id: movement.amount_vnd for movement in answer.movements}
    times = {movement.id: movement.booked_at for movement in answer.movements}
    for debit, inside in out.items():
        part = parts.get(debit)
        carried = total(inside)
        if part is None or part.kind is PartKind.UNEXPLAINED:
            moving += carried
            unexplained += carried
        elif part.kind in OUT_OF_REACH:
            out_of_reach += carried
            ends.append(BranchEnd(part.kind, debit, carried, part.booked_at))
        elif part.kind is PartKind.MOVED_ON and part.payee is not None:
            if carried < floor_vnd:
                diluted += carried
                continue
            onward.append(
                Onward(
                    debit, amounts.get(debit, part.amount_vnd),
                    times.get(debit) or part.booked_at or arrived_at,
                    part.payee.institution, part.payee.account, part.payee.name, inside,
                )
            )  # fmt: skip
        else:
            moving += carried
            unexplained += carried
    free_vnd = there_vnd - held_vnd
    silent = _unexplained_in_account(answer, free_vnd)
    result = Sum(
        held_vnd=held_vnd,
        returned_vnd=returned_vnd,
        located_vnd=free_vnd - silent,
        moving_vnd=moving + silent,
        out_of_reach_vnd=out_of_reach,
        diluted_vnd=diluted,
    )
    return Settlement(result, tuple(onward), tuple(ends), unexplained + silent)


def held_spans(asked: Spans, reference: str, answer: Answer, elsewhere: Spans = ()) -> Spans:
    """Which asked coins the institution holds under this request.

    One that only names a sum means others than those that it holds `elsewhere`, under another request.
    """
    if answer.held_spans:
        return answer.held_spans
    if answer.held_vnd == 0:
        return ()
    if answer.movements:
        return newest(flow(reference, asked, answer.movements).frozen, answer.held_vnd)
    gone = normalise(span for spans, _ in _consumed(asked, answer) for span in spans)
    there = subtract(asked, gone)
    here = newest(subtract(there, elsewhere), answer.held_vnd)
    return union(here, newest(intersect(there, elsewhere), answer.held_vnd - total(here)))


def _outflows(spans: Spans, reference: str, asked: Spans, answer: Answer) -> Mapping[str, Spans]:
    """Per debit, the coins inside it that came from `spans`."""
    if answer.movements:
        return flow(reference, spans, answer.movements).out
    found: dict[str, Spans] = {}
    for taken, part in _consumed(asked, answer):
        mine = intersect(taken, spans)
        if mine and part.reference is not None:
            inside = _shifted(taken, mine, part.spans)
            found[part.reference] = union(found.get(part.reference, ()), inside)
    return found


def _consumed(asked: Spans, answer: Answer) -> Iterable[tuple[Spans, Part]]:
    """Without movements: what left took the newest coins first, part by part in the order of the answer."""
    rest = asked
    for part in answer.parts:
        if part.kind.left_the_account:
            taken = newest(rest, part.amount_vnd)
            rest = subtract(rest, taken)
            yield taken, part


def _shifted(taken: Spans, mine: Spans, stated: Spans) -> Spans:
    """Coins `mine` of `taken` as spans inside the debit; `stated` are the part's own spans where it gave some."""
    inside = stated or (Span(0, total(taken)),)
    found: list[Span] = []
    before = 0
    for span in taken:
        for piece in intersect((span,), mine):
            start = before + piece.newer_vnd - span.newer_vnd
            found.extend(_slice(inside, start, piece.amount_vnd))
        before += span.amount_vnd
    return normalise(found)


def _slice(spans: Spans, start: int, length: int) -> Iterable[Span]:
    """`length` coins of `spans` after the first `start` ones."""
    passed = 0
    for span in spans:
        low = max(start, passed)
        high = min(start + length, passed + span.amount_vnd)
        if low < high:
            yield Span(span.newer_vnd + low - passed, high - low)
        passed += span.amount_vnd


def _unexplained_in_account(answer: Answer, free_vnd: int) -> int:
    """Of the coins neither held nor seen leaving, those that the answer itself calls unexplained."""
    if answer.movements:
        return 0
    silent = sum(part.amount_vnd for part in answer.parts if part.kind is PartKind.UNEXPLAINED)
    return min(silent, free_vnd)
