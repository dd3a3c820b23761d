"""What an institution does about a message, in its own book: hold, release, confirm, serve. No waiting, no sending.

Every method runs between two runs of the switch and inside one transaction of the book's file, so that what is
answered and what is booked are kept together or not at all.
"""

from datetime import timedelta

from lachan.client import Apportionment, Onward, apportion, refuse, under_real_reference
from lachan.foundation.base import NotFound, new_id
from lachan.foundation.protocol import (
    RECEIPTS_MAX,
    Answer,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    Direction,
    HoldRelease,
    HoldRequest,
    Movement,
    NoticeServed,
    NoticeToServe,
    PartKind,
    ReceiptsQuery,
    ReceiptsTold,
    ReceivedPayment,
    Refusal,
    ReleaseDone,
    RequestCancellation,
    Spans,
    ToldReceipt,
    Transfer,
    intersect,
    is_made_up_reference,
    newest,
    total,
    union,
    whole,
)
from lachan.sandbox.book import Entry
from lachan.sandbox.institution.counter import Counter
from lachan.sandbox.institution.directory import Directory

# A victim reads the time off a phone: the booking may differ by this much and still be the same one.
BOOKED_TOLERANCE = timedelta(minutes=2)
NOTICE_CHANNEL = "app"
# So many of the newest payments into an account are told: their payers may be paying still.
RECEIVED_TOLD = 2


