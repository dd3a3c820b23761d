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
from lachan.registry.views.feed import changes, changes_between, last_sequence
from lachan.registry.views.holder import Notice, appeal_by_code, appeal_holder, notice_by_code
from lachan.registry.views.listing import Listing, Narrow, found, narrowed, own_claims, waiting_counts
from lachan.registry.views.measures import Measures, measures
from lachan.registry.views.public import PublicSight, public_sight
from lachan.registry.views.verification import unfaithful_entries, unfaithful_imports
from lachan.registry.views.why import Support, Why, open_verdicts, why

__all__ = [
    "Answer",
    "EntryPage",
    "Happening",
    "Listing",
    "Measures",
    "Narrow",
    "Notice",
    "PublicSight",
    "Support",
    "Why",
    "appeal_by_code",
    "appeal_holder",
    "changes",
    "changes_between",
    "check",
    "entry_of_key",
    "entry_page",
    "found",
    "in_force",
    "last_sequence",
    "measures",
    "merges",
    "narrowed",
    "notice_by_code",
    "open_appeals",
    "open_verdicts",
    "own_claims",
    "public_sight",
    "queue",
    "relations",
    "scam_forms",
    "unfaithful_entries",
    "unfaithful_imports",
    "waiting_counts",
    "waiting_decisions",
    "why",
]
