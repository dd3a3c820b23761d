"""A table of fingerprints in memory: what the delta is, and what a generation becomes when it is mapped."""

from dataclasses import dataclass
from math import ceil, log2
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lachan.screening import kernel

Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Array = TypeVar("Array", bound=NDArray[Any])
# Two entries a beginning: the index takes 2 bytes an entry, and a look-up compares one fingerprint or two.
_ENTRIES_EACH = 2
_INDEX_BITS_MAX = 31
# One innocent look-up in thirty passes and is found out by the table; 16 bits would let one in 180 pass, but be
# twice as much to fetch, and it is the filter's size that a look-up's cost grows with.
BLOOM_BITS_EACH = 8
_LAID_OUT = ("<u8", "<u8", "<u4", "<u8", "<u8", "<u4", "<u8", "u1")


@dataclass(frozen=True, slots=True)
class Table:
    """Sorted fingerprints, their references, the index, and the records. Nobody writes to them."""

    marks: Words
    references: Words
    index: NDArray[np.uint32]
    records: Bytes

    def __post_init__(self) -> None:
        for array in (self.marks, self.references, self.index, self.records):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.marks)

    def read(self, size: int, offset: int) -> bytes:
        """So many bytes of the records from a place."""
        return self.records[offset : offset + size].tobytes()


def index_of(marks: Words) -> NDArray[np.uint32]:
    """The index of sorted fingerprints."""
    wanted = max(len(marks), 2) / _ENTRIES_EACH
    bits = min(max(1, ceil(log2(wanted))), _INDEX_BITS_MAX)
    made: NDArray[np.uint32] = kernel.make_index(frozen(marks), bits)
    return made


def bloom_of(marks: Words) -> Words:
    """The filter of fingerprints; of none it has one word, and lets nothing pass."""
    words = max(1, len(marks) * BLOOM_BITS_EACH // 64)
    made: Words = kernel.make_bloom(frozen(marks), words)
    return frozen(made)


def places(secret: tuple[np.uint64, np.uint64], base: Table, bloom: Words, delta: Table) -> Words:
    """What one look-up needs, as `kernel.screen_lines` takes it: the key, then each array's beginning and length.

    Whoever keeps these numbers keeps the tables too. TypeError for an array that is not laid out as compiled code
    reads it.
    """
    arrays: tuple[NDArray[Any], ...] = (
        base.marks, base.references, base.index, delta.marks, delta.references, delta.index, bloom, delta.records,
    )  # fmt: skip
    if any(
        array.dtype != kind or not array.flags.c_contiguous for array, kind in zip(arrays, _LAID_OUT, strict=True)
    ):
        raise TypeError("a table's array is laid out differently")
    numbers = [*secret, *(number for array in arrays for number in (array.ctypes.data, len(array)))]
    return frozen(np.array(numbers, np.uint64))


def frozen(array: Array) -> Array:
    """The array, not to be written to: the compiled functions take no other."""
    array.setflags(write=False)
    return array


def empty() -> Table:
    """A table of nothing."""
    none = np.empty(0, np.uint64)
    return Table(none, none.copy(), index_of(none), np.empty(0, np.uint8))


def sorted_table(marks: Words, references: Words, records: Bytes) -> Table:
    """A table of references in any order."""
    order = np.argsort(marks, kind="stable")
    marks = marks[order]
    return Table(marks, references[order], index_of(marks), records)


def laid_over(newer: Table, older: Table, written: Words, *, drop_clear: bool, records: Bytes) -> Table:
    """The newer table over the older one; `written` are the references that newer entries get.

    `records` are those of the result.
    """
    marks = np.empty(len(older) + len(newer), np.uint64)
    references = np.empty_like(marks)
    count = kernel.merge(
        older.marks, older.references, older.records, newer.marks, newer.references, frozen(written), newer.records,
        drop_clear, marks, references,
    )  # fmt: skip
    return Table(marks[:count], references[:count], index_of(marks[:count]), records)


def packed(references: Words, records: Bytes, base: int, *, with_clear: bool) -> tuple[Words, Bytes]:
    """The records of these references alone, one behind the other; their references when they begin at `base`."""
    references = frozen(references)
    content = np.empty(kernel.records_size(references, records, with_clear), np.uint8)
    made: Words = kernel.pack_records(references, records, with_clear, base, content)
    return made, content


def listed(references: Words) -> NDArray[np.bool_]:
    """Which references are of keys that are not clear."""
    found: NDArray[np.bool_] = references >= np.uint64(1 << kernel.VERDICT_SHIFT)
    return found


def newer_than(table: Table, sequence: int) -> Table:
    """The entries that came after a sequence, with their records alone."""
    kept = kernel.sequences(table.references, table.records) > sequence
    marks = table.marks[kept]
    references, records = packed(table.references[kept], table.records, 0, with_clear=True)
    return Table(marks, references, index_of(marks), records)
