"""What is suspected: claims, status, review, appeal; feeds in and out.

Every assertion about an account, phone or link is one agency's claim; an entry is a view over claims; every change
of a verdict in force goes into a numbered feed.
"""

from lachan.registry import views
from lachan.registry.actions.appeals import (
    APPEAL_PREFIX,
    ListingObjection,
    appeal_overdue,
    decide_appeal,
    open_appeal,
)
from lachan.registry.actions.claims import Claimed, Outcome, claim, corroborate, withdraw_claim, withdraw_origin
from lachan.registry.actions.decisions import activate, check_decision, delist, issue_notice, renew, review
from lachan.registry.actions.erasure import erase_appeal_contact, erase_due_words
from lachan.registry.actions.expiry import sweep
from lachan.registry.actions.exporting import export_entries
from lachan.registry.feeds import FEEDS
from lachan.registry.guards import guard_of
from lachan.registry.importing import ImportResult, Rejected, import_file, preview_file
from lachan.registry.model import (
    VERDICT_ORDER,
    Appeal,
    AppealOutcome,
    Change,
    Claim,
    ClaimDraft,
    Counts,
    Decision,
    DecisionKind,
    DecisionState,
    Entry,
    EntryState,
    Guard,
    RegistryReason,
    Standing,
    Verdict,
    graver,
)
from lachan.registry.rules import covering_keys
from lachan.registry.search import Finder, Wanted, read_wanted
from lachan.registry.sources import Submission, claim_confirmed_loss, claim_hold, claim_report, submit

__all__ = [
    "APPEAL_PREFIX",
    "FEEDS",
    "VERDICT_ORDER",
    "Appeal",
    "AppealOutcome",
    "Change",
    "Claim",
    "ClaimDraft",
    "Claimed",
    "Counts",
    "Decision",
    "DecisionKind",
    "DecisionState",
    "Entry",
    "EntryState",
    "Finder",
    "Guard",
    "ImportResult",
    "ListingObjection",
    "Outcome",
    "RegistryReason",
    "Rejected",
    "Standing",
    "Submission",
    "Verdict",
    "Wanted",
    "activate",
    "appeal_overdue",
    "check_decision",
    "claim",
    "claim_confirmed_loss",
    "claim_hold",
    "claim_report",
    "corroborate",
    "covering_keys",
    "decide_appeal",
    "delist",
    "erase_appeal_contact",
    "erase_due_words",
    "export_entries",
    "graver",
    "guard_of",
    "import_file",
    "issue_notice",
    "open_appeal",
    "preview_file",
    "read_wanted",
    "renew",
    "review",
    "submit",
    "sweep",
    "views",
    "withdraw_claim",
    "withdraw_origin",
]
