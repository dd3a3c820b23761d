"""The compiled part: arrays in, arrays out. Nothing here is ever compiled in a request: signatures are fixed.

A *table* is four arrays: keyed fingerprints in rising order, a reference each, an index by the fingerprint's first
bits, and the bytes of the records that references point into. A reference is `verdict << 56 | offset`. What a
look-up reads of two tables is handed over as *places*: to unpack nine arrays would cost it more than the search.

A record, little-endian: `until` (µs since 1970, i64), sequence (i64), length of key, entry and reasons (u16 each),
verdict (u8), 0; then the three texts. Fingerprints may collide: what counts is the key in the record.
"""

import numpy as np
from numba import types

from lachan.foundation.base.compiled import njit, prefetch
from lachan.foundation.exchange.fingerprints import (
    BYTES,
    LINE_END,
    WORDS,
    fingerprint,
    fingerprint_line,
    load_word,
    trailing_zeros,
)
from lachan.screening.memory import bytes_at, index_at, words_at

INDEX = types.Array(types.uint32, 1, "C", readonly=True)
HEAD_BYTES = 24
BLOCK = 1024
FOUND_WORDS = 2
HIT_WORDS = 6
SCRATCH_WORDS = 5
KEY_LENGTH_AT = 16
VERDICT_SHIFT = 56
OFFSET_BITS = (1 << VERDICT_SHIFT) - 1
NEVER_US = np.iinfo(np.int64).max

_OFFSET = np.uint64(OFFSET_BITS)
_VERDICT = np.uint64(VERDICT_SHIFT)
_ONE, _SIX, _LOW = np.uint64(1), np.uint64(6), np.uint64(63)
_HALF, _WIDTH = np.uint64(32), np.uint64(64)
_NOWHERE = np.int64(-1)
_URL, _DOMAIN = np.uint8(ord("u")), np.uint8(ord("d"))


@njit
def bloom_mask(mark):  # type: ignore[no-untyped-def]
    """Four bits of a word, chosen by the fingerprint's last 24 bits."""
    mask = _ONE << (mark & _LOW)
    mark >>= _SIX
    mask |= _ONE << (mark & _LOW)
    mark >>= _SIX
    mask |= _ONE << (mark & _LOW)
    mark >>= _SIX
    return mask | (_ONE << (mark & _LOW))


@njit
def bloom_word(mark, words):  # type: ignore[no-untyped-def]
    """Which word of the filter a fingerprint falls on: its first 32 bits, scaled."""
    return ((mark >> _HALF) * words) >> _HALF


@njit
def index_shift(index):  # type: ignore[no-untyped-def]
    """How far a fingerprint is shifted to become its place in the index."""
    bits = np.uint64(0)
    while (_ONE << bits) < np.uint64(index.shape[0] - 1):
        bits += _ONE
    return _WIDTH - bits


@njit
def _short(data, at):  # type: ignore[no-untyped-def]
    return np.int64(data[at]) | (np.int64(data[at + 1]) << 8)


@njit
def _long(data, at):  # type: ignore[no-untyped-def]
    return np.int64(load_word(data, at))


@njit
def _has_key(records, offset, text, start, stop):  # type: ignore[no-untyped-def]
    if _short(records, offset + KEY_LENGTH_AT) != stop - start:
        return False
    at = offset + HEAD_BYTES
    for place in range(stop - start):  # noqa: SIM110 (compiled: no generator)
        if records[at + place] != text[start + place]:
            return False
    return True


@njit
def _same_key(left, left_offset, right, right_offset):  # type: ignore[no-untyped-def]
    size = _short(right, right_offset + KEY_LENGTH_AT)
    start = right_offset + HEAD_BYTES
    return _has_key(left, left_offset, right, start, start + size)


@njit
def find(mark, text, start, stop, marks, references, index, shift, records):  # type: ignore[no-untyped-def]
    """The position of a key in a table, -1 where it is not; the whole key is compared."""
    place = np.int64(mark >> shift)
    for position in range(np.int64(index[place]), np.int64(index[place + 1])):
        if marks[position] == mark:
            offset = np.int64(references[position] & _OFFSET)
            if _has_key(records, offset, text, start, stop):
                return np.int64(position)
    return _NOWHERE


@njit
def _passing(asked, first, size, newer, bloom, words):  # type: ignore[no-untyped-def]
    """One bit for each of up to 64 fingerprints: what the filter lets pass, and what the delta has.

    Nothing is stored in the loops, so that the compiler turns them into gathers, eight look-ups at a time.
    """
    bits = np.uint64(0)
    for number in range(size):
        mask = bloom_mask(asked[first + number])
        passes = bloom[bloom_word(asked[first + number], words)] & mask == mask
        bits |= np.uint64(passes) << np.uint64(number)
    if newer.shape[0] > 0:
        for number in range(size):
            bits |= np.uint64(newer[first + number] >= 0) << np.uint64(number)
    return bits


@njit
def _prefetch_filter(asked, first, size, bloom, words):  # type: ignore[no-untyped-def]
    for number in range(first, min(first + 64, size)):
        prefetch(bloom, np.int64(bloom_word(asked[number], words)))


