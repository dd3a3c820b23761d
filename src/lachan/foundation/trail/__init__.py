"""Append-only, sealed record of who did what, why and on what basis."""

from lachan.foundation.trail.actions import SEAL_INTERVAL, append, destroy_due_salts, seal
from lachan.foundation.trail.erasure import Veil, destroy_salts
from lachan.foundation.trail.keys import SealKey, create_private_key, read_private_key
from lachan.foundation.trail.model import Fact, Finding, Head, TrailReason, Verification
from lachan.foundation.trail.rules import merkle_root
from lachan.foundation.trail.status import TrailStatus, record_verification, trail_status
from lachan.foundation.trail.store import current_head, fact_from_row, last_checkpoint, unsealed_count
from lachan.foundation.trail.succession import Succession, rotate_key, write_public_key
from lachan.foundation.trail.views import export, verify, verify_export

__all__ = [
    "SEAL_INTERVAL",
    "Fact",
    "Finding",
    "Head",
    "SealKey",
    "Succession",
    "TrailReason",
    "TrailStatus",
    "Veil",
    "Verification",
    "append",
    "create_private_key",
    "current_head",
    "destroy_due_salts",
    "destroy_salts",
    "export",
    "fact_from_row",
    "last_checkpoint",
    "merkle_root",
    "read_private_key",
    "record_verification",
    "rotate_key",
    "seal",
    "trail_status",
    "unsealed_count",
    "verify",
    "verify_export",
    "write_public_key",
]
