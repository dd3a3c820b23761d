"""The register of outgoing documents: every paper that leaves gets the next number, once, and keeps it."""

from lachan.plans.outgoing import views
from lachan.plans.outgoing.actions import cancel, issue, write_files
from lachan.plans.outgoing.envelope import envelope, file_name
from lachan.plans.outgoing.model import OutgoingDocument, OutgoingFile, OutgoingReason, OutgoingState

__all__ = [
    "OutgoingDocument",
    "OutgoingFile",
    "OutgoingReason",
    "OutgoingState",
    "cancel",
    "envelope",
    "file_name",
    "issue",
    "views",
    "write_files",
]