@njit
def choose(asked, size, newer, bloom, words, chosen):  # type: ignore[no-untyped-def]
    """Write the numbers of those fingerprints that have to be looked for; returns how many.

    Each 64 are asked for while the 64 before them are looked at: the gathers alone keep too few reads under way.
    """
    left = np.int64(0)
    words = np.uint64(np.uint32(words))
    _prefetch_filter(asked, 0, size, bloom, words)
    for first in range(0, size, 64):
        _prefetch_filter(asked, first + 64, size, bloom, words)
        bits = _passing(asked, first, min(64, size - first), newer, bloom, words)
        while bits != np.uint64(0):
            chosen[left] = first + np.int64(trailing_zeros(bits))
            left += 1
            bits &= bits - _ONE
    return left


@njit
def locate(asked, chosen, left, marks, references, index, shift, found):  # type: ignore[no-untyped-def]
    """Write where each chosen fingerprint first stands in a table, -1 where it does not."""
    for number in range(left):
        found[number] = np.int64(index[np.int64(asked[chosen[number]] >> shift)])
    for number in range(left):
        # The comparison branches on what it reads: without this it would wait for each read before the next.
        prefetch(marks, found[number])
        prefetch(references, found[number])
    for number in range(left):
        mark, position = asked[chosen[number]], found[number]
        while position < marks.shape[0] and marks[position] < mark:
            position += 1
        found[number] = position if position < marks.shape[0] and marks[position] == mark else _NOWHERE


@njit(types.int64(BYTES, types.int64, WORDS, types.int64[::1]), cache=True)
def screen_lines(text, count, places, room):  # type: ignore[no-untyped-def]
    """Look up `count` keys, divided by newlines, in the tables of `places` (`table.places`); how many are found.

    `room` has `FOUND_WORDS`: the place behind the last line, -1 where there are too few, and whether any line may
    be a link or a name; then `HIT_WORDS` for each of `count` lines that are found: line, start and stop of its key,
    where it was found, how many of its fingerprint stand there, and the offset of the first one's record; behind
    these `SCRATCH_WORDS` for each line of a block. What was found in the delta is listed and stands at
    `-1 - position`. What was found in the generation is left to be compared with the whole key by who reads the
    record: no look-up brings the identifiers into memory.
    """
    k0, k1 = places[0], places[1]
    marks, references, index = words_at(places, 2), words_at(places, 4), index_at(places, 6)
    new_marks, new_references, new_index = words_at(places, 8), words_at(places, 10), index_at(places, 12)
    bloom, new_records = words_at(places, 14), bytes_at(places, 16)
    words, shift, new_shift = np.uint64(bloom.shape[0]), index_shift(index), index_shift(new_index)
    block = min(count, BLOCK)
    at = np.int64(FOUND_WORDS)
    scratch = room[at + HIT_WORDS * count :]
    asked, stops, newer = scratch[:block].view(np.uint64), scratch[block:], scratch[2 * block : 3 * block]
    chosen, found = scratch[3 * block :], scratch[4 * block :]
    if new_marks.shape[0] == 0:
        newer = newer[:0]
    hits, begin, has_links, last = np.int64(0), np.int64(0), False, text.shape[0] - len(LINE_END)
    for first in range(0, count, block):
        # One kind of work after the other: the processor then has many reads under way at once.
        size = min(block, count - first)
        start = begin
        for line in range(size):
            if start > last:
                room[0], room[1] = _NOWHERE, 0
                return 0
            has_links |= text[start] == _URL or text[start] == _DOMAIN
            asked[line], stops[line] = fingerprint_line(text, start, k0, k1)
            start = stops[line] + 1
        if newer.shape[0] > 0:
            start = begin
            for line in range(size):
                newer[line] = find(
                    asked[line], text, start, stops[line],
                    new_marks, new_references, new_index, new_shift, new_records,
                )  # fmt: skip
                start = stops[line] + 1
        left = choose(asked, size, newer, bloom, words, chosen)
        locate(asked, chosen, left, marks, references, index, shift, found)
        for number in range(left):
            line = chosen[number]
            position, equal = found[number], np.int64(1)
            if newer.shape[0] > 0 and newer[line] >= 0:
                reference = new_references[newer[line]]
                if reference >> _VERDICT == np.uint64(0):
                    continue
                position = -1 - newer[line]
            elif position < 0:
                continue
            else:
                reference = references[position]
                while position + equal < marks.shape[0] and marks[position + equal] == asked[line]:
                    equal += 1
            room[at] = first + line
            room[at + 1] = stops[line - 1] + 1 if line else begin
            room[at + 2] = stops[line]
            room[at + 3] = position
            room[at + 4] = equal
            room[at + 5] = np.int64(reference & _OFFSET)
            at += HIT_WORDS
            hits += 1
        begin = stops[size - 1] + 1
    room[0] = begin
    room[1] = np.int64(has_links)
    return hits


