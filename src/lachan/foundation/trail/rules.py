"""Hashes of facts, Merkle roots (RFC 6962) and chained heads. Pure: bytes in, hex out."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from lachan.foundation.trail.model import Checkpoint, Fact

GENESIS = "0" * 64


def canonical(value: Any) -> bytes:
    """One value, one byte string: sorted keys, no spaces, UTC instants to the microsecond."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)


def fact_content(fact: Fact) -> dict[str, Any]:
    """Everything of a fact that its hash covers, as plain values; also its line in an export."""
    return {
        "id": fact.id,
        "sequence": fact.sequence,
        "kind": fact.kind,
        "subject": fact.subject,
        "actor": fact.actor,
        "agency_id": fact.agency_id,
        "purpose": fact.purpose,
        "legal_basis": fact.legal_basis,
        "happened_at": instant_text(fact.happened_at),
        "learned_at": instant_text(fact.learned_at),
        "data": fact.data,
        "rows": [list(row) for row in fact.rows],
    }


def leaf_hash(fact: Fact) -> bytes:
    """The leaf of one numbered fact; the number is inside, so reordering changes both leaves."""
    return hashlib.sha256(b"\x00" + canonical(fact_content(fact))).digest()


def merkle_root(leaves: Sequence[bytes]) -> str:
    """The root over leaf hashes as RFC 6962 §2.1 defines it, hex."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    # Level by level, a lone last node going up as it is: the same tree, without cutting lists to pieces.
    level, sha256 = list(leaves), hashlib.sha256
    while len(level) > 1:
        alone = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        level += alone
    return level[0].hex()


def chained_head(number: int, first: int, last: int, root: str, previous: str, sealed_at: datetime) -> str:
    """The head of a checkpoint: a hash over its own figures and the head before."""
    content = [number, first, last, root, previous, instant_text(sealed_at)]
    return hashlib.sha256(b"\x02" + canonical(content)).hexdigest()


def head_of(checkpoint: Checkpoint) -> str:
    """The head that a checkpoint's own figures give."""
    return chained_head(
        checkpoint.number,
        checkpoint.first_sequence,
        checkpoint.last_sequence,
        checkpoint.root,
        checkpoint.previous_head,
        checkpoint.sealed_at,
    )


def row_digest(row: Mapping[str, Any]) -> str:
    """The digest of a state row's content."""
    return hashlib.sha256(b"\x03" + canonical(dict(row))).hexdigest()


def commitment(salt: bytes, value: str) -> str:
    """A commitment to a personal value; when the salt is destroyed it can no longer be tied to the value."""
    return hmac.new(salt, value.encode(), hashlib.sha256).hexdigest()


def instant_text(instant: datetime) -> str:
    """An instant as the trail writes it: UTC, always six decimals."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant_from_text(text: str) -> datetime:
    """The reverse of `instant_text`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no canonical form")
