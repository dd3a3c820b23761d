"""Read-only questions about the registry, for all doors."""

from lachan.registry.views import merges, relations
from lachan.registry.views.entries import (
    Answer,
    EntryPage,
    Happening,
    check,
    entry_of_key,
    entry_page,
    in_force,
    open_appeals,
    queue,
    scam_forms,
    waiting_decisions,
)
from lachan.registry.views.feed import changes, last_sequence
from lachan.registry.views.holder import Notice, appeal_by_code, notice_by_code
from lachan.registry.views.measures import Measures, measures
from lachan.registry.views.verification import unfaithful_entries, unfaithful_imports

__all__ = [
    "Answer",
    "EntryPage",
    "Happening",
    "Measures",
    "Notice",
    "appeal_by_code",
    "changes",
    "check",
    "entry_of_key",
    "entry_page",
    "in_force",
    "last_sequence",
    "measures",
    "merges",
    "notice_by_code",
    "open_appeals",
    "queue",
    "relations",
    "scam_forms",
    "unfaithful_entries",
    "unfaithful_imports",
    "waiting_decisions",
]
