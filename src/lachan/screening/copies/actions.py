"""Grant an institution a copy under contract, replace its key, revoke it."""

import secrets

from lachan.foundation.access import (
    Agency,
    InstanceSecret,
    Permission,
    agency_by_code,
    clean_text,
    require,
)
from lachan.foundation.base import Conflict, InputReason, NotFound, new_id
from lachan.foundation.exchange import key_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.screening.copies import store
from lachan.screening.copies.model import CopyGrantReason, CopyKey, GrantedKey, KeyEnd
from lachan.screening.copies.views import KEY_USE

_KEY_BYTES = 16
_CONTRACT_MAX = 200
_NOTE_MAX = 500


def grant_copy(unit: Unit, secret: InstanceSecret, code: str, contract: str) -> GrantedKey:
    """Let an institution hold a copy; `contract` says on what it rests. The key is shown once.

    Conflict ALREADY_GRANTED where it has a key: rotate that.
    """
    institution = _manageable(unit, code)
    if store.living(unit.conn, institution.id) is not None:
        raise Conflict(CopyGrantReason.ALREADY_GRANTED, field="code")
    made, granted = _made(unit, secret, institution, code, clean_text(contract, "contract", limit=_CONTRACT_MAX))
    _record(unit, "copy.granted", made, {"contract": made.contract}, [made.id])
    return granted


def rotate_copy(unit: Unit, secret: InstanceSecret, code: str) -> GrantedKey:
    """Give an institution another key under the same contract; from now on files are made under it alone."""
    institution = _manageable(unit, code)
    before = _end(unit, institution, KeyEnd.ROTATED, None)
    made, granted = _made(unit, secret, institution, before.recipient, before.contract)
    _record(unit, "copy.key_rotated", made, {"before": before.key_id}, [before.id, made.id])
    return granted


def revoke_copy(unit: Unit, code: str, note: str) -> CopyKey:
    """Hand nothing out any more: the next call is refused. What the institution holds grows old by itself."""
    institution = _manageable(unit, code)
    ended = _end(unit, institution, KeyEnd.REVOKED, clean_text(note, "note", limit=_NOTE_MAX))
    _record(unit, "copy.revoked", ended, {}, [ended.id])
    return ended


def _manageable(unit: Unit, code: str) -> Agency:
    institution = agency_by_code(unit.conn, code)
    if institution is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    require(unit.actor, Permission.COPY_MANAGE, institution.id)
    return institution


def _made(
    unit: Unit, secret: InstanceSecret, institution: Agency, code: str, contract: str
) -> tuple[CopyKey, GrantedKey]:
    key = secrets.token_bytes(_KEY_BYTES)
    recipient = code.strip().lower()
    made = CopyKey(
        new_id(), institution.id, recipient, key_id(key), contract, unit.now, unit.actor.reference
    )  # fmt: skip
    store.insert_key(unit.conn, made, secret.seal(KEY_USE, key.hex()))
    return made, GrantedKey(recipient, made.key_id, key)


def _end(unit: Unit, institution: Agency, end: KeyEnd, note: str | None) -> CopyKey:
    found = store.living(unit.conn, institution.id)
    if found is None:
        raise NotFound(CopyGrantReason.NOT_GRANTED, field="code")
    store.update_key(
        unit.conn, found[0].id, ended_at=unit.now, ended_by=unit.actor.reference, end_kind=end.value, end_note=note
    )
    return found[0]


def _record(unit: Unit, kind: str, key: CopyKey, data: dict[str, object], changed: list[str]) -> None:
    said = {"recipient": key.recipient, "key_id": key.key_id, **data}
    append(unit, kind, f"agency:{key.agency_id}", said, rows=[("screening_copy_key", one) for one in changed])
