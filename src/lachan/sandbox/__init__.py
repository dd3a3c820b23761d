"""A simulated province: a published ledger's money, real HTTP institutions with tempers, victims who report."""

from lachan.sandbox.ledger import Ledger, bundled_ledger_folder, read_ledger
from lachan.sandbox.reporting import ReportSent
from lachan.sandbox.run import Center, Credential, Progress, Registration, Sandbox
from lachan.sandbox.story import DisputedTransfer, Story, VictimReport, tell_story
from lachan.sandbox.switch import RunBooked

__all__ = [
    "Center",
    "Credential",
    "DisputedTransfer",
    "Ledger",
    "Progress",
    "Registration",
    "ReportSent",
    "RunBooked",
    "Sandbox",
    "Story",
    "VictimReport",
    "bundled_ledger_folder",
    "read_ledger",
    "tell_story",
]
