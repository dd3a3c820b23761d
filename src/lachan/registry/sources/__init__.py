"""Sources of claims that are not lists: what institutions submit, what the golden hour finds out."""

from lachan.registry.sources.golden_hour import claim_confirmed_loss, claim_hold, claim_report, relate_transfers
from lachan.registry.sources.payments import record_received
from lachan.registry.sources.submissions import Submission, submit

__all__ = [
    "Submission",
    "claim_confirmed_loss",
    "claim_hold",
    "claim_report",
    "record_received",
    "relate_transfers",
    "submit",
]
