"""Our own signing keys: `keys/issuer.pem`, then `keys/issuer-YYYYMMDD.pem`, each from its day on.

While two overlap, messages carry a signature by each: institutions change over when they like.
"""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lachan.foundation.base import NotReady
from lachan.foundation.protocol.connections.rules import OVERLAP
from lachan.foundation.trail import TrailReason, create_private_key, read_private_key

_NAME = re.compile(r"issuer(?:-(\d{4})(\d\d)(\d\d))?\.pem")


def create_issuer_key(home: Path, from_day: date | None = None) -> Path:
    """Make the first key, or with `from_day` the next one; an existing file is kept as it is."""
    suffix = f"-{from_day:%Y%m%d}" if from_day else ""
    path = home / "keys" / f"issuer{suffix}.pem"
    create_private_key(path)
    return path


def issuer_keys(home: Path, wall_now: datetime) -> list[Ed25519PrivateKey]:
    """The keys to sign with now, the newest first; NotReady where there is none."""
    dated = sorted(
        (start, path) for path in (home / "keys").glob("issuer*.pem") if (start := _start(path)) is not None
    )
    counting = []
    for position, (start, path) in enumerate(dated):
        successor = dated[position + 1][0] if position + 1 < len(dated) else None
        if start <= wall_now and (successor is None or wall_now < successor + OVERLAP):
            counting.append(read_private_key(path))
    if not counting:
        raise NotReady(TrailReason.KEY_MISSING, path="issuer.pem")
    return counting[::-1]


def _start(path: Path) -> datetime | None:
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    if match.group(1) is None:
        return datetime.min.replace(tzinfo=UTC)
    try:
        day = date(*(int(group) for group in match.groups()))
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC)