class Clerk:
    """One institution's staff, who `decided_by` names in every answer."""

    def __init__(self, counter: Counter, directory: Directory, decided_by: str) -> None:
        self._counter = counter
        self._book = counter.book
        self._directory = directory
        self._decided_by = decided_by

    def answer(self, request: HoldRequest, *, revision: int) -> Answer:
        """Hold what is left of the asked coins, and say where the rest went."""
        found = self._credit(request)
        if found is not None:
            # Nobody could tell the center this transfer's reference: this book has it.
            request = under_real_reference(request, found)
        movements = self._movements(request)
        if not movements or movements[0].amount_vnd != request.transfer.amount_vnd:
            return refuse(request, Refusal.WRONG_REFERENCE, revision=revision, decided_by=self._decided_by)
        page = self._book.page(request.account)
        onward = self._onward(page.entries)
        share = apportion(request, movements, page.available_vnd, onward, transfer_reference=found)
        self._place(request, share, movements)
        movements = self._movements(request)
        holds = [m for m in movements if m.direction is Direction.HOLD and m.id.startswith(f"{request.id}.")]
        return share.answer(
            movements,
            revision=revision,
            decided_by=self._decided_by,
            placed_at=holds[-1].booked_at if holds else None,
            received=self._received(request, page.entries),
        )

    def release(self, message: HoldRelease, request: HoldRequest) -> ReleaseDone | None:
        """Free exactly what is asked, as far as it is held under this request; None where nothing is."""
        request = self._named(request)
        held = self._held(request)
        spans = intersect(message.spans, held) if message.spans else newest(held, message.release_vnd)
        return self._free(request, spans, held, message.revision)

    def cancel(self, message: RequestCancellation, request: HoldRequest) -> ReleaseDone | None:
        """Free all that is held under a request that is void; None where nothing is."""
        request = self._named(request)
        held = self._held(request)
        return self._free(request, held, held, message.revision)

    def confirm(self, asked: ConfirmationRequest) -> Confirmation:
        """Say what this institution's own book knows of a transfer that its customer disputes."""
        entry = self._debit(asked)
        outcome = ConfirmationOutcome.NOT_FOUND if entry is None else self._outcome(asked, entry)
        known = entry if outcome is not ConfirmationOutcome.NOT_FOUND else None
        return Confirmation(
            message_id=new_id(),
            request_id=asked.id,
            outcome=outcome,
            amount_vnd=known.amount_vnd if known else None,
            booked_at=self._counter.clock.instant(known.at_us) if known else None,
            payee=self._directory.payee(known.counterparty) if known and known.counterparty else None,
            decided_by=self._decided_by,
            transfer_reference=known.id if known and is_made_up_reference(asked.transfer.reference) else None,
        )

    def serve(self, notice: NoticeToServe) -> NoticeServed:
        """Give the account holder the notice in the institution's own app."""
        return NoticeServed(
            message_id=new_id(),
            request_id=notice.request_id,
            notice_code=notice.notice_code,
            served_at=self._counter.clock.clock.now(),
            channel=NOTICE_CHANNEL,
        )

    def receipts(self, asked: ReceiptsQuery) -> ReceiptsTold:
        """What this institution's accounts received from an account elsewhere since then, the earliest first."""
        told = [
            ToldReceipt(
                reference=entry.id, amount_vnd=entry.amount_vnd, account=account,
                booked_at=self._counter.clock.instant(entry.at_us), name=self._directory.payee(account).name,
            )
            for account in self._book.accounts()
            for entry in self._book.page(account).entries
            if entry.direction is Direction.CREDIT
            and entry.counterparty == asked.payer_account
            and self._counter.clock.instant(entry.at_us) >= asked.since
        ]  # fmt: skip
        earliest = sorted(told, key=lambda one: one.booked_at)[:RECEIPTS_MAX]
        return ReceiptsTold(
            message_id=new_id(), request_id=asked.id, receipts=tuple(earliest), decided_by=self._decided_by
        )

    def held(self, request: HoldRequest) -> Spans:
        """The coins that are frozen under a request now."""
        return self._held(self._named(request))

    def _named(self, request: HoldRequest) -> HoldRequest:
        found = self._credit(request)
        return request if found is None else under_real_reference(request, found)

    def _credit(self, request: HoldRequest) -> str | None:
        """The reference of a transfer that the center could not name: the credit of that amount and time."""
        if not is_made_up_reference(request.transfer.reference):
            return None
        try:
            entries = self._book.page(request.account).entries
        except NotFound:
            return None
        return self._nearest(entries, request.transfer, Direction.CREDIT)

    def _nearest(self, entries: list[Entry], transfer: Transfer, direction: Direction) -> str | None:
        """The line of that amount that was booked nearest to the time told, within what a victim may misread."""

        def off(entry: Entry) -> timedelta:
            return abs(self._counter.clock.instant(entry.at_us) - transfer.booked_at)

        fits = [
            entry
            for entry in entries
            if entry.direction is direction
            and entry.amount_vnd == transfer.amount_vnd
            and off(entry) <= BOOKED_TOLERANCE
        ]
        return min(fits, key=off).id if fits else None

    def _movements(self, request: HoldRequest) -> list[Movement]:
        try:
            return self._book.movements_from(request.account, request.transfer.reference)
        except NotFound:
            return []

    def _onward(self, entries: list[Entry]) -> dict[str, Onward]:
        return {
            entry.id: Onward(PartKind.CASH_OUT)
            if entry.counterparty is None
            else Onward(PartKind.MOVED_ON, self._directory.payee(entry.counterparty))
            for entry in entries
            if entry.direction is Direction.DEBIT
        }

    def _received(self, request: HoldRequest, entries: list[Entry]) -> list[ReceivedPayment]:
        """Who has paid into the account from elsewhere since the disputed transfer, the newest first.

        An own customer is warned here, without asking anybody.
        """
        told: list[ReceivedPayment] = []
        for entry in reversed(entries):
            if entry.id == request.transfer.reference or len(told) == RECEIVED_TOLD:
                break
            known = self._directory.entries.get(entry.counterparty or "")
            if entry.direction is Direction.CREDIT and known is not None and known[0] != request.institution:
                told.append(
                    ReceivedPayment(
                        payer_institution=known[0],
                        payer_account=entry.counterparty,
                        reference=entry.id,
                        amount_vnd=entry.amount_vnd,
                        booked_at=self._counter.clock.instant(entry.at_us),
                    )
                )
        return told

    def _place(self, request: HoldRequest, share: Apportionment, movements: list[Movement]) -> None:
        number = 1 + sum(movement.id.startswith(f"{request.id}.") for movement in movements)
        hold = share.hold(self._counter.clock.clock.now(), 0, number)
        if hold is not None:
            self._counter.hold(hold.id, request.account, request.transfer.reference, hold.spans)

    def _held(self, request: HoldRequest) -> Spans:
        if not self._movements(request):
            return ()
        credit = whole(request.transfer.amount_vnd)
        held: Spans = ()
        for hold, spans in self._book.flow(request.account, request.transfer.reference, credit).holds.items():
            if hold.startswith(f"{request.id}."):
                held = union(held, spans)
        return held

    def _free(self, request: HoldRequest, spans: Spans, held: Spans, revision: int) -> ReleaseDone | None:
        if not spans:
            return None
        number = 1 + sum(movement.id.startswith(f"{request.id}.") for movement in self._movements(request))
        freed = self._counter.release(f"{request.id}.{number}", request.account, request.transfer.reference, spans)
        return ReleaseDone(
            message_id=new_id(),
            request_id=request.id,
            request_revision=revision,
            released_vnd=freed.amount_vnd,
            held_vnd=total(held) - freed.amount_vnd,
            released_at=self._counter.clock.instant(freed.at_us),
        )

    def _debit(self, asked: ConfirmationRequest) -> Entry | None:
        accounts = [asked.payer_account] if asked.payer_account else list(self._book.accounts())
        for account in accounts:
            try:
                reference: str | None = asked.transfer.reference
                if is_made_up_reference(asked.transfer.reference):
                    entries = self._book.page(account).entries
                    reference = self._nearest(entries, asked.transfer, Direction.DEBIT)
                entry = self._book.entry(account, reference) if reference is not None else None
            except NotFound:
                continue
            if entry is not None and entry.direction is Direction.DEBIT:
                return entry
        return None

    def _outcome(self, asked: ConfirmationRequest, entry: Entry) -> ConfirmationOutcome:
        booked_at = self._counter.clock.instant(entry.at_us)
        if entry.amount_vnd != asked.transfer.amount_vnd:
            return ConfirmationOutcome.AMOUNT_DIFFERS
        if abs(booked_at - asked.transfer.booked_at) > BOOKED_TOLERANCE:
            return ConfirmationOutcome.TIME_DIFFERS
        if asked.payee_account and asked.payee_account != entry.counterparty:
            return ConfirmationOutcome.PAYEE_DIFFERS
        return ConfirmationOutcome.CONFIRMED
