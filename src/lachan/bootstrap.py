"""Builds everything once."""

import lachan.foundation.storage
import lachan.foundation.trail  # noqa: F401

OUTBOX_KINDS: frozenset[str] = frozenset()
