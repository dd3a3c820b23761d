"""The engines' columns on disk: immutable segments by day that many processes map, and an open one in memory.

    CURRENT                        the name of the manifest that counts
    manifest-NUMBER-RANDOM.json    the segments and the accounts, with the length and SHA-256 of every file
    accounts-RANDOM                keys, one a line, in the order of their numbers; grows at its end
    segment-DAY-RANDOM/            the arrays of columns and edges, and the ids

A segment is written under another name, synced and renamed; then the manifest, then CURRENT in the same way. What a
crash leaves behind is named by nobody. A fact learned late is one more segment of its day; nothing is rewritten.
"""

from lachan.ledger.segments.files import throw_away
from lachan.ledger.segments.model import Ids, Segment
from lachan.ledger.segments.segments import Segments

__all__ = ["Ids", "Segment", "Segments", "throw_away"]
