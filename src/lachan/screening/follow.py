"""Keeps the engine at the registry's newest change, and its generation young."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lachan.foundation.base import Clock, LachanError
from lachan.registry import Change
from lachan.screening.engine import Engine
from lachan.screening.hits import Hits
from lachan.screening.watch import Found, Watch

Pull = Callable[[int], Sequence[Change]]
"""The changes after a sequence, in order, a bounded number; none when there is nothing newer."""

PAUSE_S = 0.1
# After something broke: long enough not to flood the log.
BROKEN_S = 1.0
HITS_EVERY_S = 10.0
# A bank's copy and another process's start profit from a young generation even when little changes.
MERGE_EVERY_S = 600.0
REFRESH_EVERY_S = 5.0
_log = logging.getLogger("lachan.screening")


class Screening:
    """The engine of this process, what it has answered, who walked through numbers, and the threads that serve it.

    One thread follows the changes, so that they are in force within a fraction of a second; the other merges, takes
    up what another process published, and writes down the hits and what was found.
    """

    def __init__(
        self, folder: Path, secret: bytes, clock: Clock, pull: Pull, newest: Callable[[], int],
        write_hits: Callable[[Hits], object], write_found: Callable[[Sequence[Found]], object], *,
        counts_only: bool,
    ) -> None:  # fmt: skip
        self.hits = Hits(counts_only=counts_only)
        self.watch = Watch()
        try:
            self.engine = Engine.open(folder, secret, clock)
        except LachanError:
            # What lies there is torn or somebody else's. The registry still knows everything.
            _log.exception("the screening generation is refused, and made anew")
            self.engine = Engine.reset(folder, secret, clock)
        if self.engine.sequence > newest():
            # The registry was restored from before this generation: what came after is not so.
            self.engine = Engine.reset(folder, secret, clock)
        self._pull = pull
        self._write_hits = write_hits
        self._write_found = write_found
        self._merged_at = time.monotonic()
        self._written_at = time.monotonic()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def catch_up(self) -> int:
        """Apply everything that is new; returns the number of changes."""
        total = 0
        while changes := self._pull(self.engine.sequence):
            self.engine.apply(changes)
            total += len(changes)
        return total

    def start(self) -> None:
        """Catch up, then follow until `stop`."""
        self.catch_up()
        self._stop.clear()
        steps = ((self._follow, "screening-changes"), (self._maintain, "screening-merge"))
        self._threads = [threading.Thread(target=self._repeat, args=(s,), name=n, daemon=True) for s, n in steps]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop following; what was gathered is written."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._tell_found()
        self._write_hits(self.hits)

    def _tell_found(self) -> None:
        found = self.watch.found()
        if found:
            self._write_found(found)

    def _repeat(self, step: Callable[[], float]) -> None:
        while not self._stop.is_set():
            try:
                pause_s = step()
            except Exception:  # noqa: BLE001 whatever it was, answers must not grow old
                _log.exception("%s broke, and goes on", threading.current_thread().name)
                pause_s = BROKEN_S
            self._stop.wait(pause_s)

    def _follow(self) -> float:
        self.catch_up()
        return PAUSE_S

    def _maintain(self) -> float:
        self._tell_found()
        self.engine.refresh()
        now_s = time.monotonic()
        if self.engine.is_merge_due or now_s - self._merged_at > MERGE_EVERY_S:
            self.engine.merge()
            self._merged_at = now_s
        if now_s - self._written_at > HITS_EVERY_S:
            self._written_at = now_s
            self._write_hits(self.hits)
        return REFRESH_EVERY_S
