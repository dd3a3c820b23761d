"""Where requests wait for somebody: the machine or the person of an institution, the officers of a desk."""

from collections.abc import Callable
from dataclasses import dataclass

Act = Callable[[int], None]
Worth = Callable[[int], float]


@dataclass(slots=True)
class Asked:
    """One request at an institution: done once, by itself or after a call."""

    act: Act
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
        self._waiting: list[tuple[Worth | None, Callable[[int], bool]]] = []

    def put(self, now: int, serve: Callable[[int], bool], worth: Worth | None) -> None:
        """Wait for one's turn; `serve` says whether there was still something to do."""
        self._waiting.append((worth, serve))
        self._next(now)

    def _next(self, now: int) -> None:
        while self._free and self._waiting:
            best = max(range(len(self._waiting)), key=lambda place: (self._worth(place, now), -place))
            _, serve = self._waiting.pop(best)
            if serve(now):
                self._free -= 1
                self._at(now + self._busy_us(), self._done)

    def _done(self, now: int) -> None:
        self._free += 1
        self._next(now)

    def _worth(self, place: int, now: int) -> float:
        worth = self._waiting[place][0]
        return worth(now) if worth is not None else 0.0
