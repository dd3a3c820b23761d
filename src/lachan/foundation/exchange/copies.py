"""A bank's own copy of the list as signed files: a whole filter, and deltas of what was added and removed.

    4 bytes LCF1 · u32 length of the header · header (JSON) · 64 bytes ed25519 signature of all before it · body

Files of one recipient carry rising numbers: a filter replaces everything, a delta leads from the number that it
follows to its own. The body's SHA-256 stands in the header. Body of a filter: its cells, u16; of a delta: the added
fingerprints, then the removed ones, u64, each part rising. All little-endian. Fingerprints are keyed for the
recipient: its key is handed over by another way, and `key_id` tells whether it is the right one.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import msgspec
import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from numpy.typing import NDArray

from lachan.foundation.base import BadInput, NotAllowed, Reason
from lachan.foundation.exchange.fuse import Shape, build

Sign = Callable[[bytes], bytes]
Words = NDArray[np.uint64]
_MAGIC = b"LCF1"
_LENGTH = struct.Struct("<I")
_SIGNATURE_BYTES = 64
_HEADER_BYTES_MAX = 4096


class CopyReason(Reason):
    """Why a file of a bank's own copy is not taken up, or not answered from."""

    NOT_A_COPY = "not_a_screening_copy"
    BAD_SIGNATURE = "copy_signature_not_believed"
    OTHER_RECIPIENT = "copy_for_another_recipient"
    OTHER_KEY = "copy_under_another_key"
    STALE = "copy_stale"
    FROM_THE_FUTURE = "copy_from_the_future"
    REPLAYED = "copy_replayed"
    OUT_OF_ORDER = "copy_out_of_order"


@dataclass(frozen=True, slots=True)
class Header:
    """What the issuer signs; `keys` are a filter's, or those a delta adds; `sequence` is the registry's.

    `follows` is the number from which a delta leads to `number`.
    """

    kind: Literal["filter", "delta"]
    issuer: str
    recipient: str
    key_id: str
    number: int
    sequence: int
    issued_at: datetime
    follows: int = 0
    keys: int = 0
    removed: int = 0
    seed: int = 0
    segment_length: int = 0
    segments: int = 0
    body_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A whole list, as a filter."""

    header: Header
    shape: Shape
    cells: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed since the number that the header `follows`."""

    header: Header
    added: Words
    removed: Words


def key_id(key: bytes) -> str:
    """By which a key is recognised without telling it."""
    return hashlib.sha256(b"lachan screening copy" + key).hexdigest()[:16]


def write_filter(header: Header, marks: Words, sign: Sign) -> bytes:
    """The file of a whole list; `marks` are its distinct fingerprints under the recipient's key."""
    shape, cells = build(marks)
    filled = replace(
        header, kind="filter", keys=len(marks), seed=shape.seed, segment_length=shape.segment_length,
        segments=shape.segments,
    )  # fmt: skip
    return _written(filled, cells.astype("<u2").tobytes(), sign)


def write_delta(header: Header, added: Words, removed: Words, sign: Sign) -> bytes:
    """The file of what changed since the number it follows; it may be nothing, and then only says so."""
    body = b"".join(np.unique(part).astype("<u8").tobytes() for part in (added, removed))
    filled = replace(header, kind="delta", keys=len(np.unique(added)), removed=len(np.unique(removed)))
    return _written(filled, body, sign)


def read_copy(content: bytes, keys: Iterable[bytes]) -> Filter | Delta:
    """The file, if one of these public keys signed it.

    BadInput NOT_A_COPY, NotAllowed BAD_SIGNATURE; nothing of an unsigned header is believed.
    """
    start = len(_MAGIC) + _LENGTH.size
    if len(content) < start or not content.startswith(_MAGIC):
        raise BadInput(CopyReason.NOT_A_COPY, field="header")
    (length,) = _LENGTH.unpack_from(content, len(_MAGIC))
    body_at = start + length + _SIGNATURE_BYTES
    if length > _HEADER_BYTES_MAX or len(content) < body_at:
        raise BadInput(CopyReason.NOT_A_COPY, field="header")
    signed, signature, body = content[: start + length], content[start + length : body_at], content[body_at:]
    if not any(_holds(key, signature, signed) for key in keys):
        raise NotAllowed(CopyReason.BAD_SIGNATURE, field="signature")
    try:
        header = msgspec.json.decode(signed[start:], type=Header)
    except msgspec.MsgspecError as error:
        raise BadInput(CopyReason.NOT_A_COPY, field="header") from error
    if hashlib.sha256(body).hexdigest() != header.body_sha256:
        raise NotAllowed(CopyReason.BAD_SIGNATURE, field="body")
    return _read(header, body)


def _read(header: Header, body: bytes) -> Filter | Delta:
    shape = Shape(header.seed, header.segment_length, header.segments)
    if header.kind == "filter":
        if len(body) != 2 * shape.cells or not shape.cells or shape.segment_length.bit_count() != 1:
            raise BadInput(CopyReason.NOT_A_COPY, field="body")
        return Filter(header, shape, np.frombuffer(body, "<u2"))
    if len(body) != 8 * (header.keys + header.removed):
        raise BadInput(CopyReason.NOT_A_COPY, field="body")
    marks = np.frombuffer(body, "<u8")
    return Delta(header, marks[: header.keys], marks[header.keys :])


def _written(header: Header, body: bytes, sign: Sign) -> bytes:
    text = msgspec.json.encode(replace(header, body_sha256=hashlib.sha256(body).hexdigest()))
    signed = _MAGIC + _LENGTH.pack(len(text)) + text
    return signed + sign(signed) + body


def _holds(key: bytes, signature: bytes, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except InvalidSignature:
        return False
    return True
