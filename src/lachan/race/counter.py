"""Where requests wait for somebody: the machine or the person of an institution, the officers of a desk."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

Act = Callable[[int], None]


@dataclass(slots=True)
class Asked:
    """One request at an institution, for a loss: done once, by itself or after a call."""

    act: Act
    loss: int
    done: bool = False

    def do(self, now: int) -> None:
        """The institution acts, if it has not."""
        if not self.done:
            self.done = True
            self.act(now)


class Counter:
    """So many are served at once, each for a while; by worth, equals in the order of arrival."""

    def __init__(self, at: Callable[[int, Act], None], served_at_once: int, busy_us: Callable[[], int]) -> None:
        self._at, self._free, self._busy_us = at, served_at_once, busy_us
        self._waiting: list[tuple[float, int, Callable[[int], bool]]] = []
        self._arrived = 0

    def put(self, now: int, serve: Callable[[int], bool], worth: float = 0.0) -> None:
        """Wait for one's turn; `serve` says whether there was still something to do."""
        self._arrived += 1
        heapq.heappush(self._waiting, (-worth, self._arrived, serve))
        self._next(now)

    def _next(self, now: int) -> None:
        while self._free and self._waiting:
            _, _, serve = heapq.heappop(self._waiting)
            if serve(now):
                self._free -= 1
                self._at(now + self._busy_us(), self._done)

    def _done(self, now: int) -> None:
        self._free += 1
        self._next(now)
