"""The engine: a mapped generation, a small delta over it, and the answer to every key."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from lachan.foundation.base import Clock
from lachan.foundation.exchange.fingerprints import KEY_BYTES, LINE_END, fingerprints, key_words
from lachan.registry import Change
from lachan.screening import generation as disk
from lachan.screening import kernel
from lachan.screening.cover import covering_lines, gravest
from lachan.screening.generation import Generation
from lachan.screening.model import CLEAR, Screened
from lachan.screening.records import decode, encode, latest, microseconds
from lachan.screening.table import (
    Bytes,
    Table,
    Words,
    empty,
    frozen,
    laid_over,
    listed,
    newer_than,
    packed,
    places,
    sorted_table,
)

_OF_DELTA = np.uint64(1 << 63)
# A delta of this many entries, or of this share of the generation, is worth a new generation.
_DUE_ENTRIES = 20_000
_DUE_SHARE = 100


@dataclass(frozen=True, slots=True)
class _State:
    """All that one look-up reads; replaced by one assignment, so that it never sees half a change."""

    generation: Generation
    delta: Table
    sequence: int
    places: Words


class Engine:
    """Answers what the changes applied so far say; an entry past its `until` is clear.

    Look-ups take no lock and may come from any thread; `apply`, `refresh` and `merge` may run beside them. Several
    processes share one folder: whoever merges publishes, the others `refresh`. The engine is a copy of the
    registry: after a start, changes after `sequence` are applied again.
    """

    def __init__(self, folder: Path, secret: bytes, clock: Clock, start: Generation) -> None:
        self._folder = folder
        self._secret = secret
        self._clock = clock
        self._key = secret[:KEY_BYTES]
        self._writing = threading.Lock()
        self._merging = threading.Lock()
        # The delta's records, with room at the end; what a look-up may read is never changed.
        self._room = np.empty(1 << 16, np.uint8)
        self._used = 0
        self._state = self._state_of(start, empty(), start.manifest.sequence)

    @classmethod
    def open(cls, folder: Path, secret: bytes, clock: Clock) -> Self:
        """Open the newest generation, or none. `secret` is 32 bytes and the instance's own.

        NotReady GENERATION_REFUSED: `reset` and apply everything again.
        """
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, secret, clock, disk.load(folder, secret, disk.nothing()))

    @classmethod
    def reset(cls, folder: Path, secret: bytes, clock: Clock) -> Self:
        """Open without what is there: the next merge replaces it. All changes must be applied from the first."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "CURRENT").unlink(missing_ok=True)
        return cls.open(folder, secret, clock)

    @property
    def sequence(self) -> int:
        """Changes up to this one have been applied."""
        return self._state.sequence

    @property
    def generation(self) -> int:
        """The number of the generation that is mapped; 0 before the first."""
        return self._state.generation.manifest.number

    def __len__(self) -> int:
        """How many entries there are to compare with, those that became clear since the last merge included."""
        return len(self._state.generation.table) + len(self._state.delta)

    @property
    def is_merge_due(self) -> bool:
        """Whether the delta is worth a new generation."""
        state = self._state
        return len(state.delta) > max(_DUE_ENTRIES, len(state.generation.table) // _DUE_SHARE)

    def screen(self, keys: Sequence[str]) -> list[Screened]:
        """The answer to each key, in order."""
        if not keys:
            return []
        found = self._hits("\n".join(keys).encode(errors="surrogatepass"), len(keys))
        answers = [CLEAR] * len(keys)
        if found is None:
            # A newline inside a key: no such key is ever listed.
            kept = [number for number, key in enumerate(keys) if "\n" not in key]
            found = list(zip(kept, self.screen([keys[number] for number in kept]), strict=True))
        for line, answer in found:
            answers[line] = answer
        return answers

    def screen_lines(self, text: bytes) -> list[Screened]:
        """The answer to each line, in order; a newline at the end starts no further line."""
        text = text.removesuffix(b"\n")
        answers = [CLEAR] * (text.count(b"\n") + 1)
        for line, answer in self.hits(text, len(answers)):
            answers[line] = answer
        return answers

    def hits(self, text: bytes, count: int) -> list[tuple[int, Screened]]:
        """Only the lines that are not clear, each with its answer; `text` has `count` lines, the last one open.

        A link or a name is also found by what covers it (`registry.covering_keys`): the gravest entry answers.
        ValueError when the text has another number of lines.
        """
        found = self._hits(text, count)
        if found is None:
            raise ValueError(f"the text has not {count} lines")
        return found

    def _hits(self, text: bytes, count: int) -> list[tuple[int, Screened]] | None:
        if not count:
            return None if text else []
        state = self._state
        found, end, has_links = self._exact(state, text, count)
        if end != len(text) + 1:
            return None
        more = covering_lines(text) if has_links else None
        if not more:
            return found
        above, _, _ = self._exact(state, b"\n".join(more.lines), len(more))
        return gravest([*found, *((count + line, answer) for line, answer in above)], count, more)

    def _exact(self, state: _State, text: bytes, count: int) -> tuple[list[tuple[int, Screened]], int, int]:
        """The hits; the place behind the last line; whether any line may be a link or a name."""
        # At the start, although only hits need it: its code is then at hand when they do, which is when look-ups
        # take longest. The answer is that of the instant before the look-up.
        now_us = microseconds(self._clock.now())
        scratch = kernel.SCRATCH_WORDS * min(count, kernel.BLOCK)
        room = np.empty(kernel.FOUND_WORDS + kernel.HIT_WORDS * count + scratch, np.int64)
        found = kernel.screen_lines(np.frombuffer(text + LINE_END, np.uint8), count, state.places, room)
        told = room[: kernel.FOUND_WORDS + kernel.HIT_WORDS * found].tolist()
        answers = []
        for at in range(kernel.FOUND_WORDS, len(told), kernel.HIT_WORDS):
            line, start, stop, position, equal, offset = told[at : at + kernel.HIT_WORDS]
            read = state.generation.read if position >= 0 else state.delta.read
            answer = decode(read, offset, text[start:stop], now_us)
            if answer is None and equal > 1:
                answer = self._other(state.generation, text[start:stop], position, equal, now_us)
            if answer is not None:
                answers.append((line, answer))
        return answers, told[0], told[1]

    @staticmethod
    def _other(generation: Generation, key: bytes, position: int, equal: int, now_us: int) -> Screened | None:
        """The answer about a key whose fingerprint another one has too."""
        for reference in generation.table.references[position : position + equal].tolist():
            answer = decode(generation.read, reference & kernel.OFFSET_BITS, key, now_us)
            if answer is not None:
                return answer
        return None

    def apply(self, changes: Iterable[Change]) -> int:
        """Put changes in force, in the order of their sequence; those already applied are left out.

        Returns how many keys changed. ValueError when the order is wrong or a change cannot be written.
        """
        with self._writing:
            state = self._state
            news, sequence = latest(changes, state.sequence)
            if news:
                state = self._state_of(state.generation, self._with(state.delta, news), sequence)
            self._state = state
            return len(news)

    def refresh(self) -> bool:
        """Take up what another process published; False when there is nothing newer."""
        with self._merging:
            return self._take(disk.load(self._folder, self._secret, self._state.generation))

    def merge(self) -> bool:
        """Publish generation and delta as a new generation; False when another process is just doing so.

        Changes may be applied meanwhile: they stay in the delta.
        """
        with self._merging, disk.only_writer(self._folder) as allowed:
            if not allowed:
                return False
            self._take(disk.load(self._folder, self._secret, self._state.generation))
            state = self._state
            if state.sequence > state.generation.manifest.sequence:
                self._publish(state)
                self._take(disk.load(self._folder, self._secret, state.generation))
            return True

    def fingerprints(self, key: bytes) -> Words:
        """The fingerprints of all listed keys under another key, sorted: what a bank's own copy is made of."""
        state = self._state
        base, delta = state.generation.table, state.delta
        both = laid_over(delta, base, delta.references | _OF_DELTA, drop_clear=True, records=base.records)
        of_delta = both.references >= _OF_DELTA
        words = key_words(key)
        made = [
            kernel.rekeyed(frozen(both.references[chosen]), table.records, *words)
            for chosen, table in ((~of_delta, base), (of_delta, delta))
        ]
        return np.unique(np.concatenate(made))

    def _state_of(self, generation: Generation, delta: Table, sequence: int) -> _State:
        words = key_words(self._key)
        return _State(generation, delta, sequence, places(words, generation.table, generation.bloom, delta))

    def _with(self, delta: Table, news: list[Change]) -> Table:
        content, references = encode(news, self._used)
        self._make_room(len(content))
        self._room[self._used : self._used + len(content)] = np.frombuffer(content, np.uint8)
        self._used += len(content)
        records: Bytes = self._room[: self._used]
        marks = fingerprints("\n".join(change.key for change in news).encode(), len(news), self._key)
        newer = sorted_table(marks, references, records)
        older = Table(delta.marks, delta.references, delta.index, records)
        return laid_over(newer, older, newer.references, drop_clear=False, records=records)

    def _make_room(self, size: int) -> None:
        if self._used + size > len(self._room):
            larger = np.empty(2 * (self._used + size), np.uint8)
            larger[: self._used] = self._room[: self._used]
            self._room = larger

    def _publish(self, state: _State) -> None:
        base, delta, before = state.generation.table, state.delta, state.generation.manifest
        dead = before.dead
        parts: list[Bytes] = []
        if dead > max(len(base), _DUE_ENTRIES):
            # More than half of the records are of the past: begin a new file with the others.
            references, content = packed(base.references, base.records, 0, with_clear=False)
            base = Table(base.marks, references, base.index, content)
            before = replace(before, records_file="", records=())
            dead, parts = 0, [content]
        start = before.records_bytes + sum(map(len, parts))
        written, content = packed(delta.references, delta.records, start, with_clear=False)
        parts.append(content)
        table = laid_over(delta, base, written, drop_clear=True, records=content)
        dead += len(base) + int(np.count_nonzero(listed(delta.references))) - len(table)
        disk.publish(self._folder, self._secret, before, table, np.concatenate(parts), state.sequence, dead=dead)

    def _take(self, generation: Generation) -> bool:
        """Put a newer generation under the changes that it does not hold yet."""
        with self._writing:
            state = self._state
            if generation is state.generation:
                return False
            held = generation.manifest.sequence
            delta = newer_than(state.delta, held)
            self._room, self._used = delta.records, len(delta.records)
            self._state = self._state_of(generation, delta, max(state.sequence, held))
            return True
