"""Spans: parts of one transfer, named by the order of age of its coins. Sets of coins, without any rounding."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from lachan.foundation.protocol.fields import Vnd, VndOrZero


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`amount_vnd` coins of one transfer that lie below `newer_vnd` newer coins of that same transfer."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    newer_vnd: VndOrZero
    amount_vnd: Vnd

    def __post_init__(self) -> None:
        if self.newer_vnd < 0 or self.amount_vnd <= 0:
            raise ValueError("a span has at least one coin, and no fewer than none above it")

    @property
    def end_vnd(self) -> int:
        """How many coins of the transfer are newer than the first coin after this span."""
        return self.newer_vnd + self.amount_vnd


Spans = tuple[Span, ...]


def whole(amount_vnd: int) -> Spans:
    """All coins of a transfer of `amount_vnd`."""
    return (Span(0, amount_vnd),)


def total(spans: Iterable[Span]) -> int:
    """How many coins, in VND."""
    return sum(span.amount_vnd for span in spans)


def normalise(spans: Iterable[Span]) -> Spans:
    """Sorted, disjoint, adjacent ones merged; overlapping coins count once."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.newer_vnd <= merged[-1].end_vnd:
            last = merged[-1]
            merged[-1] = Span(last.newer_vnd, max(last.end_vnd, span.end_vnd) - last.newer_vnd)
        else:
            merged.append(span)
    return tuple(merged)


def union(first: Spans, second: Spans) -> Spans:
    """The coins in either."""
    return normalise((*first, *second))


def intersect(first: Spans, second: Spans) -> Spans:
    """The coins in both; both normalised."""
    found: list[Span] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start = max(first[i].newer_vnd, second[j].newer_vnd)
        end = min(first[i].end_vnd, second[j].end_vnd)
        if start < end:
            found.append(Span(start, end - start))
        if first[i].end_vnd <= second[j].end_vnd:
            i += 1
        else:
            j += 1
    return tuple(found)


def subtract(first: Spans, second: Spans) -> Spans:
    """The coins of `first` that are not in `second`; both normalised."""
    found: list[Span] = []
    j = 0
    for span in first:
        start = span.newer_vnd
        while j < len(second) and second[j].end_vnd <= start:
            j += 1
        k = j
        while k < len(second) and second[k].newer_vnd < span.end_vnd:
            if second[k].newer_vnd > start:
                found.append(Span(start, second[k].newer_vnd - start))
            start = max(start, second[k].end_vnd)
            k += 1
        if start < span.end_vnd:
            found.append(Span(start, span.end_vnd - start))
    return tuple(found)


def newest(spans: Spans, amount_vnd: int) -> Spans:
    """The newest `amount_vnd` coins of normalised `spans`, or all of them if there are fewer."""
    found: list[Span] = []
    for span in spans:
        if amount_vnd <= 0:
            break
        taken = min(span.amount_vnd, amount_vnd)
        found.append(Span(span.newer_vnd, taken))
        amount_vnd -= taken
    return tuple(found)


def fits(spans: Spans, amount_vnd: int) -> bool:
    """Whether the spans are normalised and lie inside a transfer of `amount_vnd`."""
    return spans == normalise(spans) and (not spans or spans[-1].end_vnd <= amount_vnd)
