"""Builds everything once: settings in, services out. Every door starts here."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import lachan.foundation.access
import lachan.foundation.protocol.connections
import lachan.intake.tables
import lachan.response.tables  # noqa: F401
from lachan.foundation.base import Clock, Settings
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Database
from lachan.foundation.trail import SealKey, read_private_key
from lachan.reactions import REACTIONS

OUTBOX_KINDS = frozenset(REACTIONS)


@dataclass(frozen=True)
class Services:
    """What every door works with."""

    settings: Settings
    db: Database
    clock: Clock
    outbox: Outbox

    @property
    def keys_folder(self) -> Path:
        """Where this instance's own keys lie."""
        return self.settings.home / "keys"

    @cached_property
    def seal_key(self) -> SealKey:
        """The key that seals the trail."""
        return SealKey(read_private_key(self.keys_folder / "trail.pem"))
