"""One institution's balance book: openings, movements in their order, holds. In memory; `book_store` keeps it.

The interbank switch books in runs: all debits of a run, then all its credits. Between the two the book is
closed, so that a hold always stands between two runs, at one exact place in the order of all movements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lachan.foundation.base import Conflict, NotFound, Reason
from lachan.foundation.protocol.coins import Direction, Flow, Movement, Span, Spans, flow, total
from lachan.sandbox.postings import Posting
from lachan.sandbox.story_clock import StoryClock


class BookReason(Reason):
    """Why a book refuses."""

    NO_SUCH_ACCOUNT = "no_such_account"
    NO_SUCH_CREDIT = "no_such_credit"
    BOOK_CLOSED = "book_closed"
    RUN_OUT_OF_ORDER = "run_out_of_order"
    COINS_NOT_FREE = "coins_not_free"
    COINS_NOT_FROZEN = "coins_not_frozen"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the book. `sequence` counts the account's own lines; `at_us` is from the story's start."""

    account: str
    sequence: int
    id: str
    at_us: int
    direction: Direction
    amount_vnd: int
    counterparty: str | None = None
    reference: str | None = None
    spans: Spans = ()


@dataclass(slots=True)
class Page:
    """One account's lines; `available_vnd` is what may still leave it."""

    opening_vnd: int
    entries: list[Entry] = field(default_factory=list)
    balance_vnd: int = 0
    held_vnd: int = 0

    @property
    def available_vnd(self) -> int:
        return self.balance_vnd - self.held_vnd


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the switch has come with this book: the last run, its last instant, where the next begins."""

    run: int = 0
    through_us: int = -1
    next_us: int | None = None
    open: bool = False
    failed: tuple[str, ...] = ()


class Book:
    """The pages of one institution. Every method changes memory only and returns the new lines to be kept."""

    def __init__(self, openings: Mapping[str, int], clock: StoryClock) -> None:
        self._pages = {account: Page(vnd, balance_vnd=vnd) for account, vnd in openings.items()}
        self._clock = clock
        self.mark = Mark()
        self._last_stamp_us = -1

    def replay(self, entries: Iterable[Entry], mark: Mark) -> None:
        """Take up kept lines again, in their order, after a restart."""
        for entry in entries:
            self._write(entry)
        self.mark = mark

    def page(self, account: str) -> Page:
        """An account's page; NotFound where it is not kept here."""
        try:
            return self._pages[account]
        except KeyError:
            raise NotFound(BookReason.NO_SUCH_ACCOUNT, field="account") from None

    def accounts(self) -> Iterable[str]:
        return self._pages.keys()

    def debit(self, run: int, postings: Sequence[Posting]) -> list[Entry]:
        """Open run `run` with its debits in order; those without cover fail and are named in `mark.failed`."""
        if self.mark.open or run <= self.mark.run:
            raise Conflict(BookReason.RUN_OUT_OF_ORDER, run=run)
        made, failed = [], []
        for posting in postings:
            page = self.page(posting.payer)
            if posting.amount_vnd > page.available_vnd:
                failed.append(posting.id)
                continue
            made.append(self._line(posting.payer, posting, Direction.DEBIT, counterparty=posting.payee))
        self.mark = Mark(run, self.mark.through_us, None, True, tuple(failed))
        return made

    def credit(self, run: int, postings: Sequence[Posting], through_us: int, next_us: int | None) -> list[Entry]:
        """Close run `run` with its credits in order; the book then stands at `through_us`."""
        if run < self.mark.run or (self.mark.open and run != self.mark.run):
            raise Conflict(BookReason.RUN_OUT_OF_ORDER, run=run)
        made = [
            self._line(posting.payee or "", posting, Direction.CREDIT, counterparty=posting.payer)
            for posting in postings
        ]
        failed = self.mark.failed if self.mark.run == run else ()
        self.mark = Mark(run, through_us, next_us, False, failed)
        return made

    def movements_from(self, account: str, credit_id: str) -> list[Movement]:
        """The account's movements from the named credit on, as the protocol tells them."""
        entries = self.page(account).entries
        for place, entry in enumerate(entries):
            if entry.id == credit_id and entry.direction is Direction.CREDIT:
                return [self._movement(later) for later in entries[place:]]
        raise NotFound(BookReason.NO_SUCH_CREDIT, field="reference")

    def flow(self, account: str, credit_id: str, spans: Spans) -> Flow:
        """What became of these coins of the credit, up to now."""
        return flow(credit_id, spans, self.movements_from(account, credit_id))

    def entry(self, account: str, entry_id: str) -> Entry | None:
        """One line of an account by its id."""
        return next((entry for entry in self.page(account).entries if entry.id == entry_id), None)

    def hold(self, hold_id: str, account: str, credit_id: str, spans: Spans, now_us: int) -> Entry:
        """Freeze exactly these free coins of a credit, stamped after all that is booked, before the next run.

        Refuses with `Conflict` what is not free, or not covered by the account's balance.
        """
        free = self.flow(account, credit_id, spans).remaining
        if free != spans or total(spans) > self.page(account).available_vnd:
            raise Conflict(BookReason.COINS_NOT_FREE, field="spans")
        return self._freeze(Direction.HOLD, hold_id, account, credit_id, spans, now_us)

    def release(self, release_id: str, account: str, credit_id: str, spans: Spans, now_us: int) -> Entry:
        """Free exactly these frozen coins; refuses with `Conflict` what is not frozen."""
        if self.flow(account, credit_id, spans).frozen != spans:
            raise Conflict(BookReason.COINS_NOT_FROZEN, field="spans")
        return self._freeze(Direction.RELEASE, release_id, account, credit_id, spans, now_us)

    def _freeze(
        self,
        direction: Direction,
        entry_id: str,
        account: str,
        credit_id: str,
        spans: Spans,
        now_us: int,
    ) -> Entry:
        if self.mark.open:
            raise Conflict(BookReason.BOOK_CLOSED, run=self.mark.run)
        entry = Entry(
            account,
            len(self.page(account).entries) + 1,
            entry_id,
            self._stamp(now_us),
            direction,
            total(spans),
            reference=credit_id,
            spans=spans,
        )
        self._write(entry)
        return entry

    def _stamp(self, now_us: int) -> int:
        after_us = max(self.mark.through_us, self._last_stamp_us) + 1
        if self.mark.next_us is None:
            return max(after_us, now_us)
        # Postings stand at least 100 µs apart; further holds of one account are told apart by `sequence`.
        return min(max(after_us, now_us), self.mark.next_us - 1)

    def _line(self, account: str, posting: Posting, direction: Direction, *, counterparty: str | None) -> Entry:
        sequence = len(self.page(account).entries) + 1
        entry = Entry(account, sequence, posting.id, posting.at_us, direction, posting.amount_vnd, counterparty)
        self._write(entry)
        return entry

    def _write(self, entry: Entry) -> None:
        page = self._pages[entry.account]
        page.entries.append(entry)
        match entry.direction:
            case Direction.CREDIT:
                page.balance_vnd += entry.amount_vnd
            case Direction.DEBIT:
                page.balance_vnd -= entry.amount_vnd
            case Direction.HOLD:
                page.held_vnd += entry.amount_vnd
            case Direction.RELEASE:
                page.held_vnd -= entry.amount_vnd
        if entry.direction in (Direction.HOLD, Direction.RELEASE):
            self._last_stamp_us = max(self._last_stamp_us, entry.at_us)

    def _movement(self, entry: Entry) -> Movement:
        return Movement(
            id=entry.id,
            booked_at=self._clock.instant(entry.at_us),
            sequence=entry.sequence,
            direction=entry.direction,
            amount_vnd=entry.amount_vnd,
            reference=entry.reference,
            spans=entry.spans,
        )


def spans_as_pairs(spans: Spans) -> list[list[int]]:
    """Spans as plain numbers, to be kept or sent."""
    return [[span.newer_vnd, span.amount_vnd] for span in spans]


def spans_from_pairs(pairs: Iterable[Sequence[int]]) -> Spans:
    """Read `spans_as_pairs` again."""
    return tuple(Span(newer_vnd, amount_vnd) for newer_vnd, amount_vnd in pairs)
