"""Questions about keys of recipients."""

from sqlalchemy.engine import Connection

from lachan.foundation.access import InstanceSecret
from lachan.foundation.base import NotAllowed
from lachan.screening.copies import store
from lachan.screening.copies.model import CopyGrantReason, CopyKey, KeyEnd

KEY_USE = "screening-copy-key"


def copy_keys(conn: Connection) -> list[CopyKey]:
    """All keys that were ever granted, by recipient, oldest first."""
    return store.keys(conn)


def key_of(conn: Connection, secret: InstanceSecret, agency_id: str) -> tuple[CopyKey, bytes]:
    """An institution's key; NotAllowed NOT_GRANTED, or REVOKED where it had one."""
    found = store.living(conn, agency_id)
    if found is None:
        revoked = any(one.end is KeyEnd.REVOKED for one in store.keys(conn, agency_id))
        raise NotAllowed(CopyGrantReason.REVOKED if revoked else CopyGrantReason.NOT_GRANTED)
    made, sealed = found
    return made, bytes.fromhex(secret.unseal(KEY_USE, sealed))
