"""Other systems' languages, and the files that leave the house: values to bytes and back."""

from lachan.foundation.exchange.atom import AtomEntry, AtomFeed, write_atom
from lachan.foundation.exchange.cap import CapAlert, CapInfo, CapSeverity, CapStatus, write_cap
from lachan.foundation.exchange.copies import (
    CopyReason,
    Delta,
    Filter,
    Header,
    key_id,
    read_copy,
    write_delta,
    write_filter,
)
from lachan.foundation.exchange.fingerprints import fingerprints
from lachan.foundation.exchange.fuse import Shape, build, contains

__all__ = [
    "AtomEntry",
    "AtomFeed",
    "CapAlert",
    "CapInfo",
    "CapSeverity",
    "CapStatus",
    "CopyReason",
    "Delta",
    "Filter",
    "Header",
    "Shape",
    "build",
    "contains",
    "fingerprints",
    "key_id",
    "read_copy",
    "write_atom",
    "write_cap",
    "write_delta",
    "write_filter",
]