@njit(
    types.int64(
        WORDS, WORDS, BYTES, WORDS, WORDS, WORDS, BYTES, types.boolean, types.uint64[::1], types.uint64[::1]
    ),
    cache=True, nogil=True,
)  # fmt: skip
def merge(  # type: ignore[no-untyped-def]
    marks,
    references,
    records,
    new_marks,
    new_references,
    written,
    new_records,
    drop_clear,
    out_marks,
    out_references,
):
    """Merge a newer table over an older one; returns how many remain.

    `written` are the references that newer keys get in the result; `drop_clear` leaves keys out that became clear.
    """
    old_count, new_count = marks.shape[0], new_marks.shape[0]
    old = new = made = 0
    while old < old_count or new < new_count:
        if new == new_count or (old < old_count and marks[old] < new_marks[new]):
            out_marks[made] = marks[old]
            out_references[made] = references[old]
            made += 1
            old += 1
            continue
        # All old keys of this fingerprint that no new one replaces; then the new one.
        mark = new_marks[new]
        last = new
        while last + 1 < new_count and new_marks[last + 1] == mark:
            last += 1
        while old < old_count and marks[old] == mark:
            replaced = False
            for other in range(new, last + 1):
                offset = np.int64(new_references[other] & _OFFSET)
                if _same_key(records, np.int64(references[old] & _OFFSET), new_records, offset):
                    replaced = True
            if not replaced:
                out_marks[made] = mark
                out_references[made] = references[old]
                made += 1
            old += 1
        for other in range(new, last + 1):
            if not drop_clear or (new_references[other] >> _VERDICT) != np.uint64(0):
                out_marks[made] = mark
                out_references[made] = written[other]
                made += 1
        new = last + 1
    return made


@njit(types.uint32[::1](WORDS, types.intp), cache=True, nogil=True)
def make_index(marks, bits):  # type: ignore[no-untyped-def]
    """Where the fingerprints with each of the 2**bits beginnings start."""
    size = np.intp(1) << bits
    shift = _WIDTH - np.uint64(bits)
    index = np.zeros(size + 1, np.uint32)
    for position in range(marks.shape[0]):
        index[np.int64(marks[position] >> shift) + 1] += np.uint32(1)
    for place in range(size):
        index[place + 1] += index[place]
    return index


@njit(types.uint64[::1](WORDS, types.intp), cache=True, nogil=True)
def make_bloom(marks, words):  # type: ignore[no-untyped-def]
    """The filter: each fingerprint sets four bits of one word, so an innocent look-up reads one cache line."""
    bloom = np.zeros(words, np.uint64)
    for position in range(marks.shape[0]):
        bloom[bloom_word(marks[position], np.uint64(words))] |= bloom_mask(marks[position])
    return bloom


@njit
def _record_size(records, offset):  # type: ignore[no-untyped-def]
    lengths = offset + KEY_LENGTH_AT
    return HEAD_BYTES + _short(records, lengths) + _short(records, lengths + 2) + _short(records, lengths + 4)


@njit(types.int64(WORDS, BYTES, types.boolean), cache=True, nogil=True)
def records_size(references, records, with_clear):  # type: ignore[no-untyped-def]
    """How many bytes the records of these references take, with or without those of keys that became clear."""
    total = np.int64(0)
    for position in range(references.shape[0]):
        if with_clear or (references[position] >> _VERDICT) != np.uint64(0):
            total += _record_size(records, np.int64(references[position] & _OFFSET))
    return total


@njit(types.uint64[::1](WORDS, BYTES, types.boolean, types.int64, types.uint8[::1]), cache=True, nogil=True)
def pack_records(references, records, with_clear, base, out):  # type: ignore[no-untyped-def]
    """Copy records one behind the other; returns their references when `out` begins at offset `base`."""
    made = np.zeros(references.shape[0], np.uint64)
    at = np.int64(0)
    for position in range(references.shape[0]):
        verdict = references[position] >> _VERDICT
        if with_clear or verdict != np.uint64(0):
            offset = np.int64(references[position] & _OFFSET)
            size = _record_size(records, offset)
            out[at : at + size] = records[offset : offset + size]
            made[position] = (verdict << _VERDICT) | np.uint64(base + at)
            at += size
    return made


@njit(types.int64[::1](WORDS, BYTES), cache=True, nogil=True)
def sequences(references, records):  # type: ignore[no-untyped-def]
    """The sequence of each reference's record."""
    made = np.empty(references.shape[0], np.int64)
    for position in range(references.shape[0]):
        made[position] = _long(records, np.int64(references[position] & _OFFSET) + 8)
    return made


@njit(types.uint64[::1](WORDS, BYTES, types.uint64, types.uint64), cache=True, nogil=True)
def rekeyed(references, records, k0, k1):  # type: ignore[no-untyped-def]
    """The fingerprints of the records' keys under another key, in the order of the references."""
    made = np.empty(references.shape[0], np.uint64)
    for position in range(references.shape[0]):
        start = np.int64(references[position] & _OFFSET) + HEAD_BYTES
        size = _short(records, start - HEAD_BYTES + KEY_LENGTH_AT)
        made[position] = fingerprint(records, start, size, k0, k1)
    return made
