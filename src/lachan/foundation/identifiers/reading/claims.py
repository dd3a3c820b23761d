"""Which parts of a text are already read."""

from bisect import bisect_right, insort

from lachan.foundation.identifiers.model import Details, Found, Kind
from lachan.foundation.identifiers.registry import KINDS


class Claims:
    """Collects findings; spans are of the text that was given and never overlap."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans: list[tuple[int, int]] = []
        self._found: list[Found] = []

    def free(self, start: int, end: int) -> bool:
        """Whether nothing between `start` and `end` is claimed."""
        at = bisect_right(self._spans, (end, -1))
        return at == 0 or self._spans[at - 1][1] <= start

    def block(self, start: int, end: int) -> None:
        """Claim a span that is no identifier, so that nothing else reads parts of it."""
        insort(self._spans, (start, end))

    def add(self, kind: Kind, value: str, start: int, end: int, more: Details | None = None) -> bool:
        """Claim a span as an identifier; False where part of it is taken."""
        if not self.free(start, end):
            return False
        self.block(start, end)
        details = {**KINDS[kind].details(value), **(more or {})}
        self._found.append(Found(kind, value, self._text[start:end], start, end, details))
        return True

    def found(self) -> list[Found]:
        """All findings in reading order."""
        return sorted(self._found, key=lambda found: found.start)
