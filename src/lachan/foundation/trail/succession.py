"""One seal key hands over to the next: a fact that both sign, so that whoever trusts one of them finds the other.

The old key seals the checkpoint that holds the hand-over, and nothing after it. Where the old key is lost, only the
new one signs: whoever knew the old one is told by the verification that nobody vouches for what follows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import Actor, BadInput, Conflict, InputReason, NotReady
from lachan.foundation.storage import Database
from lachan.foundation.trail import rules, store, tables
from lachan.foundation.trail.actions import append, seal
from lachan.foundation.trail.keys import SealKey, create_private_key, key_id_of, read_private_key, signature_holds
from lachan.foundation.trail.model import SUCCESSION, Checkpoint, TrailReason

KEY_FILE, NEXT_FILE, PUBLIC_FILE = "trail.pem", "trail-next.pem", "trail.pub"
REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Succession:
    """What a hand-over says. `lost_because` is the recorded reason where the old key could not sign."""

    old_key: str
    new_key: str
    lost_because: str | None
    old_signature: str | None
    new_signature: str

    @property
    def statement(self) -> str:
        """What both keys sign."""
        said = {"old_key": self.old_key, "new_key": self.new_key, "lost_because": self.lost_because}
        return "lachan-trail-succession-1:" + rules.canonical(said).decode()

    @property
    def old_vouches(self) -> bool:
        """Whether the old key names the new one."""
        return self.old_signature is not None and signature_holds(self.old_key, self.statement, self.old_signature)

    @property
    def new_vouches(self) -> bool:
        """Whether the new key names the old one."""
        return signature_holds(self.new_key, self.statement, self.new_signature)

    @property
    def holds(self) -> bool:
        """Whether it is signed as its kind must be."""
        return self.new_vouches and (self.old_vouches or self.lost_because is not None)


def read_succession(data: Mapping[str, Any]) -> Succession | None:
    """The hand-over in a fact's data; None where it cannot be one."""
    try:
        made = Succession(**{name: data[name] for name in Succession.__dataclass_fields__})
        key_id_of(made.old_key)
        key_id_of(made.new_key)
    except (KeyError, TypeError, ValueError):
        return None
    return made


def trusted_keys(known: Iterable[str], successions: Iterable[Succession]) -> dict[str, str]:
    """The keys one may trust who knows some, by their short names: hand-overs lead on, and back."""
    trusted, waiting = set(known), list(successions)
    while True:
        found = {one.new_key for one in waiting if one.old_key in trusted and one.old_vouches}
        found |= {one.old_key for one in waiting if one.new_key in trusted and one.new_vouches}
        if found <= trusted:
            return {key_id_of(key): key for key in trusted}
        trusted |= found


def successions(conn: Connection) -> list[Succession]:
    """All hand-overs of this trail, in order."""
    query = sa.select(tables.fact.c.data).where(tables.fact.c.kind == SUCCESSION).order_by(tables.fact.c.ordinal)
    read = (read_succession(data) for data in conn.execute(query).scalars())
    return [one for one in read if one is not None]


def rotate_key(
    db: Database,
    keys: Path,
    *,
    actor: Actor,
    now: datetime,
    wall_now: datetime,
    lost_because: str | None = None,
    old_public: str | None = None,
) -> Succession:
    """Hand the seal over to a new key; run again after it was cut off, it goes on where it stood.

    `lost_because`: the old key cannot sign any more; `old_public` is then its public key, if `trail.pub` does not
    have it. Refusals: KEY_MISSING, KEY_NOT_IN_TURN, KEY_NOT_LOST (it is there, so it signs), KEY_UNKNOWN.
    """
    new = SealKey(create_private_key(keys / NEXT_FILE))
    handed = _handed_to(db, new)
    if handed is None:
        if lost_because is None:
            old = SealKey(read_private_key(keys / KEY_FILE))
            unsigned = Succession(old.public_text, new.public_text, None, None, "")
            signature, sealer = old.sign(unsigned.statement), old
        else:
            words = lost_because.strip()
            if not words:
                raise BadInput(InputReason.MISSING, field="--reason")
            unsigned = Succession(_lost_key(db, keys, old_public), new.public_text, words[:REASON_MAX], None, "")
            signature, sealer = None, new
        handed = Succession(
            unsigned.old_key, new.public_text, unsigned.lost_because, signature, new.sign(unsigned.statement)
        )
        with db.read() as conn:
            turn = key_in_turn(conn, store.last_checkpoint(conn))
        if turn not in {None, key_id_of(handed.old_key)}:
            raise NotReady(TrailReason.KEY_NOT_IN_TURN, key=key_id_of(handed.old_key))
        with db.unit(now, actor) as unit:
            append(
                unit, SUCCESSION, "trail:key",
                {name: getattr(handed, name) for name in Succession.__dataclass_fields__},
            )  # fmt: skip
        # In one checkpoint: a lost key's heir may begin only with the fact that names it.
        seal(db, sealer, now=now, wall_now=wall_now, limit=10**9, lost=lost_because is not None)
    (keys / f"trail-{key_id_of(handed.old_key)}.pub").write_text(handed.old_key + "\n", encoding="ascii")
    (keys / PUBLIC_FILE).write_text(handed.new_key + "\n", encoding="ascii")
    # The old private key goes: from here on nobody needs it but a forger.
    (keys / NEXT_FILE).replace(keys / KEY_FILE)
    return handed


def write_public_key(keys: Path, key: SealKey) -> None:
    """Keep the public key beside the private one, so that it is known when that is lost; never over another."""
    path = keys / PUBLIC_FILE
    if not path.exists():
        path.write_text(key.public_text + "\n", encoding="ascii")


def key_in_turn(conn: Connection, last: Checkpoint | None) -> str | None:
    """The short name of the key that may seal the next checkpoint; None where any may, as nothing is sealed."""
    if last is None:
        return None
    return store.heir(conn, last) or last.key_id


def _handed_to(db: Database, new: SealKey) -> Succession | None:
    """The sealed hand-over to this key, which an earlier run left behind."""
    with db.read() as conn:
        last = store.last_checkpoint(conn)
        if last is None or key_in_turn(conn, last) != new.key_id:
            return None
        return next((one for one in reversed(successions(conn)) if one.new_key == new.public_text), None)


def _lost_key(db: Database, keys: Path, old_public: str | None) -> str:
    """The public half of the key that nobody has any more; its short name must be the one in turn."""
    kept = keys / PUBLIC_FILE
    public = (old_public or (kept.read_text(encoding="ascii") if kept.exists() else "")).strip()
    with db.read() as conn:
        turn = key_in_turn(conn, store.last_checkpoint(conn))
    try:
        present = SealKey(read_private_key(keys / KEY_FILE)).key_id
    except NotReady:
        present = None
    if present is not None and present == turn:
        raise Conflict(TrailReason.KEY_NOT_LOST)
    try:
        known = bool(public) and key_id_of(public) == turn
    except ValueError:
        known = False
    if not known:
        raise BadInput(TrailReason.KEY_UNKNOWN, field="--old-key", key=turn or "–")
    return public
