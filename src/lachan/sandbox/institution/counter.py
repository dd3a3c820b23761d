"""The desk at which everybody of one institution reads and writes its book: one at a time, kept before said.

The switch closes the book for the length of a run; who wants to hold or release waits until it is open again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from lachan.foundation.protocol.coins import Spans
from lachan.sandbox.book import Book, Entry
from lachan.sandbox.book_store import BookStore
from lachan.sandbox.postings import Posting
from lachan.sandbox.story_clock import StoryClock


class Counter:
    """One institution's book together with its file."""

    def __init__(self, file: Path, openings: Mapping[str, int], clock: StoryClock) -> None:
        self.store = BookStore(file)
        self.store.open_accounts(openings)
        self.clock = clock
        self.book = Book(self.store.openings(), clock)
        self.book.replay(self.store.entries(), self.store.mark())
        self._open = asyncio.Event()
        self._tell()

    def close(self) -> None:
        """Close the file; the book is whole in it."""
        self.store.close()

    def debit(self, run: int, postings: Sequence[Posting]) -> tuple[str, ...]:
        """Book a run's debits, once however often it is told; which of them failed for want of cover."""
        if run == self.book.mark.run:
            return self.book.mark.failed
        self._keep(self.book.debit(run, postings))
        self._tell()
        return self.book.mark.failed

    def credit(self, run: int, postings: Sequence[Posting], through_us: int, next_us: int | None) -> None:
        """Book a run's credits, once however often it is told, and open the book again."""
        if run == self.book.mark.run and not self.book.mark.open:
            return
        self._keep(self.book.credit(run, postings, through_us, next_us))
        self._tell()

    async def between_runs(self) -> None:
        """Wait until no run is half booked. What follows without another wait stands between two runs."""
        await self._open.wait()

    def hold(self, hold_id: str, account: str, credit_id: str, spans: Spans) -> Entry:
        """Freeze exactly these free coins. Only between runs, inside a transaction."""
        entry = self.book.hold(hold_id, account, credit_id, spans, self.clock.now_us())
        self.store.keep([entry])
        return entry

    def release(self, release_id: str, account: str, credit_id: str, spans: Spans) -> Entry:
        """Free exactly these frozen coins. Only between runs, inside a transaction."""
        entry = self.book.release(release_id, account, credit_id, spans, self.clock.now_us())
        self.store.keep([entry])
        return entry

    def _keep(self, made: Sequence[Entry]) -> None:
        with self.store.transaction():
            self.store.keep(made)
            self.store.keep_mark(self.book.mark)

    def _tell(self) -> None:
        if self.book.mark.open:
            self._open.clear()
        else:
            self._open.set()
