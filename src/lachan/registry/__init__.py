"""What is suspected: claims, status, review, appeal; feeds in and out.

Every assertion about an account, phone or link is one agency's claim; an entry is a view over claims; every change
of a verdict in force goes into a numbered feed.
"""

from lachan.registry import views
from lachan.registry.actions.alerting import (
    Payment,
    alert_payers,
    forget_payments,
    record_payments,
)
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
from lachan.registry.actions.merging import accept_merge, refuse_merge, undo_merge
from lachan.registry.actions.relating import forget_origins
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
    Edge,
    Entry,
    EntryState,
    Guard,
    Merge,
    MergeState,
    MergeWhy,
    RegistryReason,
    RelationKind,
    Standing,
    Verdict,
    graver,
)
from lachan.registry.rules import covering_keys
from lachan.registry.search import Finder, Wanted, read_wanted
from lachan.registry.sources import (
    Submission,
    claim_confirmed_loss,
    claim_hold,
    claim_report,
    record_received,
    relate_transfers,
    submit,
)

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
    "Edge",
    "Entry",
    "EntryState",
    "Finder",
    "Guard",
    "ImportResult",
    "ListingObjection",
    "Merge",
    "MergeState",
    "MergeWhy",
    "Outcome",
    "Payment",
    "RegistryReason",
    "Rejected",
    "RelationKind",
    "Standing",
    "Submission",
    "Verdict",
    "Wanted",
    "accept_merge",
    "activate",
    "alert_payers",
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
    "forget_origins",
    "forget_payments",
    "graver",
    "guard_of",
    "import_file",
    "issue_notice",
    "open_appeal",
    "preview_file",
    "read_wanted",
    "record_payments",
    "record_received",
    "refuse_merge",
    "relate_transfers",
    "renew",
    "review",
    "submit",
    "sweep",
    "undo_merge",
    "views",
    "withdraw_claim",
    "withdraw_origin",
]
