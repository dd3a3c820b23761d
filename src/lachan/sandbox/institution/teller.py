"""Pays victims back out of what the institution holds: each line once, and only out of coins that are held."""

from collections.abc import Mapping

from lachan.foundation.base import new_id
from lachan.foundation.protocol import (
    HoldRequest,
    PaidOut,
    PayOutcome,
    PayRefusal,
    RefundDone,
    RefundRequest,
    Spans,
    intersect,
    union,
)
from lachan.sandbox.book import spans_as_pairs, spans_from_pairs
from lachan.sandbox.institution.clerk import Clerk
from lachan.sandbox.institution.counter import Counter


class Teller:
    """What is paid is kept in the book's file; the coins stay frozen there, so that nobody pays them twice."""

    def __init__(self, counter: Counter, clerk: Clerk, decided_by: str) -> None:
        self._counter = counter
        self._store = counter.store
        self._clerk = clerk
        self._decided_by = decided_by

    def pay(self, request: RefundRequest, holds: Mapping[str, HoldRequest]) -> RefundDone:
        """Pay the list out of these hold requests; where they do not cover it, each line is refused."""
        covered = self._covered(request, holds)
        lines = [self._line(request, line.number, line.amount_vnd, covered=covered) for line in request.lines]
        if any(line.outcome is PayOutcome.PAID for line in lines):
            for source in request.paid_from:
                self._keep_paid(source.request_id, request.id, source.spans)
        return self._done(request.id, request.revision, lines)

    def withdraw(self, request: RefundRequest, revision: int) -> RefundDone:
        """The list is taken back: what is not paid yet is not paid any more."""
        lines = [
            self._known(line.number)
            or self._note(line.number, PaidOut(
                number=line.number, outcome=PayOutcome.REFUSED, refusal=PayRefusal.WITHDRAWN
            ))
            for line in request.lines
        ]  # fmt: skip
        return self._done(request.id, revision, lines)

    def _line(self, request: RefundRequest, number: str, amount_vnd: int, *, covered: bool) -> PaidOut:
        known = self._known(number)
        if known is not None:
            return known
        if not covered:
            return PaidOut(number=number, outcome=PayOutcome.REFUSED, refusal=PayRefusal.NOT_HELD)
        paid = PaidOut(
            number=number,
            outcome=PayOutcome.PAID,
            paid_at=self._counter.clock.clock.now(),
            reference=f"PAY-{number}",
        )
        return self._note(number, paid)

    def _covered(self, request: RefundRequest, holds: Mapping[str, HoldRequest]) -> bool:
        """Whether every coin named is held under its request, and was not paid out by another list."""
        for source in request.paid_from:
            hold = holds.get(source.request_id)
            if hold is None or hold.account != request.account:
                return False
            if intersect(self._clerk.held(hold), source.spans) != source.spans:
                return False
            paid = self._store.note("paid_from", source.request_id) or {}
            if any(
                list_id != request.id and intersect(spans_from_pairs(pairs), source.spans)
                for list_id, pairs in paid.items()
            ):
                return False
        return True

    def _keep_paid(self, hold_id: str, list_id: str, spans: Spans) -> None:
        paid = self._store.note("paid_from", hold_id) or {}
        paid[list_id] = spans_as_pairs(union(spans_from_pairs(paid.get(list_id, ())), spans))
        self._store.keep_note("paid_from", hold_id, paid)

    def _known(self, number: str) -> PaidOut | None:
        kept = self._store.note("pay_out", number)
        return PaidOut.model_validate_json(kept["line"]) if kept else None

    def _note(self, number: str, line: PaidOut) -> PaidOut:
        self._store.keep_note("pay_out", number, {"line": line.as_json().decode()})
        return line

    def _done(self, list_id: str, revision: int, lines: list[PaidOut]) -> RefundDone:
        return RefundDone(
            message_id=new_id(),
            request_id=list_id,
            request_revision=revision,
            lines=tuple(lines),
            decided_by=self._decided_by,
        )
