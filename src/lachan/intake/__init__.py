"""Reports come in: public form, hotline desk, bank, agency."""

from lachan.intake.actions import (
    add_detail,
    erase_due_reports,
    move_report,
    receive_report,
    settle_confirmation,
    wake_duplicate,
)
from lachan.intake.model import (
    HOLD_REFUSING,
    Channel,
    ContactVector,
    IntakeReason,
    Loss,
    LossConfirmation,
    LossDraft,
    Received,
    Report,
    ReportDraft,
    ReportStatus,
)
from lachan.intake.rules import check as check_report
from lachan.intake.rules import same_transfer
from lachan.intake.views import (
    contacts_of,
    loss_by_id,
    losses_by_transfer,
    losses_of,
    report_by_code,
    report_by_id,
    report_by_secret,
)

__all__ = [
    "HOLD_REFUSING",
    "Channel",
    "ContactVector",
    "IntakeReason",
    "Loss",
    "LossConfirmation",
    "LossDraft",
    "Received",
    "Report",
    "ReportDraft",
    "ReportStatus",
    "add_detail",
    "check_report",
    "contacts_of",
    "erase_due_reports",
    "loss_by_id",
    "losses_by_transfer",
    "losses_of",
    "move_report",
    "receive_report",
    "report_by_code",
    "report_by_id",
    "report_by_secret",
    "same_transfer",
    "settle_confirmation",
    "wake_duplicate",
]
